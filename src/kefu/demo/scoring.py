"""How well the automatic inspection found what was planted: recall and precision per item of the scorecard (QA10).

Kinds that only a person can decide come out for review
by design: they count as found, and the column ``auto`` says how many deducted by themselves.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from kefu.cases import queries as cases
from kefu.cases.filters import CaseFilter
from kefu.conversations import queries as conversations
from kefu.demo import planted
from kefu.demo.cast import SITES
from kefu.demo.planted import Row
from kefu.kernel.actor import Actor
from kefu.kernel.moment import now as wall_clock
from kefu.people import queries as people
from kefu.quality import access

_READER = Actor.system("demo-score")
_Subject = tuple[str, int]


@dataclass(slots=True)
class Line:
    """An item of a desk's card. ``beside``: subjects named by the inspection where nothing of the item was planted."""

    desk: str
    item: str
    planted: int = 0
    found: int = 0
    auto: int = 0
    at_line: int = 0
    beside: int = 0
    beside_auto: int = 0

    @property
    def recall(self) -> float | None:
        """Share of the planted that were named; ``None`` when nothing was planted."""
        return self.found / self.planted if self.planted else None

    @property
    def precision(self) -> float | None:
        """Share of the named that were planted; ``None`` when nothing was named."""
        named = self.found + self.beside
        return self.found / named if named else None


@dataclass(slots=True)
class _Named:
    lines: set[int | None]
    auto: bool = False


def score() -> list[Line]:
    """The table by desk and item. Items decided by the clocks of cases are left out: nothing was planted for them."""
    ids = _subjects()
    named = _named(set(ids.values()))
    desks = {place.pk: site.key for site in SITES if (place := people.site_by_code(site.code)) is not None}
    rows = [row for row in planted.read() if (row.subject, row.external_id) in ids]
    table: dict[tuple[str, str], Line] = {}
    wanted: set[tuple[_Subject, str]] = set()
    for row in rows:
        subject = ids[row.subject, row.external_id]
        _count(table.setdefault((row.desk, row.item), Line(row.desk, row.item)), row, named.get((subject, row.item)))
        wanted |= {(subject, item) for item in (row.item, *row.also)}
    sites = _sites_of(set(ids.values()))
    for (subject, item), found in named.items():
        if (subject, item) not in wanted and subject[0] == "conversation":
            desk = desks[sites[subject]]
            line = table.setdefault((desk, item), Line(desk, item))
            line.beside += 1
            line.beside_auto += found.auto
    return [table[key] for key in sorted(table)]


def _count(line: Line, row: Row, found: _Named | None) -> None:
    line.planted += 1
    if found is not None:
        line.found += 1
        line.auto += found.auto
        line.at_line += row.line in found.lines or row.line is None


def _subjects() -> dict[tuple[str, str], _Subject]:
    """Conversations and cases of the demo by kind and external id."""
    ids: dict[tuple[str, str], _Subject] = {}
    after = 0
    while part := conversations.ids_after(after):
        after = part[-1]
        for pk, row in conversations.by_ids(part).items():
            if row.source == planted.SOURCE:
                ids["conversation", row.external_id] = "conversation", pk
    for pk, external_id in _cases():
        ids["case", external_id] = "case", pk
    return ids


def _cases() -> Iterator[tuple[int, str]]:
    cursor: str | None = None
    while True:
        page = cases.page(_READER, CaseFilter(view="all"), now=wall_clock(), cursor=cursor, size=200)
        yield from ((row.pk, row.external_id) for row in page.rows if row.external_id)
        cursor = page.next
        if cursor is None:
            return


def _named(subjects: set[_Subject]) -> dict[tuple[_Subject, str], _Named]:
    found: dict[tuple[_Subject, str], _Named] = {}
    rows = access.visible_findings(_READER).filter(current=True)
    for kind, pk, item, line, mode in rows.values_list("subject_kind", "subject_id", "item_key", "line", "mode").iterator(2000):
        if (kind, pk) in subjects:
            entry = found.setdefault(((kind, pk), item), _Named(set()))
            entry.lines.add(line)
            entry.auto = entry.auto or mode == "auto"
    return found


def _sites_of(subjects: set[_Subject]) -> dict[_Subject, int]:
    rows = access.visible_inspections(_READER).filter(current=True).values_list("subject_kind", "subject_id", "site_id")
    return {(kind, pk): site for kind, pk, site in rows if (kind, pk) in subjects}


def totals(lines: list[Line]) -> dict[str, Line]:
    """Sums by desk and, under the empty name, of all."""
    sums: dict[str, Line] = defaultdict(lambda: Line("", "all"))
    for line in lines:
        for key in (line.desk, ""):
            total = sums[key]
            total.desk = key
            for name in ("planted", "found", "auto", "at_line", "beside", "beside_auto"):
                setattr(total, name, getattr(total, name) + getattr(line, name))
    return dict(sums)


def table(lines: list[Line]) -> str:
    """The lines as plain text."""
    head = f"{'desk':<8}{'item':<14}{'planted':>8}{'found':>7}{'auto':>6}{'line':>6}{'recall':>8}{'beside':>8}{'auto':>6}{'precision':>11}"
    rows = [head]
    for one in [*lines, *totals(lines).values()]:
        recall = "" if one.recall is None else f"{one.recall:.3f}"
        precision = "" if one.precision is None else f"{one.precision:.3f}"
        rows.append(
            f"{one.desk or 'all':<8}{one.item:<14}{one.planted:>8}{one.found:>7}{one.auto:>6}{one.at_line:>6}{recall:>8}"
            f"{one.beside:>8}{one.beside_auto:>6}{precision:>11}"
        )
    return "\n".join(rows)
