"""Reads of a shop's daily work: unpaid orders, checks, enquiries, troubles, urges, after-sales (SHOP2-SHOP6)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from kefu.customers import queries as customers
from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.kernel.masking import mask_text
from kefu.kernel.moment import on_days
from kefu.kernel.paging import CappedCount, Page, capped_count, keyset_page
from kefu.kernel.paging import Order as By
from kefu.orders import queries as orders
from kefu.orders.queries import OrderRow, RefundRow, Wanted
from kefu.orders.vocabulary import State
from kefu.people import access as people
from kefu.people.permissions import Permission
from kefu.shop import access, rules
from kefu.shop.models import Check, Enquiry, Reminder, Sale, Trouble, Unsent, Urge, VoidNotice
from kefu.shop.vocabulary import OPEN_TROUBLES, SaleState, VoidState

_CLOSED = {"closed": Q(closed=True), "lost": Q(closed=False), "over": Q(closed__isnull=False), "waiting": Q(closed=None)}
_NEWEST = (By("pk", descending=True),)


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice of rows of one of the lists; what a list does not know stays unused. Days are local and both included."""

    site_id: int | None = None
    shop_id: int | None = None
    staff_id: int | None = None
    state: str = ""
    kind: str = ""
    cause: str = ""
    party: str = ""
    numbers: Sequence[str] = ()
    open_only: bool = False
    late: bool = False
    reminded: str = ""
    paid: bool = False
    check_id: int | None = None
    day_from: date | None = None
    day_to: date | None = None


@dataclass(frozen=True, slots=True)
class UnpaidRow:
    """An unpaid order with the last reminder of it: when, by whom, what the buyer said."""

    order: OrderRow
    reminded_at: datetime | None
    reminded_by: str
    reply: str
    reminder_id: int | None
    today: bool


def _unpaid(actor: Actor, wanted: Choice, now: datetime) -> QuerySet[Any]:
    plain = Wanted(
        state=State.UNPAID, site_id=wanted.site_id, shop_id=wanted.shop_id, numbers=wanted.numbers, day_from=wanted.day_from,
        day_to=wanted.day_to,
    )  # fmt: skip
    rows = orders.matching(actor, plain)
    today = Reminder.objects.filter(day=timezone.localdate(now)).values("order_id")
    if wanted.reminded == "today":
        return rows.filter(pk__in=today)
    return rows.exclude(pk__in=today) if wanted.reminded == "not_today" else rows


def unpaid(actor: Actor, wanted: Choice, *, now: datetime, cursor: str | None = None, size: int = 50) -> Page[UnpaidRow]:
    """Orders that wait for their payment, the newest first; three queries."""
    people.require(actor, Permission.ORDER_VIEW)
    by = (By("placed_at", descending=True), By("pk", descending=True))
    found = keyset_page(_unpaid(actor, wanted, now).select_related("shop"), by, size=size, cursor=cursor)
    last = {one.order_id: one for one in _reminders([one.pk for one in found.rows])}
    day = timezone.localdate(now)
    rows = []
    for order in found.rows:
        one = last.get(order.pk)
        rows.append(
            UnpaidRow(
                orders.row_of(order), one.at if one else None, one.staff.name if one else "", one.reply if one else "",
                one.pk if one else None, one is not None and one.day == day,
            )
        )  # fmt: skip
    return Page(rows, found.next, found.previous)


def _reminders(order_ids: Collection[int]) -> QuerySet[Reminder]:
    return Reminder.objects.filter(order_id__in=order_ids).select_related("staff").order_by("day", "pk")


def count_unpaid(actor: Actor, wanted: Choice, *, now: datetime) -> CappedCount:
    """How many, capped."""
    return capped_count(_unpaid(actor, wanted, now))


@dataclass(frozen=True, slots=True)
class ReminderRow:
    """A reminder; ``paid_at`` when the order was paid after it."""

    id: int
    order_id: int
    number: str
    shop: str
    day: date
    at: datetime
    by: str
    reply: str
    paid_at: datetime | None
    text: str


def _reminder_rows(actor: Actor, wanted: Choice) -> QuerySet[Reminder]:
    exact = {"site_id": wanted.site_id, "staff_id": wanted.staff_id, "order__shop_id": wanted.shop_id, "reply": wanted.state}
    rows = access.visible(actor, Reminder).filter(**{name: value for name, value in exact.items() if value})
    if wanted.paid:
        rows = rows.filter(order__paid_at__gte=F("at"))
    if wanted.day_from:
        rows = rows.filter(day__gte=wanted.day_from)
    return rows.filter(day__lte=wanted.day_to) if wanted.day_to else rows


def reminders(actor: Actor, wanted: Choice, *, cursor: str | None = None, size: int = 50) -> Page[ReminderRow]:
    """Reminders, newest first (催付统计)."""
    people.require(actor, Permission.ORDER_VIEW)
    rows = _reminder_rows(actor, wanted).select_related("order__shop", "staff")
    found = keyset_page(rows, _NEWEST, size=size, cursor=cursor)
    return Page([_reminder(one) for one in found.rows], found.next, found.previous)


def _reminder(one: Reminder) -> ReminderRow:
    paid = one.order.paid_at
    after = paid if paid is not None and paid >= one.at else None
    return ReminderRow(
        one.pk, one.order_id, one.order.number, one.order.shop.name, one.day, one.at, one.staff.name, one.reply, after, mask_text(one.text)
    )


@dataclass(frozen=True, slots=True)
class CheckRow:
    """The check of a day."""

    id: int
    site_id: int
    day: date
    since: datetime
    until: datetime
    found: int
    unexplained: int
    made_at: datetime
    clause: str
    case_id: int | None


def checks(actor: Actor, *, limit: int = 14) -> list[CheckRow]:
    """The last checks in reach, newest first."""
    people.require(actor, Permission.ORDER_VIEW)
    names = ("pk", "site_id", "day", "since", "until", "found", "unexplained", "made_at", "clause", "case_id")
    return [CheckRow(*row) for row in access.visible(actor, Check).order_by("-day", "-pk").values_list(*names)[:limit]]


@dataclass(frozen=True, slots=True)
class UnsentRow:
    """An order of a check with its cause."""

    id: int
    order: OrderRow
    day: date
    clause: str
    cause: str
    party: str
    note: str
    explained_by: str
    explained_at: datetime | None
    version: int


def _unsent_rows(actor: Actor, wanted: Choice) -> QuerySet[Unsent]:
    exact = {
        "site_id": wanted.site_id,
        "order__shop_id": wanted.shop_id,
        "cause": wanted.cause,
        "party": wanted.party,
        "check_of_id": wanted.check_id,
    }
    rows = access.visible(actor, Unsent).filter(**{name: value for name, value in exact.items() if value})
    if wanted.numbers:
        rows = rows.filter(order__number__in=list(wanted.numbers))
    if wanted.open_only:
        rows = rows.filter(cause="")
    if wanted.day_from:
        rows = rows.filter(check_of__day__gte=wanted.day_from)
    return rows.filter(check_of__day__lte=wanted.day_to) if wanted.day_to else rows


def unsent(actor: Actor, wanted: Choice, *, cursor: str | None = None, size: int = 50) -> Page[UnsentRow]:
    """Orders the checks found, newest first."""
    people.require(actor, Permission.ORDER_VIEW)
    rows = _unsent_rows(actor, wanted).select_related("order__shop", "check_of")
    found = keyset_page(rows, _NEWEST, size=size, cursor=cursor)
    shown = [
        UnsentRow(
            one.pk, orders.row_of(one.order), one.check_of.day, one.check_of.clause, one.cause, one.party, mask_text(one.note),
            one.explained_by, one.explained_at, one.version,
        )
        for one in found.rows
    ]  # fmt: skip
    return Page(shown, found.next, found.previous)


def count_unsent(actor: Actor, wanted: Choice) -> CappedCount:
    """How many, capped."""
    return capped_count(_unsent_rows(actor, wanted))


@dataclass(frozen=True, slots=True)
class EnquiryRow:
    """A buyer who asked; ``closed`` none while they may still order."""

    id: int
    customer_id: int
    customer: str
    conversation_id: int
    asked_at: datetime
    day: date
    staff: str
    order_id: int | None
    closed: bool | None
    cause: str
    note: str
    version: int


def _enquiry_rows(actor: Actor, wanted: Choice) -> QuerySet[Enquiry]:
    exact = {"site_id": wanted.site_id, "staff_id": wanted.staff_id, "cause": wanted.cause}
    rows = access.visible(actor, Enquiry).filter(**{name: value for name, value in exact.items() if value})
    if wanted.state in _CLOSED:
        rows = rows.filter(_CLOSED[wanted.state])
    if wanted.open_only:
        rows = rows.filter(closed=False, cause="")
    return rows.filter(**on_days("asked_at", wanted.day_from, wanted.day_to))


def enquiries(actor: Actor, wanted: Choice, *, cursor: str | None = None, size: int = 50) -> Page[EnquiryRow]:
    """Enquiries, newest first."""
    people.require(actor, Permission.ORDER_VIEW)
    by = (By("day", descending=True), By("pk", descending=True))
    found = keyset_page(_enquiry_rows(actor, wanted).select_related("staff"), by, size=size, cursor=cursor)
    labels = customers.labels([one.customer_id for one in found.rows])
    return Page([_enquiry(one, labels) for one in found.rows], found.next, found.previous)


def _enquiry(one: Enquiry, labels: Mapping[int, str]) -> EnquiryRow:
    return EnquiryRow(
        one.pk, one.customer_id, labels.get(one.customer_id, ""), one.conversation_id, one.asked_at, one.day,
        one.staff.name if one.staff else "", one.order_id, one.closed, one.cause, mask_text(one.note), one.version,
    )  # fmt: skip


def enquiry(actor: Actor, enquiry_id: int) -> EnquiryRow:
    """One enquiry in reach, or ``NotFound``."""
    people.require(actor, Permission.ORDER_VIEW)
    found = access.visible(actor, Enquiry).filter(pk=enquiry_id).select_related("staff").first()
    if found is None:
        raise NotFound
    return _enquiry(found, customers.labels([found.customer_id]))


def count_enquiries(actor: Actor, wanted: Choice) -> CappedCount:
    """How many, capped."""
    return capped_count(_enquiry_rows(actor, wanted))


@dataclass(frozen=True, slots=True)
class TroubleRow:
    """A parcel in trouble; ``late`` when the buyer's result is overdue."""

    id: int
    order: OrderRow
    waybill: str
    carrier: str
    kind: str
    state: str
    since: datetime
    found_at: datetime
    due_at: datetime | None
    late: bool
    contact: str
    carrier_answer: str
    message: str
    clause: str
    done_at: datetime | None
    done_by: str
    version: int


def _trouble_rows(actor: Actor, wanted: Choice, now: datetime) -> QuerySet[Trouble]:
    exact = {"site_id": wanted.site_id, "order__shop_id": wanted.shop_id, "state": wanted.state, "kind": wanted.kind}
    rows = access.visible(actor, Trouble).filter(**{name: value for name, value in exact.items() if value})
    if wanted.numbers:
        numbers = list(wanted.numbers)
        rows = rows.filter(Q(waybill__in=numbers) | Q(order__number__in=numbers))
    if wanted.open_only:
        rows = rows.filter(state__in=OPEN_TROUBLES)
    if wanted.late:
        rows = rows.filter(state__in=OPEN_TROUBLES, due_at__lte=now)
    return rows.filter(**on_days("found_at", wanted.day_from, wanted.day_to))


def troubles(actor: Actor, wanted: Choice, *, now: datetime, cursor: str | None = None, size: int = 50) -> Page[TroubleRow]:
    """Parcels in trouble, the longest first."""
    people.require(actor, Permission.ORDER_VIEW)
    rows = _trouble_rows(actor, wanted, now).select_related("order__shop")
    found = keyset_page(rows, (By("since"), By("pk")), size=size, cursor=cursor)
    return Page([trouble_row(one, now) for one in found.rows], found.next, found.previous)


def trouble_row(one: Trouble, now: datetime) -> TroubleRow:
    """A row for a list; ``one`` comes with its order and shop."""
    late = one.state in OPEN_TROUBLES and one.due_at is not None and one.due_at <= now
    return TroubleRow(
        one.pk, orders.row_of(one.order), one.waybill, one.carrier, one.kind, one.state, one.since, one.found_at, one.due_at, late,
        one.contact, mask_text(one.carrier_answer), mask_text(one.message), one.clause, one.done_at, one.done_by, one.version,
    )  # fmt: skip


def count_troubles(actor: Actor, wanted: Choice, *, now: datetime) -> CappedCount:
    """How many, capped."""
    return capped_count(_trouble_rows(actor, wanted, now))


@dataclass(frozen=True, slots=True)
class UrgeRow:
    """A line of the register of urges, in the handbook's columns."""

    id: int
    order: OrderRow
    at: datetime
    cause: str
    note: str
    result: str
    by: str
    done_at: datetime | None


def _urge_rows(actor: Actor, wanted: Choice) -> QuerySet[Urge]:
    exact = {"site_id": wanted.site_id, "order__shop_id": wanted.shop_id, "cause": wanted.cause}
    rows = access.visible(actor, Urge).filter(**{name: value for name, value in exact.items() if value})
    rows = rows.filter(done_at=None) if wanted.open_only else rows
    return rows.filter(**on_days("at", wanted.day_from, wanted.day_to))


def urges(actor: Actor, wanted: Choice, *, cursor: str | None = None, size: int = 50) -> Page[UrgeRow]:
    """Urges, newest first."""
    people.require(actor, Permission.ORDER_VIEW)
    found = keyset_page(_urge_rows(actor, wanted).select_related("order__shop"), _NEWEST, size=size, cursor=cursor)
    shown = [
        UrgeRow(one.pk, orders.row_of(one.order), one.at, one.cause, mask_text(one.note), mask_text(one.result), one.by, one.done_at)
        for one in found.rows
    ]
    return Page(shown, found.next, found.previous)


def count_urges(actor: Actor, wanted: Choice) -> CappedCount:
    """How many, capped."""
    return capped_count(_urge_rows(actor, wanted))


@dataclass(frozen=True, slots=True)
class SaleRow:
    """Our work on a refund: how it stands, what was agreed, when the platform acts by itself (``then``).

    ``hindered``: why money may not move yet (``Hindrance``), on the page of the order only.
    """

    id: int
    refund: RefundRow
    state: str
    agreed: str
    agreed_note: str
    stop: str
    goods_back_at: datetime | None
    condition: str
    liable: str
    paid_at: datetime | None
    refuse_reason: str
    due_at: datetime | None
    late: bool
    then: str
    clause: str
    version: int
    hindered: str = ""


def _sale_rows(actor: Actor, wanted: Choice, now: datetime) -> QuerySet[Sale]:
    exact = {"site_id": wanted.site_id, "refund__order__shop_id": wanted.shop_id, "state": wanted.state, "refund__kind": wanted.kind}
    rows = access.visible(actor, Sale).filter(**{name: value for name, value in exact.items() if value})
    if wanted.numbers:
        numbers = list(wanted.numbers)
        rows = rows.filter(Q(refund__number__in=numbers) | Q(refund__order__number__in=numbers))
    if wanted.open_only:
        rows = rows.filter(state=SaleState.OPEN)
    if wanted.late:
        rows = rows.filter(state=SaleState.OPEN, due_at__lte=now)
    return rows.filter(**on_days("refund__requested_at", wanted.day_from, wanted.day_to))


def sales(actor: Actor, wanted: Choice, *, now: datetime, cursor: str | None = None, size: int = 50) -> Page[SaleRow]:
    """After-sales work, newest first."""
    people.require(actor, Permission.ORDER_VIEW)
    rows = _sale_rows(actor, wanted, now).select_related("refund__order__shop")
    found = keyset_page(rows, _NEWEST, size=size, cursor=cursor)
    return Page([_sale(one, now) for one in found.rows], found.next, found.previous)


def _hindered(one: Sale, told: VoidNotice | None) -> str:
    if one.state != SaleState.OPEN:
        return ""
    void_state, back = told.state if told else "", one.goods_back_at is not None
    return rules.payment_problem(one.refund.kind, agreed=one.agreed, void_state=void_state, stop=one.stop, goods_back=back) or ""


def _sale(one: Sale, now: datetime) -> SaleRow:
    late = one.state == SaleState.OPEN and one.due_at is not None and one.due_at <= now
    return SaleRow(
        one.pk, orders.refund_row(one.refund), one.state, one.agreed, mask_text(one.agreed_note), one.stop, one.goods_back_at,
        one.condition, one.liable, one.paid_at, one.refuse_reason, one.due_at, late, one.then, one.clause, one.version,
    )  # fmt: skip


def count_sales(actor: Actor, wanted: Choice, *, now: datetime) -> CappedCount:
    """How many, capped."""
    return capped_count(_sale_rows(actor, wanted, now))


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice to the warehouse."""

    id: int
    text: str
    state: str
    told_at: datetime
    told_by: str
    answered_at: datetime | None
    answered_by: str
    version: int


@dataclass(frozen=True, slots=True)
class Work:
    """Everything this room did about one order."""

    reminders: Sequence[ReminderRow]
    unsent: UnsentRow | None
    troubles: Sequence[TroubleRow]
    urges: Sequence[UrgeRow]
    sales: Sequence[SaleRow]
    notice: Notice | None


def of_order(actor: Actor, order_id: int, *, now: datetime) -> Work:
    """What was done about an order in reach; a fixed number of queries."""
    reminded = access.visible(actor, Reminder).filter(order_id=order_id).select_related("order__shop", "staff").order_by("-pk")[:20]
    found = access.visible(actor, Unsent).filter(order_id=order_id).select_related("order__shop", "check_of").first()
    troubled = access.visible(actor, Trouble).filter(order_id=order_id).select_related("order__shop").order_by("-pk")[:20]
    urged = access.visible(actor, Urge).filter(order_id=order_id).select_related("order__shop").order_by("-pk")[:20]
    sold = access.visible(actor, Sale).filter(refund__order_id=order_id).select_related("refund__order__shop").order_by("-pk")[:20]
    told = access.visible(actor, VoidNotice).filter(order_id=order_id).exclude(state=VoidState.WITHDRAWN).first()
    return Work(
        [_reminder(one) for one in reminded],
        UnsentRow(
            found.pk, orders.row_of(found.order), found.check_of.day, found.check_of.clause, found.cause, found.party,
            mask_text(found.note), found.explained_by, found.explained_at, found.version,
        ) if found else None,
        [trouble_row(one, now) for one in troubled],
        [UrgeRow(one.pk, orders.row_of(one.order), one.at, one.cause, mask_text(one.note), mask_text(one.result), one.by, one.done_at)
         for one in urged],
        [replace(_sale(one, now), hindered=_hindered(one, told)) for one in sold],
        Notice(told.pk, told.text, told.state, told.told_at, told.told_by, told.answered_at, told.answered_by, told.version)
        if told else None,
    )  # fmt: skip
