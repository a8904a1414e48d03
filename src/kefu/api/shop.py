"""A shop's daily work over the API: reminders, unsent orders, enquiries, parcels in trouble, urges, after-sales (SHOP2–SHOP6).

Their lists are `/lists/shop-unpaid` and those beside it; every write about an order answers with the whole work on it.
"""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from ninja import Router
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.schema import Schema
from kefu.orders import queries as orders
from kefu.shop import enquiries, queries, reminding, sales, troubles, unsent, urging

router = Router(tags=["shop (SHOP2-SHOP6)"])
Version = Annotated[int | None, Field(ge=0, description="The version the caller saw; a row changed since then is refused as stale.")]
Code = Annotated[str, Field(max_length=20)]
Words = Annotated[str, Field(max_length=2000)]


class ReminderShown(Schema):
    """A reminder to pay; `paid_at` when the order was paid after it."""

    id: int
    day: date
    at: datetime
    by: str
    text: str
    reply: str
    paid_at: datetime | None


class UnsentShown(Schema):
    """The order in the daily check of unsent ones; `cause` is empty until somebody finds it."""

    id: int
    day: date
    cause: str
    party: str
    note: str
    explained_by: str
    explained_at: datetime | None
    clause: str
    version: int


class TroubleShown(Schema):
    """A parcel in trouble; `due_at` is when the buyer must have a result."""

    id: int
    waybill: str
    carrier: str
    kind: str
    state: str
    since: datetime
    due_at: datetime | None
    late: bool
    contact: str
    carrier_answer: str
    message: str
    clause: str
    done_at: datetime | None
    done_by: str
    version: int


class UrgeShown(Schema):
    """The buyer urged."""

    id: int
    at: datetime
    cause: str
    note: str
    result: str
    by: str
    done_at: datetime | None


class RefundOfSale(Schema):
    """The platform's refund. Yuan."""

    id: int
    number: str
    kind: str
    state: str
    amount: Decimal
    reason: str
    requested_at: datetime


class SaleShown(Schema):
    """Our work on a refund; at `due_at` the platform does `then` by itself. `hindered`: what comes before the money, empty when nothing."""

    id: int
    refund: RefundOfSale
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
    hindered: str
    version: int


class VoidNoticeShown(Schema):
    """The notice to the warehouse that the order is void, in its fixed form."""

    id: int
    text: str
    state: str
    told_at: datetime
    told_by: str
    answered_at: datetime | None
    answered_by: str
    version: int


class OrderWork(Schema):
    """An order and all that was done about it; personal data is masked. Yuan."""

    id: int
    site_id: int
    platform: str
    shop: str
    number: str
    state: str
    buyer: str
    goods: str
    total: Decimal
    paid: Decimal
    waybill: str
    carrier: str
    placed_at: datetime
    paid_at: datetime | None
    shipped_at: datetime | None
    reminders: list[ReminderShown]
    unsent: UnsentShown | None
    troubles: list[TroubleShown]
    urges: list[UrgeShown]
    sales: list[SaleShown]
    void_notice: VoidNoticeShown | None


_PLAIN = (
    "id", "site_id", "platform", "shop", "number", "state", "buyer", "goods", "total", "paid", "waybill", "carrier", "placed_at",
    "paid_at", "shipped_at",
)  # fmt: skip


def _shown(request: ApiRequest, order_id: int) -> OrderWork:
    row = orders.detail(request.actor, order_id).row
    work = queries.of_order(request.actor, order_id, now=moment.now())
    return OrderWork(
        **{name: getattr(row, name) for name in _PLAIN},
        reminders=[ReminderShown.model_validate(one) for one in work.reminders],
        unsent=UnsentShown.model_validate(work.unsent) if work.unsent else None,
        troubles=[TroubleShown.model_validate(one) for one in work.troubles],
        urges=[UrgeShown.model_validate(one) for one in work.urges],
        sales=[SaleShown.model_validate(one) for one in work.sales],
        void_notice=VoidNoticeShown.model_validate(work.notice) if work.notice else None,
    )


@router.get("/shop/orders/{int:order_id}", response=OrderWork)
def read_order_work(request: ApiRequest, order_id: int) -> OrderWork:
    """An order with its reminders, unsent cause, parcels in trouble, urges, after-sales and void notice (SHOP1–SHOP6)."""
    return _shown(request, order_id)


class Given(Schema):
    """A body with no field nobody knows."""

    model_config = ConfigDict(extra="forbid")


class Seen(Given):
    """The version the caller saw."""

    version: Version = None


class ReminderGiven(Given):
    """The words the buyer was reminded with."""

    text: Words


@router.post("/shop/orders/{int:order_id}/reminders", response=OrderWork)
def remind_buyer(request: ApiRequest, order_id: int, body: ReminderGiven) -> OrderWork:
    """Note that the buyer of an unpaid order was reminded (催付): once a day, not at night, by a person (SHOP2).

    Refused as `shop.not_unpaid`, `shop.reminded_today`, `shop.at_night` or `person_only`.
    """
    reminding.remind(actor=request.actor, order_id=order_id, text=body.text, now=moment.now())
    return _shown(request, order_id)


class ReplyGiven(Given):
    """What the buyer said: will_pay, thinking, declined, no_answer."""

    reply: Code


@router.post("/shop/reminders/{int:reminder_id}/reply", response=OrderWork)
def note_reminder_reply(request: ApiRequest, reminder_id: int, body: ReplyGiven) -> OrderWork:
    """What came of a reminder (SHOP2)."""
    row = reminding.note_reply(actor=request.actor, reminder_id=reminder_id, reply=body.reply, now=moment.now())
    return _shown(request, row.order_id)


class UrgeGiven(Given):
    """Why the buyer urges: not_sent, slow, stuck, delivery, other."""

    cause: Code
    note: Words = ""


@router.post("/shop/orders/{int:order_id}/urges", response=OrderWork)
def register_urge(request: ApiRequest, order_id: int, body: UrgeGiven) -> OrderWork:
    """Register that the buyer urges (催单, E12)."""
    urging.urge(actor=request.actor, order_id=order_id, cause=body.cause, note=body.note, now=moment.now())
    return _shown(request, order_id)


class ResultOfUrge(Given):
    """What the buyer was told."""

    result: Words


@router.post("/shop/urges/{int:urge_id}/result", response=OrderWork)
def settle_urge(request: ApiRequest, urge_id: int, body: ResultOfUrge) -> OrderWork:
    """What came of it (E12)."""
    row = urging.settle(actor=request.actor, urge_id=urge_id, result=body.result, now=moment.now())
    return _shown(request, row.order_id)


class UnsentCause(Seen):
    """The true cause (stock, printing, warehouse, carrier, customer, address, system) and who answers for it.

    `party`: warehouse, carrier, agent, buyer, product, system.
    """

    cause: Code
    party: Code
    note: Words = ""


@router.post("/shop/unsent/{int:unsent_id}/cause", response=OrderWork)
def explain_unsent(request: ApiRequest, unsent_id: int, body: UnsentCause) -> OrderWork:
    """Why an order paid is not sent (付款未发); a known cause is changed by a lead only, else `shop.explained` (SHOP4, E10)."""
    row = unsent.explain(
        actor=request.actor, unsent_id=unsent_id, cause=body.cause, party=body.party, note=body.note, expected_version=body.version,
        now=moment.now(),
    )  # fmt: skip
    return _shown(request, row.order_id)


class EnquiryCause(Seen):
    """Why the buyer did not order: price, function, shipping, trust, comparing, stock, slow, other (which wants a note)."""

    cause: Code
    note: Words = ""


class EnquiryShown(Schema):
    """A buyer who asked; `closed` null while they may still order."""

    id: int
    customer_id: int
    conversation_id: int
    asked_at: datetime
    order_id: int | None
    closed: bool | None
    cause: str
    note: str
    version: int


@router.post("/shop/enquiries/{int:enquiry_id}/cause", response=EnquiryShown)
def explain_enquiry(request: ApiRequest, enquiry_id: int, body: EnquiryCause) -> EnquiryShown:
    """Why an enquiry did not close (未成交原因); one that did is refused as `shop.enquiry_closed` (SHOP3, E19)."""
    enquiries.explain(
        actor=request.actor, enquiry_id=enquiry_id, cause=body.cause, note=body.note, expected_version=body.version, now=moment.now()
    )
    return EnquiryShown.model_validate(queries.enquiry(request.actor, enquiry_id))


class TroubleSaid(Seen):
    """The words to the buyer."""

    text: Words


@router.post("/shop/troubles/{int:trouble_id}/message", response=OrderWork)
def leave_trouble_message(request: ApiRequest, trouble_id: int, body: TroubleSaid) -> OrderWork:
    """Note the message left for the buyer and end the work; too late for that is refused as `shop.ask_first` (SHOP5, E10)."""
    row = troubles.message(actor=request.actor, trouble_id=trouble_id, text=body.text, expected_version=body.version, now=moment.now())
    return _shown(request, row.order_id)


class CarrierAsked(Seen):
    """Whom of the carrier was asked, and what they said so far."""

    contact: str = Field(max_length=80)
    answer: Words = ""


@router.post("/shop/troubles/{int:trouble_id}/carrier", response=OrderWork)
def ask_trouble_carrier(request: ApiRequest, trouble_id: int, body: CarrierAsked) -> OrderWork:
    """Note that the carrier was asked; the hours to the buyer's result begin. The post is refused as `shop.postal` (SHOP5, E10)."""
    row = troubles.ask_carrier(
        actor=request.actor, trouble_id=trouble_id, contact=body.contact, answer=body.answer, expected_version=body.version,
        now=moment.now(),
    )  # fmt: skip
    return _shown(request, row.order_id)


class TroubleResult(TroubleSaid):
    """The words to the buyer; `final` false when there is no result yet and the next hours begin."""

    final: bool = True


@router.post("/shop/troubles/{int:trouble_id}/result", response=OrderWork)
def answer_trouble(request: ApiRequest, trouble_id: int, body: TroubleResult) -> OrderWork:
    """Give the buyer the result, or say why there is none yet; before the carrier was asked it is `shop.ask_first` (SHOP5, E10)."""
    row = troubles.answer(
        actor=request.actor, trouble_id=trouble_id, text=body.text, final=body.final, expected_version=body.version, now=moment.now()
    )
    return _shown(request, row.order_id)


@router.post("/shop/orders/{int:order_id}/void-notice", response=OrderWork)
def void_order(request: ApiRequest, order_id: int) -> OrderWork:
    """Tell the warehouse that the order is void (作废通知, E9); refused as `shop.already_sent` or `shop.void_stands`."""
    sales.void(actor=request.actor, order_id=order_id, now=moment.now())
    return _shown(request, order_id)


class VoidAnswered(Seen):
    """What the warehouse says: void, or sent already."""

    confirmed: bool


@router.post("/shop/void-notices/{int:notice_id}/answer", response=OrderWork)
def answer_void_notice(request: ApiRequest, notice_id: int, body: VoidAnswered) -> OrderWork:
    """The warehouse's answer; one that has its answer is refused as `shop.void_answered` (E9)."""
    row = sales.answer_void(
        actor=request.actor, notice_id=notice_id, confirmed=body.confirmed, expected_version=body.version, now=moment.now()
    )
    return _shown(request, row.order_id)


def _sold(request: ApiRequest, sale_id: int, body: Seen, do: Callable[..., Any]) -> OrderWork:
    """A step of an after-sale, its fields those of the body."""
    given = body.model_dump(exclude={"version"})
    row = do(actor=request.actor, sale_id=sale_id, expected_version=body.version, now=moment.now(), **given)
    return _shown(request, row.refund.order_id)


class SaleAgreed(Seen):
    """What was agreed: refund, return, exchange, repair, resend, difference, nothing, not_agreed; and how it came to it."""

    agreed: Code
    note: Words


@router.post("/shop/sales/{int:sale_id}/agreement", response=OrderWork)
def agree_sale(request: ApiRequest, sale_id: int, body: SaleAgreed) -> OrderWork:
    """What buyer and shop agreed (协商结果, SHOP6)."""
    return _sold(request, sale_id, body, sales.negotiate)


class SaleTracked(Seen):
    """What came of stopping the parcel: intercepted, returned, lost, signed."""

    stop: Code


@router.post("/shop/sales/{int:sale_id}/tracking", response=OrderWork)
def track_sale(request: ApiRequest, sale_id: int, body: SaleTracked) -> OrderWork:
    """What came of tracking or stopping the parcel of a sent order (E9)."""
    return _sold(request, sale_id, body, sales.track)


class GoodsBack(Seen):
    """What the goods look like and who is liable: warehouse, carrier, agent, buyer, product, system."""

    condition: Words
    liable: Code


@router.post("/shop/sales/{int:sale_id}/goods-back", response=OrderWork)
def take_goods_back(request: ApiRequest, sale_id: int, body: GoodsBack) -> OrderWork:
    """The goods came back and were looked at; refused as `shop.not_agreed` before that was agreed (SHOP6)."""
    return _sold(request, sale_id, body, sales.take_back)


@router.post("/shop/sales/{int:sale_id}/pay", response=OrderWork)
def pay_sale(request: ApiRequest, sale_id: int, body: Seen) -> OrderWork:
    """The refund was paid on the platform (SHOP6, E9).

    What must come first refuses it: `shop.not_agreed`, `shop.no_void`, `shop.not_stopped`, `shop.goods_not_back`.
    """
    return _sold(request, sale_id, body, sales.pay)


class SaleRefused(Seen):
    """Why, as the buyer was told."""

    reason: Words


@router.post("/shop/sales/{int:sale_id}/refuse", response=OrderWork)
def refuse_sale(request: ApiRequest, sale_id: int, body: SaleRefused) -> OrderWork:
    """The refund is refused (SHOP6)."""
    return _sold(request, sale_id, body, sales.refuse)
