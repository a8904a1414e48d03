"""Reads of calibration: sessions, one's own sheet, the marks side by side once they are shown, how far each inspector is off (QA7)."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from kefu.calibration import access
from kefu.calibration.actions import items_of, unsettled
from kefu.calibration.models import Agreed, ItemAgreement, Mark, Member, Session, Talk
from kefu.calibration.vocabulary import State
from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.kernel.moment import on_days
from kefu.kernel.paging import CappedCount, Order, Page, capped_count, keyset_page
from kefu.people.access import require
from kefu.people.permissions import Permission

__all__ = ["Session", "Talk", "Wanted"]
_NEWEST = (Order("opened_at", descending=True), Order("pk", descending=True))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sessions. ``todo``: those the reader has not handed in yet."""

    state: str = ""
    todo: bool = False


def rows(actor: Actor, wanted: Wanted) -> QuerySet[Session]:
    """Sessions of a filter, in reach."""
    found = access.visible_to(actor)
    if wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.todo:
        found = found.filter(state=State.OPEN, members__staff_id=actor.own_id, members__done_at=None)
    return found


def page(actor: Actor, wanted: Wanted, *, cursor: str | None = None, size: int = 50) -> Page[Session]:
    """One page, newest first, with how many there are and have handed in (``people``, ``done``)."""
    found = rows(actor, wanted).select_related("leader", "site")
    found = found.annotate(
        people=Count("members", distinct=True), done=Count("members", filter=Q(members__done_at__isnull=False), distinct=True),
        conversations=Count("talks", distinct=True),
    )  # fmt: skip
    return keyset_page(found, _NEWEST, size=size, cursor=cursor)


def count(actor: Actor, wanted: Wanted) -> CappedCount:
    """How many, capped."""
    return capped_count(rows(actor, wanted))


@dataclass(frozen=True, slots=True)
class Difference:
    """One item of one conversation as people marked it, and what was agreed."""

    talk: Talk
    item_key: str
    clause: str
    marks: tuple[Mark, ...]
    agreed: Agreed | None

    @property
    def unlike(self) -> bool:
        """Whether people said different things."""
        return len({one.verdict for one in self.marks}) > 1


@dataclass(frozen=True, slots=True)
class Detail:
    """A session. ``items`` and ``differences`` are empty while people mark: nobody sees others' marks, nor how many agree."""

    session: Session
    members: tuple[Member, ...]
    talks: tuple[Talk, ...]
    items: tuple[ItemAgreement, ...]
    differences: tuple[Difference, ...]
    own: Member | None
    own_marked: dict[int, int]
    left: int
    may_lead: bool


def detail(actor: Actor, session_id: int) -> Detail:
    """One session in reach, or ``NotFound``."""
    row = access.get_for(actor, session_id)
    members = tuple(row.members.select_related("staff").order_by("staff__staff_no"))
    talks = tuple(row.talks.order_by("pk"))
    own = next((one for one in members if one.staff_id == actor.own_id), None)
    counts = Mark.objects.filter(talk__session=row, staff_id=actor.own_id).order_by().values_list("talk_id").annotate(n=Count("pk"))
    shown = row.state != State.OPEN
    return Detail(
        row, members, talks,
        tuple(row.items.order_by("alpha", "item_key")) if shown else (),
        _differences(row, talks) if shown else (),
        own, dict(counts), len(unsettled(row)) if shown else 0, actor.may(Permission.CALIBRATION_LEAD),
    )  # fmt: skip


def _differences(row: Session, talks: tuple[Talk, ...]) -> tuple[Difference, ...]:
    """Items anybody marked, those people differed on first in their conversation."""
    by_place: dict[tuple[int, str], list[Mark]] = {}
    for one in Mark.objects.filter(talk__session=row).select_related("staff").order_by("staff__staff_no"):
        by_place.setdefault((one.talk_id, one.item_key), []).append(one)
    agreed = {(one.talk_id, one.item_key): one for one in Agreed.objects.filter(talk__session=row)}
    found: list[Difference] = []
    for talk in talks:
        base = f"{talk.handbook}@{talk.version_judged}#scorecards.{talk.scorecard}.items."
        found += [
            Difference(talk, key, base + key, tuple(by_place[talk.pk, key]), agreed.get((talk.pk, key)))
            for key in items_of(talk)
            if (talk.pk, key) in by_place
        ]
    return tuple(found)


def own_sheet(actor: Actor, session_id: int, talk_id: int) -> tuple[Session, Talk, list[str], dict[str, Mark]]:
    """What one has marked so far of one conversation: never what others have. Only for members, while people mark."""
    row = access.get_for(actor, session_id)
    talk = row.talks.filter(pk=talk_id).first()
    member = row.members.filter(staff_id=actor.own_id).first()
    if talk is None or member is None:
        raise NotFound
    mine = {one.item_key: one for one in Mark.objects.filter(talk=talk, staff_id=actor.own_id)}
    return row, talk, items_of(talk), mine


@dataclass(slots=True)
class Deviation:
    """Of an inspector: marks in closed sessions that have an agreed mark beside them, and how many were otherwise.

    ``strict``: said breach where none was agreed; ``lenient``: the other way.
    """

    staff_id: int
    name: str
    marks: int = 0
    off: int = 0
    strict: int = 0
    lenient: int = 0

    @property
    def rate(self) -> float | None:
        """Share that was otherwise than agreed."""
        return self.off / self.marks if self.marks else None


def deviations(actor: Actor, *, since: date, until: date) -> list[Deviation]:
    """Each inspector against agreed marks of sessions closed on these days; where nobody differed, what all said counts as agreed."""
    require(actor, Permission.PERFORMANCE_VIEW)
    sessions = access.visible_to(actor).filter(state=State.CLOSED, **on_days("closed_at", since, until))
    agreed = {(one.talk_id, one.item_key): one.verdict for one in Agreed.objects.filter(talk__session__in=sessions)}
    said: dict[tuple[int, str], list[Mark]] = {}
    for one in Mark.objects.filter(talk__session__in=sessions).select_related("staff"):
        said.setdefault((one.talk_id, one.item_key), []).append(one)
    found: dict[int, Deviation] = {}
    for place, marks in said.items():
        verdicts = {one.verdict for one in marks}
        right = agreed.get(place) or (verdicts.pop() if len(verdicts) == 1 and len(marks) > 1 else "")
        for one in marks if right else ():
            row = found.setdefault(one.staff_id, Deviation(one.staff_id, one.staff.name))
            row.marks += 1
            row.off += one.verdict != right
            row.strict += one.verdict == "breached" != right
            row.lenient += right == "breached" != one.verdict
    return sorted(found.values(), key=lambda row: (-(row.rate or 0), row.name))
