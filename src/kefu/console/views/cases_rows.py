"""Rows of cases as lists show them: words, badges and the nearest clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from kefu.clocks import calendars
from kefu.console.views import cases_words as words
from kefu.console.views.cases_words import Badge
from kefu.customers import queries as customers
from kefu.handbook.schema import Clock, Handbook
from kefu.kernel.errors import KefuError
from kefu.kernel.masking import mask_text
from kefu.kernel.workcalendar import add_working

_FAR = 9000


@dataclass(frozen=True, slots=True)
class NearestClock:
    """The soonest deadline of a case, shaped for ``clock_face``."""

    name: str
    due_at: datetime
    warn_at: datetime | None
    state: str = "running"
    breached_at: datetime | None = None
    met_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in a list."""

    id: int
    number: str
    title: str
    kind: str
    status: Badge
    level: Badge | None
    tier: Badge | None
    waybill: str
    customer: str
    assignee: str
    assignee_no: str
    site: str
    clock: NearestClock | None
    opened_at: datetime
    urged: int
    is_open: bool


def rows(cases: Iterable[Any], *, with_customers: bool = True) -> list[CaseRow]:
    """The rows of a page; one query for the customers' masked names, none for the handbooks once they are known."""
    found = list(cases)
    names = customers.labels({case.customer_id for case in found if case.customer_id}) if with_customers else {}
    return [_row(case, names.get(case.customer_id, "")) for case in found]


def _row(case: Any, customer: str) -> CaseRow:
    book = words.book_named(case.handbook)
    return CaseRow(
        id=case.pk,
        number=case.number,
        title=mask_text(case.title),
        kind=words.kind_title(book, case.kind),
        status=words.status_badge(case.status),
        level=words.level_badge(book, case.level),
        tier=words.tier_badge(book, case.tier),
        waybill=case.waybill,
        customer=customer,
        assignee=case.assignee.name if case.assignee else "",
        assignee_no=case.assignee.staff_no if case.assignee else "",
        site=case.site.name if "site" in case._state.fields_cache else "",
        clock=nearest(case, book),
        opened_at=case.opened_at,
        urged=case.urge_count,
        is_open=case.is_open,
    )


def nearest(case: Any, book: Handbook | None) -> NearestClock | None:
    """The soonest deadline. The row keeps only its moment; which clock that is, and when it warns, follows from the handbook."""
    if not case.is_open or case.next_due_at.year > _FAR:
        return None
    clock = _which(case, book) if book else None
    if clock is None:
        return NearestClock(_("时限"), case.next_due_at, None)
    return NearestClock(words.name(clock[0]), case.next_due_at, clock[1])


def _which(case: Any, book: Handbook) -> tuple[Clock, datetime | None] | None:
    for clause in book.clocks_for(case.kind, level=case.level, tier=case.tier).values():
        calendar = calendars.calendar(book, clause.calendar)
        try:
            due = add_working(calendar, case.opened_at, _seconds(clause.target))
        except (KefuError, ValueError):
            continue
        if due == case.next_due_at:
            if clause.warn_before is None:
                return clause, None
            return clause, add_working(calendar, case.opened_at, _seconds(clause.target) - _seconds(clause.warn_before))
    return None


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())
