"""Conversations from files: JSON lines, tables with a row per utterance, and the JDDC corpus (docs/import.md)."""

from kefu.conversations.imports.context import Options
from kefu.conversations.imports.runs import FORMATS, open_source, preview_import, run_import

__all__ = ["FORMATS", "Options", "open_source", "preview_import", "run_import"]
