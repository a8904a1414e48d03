"""Reads of disputes: what penalties wait for, lists, one dispute with everything it rests on (QA7)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from django.db.models import Q, QuerySet

from kefu.disputes import access, rules
from kefu.disputes.deciding import may_decide
from kefu.disputes.models import Dispute, DisputedItem, DisputeFile, Step
from kefu.disputes.rules import Place
from kefu.disputes.terms import Terms, terms_of
from kefu.disputes.vocabulary import OPEN, WAITING, Outcome, State
from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.kernel.moment import on_days
from kefu.kernel.paging import CappedCount, Order, Page, capped_count, keyset_page
from kefu.people.permissions import Permission
from kefu.quality import access as quality_access
from kefu.quality import known
from kefu.quality import queries as quality

__all__ = ["Dispute", "Place", "held", "open_for", "page", "settled", "window_ends", "windows"]
_ORDER = (Order("filed_at", descending=True), Order("pk", descending=True))
_CHUNK = 500


class Judged(Protocol):
    """An inspection, as this room reads it."""

    pk: int
    handbook: str
    version: int
    inspected_at: datetime


# ── What penalties and recordings ask ──


def window_ends(inspection: Judged) -> datetime:
    """When the window to dispute this inspection ends (exclusive): whole local days from the day after its verdict was known (Q18)."""
    return windows([inspection])[inspection.pk]


def windows(inspections: Sequence[Judged]) -> dict[int, datetime]:
    """The same for many, by inspection id, in one query."""
    since = known.known_since(inspections)  # type: ignore[arg-type]
    return {one.pk: rules.ends(since[one.pk], terms_of(one.handbook, one.version).appeal_days) for one in inspections}


def held(keys: Iterable[Place], *, now: datetime) -> set[Place]:
    """Items of these whose breach is not final, because a dispute about them is open or may still go to the final judge."""
    return _among(keys, Q(dispute__state__in=WAITING) | Q(dispute__state=State.DECIDED, dispute__due_at__gt=now))


def settled(keys: Iterable[Place], *, now: datetime) -> set[Place]:
    """Items of these that were disputed and finally decided: nothing can be brought against them, whatever the window."""
    return _among(keys, Q(dispute__state=State.CLOSED) | Q(dispute__state=State.DECIDED, dispute__due_at__lte=now))


def _among(keys: Iterable[Place], states: Q) -> set[Place]:
    wanted = set(keys)
    ids = sorted({(one.subject_kind, one.subject_id) for one in wanted})
    found: set[Place] = set()
    for start in range(0, len(ids), _CHUNK):
        part = ids[start : start + _CHUNK]
        rows = DisputedItem.objects.filter(
            states, live=True, subject_kind__in={kind for kind, _ in part}, subject_id__in=[pk for _, pk in part]
        )
        found.update(
            Place(*row) for row in rows.values_list("subject_kind", "subject_id", "handbook", "version_judged", "scorecard", "item_key")
        )
    return found & wanted


def open_for(subject_kind: str, subject_id: int) -> bool:
    """Whether a dispute about this conversation or case is open: its recording is evidence and must not be deleted."""
    return Dispute.objects.filter(subject_kind=subject_kind, subject_id=subject_id, state__in=OPEN).exists()


def open_among(subject_kind: str, subject_ids: Sequence[int]) -> set[int]:
    """The same for many."""
    rows = Dispute.objects.filter(subject_kind=subject_kind, subject_id__in=list(subject_ids), state__in=OPEN)
    return set(rows.values_list("subject_id", flat=True))


# ── Lists ──


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which disputes. ``todo``: those this reader may decide now (windows and persons aside), soonest due first is the list's order."""

    state: str = ""
    outcome: str = ""
    staff_id: int | None = None
    site_id: int | None = None
    day_from: date | None = None
    day_to: date | None = None
    todo: bool = False
    late: bool = False
    mine: bool = False


def rows(actor: Actor, wanted: Wanted, *, now: datetime) -> QuerySet[Dispute]:
    """Disputes of a filter, in reach."""
    exact = {"state": wanted.state, "outcome": wanted.outcome, "staff_id": wanted.staff_id, "site_id": wanted.site_id}
    found = access.visible_to(actor).filter(**{name: value for name, value in exact.items() if value})
    found = found.filter(**on_days("filed_at", wanted.day_from, wanted.day_to))
    if wanted.mine:
        found = found.filter(staff_id=actor.own_id)
    if wanted.late:
        found = found.filter(state__in=WAITING, due_at__lte=now)
    if wanted.todo:
        mine = Q()
        if actor.may(Permission.DISPUTE_DECIDE):
            mine |= Q(state=State.REVIEW)
        if actor.may(Permission.DISPUTE_FINAL):
            mine |= Q(state=State.FINAL) & ~Q(reviewer_id=actor.own_id)
        found = found.filter(mine).exclude(staff_id=actor.own_id) if mine else found.none()
    return found


def page(actor: Actor, wanted: Wanted, *, now: datetime, cursor: str | None = None, size: int = 50) -> Page[Dispute]:
    """One page, newest first, with agent, site, judges and items."""
    found = rows(actor, wanted, now=now).select_related("staff", "site", "reviewer", "final_judge").prefetch_related("items")
    return keyset_page(found, _ORDER, size=size, cursor=cursor)


def count(actor: Actor, wanted: Wanted, *, now: datetime) -> CappedCount:
    """How many, capped."""
    return capped_count(rows(actor, wanted, now=now))


@dataclass(frozen=True, slots=True)
class Detail:
    """A dispute with its items, steps and files, the card as it stands, and what this reader may do now."""

    dispute: Dispute
    items: tuple[DisputedItem, ...]
    steps: tuple[Step, ...]
    files: tuple[DisputeFile, ...]
    card: quality.Card | None
    inspection_id: int | None
    may_decide: bool
    may_comment: bool
    may_withdraw: bool
    may_ask_final: bool


def detail(actor: Actor, dispute_id: int, *, now: datetime) -> Detail:
    """One dispute in reach, or ``NotFound``."""
    row = access.visible_to(actor).select_related("staff", "site", "reviewer", "final_judge").filter(pk=dispute_id).first()
    if row is None:
        raise NotFound
    own = row.staff_id == actor.own_id and actor.may(Permission.DISPUTE_FILE)
    card = quality.card_of(actor, row.subject_kind, row.subject_id)
    if card is not None and known.place_of(card.inspection)[2:] != (row.handbook, row.version_judged, row.scorecard):
        card = None
    waiting = row.state in WAITING
    overdue = row.overdue_final if row.state == State.FINAL else row.overdue_review
    in_time = not rules.lapsed(row.state, overdue, row.due_at, now)
    return Detail(
        dispute=row,
        items=tuple(row.items.order_by("pk")),
        steps=tuple(row.steps.order_by("at", "pk")),
        files=tuple(row.files.order_by("pk")),
        card=card,
        inspection_id=card.inspection.pk if card else None,
        may_decide=waiting and in_time and may_decide(actor, row),
        may_comment=waiting and not own and actor.may(Permission.DISPUTE_COMMENT),
        may_withdraw=waiting and own,
        may_ask_final=row.state == State.DECIDED and own and in_time,
    )


@dataclass(frozen=True, slots=True)
class Disputable:
    """What an agent may dispute of one verdict about them: items, and the window with how it was reckoned. ``open``: it has not ended."""

    inspection_id: int
    items: tuple[quality.CardItem, ...]
    since: datetime
    until: datetime
    last_day: date
    terms: Terms
    open: bool
    taken: frozenset[str]


def disputable(actor: Actor, inspection_id: int, *, now: datetime) -> Disputable:
    """Of a verdict about oneself; ``NotFound`` otherwise."""
    row = quality_access.get_inspection(actor, inspection_id)
    if row.staff_id != actor.own_id or not row.current or not actor.may(Permission.DISPUTE_FILE):
        raise NotFound
    card = quality.card_of(actor, row.subject_kind, row.subject_id)
    items = tuple(item for item in card.items if item.state == "breached") if card else ()
    terms = terms_of(row.handbook, row.version)
    since = known.known_since([row])[row.pk]
    place = known.place_of(row)
    taken = DisputedItem.objects.filter(
        subject_kind=place.subject_kind, subject_id=place.subject_id, handbook=place.handbook, version_judged=place.version,
        scorecard=place.scorecard, live=True,
    )  # fmt: skip
    until = rules.ends(since, terms.appeal_days)
    return Disputable(
        row.pk, items, since, until, rules.last_day(since, terms.appeal_days), terms, bool(terms.clause) and now < until,
        frozenset(taken.values_list("item_key", flat=True)),
    )  # fmt: skip


@dataclass(slots=True)
class Overturned:
    """Items of a scorer that agents disputed and somebody decided; ``overturned`` of them were no breach after all."""

    decided: int = 0
    overturned: int = 0

    @property
    def rate(self) -> float | None:
        """Share overturned."""
        return self.overturned / self.decided if self.decided else None


def overturned(actor: Actor, *, since: date, until: date) -> dict[int, Overturned]:
    """By scorer (0: the machine alone), over disputes decided on these days in reach (grade the grader)."""
    decided = access.visible_to(actor).filter(**on_days("reviewed_at", since, until)).exclude(outcome="")
    found: dict[int, Overturned] = {}
    for dispute in decided.prefetch_related("items"):
        verdicts = Counter(item.verdict != "breached" for item in dispute.items.all() if item.verdict)
        for scorer in dispute.scored_by or [0]:
            one = found.setdefault(scorer, Overturned())
            one.decided += verdicts.total()
            one.overturned += verdicts[True]
    return found


def tally(actor: Actor, *, since: date, until: date) -> dict[str, int]:
    """How many disputes filed on these days came out how; ``open`` are not decided yet."""
    filed = access.visible_to(actor).filter(**on_days("filed_at", since, until))
    found = Counter(filed.values_list("outcome", flat=True))
    return {"open": found[""], **{one.value: found[one.value] for one in Outcome}}
