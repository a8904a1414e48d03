"""Keeps ``docs/openapi.json`` in step with the code: ``python -m kefu.api.snapshot`` writes it, ``--check`` compares (PLAT2)."""

import argparse
import json
import os
import sys
from pathlib import Path

FILE = Path(__file__).resolve().parents[3] / "docs" / "openapi.json"


def text() -> str:
    """The description as it stands in the file."""
    from kefu.api.application import description

    return json.dumps(description(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Write the file, or say whether it is up to date; 1 when it is not."""
    parser = argparse.ArgumentParser(prog="python -m kefu.api.snapshot", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only")
    parser.add_argument("--file", type=Path, default=FILE)
    given = parser.parse_args(arguments)
    fresh = text()
    if not given.check:
        given.file.write_text(fresh, encoding="utf-8")
        return 0
    if given.file.exists() and given.file.read_text(encoding="utf-8") == fresh:
        return 0
    sys.stderr.write(f"{given.file} differs from the code: run python -m kefu.api.snapshot and commit it\n")
    return 1


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.config.settings")
    import django

    django.setup()
    sys.exit(main())
