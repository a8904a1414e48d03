"""Table of contents and search of a handbook."""

from dataclasses import dataclass

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


def search(book: Handbook, words: str, limit: int = 50) -> list[Hit]:
    """Clauses that hold every word: titles first, whole clauses before their parts. Upper and lower case are alike."""
    wanted = words.casefold().split()
    if not wanted:
        return []
    hits: list[tuple[tuple[bool, int], Hit]] = []
    for clause_id, clause in book.clauses():
        source, note = str(getattr(clause, "source", "")), str(getattr(clause, "note", ""))
        head = f"{clause_id} {clause.title} {clause.title_en} {source}".casefold()
        lines = [line for row in rows(book, clause_id, clause) for line in row.lines] + ([note] if note else [])
        text = "\n".join([head, *lines]).casefold()
        if all(word in text for word in wanted):
            in_head = all(word in head for word in wanted)
            excerpt = next((line for line in lines if any(word in line.casefold() for word in wanted)), lines[0] if lines else "")
            hit = Hit(clause_id, clause.title, clause.title_en, source, excerpt[:200])
            hits.append(((not in_head, clause_id.count(".")), hit))
    hits.sort(key=lambda hit: hit[0])
    return [hit for _rank, hit in hits[:limit]]
