"""People from files."""

from kefu.people.imports.staff import COLUMNS, handed_path, open_staff, run_import

__all__ = ["COLUMNS", "handed_path", "open_staff", "run_import"]
