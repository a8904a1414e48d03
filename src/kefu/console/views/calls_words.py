"""A customer in hand in words: where the talk stands, who it is, what they have with us."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.cases import caller as callers
from kefu.cases.caller import Asked, Caller
from kefu.console.views import cases_rows, parcels_trace
from kefu.console.views import cases_words as words
from kefu.console.views.cases_context import Talk, talk
from kefu.console.views.cases_rows import CaseRow, NearestClock
from kefu.console.views.cases_words import Badge
from kefu.conversations import prompts
from kefu.conversations.rules import shown_number
from kefu.customers.queries import Card
from kefu.kernel.actor import Actor
from kefu.kernel.masking import mask_name
from kefu.parcels.queries import ParcelRow

_STATES: dict[str, tuple[str | Promise, str]] = {
    "ringing": (gettext_lazy("来电"), "warn"),
    "talking": (gettext_lazy("接待中"), "accent"),
    "wrap_up": (gettext_lazy("整理中"), "warn"),
    "ended": (gettext_lazy("已完成"), "good"),
}


def state_badge(row: Any, now: datetime) -> Badge:
    """Where the talk stands; put aside and overdue are said first."""
    if row.ended_at is None and row.wrap_due_at is not None and row.wrap_due_at <= now:
        return Badge(_("整理超时"), "bad")
    if row.parked_at is not None:
        return Badge(_("已放一边"), "warn")
    title, tone = _STATES[row.state]
    return Badge(str(title), tone)


def wrap_clock(row: Any) -> NearestClock | None:
    """The time left for the record."""
    return NearestClock(_("整理时间"), row.wrap_due_at, row.wrap_warn_at) if row.ended_at is None and row.wrap_due_at else None


@dataclass(frozen=True, slots=True)
class Line:
    """A talk in a list, masked."""

    id: int
    number: str
    who: str
    waybill: str
    channel: str
    state: Badge
    clock: NearestClock | None
    since: datetime
    staff: str
    staff_no: str
    site: str
    outcome: str
    remark: str
    about: int | None
    front: bool


def lines(rows: Iterable[Any], now: datetime, *, others: bool = False) -> list[Line]:
    """Talks as lists show them; ``others``: with who answers and where."""
    return [_line(row, now, others) for row in rows]


def _line(row: Any, now: datetime, others: bool) -> Line:
    book = words.book_named(row.handbook)
    return Line(
        id=row.pk,
        number=shown_number(row.number),
        who=mask_name(row.caller_name) if row.caller_name else "",
        waybill=row.waybill,
        channel=row.channel,
        state=state_badge(row, now),
        clock=wrap_clock(row),
        since=row.answered_at or row.started_at,
        staff=row.staff.name if others else "",
        staff_no=row.staff.staff_no if others else "",
        site=row.site.name if others else "",
        outcome=prompts.outcome_title(book, row.disposition, words.language()) if book and row.disposition else "",
        remark=row.remark,
        about=row.about_id if row.about_kind == "case" else None,
        front=row.parked_at is None and row.ended_at is None,
    )


@dataclass(frozen=True, slots=True)
class Box:
    """A parcel of the caller, in words."""

    parcel: ParcelRow
    state: Badge


@dataclass(frozen=True, slots=True)
class Caution:
    """Something to be careful about, in words."""

    text: str
    tone: str
    case_id: int | None


@dataclass(frozen=True, slots=True)
class Who:
    """The middle column."""

    card: Card | None
    tier: Badge | None
    boxes: list[Box]
    open_cases: list[CaseRow]
    ended_cases: list[CaseRow]
    talks: list[Line]
    conversations: list[Talk]
    cautions: list[Caution]

    @property
    def nothing(self) -> bool:
        """Whether nothing at all is known."""
        return not (self.card or self.boxes or self.open_cases or self.ended_cases or self.talks)


def who(actor: Actor, row: Any, now: datetime) -> Who:
    """Who is on the line, as far as the reader's rights go."""
    found = callers.caller(actor, Asked(row.number, row.waybill, row.customer_id, row.pk), now=now)
    book = words.book_named(row.handbook)
    return Who(
        card=found.customer,
        tier=words.tier_badge(book, found.customer.tier) if found.customer else None,
        boxes=[Box(parcel, parcels_trace.state_badge(parcel.state)) for parcel in found.parcels],
        open_cases=cases_rows.rows(found.open_cases, with_customers=False),
        ended_cases=cases_rows.rows(found.ended_cases, with_customers=False),
        talks=_earlier(found, now),
        conversations=[talk(actor, one) for one in found.conversations],
        cautions=[_caution(one) for one in found.cautions],
    )


def _earlier(found: Caller, now: datetime) -> list[Line]:
    return [_line(one, now, others=False) for one in found.talks]


def _caution(one: callers.Caution) -> Caution:
    case_id = one.values.get("case_id")
    return Caution(str(one), one.tone, case_id if isinstance(case_id, int) else None)
