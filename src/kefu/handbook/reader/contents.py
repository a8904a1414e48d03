"""Table of contents and search of a handbook."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from kefu.handbook.reader.pages import rows
from kefu.handbook.reader.words import SECTION_TITLES, english
from kefu.handbook.schema import SECTIONS, Handbook


@dataclass(frozen=True, slots=True)
class TocEntry:
    """A clause in the contents. ``level`` 0 are clauses of a section, 1 the parts of one; ``group`` is the chapter of a text."""

    id: str
    title: str
    title_en: str
    source: str
    origin: str
    level: int
    group: str = ""


@dataclass(frozen=True, slots=True)
class TocSection:
    """A section and its clauses."""

    id: str
    title: str
    entries: tuple[TocEntry, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A clause that search found, with the line that holds the words."""

    id: str
    title: str
    title_en: str
    source: str
    excerpt: str


def toc(book: Handbook) -> tuple[TocSection, ...]:
    """Sections in their order, empty ones left out; texts stand by chapter."""
    by_section: dict[str, list[TocEntry]] = {section: [] for section in SECTIONS}
    for clause_id, clause in book.clauses():
        section = clause_id.partition(".")[0]
        chapter = getattr(clause, "chapter", None)
        entry = TocEntry(
            id=clause_id,
            title=getattr(clause, "title", clause_id),
            title_en=getattr(clause, "title_en", ""),
            source=getattr(clause, "source", ""),
            origin=book.origin(clause_id),
            level=min(clause_id.count(".") - 1, 1),
            group=book.chapters[chapter].name("en" if english() else "zh") if chapter in book.chapters else "",
        )
        by_section[section].append(entry)
    order = {chapter.name("en" if english() else "zh"): index for index, chapter in enumerate(book.chapters.values())}
    by_section["texts"].sort(key=lambda entry: order.get(entry.group, -1))
    return tuple(TocSection(section, str(SECTION_TITLES[section]), tuple(found)) for section, found in by_section.items() if found)


@dataclass(frozen=True, slots=True)
class _Readable:
    """A clause as search looks through it; ``head`` and ``text`` in one case."""

    id: str
    title: str
    title_en: str
    source: str
    head: str
    text: str
    lines: tuple[str, ...]


# Wording a whole handbook takes a tenth of a second: kept for those in use, in each language. A draft has no digest and is worded anew.
_READ: dict[tuple[str, str], tuple[_Readable, ...]] = {}
_MOST_READ = 12


def _readable(book: Handbook) -> tuple[_Readable, ...]:
    key = (book.digest, get_language() or "")
    found = _READ.get(key) if book.digest else None
    if found is None:
        found = tuple(_read(book, clause_id, clause) for clause_id, clause in book.clauses())
        if book.digest:
            if len(_READ) >= _MOST_READ:
                _READ.clear()
            _READ[key] = found
    return found


def _read(book: Handbook, clause_id: str, clause: Any) -> _Readable:
    source, note = str(getattr(clause, "source", "")), str(getattr(clause, "note", ""))
    head = f"{clause_id} {clause.title} {clause.title_en} {source}".casefold()
    lines = [line for row in rows(book, clause_id, clause) for line in row.lines] + ([note] if note else [])
    return _Readable(clause_id, clause.title, clause.title_en, source, head, "\n".join([head, *lines]).casefold(), tuple(lines))


def search(book: Handbook, words: str, limit: int = 50) -> list[Hit]:
    """Clauses that hold every word: titles first, whole clauses before their parts. Upper and lower case are alike."""
    wanted = words.casefold().split()
    if not wanted:
        return []
    hits: list[tuple[tuple[bool, int], Hit]] = []
    for read in _readable(book):
        if all(word in read.text for word in wanted):
            in_head = all(word in read.head for word in wanted)
            excerpt = next(
                (line for line in read.lines if any(word in line.casefold() for word in wanted)), read.lines[0] if read.lines else ""
            )
            hit = Hit(read.id, read.title, read.title_en, read.source, excerpt[:200])
            hits.append(((not in_head, read.id.count(".")), hit))
    hits.sort(key=lambda hit: hit[0])
    return [hit for _rank, hit in hits[:limit]]
