"""What happened to cases that their customers may have to be told (CASE5): entries as plain moments, for the reactions."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from kefu.cases.actions import book_of
from kefu.cases.models import NO_DEADLINE, Case, Entry
from kefu.handbook.schema import Handbook
from kefu.notices.moments import Moment

_KINDS = (Entry.Kind.OPENED, Entry.Kind.STEP, Entry.Kind.MATTER, Entry.Kind.LEVEL)
HEARD = frozenset(str(one) for one in _KINDS)
"""Kinds of entries a customer may be told of."""


def moments(case_ids: Collection[int], since: datetime, until: datetime) -> list[Moment]:
    """Entries of these cases between two moments, both included, in order; cases without a customer have none."""
    cases = Case.objects.defer("description", "data").filter(customer__isnull=False).in_bulk(case_ids)
    rows = Entry.objects.filter(case_id__in=cases, kind__in=_KINDS, at__gte=since, at__lte=until).order_by("pk")
    found = rows.values_list("pk", "case_id", "kind", "at", "data")
    return [moment_of(cases[case], book_of(cases[case]), pk, kind, at, data) for pk, case, kind, at, data in found]


def moment_of(case: Case, book: Handbook, entry_id: int, kind: str, at: datetime, data: dict[str, Any]) -> Moment:
    """One entry as a moment; of a preview ``entry_id`` is 0."""
    step, events = "", ()  # type: tuple[str, tuple[str, ...]]
    if kind == Entry.Kind.OPENED:
        events = ("case.opened",)
    elif kind == Entry.Kind.LEVEL:
        # What a clock or a rule raised by itself is our own hurry, no news for the customer.
        events = ("case.escalated",) if data.get("why") == "manual" else ()
    elif kind == Entry.Kind.STEP:
        found = book.procedures[case.procedure].step(str(data.get("step", ""))) if case.procedure in book.procedures else None
        step, events = f"{case.procedure}.{data.get('step', '')}", found.events if found else ()
    else:
        events = (str(data.get("what", "")), *_named(data.get("events", ())))
    return Moment(case.pk, entry_id, case.site_id, case.customer_id or 0, case.handbook, case.kind, step, events, at, _values(case, data))


def _named(events: Any) -> Iterable[str]:
    return (str(one) for one in events) if isinstance(events, list | tuple) else ()


def _values(case: Case, data: dict[str, Any]) -> dict[str, str]:
    about = f"运单 {case.waybill}" if case.waybill else f"订单 {case.order_no}" if case.order_no else f"工单 {case.number}"
    due = timezone.localtime(case.next_due_at).strftime("%m月%d日 %H:%M") if case.next_due_at < NO_DEADLINE else ""
    return {
        "case_no": case.number,
        "waybill": case.waybill,
        "order_no": case.order_no,
        "subject": about,
        "promised_time": due,
        "amount": str(data.get("amount", "")),
    }
