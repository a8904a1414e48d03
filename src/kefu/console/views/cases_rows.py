"""Rows of cases as lists show them: words, badges and the nearest clock."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast

from django.utils.translation import gettext as _

from kefu.cases.queries import CaseDetail
from kefu.clocks import queries as clocks
from kefu.clocks.queries import Nearest
from kefu.console.views import cases_words as words
from kefu.console.views.cases_words import Badge
from kefu.customers import queries as customers
from kefu.kernel.masking import mask_name, mask_text

_FAR = 9000
W = TypeVar("W")


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
    channel: str
    opened_at: datetime
    updated_at: datetime
    urged: int
    is_open: bool


def rows(cases: Iterable[Any], *, with_customers: bool = True) -> list[CaseRow]:
    """The rows of a page; one query for the customers' masked names, one for the clocks, none for the handbooks once they are known."""
    found = list(cases)
    names = customers.labels({case.customer_id for case in found if case.customer_id}) if with_customers else {}
    timed = clocks.nearest_clocks("case", [case.pk for case in found if _has_deadline(case)])
    said = _Said()
    return [_row(case, names.get(case.customer_id, ""), timed.get(case.pk), said) for case in found]


def row_of(detail: CaseDetail) -> CaseRow:
    """The row of a case whose page is shown: everything has been read already."""
    case = detail.case
    name = (mask_name(case.customer.name) or f"C{case.customer_id}") if case.customer else ""
    running = (view for view in detail.clocks if view.state == "running")
    soonest = min(running, key=lambda view: (view.due_at, view.id), default=None)
    return _row(case, name, Nearest(soonest.key, soonest.clause, soonest.due_at, soonest.warn_at) if soonest else None, _Said())


class _Said:
    """Words of a page's handbooks, each worked out once: fifty rows share a few kinds, levels and statuses."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Any, ...], Any] = {}

    def of(self, words: Callable[..., W], *about: str) -> W:
        key = (words, *about)
        if key not in self._kept:
            self._kept[key] = words(*about)
        return cast(W, self._kept[key])


def _kind(handbook: str, key: str) -> str:
    return words.kind_title(words.book_named(handbook), key)


def _level(handbook: str, key: str) -> Badge | None:
    return words.level_badge(words.book_named(handbook), key)


def _tier(handbook: str, key: str) -> Badge | None:
    return words.tier_badge(words.book_named(handbook), key)


def _row(case: Any, customer: str, clock: Nearest | None, said: _Said) -> CaseRow:
    loaded, assignee = case._state.fields_cache, case.assignee
    return CaseRow(
        id=case.pk,
        number=case.number,
        title=mask_text(case.title),
        kind=said.of(_kind, case.handbook, case.kind),
        status=said.of(words.status_badge, case.status),
        level=said.of(_level, case.handbook, case.level),
        tier=said.of(_tier, case.handbook, case.tier),
        waybill=case.waybill,
        customer=customer,
        assignee=assignee.name if assignee else "",
        assignee_no=assignee.staff_no if assignee else "",
        site=loaded["site"].name if "site" in loaded else "",
        clock=_face(case, clock),
        channel=str(words.CHANNEL_TITLES.get(case.channel, case.channel)),
        opened_at=case.opened_at,
        updated_at=case.updated_at,
        urged=case.urge_count,
        is_open=case.is_open,
    )


def _has_deadline(case: Any) -> bool:
    return bool(case.is_open and case.next_due_at.year <= _FAR)


def _face(case: Any, clock: Nearest | None) -> NearestClock | None:
    """The soonest deadline."""
    if not _has_deadline(case):
        return None
    if clock is None:
        return NearestClock(_("时限"), case.next_due_at, None)
    return NearestClock(words.name(clock.clause), clock.due_at, clock.warn_at)
