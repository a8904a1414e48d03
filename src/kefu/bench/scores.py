"""How right each rule is, by item and version, and the conversations behind every number (QA10)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from kefu.bench.access import require, visible_labels
from kefu.bench.models import Label
from kefu.bench.rules import Confusion, Said, cell, truth
from kefu.conversations import access as conversations
from kefu.conversations import queries as conversation_queries
from kefu.handbook.schema import Handbook
from kefu.kernel.actor import Actor
from kefu.kernel.masking import mask_text
from kefu.people.permissions import Permission
from kefu.quality import subjects, verdicts
from kefu.quality.inspector import Inspectors
from kefu.quality.results import LETTERS

MOST = 20_000
"""Labels that are looked at, the newest."""
DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What figures may be narrowed by."""

    item: str = ""
    source: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One item under one version (``best@3``, or ``draft``)."""

    item: str
    version: str
    confusion: Confusion


@dataclass(slots=True)
class Scores:
    """The whole table. ``labels`` were looked at; ``more`` when there are older ones."""

    labels: int = 0
    subjects: int = 0
    more: bool = False
    rows: list[Row] = field(default_factory=list)


_Judged = Iterable[tuple[tuple[str, int], str, str, str]]


def scores(actor: Actor, wanted: Wanted | None = None, draft: Handbook | None = None) -> Scores:
    """Confusion of each item under each version that judged labelled subjects; a ``draft`` judges them too, nothing is written."""
    require(actor, Permission.BENCH_VIEW)
    found, labels, more = _truth(actor, wanted or Wanted())
    by: dict[tuple[str, str], Confusion] = {}
    for subject, item, version, letter in _judged(actor, found, draft):
        breached = found.get((subject, item))
        if breached is not None:
            by.setdefault((item, version), Confusion()).add(letter, breached=breached)
    rows = [Row(item, version, confusion) for (item, version), confusion in by.items()]
    rows.sort(key=lambda row: (row.item, row.version == DRAFT, row.version))
    return Scores(labels, len({subject for subject, _item in found}), more, rows)


@dataclass(frozen=True, slots=True)
class Behind:
    """A subject behind a number: the person's word, the machine's letter, and the line that was labelled."""

    kind: str
    id: int
    at: datetime
    breached: bool
    letter: str
    line: int | None
    sentence: str


def behind(actor: Actor, *, item: str, version: str, name: str, draft: Handbook | None = None, most: int = 200) -> list[Behind]:
    """Subjects of one cell of the table, newest first, at most ``most``."""
    require(actor, Permission.BENCH_VIEW)
    found, _labels, _more = _truth(actor, Wanted(item=item))
    letters = {
        subject: letter
        for subject, key, told, letter in _judged(actor, found, draft)
        if key == item and told == version and (subject, key) in found and cell(letter, breached=found[subject, key]) == name
    }
    rows = visible_labels(actor).filter(item_key=item).order_by("-at", "-pk")
    places: dict[tuple[str, int], Label] = {}
    for row in rows[:MOST]:
        if (key := (row.subject_kind, row.subject_id)) in letters:
            known = places.setdefault(key, row)
            if known.line < 0 <= row.line:
                places[key] = row
    shown = list(places.items())[:most]
    said = conversation_queries.transcripts([subject[1] for subject, _row in shown if subject[0] == "conversation"])
    return [
        Behind(
            subject[0],
            subject[1],
            row.at,
            found[subject, item],
            letters[subject],
            row.line if row.line >= 0 else None,
            mask_text(said[subject[1]][row.line].text[:160]) if 0 <= row.line < len(said.get(subject[1], ())) else "",
        )
        for subject, row in shown
    ]


def _truth(actor: Actor, wanted: Wanted) -> tuple[dict[tuple[tuple[str, int], str], bool], int, bool]:
    exact = {"item_key": wanted.item, "source": wanted.source, "at__gte": wanted.since, "at__lt": wanted.until}
    rows = visible_labels(actor).filter(**{name: value for name, value in exact.items() if value})
    columns = ("subject_kind", "subject_id", "item_key", "breached", "source", "labelled_at")
    found = list(rows.order_by("-at", "-pk").values_list(*columns)[: MOST + 1])
    labels = [Said((kind, pk), item, breached, source, at) for kind, pk, item, breached, source, at in found[:MOST]]
    return truth(labels), len(labels), len(found) > MOST


def _judged(actor: Actor, found: Collection[tuple[tuple[str, int], str]], draft: Handbook | None) -> _Judged:
    items = {item for _subject, item in found}
    for kind in ("conversation", "case"):
        ids = sorted({subject[1] for subject, _item in found if subject[0] == kind})
        for one in verdicts.of_machine(kind, ids, items):
            yield (kind, one.subject_id), one.item, f"{one.handbook}@{one.version}", one.letter
        if draft is not None and kind == "conversation":
            yield from _by_draft(actor, ids, items, draft)


def _by_draft(actor: Actor, ids: list[int], items: Collection[str], draft: Handbook) -> _Judged:
    inspectors, books = Inspectors(), subjects.Books()
    seen = list(conversations.visible_to(actor).filter(pk__in=ids, site__handbook=draft.handbook).values_list("pk", flat=True))
    for start in range(0, len(seen), 200):
        for subject in subjects.conversations(actor, seen[start : start + 200], books):
            inspector = inspectors.of(draft, subject.channel)
            if inspector is not None:
                for result in inspector.inspect(subject.dialogue).items:
                    if result.item in items:
                        yield ("conversation", subject.id), result.item, DRAFT, LETTERS[result.state]
