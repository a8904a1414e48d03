"""A handbook for people to read: contents, clauses as rows of label and words, search (HB4). Pure; in the language active."""

from kefu.handbook.reader.contents import Hit, TocEntry, TocSection, search, toc
from kefu.handbook.reader.pages import ClausePage, Row, page
from kefu.handbook.reader.words import SECTION_TITLES

__all__ = ["SECTION_TITLES", "ClausePage", "Hit", "Row", "TocEntry", "TocSection", "page", "search", "toc"]
