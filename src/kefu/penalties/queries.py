"""Reads of the ledger for lists and pages (QA8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from kefu.handbook import queries as handbooks
from kefu.handbook.errors import HandbookNotFound
from kefu.handbook.reader.words import english
from kefu.kernel.actor import Actor
from kefu.kernel.paging import CappedCount, Order, Page, capped_count, keyset_page
from kefu.penalties import access, posting
from kefu.penalties.models import Entry, Objection, Pending
from kefu.penalties.vocabulary import Kind, ObjectionState
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.quality import wording

_ORDER = (Order("pk", descending=True),)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines. ``objected``: with an objection that waits; ``standing``: neither reversals nor reversed."""

    kind: str = ""
    item: str = ""
    staff_id: int | None = None
    team_id: int | None = None
    site_id: int | None = None
    month: date | None = None
    objected: bool = False
    standing: bool = False
    repeat: bool = False


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A line; ``title`` is its item's, ``said`` what was seen, amounts signed with deductions below zero."""

    id: int
    number: str
    kind: str
    title: str
    said: str
    matched: str
    staff_id: int
    staff: str
    staff_no: str
    site_id: int
    site: str
    team_id: int | None
    subject_kind: str
    subject_id: int
    inspection_id: int
    finding_id: int
    line: int | None
    item_key: str
    clause: str
    policy: str
    day: date
    month: date
    listed_points: Decimal
    listed_money: Decimal
    multiplier: Decimal
    counted: tuple[int, ...]
    capped_points: Decimal
    capped_money: Decimal
    points: Decimal
    money: Decimal
    final_at: datetime
    entered_at: datetime
    reverses: int | None
    reversed_by: int | None
    cause: str
    reason: str
    by: str


def rows(actor: Actor, wanted: Wanted) -> QuerySet[Entry]:
    """Lines of a filter the actor may see."""
    exact = {
        "kind": wanted.kind, "item_key": wanted.item, "staff_id": wanted.staff_id, "team_id": wanted.team_id, "site_id": wanted.site_id,
        "month": wanted.month,
    }  # fmt: skip
    found = access.visible_entries(actor).filter(**{name: value for name, value in exact.items() if value not in ("", None)})
    if wanted.standing:
        found = found.filter(reverses=None, reversed_by=None)
    if wanted.repeat:
        found = found.filter(multiplier__gt=1, reverses=None)
    if wanted.objected:
        found = found.filter(objections__state=ObjectionState.OPEN)
    return found


def page(actor: Actor, wanted: Wanted, *, cursor: str | None = None, size: int = 50) -> Page[EntryRow]:
    """A page of lines, the newest first."""
    found = keyset_page(_with(rows(actor, wanted)), _ORDER, size=size, cursor=cursor)
    return Page([_row(one) for one in found.rows], found.next, found.previous)


def count(actor: Actor, wanted: Wanted) -> CappedCount:
    """How many, capped."""
    return capped_count(rows(actor, wanted))


def _with(found: QuerySet[Entry]) -> QuerySet[Entry]:
    return found.select_related("staff", "site", "reversed_by")


def listed(found: QuerySet[Entry]) -> list[EntryRow]:
    """Lines as screens show them."""
    return [_row(one) for one in _with(found)]


def _row(one: Entry) -> EntryRow:
    names = (
        "kind", "matched", "staff_id", "site_id", "team_id", "subject_kind", "subject_id", "inspection_id", "finding_id", "line",
        "item_key", "clause", "policy", "day", "month", "listed_points", "listed_money", "multiplier", "capped_points", "capped_money",
        "points", "money", "final_at", "entered_at", "cause", "reason", "by",
    )  # fmt: skip
    plain: dict[str, Any] = {name: getattr(one, name) for name in names}
    reversal = getattr(one, "reversed_by", None)
    return EntryRow(
        id=one.pk, number=posting.number(one.pk), title=title_of(one.clause), said=wording.explained(one.clause, one.code, one.detail),
        staff=one.staff.name, staff_no=one.staff.staff_no, site=one.site.name, counted=tuple(one.counted), reverses=one.reverses_id,
        reversed_by=reversal.pk if reversal else None, **plain,
    )  # fmt: skip


def title_of(clause: str) -> str:
    """What an item is called in the version that judged; its key when that is gone."""
    try:
        found = handbooks.clause(clause).value
    except HandbookNotFound:
        return clause.rpartition(".")[2]
    return str(found.title_en if english() and found.title_en else found.title)


@dataclass(frozen=True, slots=True)
class ObjectionRow:
    """An objection with its answer."""

    id: int
    reason: str
    state: str
    at: datetime
    answer: str
    answered_by: str
    answered_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Detail:
    """A line with the earlier lines it counts, the line against it or that it is against, objections, and what this reader may do."""

    row: EntryRow
    earlier: tuple[EntryRow, ...]
    against: EntryRow | None
    objections: tuple[ObjectionRow, ...]
    may_object: bool
    may_waive: bool
    may_answer: bool


def detail(actor: Actor, entry_id: int) -> Detail:
    """One line, or ``NotFound``."""
    entry = access.get_entry(actor, entry_id)
    mine = [entry.pk, *entry.counted]
    other = entry.reverses_id or Entry.objects.filter(reverses=entry).values_list("pk", flat=True).first()
    found = {one.id: one for one in listed(access.visible_entries(actor).filter(pk__in=[*mine, *([other] if other else [])]))}
    row = found[entry.pk]
    objections = tuple(_objection(one) for one in entry.objections.order_by("-pk"))
    waits = any(one.state == ObjectionState.OPEN for one in objections)
    open_line = row.kind != Kind.REVERSAL and row.reversed_by is None
    own = row.staff_id == actor.staff_id
    manages = actor.may(Permission.PENALTY_MANAGE) and not own
    return Detail(
        row,
        tuple(found[pk] for pk in entry.counted if pk in found),
        found.get(other) if other else None,
        objections,
        may_object=own and open_line and not waits,
        may_waive=manages and open_line and not waits,
        may_answer=manages and waits,
    )


def _objection(one: Objection) -> ObjectionRow:
    return ObjectionRow(one.pk, one.reason, one.state, one.at, one.answer, one.answered_by, one.answered_at, one.version)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What has been judged and is not entered yet: how many subjects, and when the next window ends."""

    subjects: int
    next_at: datetime | None


def waiting(actor: Actor, *, staff_id: int | None = None) -> Waiting:
    """Judgements about oneself, or in reach, that may still be disputed; nothing of them is a penalty yet."""
    found = Pending.objects.all()
    if staff_id is not None or not actor.may(Permission.PENALTY_VIEW):
        found = found.filter(staff_id=staff_id if staff_id is not None and actor.may(Permission.PENALTY_VIEW) else actor.own_id)
    if actor.sites is not None:
        found = found.filter(Q(site_id__in=sorted(actor.sites)) | Q(staff_id=actor.own_id))
    return Waiting(found.count(), found.order_by("due_at").values_list("due_at", flat=True).first())


def items_in(actor: Actor) -> Sequence[tuple[str, str]]:
    """Items of the scorecards in force at the sites in reach, for filters."""
    from kefu.kernel import moment

    found: dict[str, str] = {}
    for book in handbooks.books_at({site.handbook for site in people.sites(actor)}, moment.now()):
        for card in book.scorecards.values():
            for item in card.items():
                found.setdefault(item.id, item.title_en if english() and item.title_en else item.title)
    return list(found.items())
