"""Pick-up orders over the API: what platforms push, what stations do, who holds what (OPS9). The list is `/lists/pickups`."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Literal

from ninja import Query, Router
from pydantic import AwareDatetime, ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id
from kefu.api.schema import Schema
from kefu.escalations.pickups import escalate_pickup
from kefu.kernel.errors import NotFound
from kefu.parcels.drafts import Party
from kefu.people import queries as people
from kefu.station.pickups import actions, push, queries
from kefu.station.pickups.actions import Collected
from kefu.station.pickups.drafts import OrderDraft

router = Router(tags=["station: pick-up orders (OPS9)"])
MOST_ORDERS = 200
Version = Annotated[int | None, Field(ge=0, description="The version the caller saw; an order changed since then is refused as stale.")]
PlatformName = Annotated[str, Field(max_length=10, description="cainiao, jd, pdd, wechat, douyin or own.")]
Number = Annotated[str, Field(min_length=1, max_length=60)]


class PushedParty(Schema):
    """Sender or receiver."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field("", max_length=60)
    phone: str = Field("", max_length=40)
    address: str = Field("", max_length=300)

    def party(self) -> Party:
        """As the room takes it."""
        return Party(self.name, self.phone, self.address)


class PushedOrder(Schema):
    """An order as a platform pushes it; the same one again brings it up to date. Weight in kilograms, amounts in yuan."""

    model_config = ConfigDict(extra="forbid")
    platform: PlatformName
    order_no: Number
    hub: Id = Field(description="The site it is pushed to: its pool gets what no station is named for.")
    site: Id | None = Field(None, description="The station, when the platform names one.")
    placed_at: AwareDatetime
    sender: PushedParty
    receiver: PushedParty = PushedParty()
    slot_from: AwareDatetime | None = None
    slot_to: AwareDatetime | None = None
    goods: str = Field("", max_length=60)
    weight: Annotated[Decimal, Field(ge=0, le=99_999, decimal_places=3)] | None = None
    pieces: int = Field(1, ge=1, le=10_000)
    payment: Literal["sender", "receiver", "monthly", "third"] = "sender"
    insured_amount: Annotated[Decimal, Field(ge=0, le=9_999_999, decimal_places=2)] = Decimal(0)
    cod_amount: Annotated[Decimal, Field(ge=0, le=9_999_999, decimal_places=2)] = Decimal(0)
    remark: str = Field("", max_length=200)

    def draft(self) -> OrderDraft:
        """As the room takes it."""
        plain = self.model_dump(exclude={"hub", "site", "sender", "receiver"})
        return OrderDraft(**plain, hub_id=self.hub, site_id=self.site, sender=self.sender.party(), receiver=self.receiver.party())


class PushedOrders(Schema):
    """Orders pushed at once."""

    model_config = ConfigDict(extra="forbid")
    orders: list[PushedOrder] = Field(min_length=1, max_length=MOST_ORDERS)


class GatewayAnswer(Schema):
    """What a platform is told: ``outcome`` stored, updated, present, withdrawn or refused; ``code`` B01-B99 or S05 (O2)."""

    success: bool
    outcome: str
    code: str
    message: str
    reason: str
    order_id: int | None


def _told(answer: push.Answer) -> GatewayAnswer:
    return GatewayAnswer(
        success=answer.success,
        outcome=answer.outcome,
        code=answer.code,
        message=str(answer.message),
        reason=answer.reason,
        order_id=answer.order_id,
    )


@router.post("/pickups/push", response=list[GatewayAnswer])
def push_pickups(request: ApiRequest, body: PushedOrders) -> list[GatewayAnswer]:
    """Take orders in or bring known ones up to date, any number of times; an answer for each, in their order (O2, O16)."""
    answers = push.push_many(actor=request.actor, drafts=[one.draft() for one in body.orders], now=moment.now())
    return [_told(one) for one in answers]


class OrderNamed(Schema):
    """An order by its platform's number."""

    model_config = ConfigDict(extra="forbid")
    platform: PlatformName
    order_no: Number


@router.post("/pickups/withdraw", response=GatewayAnswer)
def withdraw_pickup(request: ApiRequest, body: OrderNamed) -> GatewayAnswer:
    """The customer takes the order back; B04 once it is collected."""
    return _told(push.withdraw(actor=request.actor, platform=body.platform, order_no=body.order_no, now=moment.now()))


class GatewayStatus(Schema):
    """How an order stands in the gateway's words: 0, ACCEPT, UNACCEPT, GOT, SIGNED, FAILED, WITHDRAW."""

    state: str
    waybill: str
    reason: str


@router.get("/pickups/status", response=GatewayStatus)
def read_pickup_status(request: ApiRequest, wanted: Query[OrderNamed]) -> GatewayStatus:
    """What the platform may ask at any time. Changes are also in the feed of events (`pickup.moved`)."""
    found = push.status(actor=request.actor, platform=wanted.platform, order_no=wanted.order_no)
    if found is None:
        raise NotFound
    return GatewayStatus(**found)


class Side(Schema):
    """Sender or receiver, masked."""

    name: str
    phone: str
    address: str


class Deadline(Schema):
    """A clock of the order with the clause that sets it."""

    key: str
    clause: str
    level: str
    due_at: datetime


class OrderMove(Schema):
    """Something that happened to the order."""

    what: str
    at: datetime
    by: str


class PickupOrder(Schema):
    """One order."""

    id: int
    platform: str
    order_no: str
    state: str
    site_id: int | None
    courier: str
    sender: Side
    receiver: Side
    region: str
    placed_at: datetime
    slot_from: datetime | None
    slot_to: datetime | None
    due_at: datetime | None
    late: bool
    waybill: str
    last_reason: str
    wrong_claim: bool
    transfers: int
    version: int
    clocks: list[Deadline]
    moves: list[OrderMove]


def _shown(request: ApiRequest, order_id: int) -> PickupOrder:
    found = queries.detail(request.actor, order_id, now=moment.now())
    row = found.row
    return PickupOrder(
        id=row.id,
        platform=row.platform,
        order_no=row.order_no,
        state=row.state,
        site_id=row.site_id,
        courier=row.courier,
        sender=Side.model_validate(found.sender, from_attributes=True),
        receiver=Side.model_validate(found.receiver, from_attributes=True),
        region=row.sender_region,
        placed_at=row.placed_at,
        slot_from=row.slot_from,
        slot_to=row.slot_to,
        due_at=row.due_at,
        late=row.late,
        waybill=row.waybill,
        last_reason=row.last_reason,
        wrong_claim=row.wrong_claim,
        transfers=row.transfers,
        version=row.version,
        clocks=[Deadline(key=one.key, clause=one.clause_ref, level=one.level, due_at=one.due_at) for one in found.clocks],
        moves=[OrderMove(what=one.what, at=one.at, by=one.actor_name) for one in found.moves],
    )


@router.get("/pickups/{int:order_id}", response=PickupOrder)
def read_pickup(request: ApiRequest, order_id: int) -> PickupOrder:
    """One order, both sides masked."""
    return _shown(request, order_id)


class Seen(Schema):
    """What the caller saw."""

    model_config = ConfigDict(extra="forbid")
    version: Version = None


class ToSite(Seen):
    """Which station."""

    site: Id
    note: str = Field("", max_length=200)


class ByCourier(Seen):
    """Who is to go."""

    courier: str = Field(min_length=1, max_length=20)


class WithReason(Seen):
    """Why: out_of_area, banned, unreachable, customer_cancelled, incomplete, price, other_carrier, rescheduled or duplicate."""

    reason: str = Field(min_length=1, max_length=20)
    note: str = Field("", max_length=200)


class WithWaybill(Seen):
    """What was collected. An empty waybill is refused with B09."""

    waybill: str = Field(max_length=60)
    weight: Annotated[Decimal, Field(ge=0, le=99_999, decimal_places=3)] | None = None
    courier: str = Field("", max_length=20)


@router.post("/pickups/{int:order_id}/assign", response=PickupOrder)
def assign_pickup(request: ApiRequest, order_id: int, body: ToSite) -> PickupOrder:
    """Give an order of the pool to a station."""
    actions.assign(actor=request.actor, order_id=order_id, site_id=body.site, now=moment.now(), expected_version=body.version)
    return _shown(request, order_id)


@router.post("/pickups/{int:order_id}/accept", response=PickupOrder)
def accept_pickup(request: ApiRequest, order_id: int, body: Seen) -> PickupOrder:
    """Accept it; the clock to collect begins."""
    actions.accept(actor=request.actor, order_id=order_id, now=moment.now(), expected_version=body.version)
    return _shown(request, order_id)


@router.post("/pickups/{int:order_id}/refuse", response=PickupOrder)
def refuse_pickup(request: ApiRequest, order_id: int, body: WithReason) -> PickupOrder:
    """Refuse it with a reason: back to the pool."""
    actions.refuse(
        actor=request.actor, order_id=order_id, reason=body.reason, note=body.note, now=moment.now(), expected_version=body.version
    )
    return _shown(request, order_id)


@router.post("/pickups/{int:order_id}/dispatch", response=PickupOrder)
def dispatch_pickup(request: ApiRequest, order_id: int, body: ByCourier) -> PickupOrder:
    """Send a courier."""
    actions.dispatch(actor=request.actor, order_id=order_id, courier=body.courier, now=moment.now(), expected_version=body.version)
    return _shown(request, order_id)


@router.post("/pickups/{int:order_id}/transfer", response=PickupOrder)
def transfer_pickup(request: ApiRequest, order_id: int, body: ToSite) -> PickupOrder:
    """Pass it on to another station."""
    actions.transfer(
        actor=request.actor, order_id=order_id, site_id=body.site, note=body.note, now=moment.now(), expected_version=body.version
    )
    return _shown(request, order_id)


@router.post("/pickups/{int:order_id}/collect", response=PickupOrder)
def collect_pickup(request: ApiRequest, order_id: int, body: WithWaybill) -> PickupOrder:
    """Write the waybill back; records the 收件 scan."""
    given = Collected(body.waybill, body.weight, body.courier)
    actions.collect(actor=request.actor, order_id=order_id, collected=given, now=moment.now(), expected_version=body.version)
    return _shown(request, order_id)


@router.post("/pickups/{int:order_id}/cancel", response=PickupOrder)
def cancel_pickup(request: ApiRequest, order_id: int, body: WithReason) -> PickupOrder:
    """Cancel it for the customer, before it is collected."""
    actions.cancel(
        actor=request.actor, order_id=order_id, reason=body.reason, note=body.note, now=moment.now(), expected_version=body.version
    )
    return _shown(request, order_id)


class EscalatedOrder(Schema):
    """The case of an order."""

    case_id: int
    fresh: bool


@router.post("/pickups/{int:order_id}/case", response=EscalatedOrder)
def escalate_pickup_to_case(request: ApiRequest, order_id: int) -> EscalatedOrder:
    """Open a case about it, or give the one it has."""
    done = escalate_pickup(actor=request.actor, order_id=order_id, now=moment.now())
    return EscalatedOrder(case_id=done.case_id, fresh=done.fresh)


class HolderRow(Schema):
    """What a courier of a site holds; an empty ``courier`` is what nobody was sent for yet."""

    site_id: int
    site: str
    courier: str
    name: str
    open: int
    late: int
    soon: int


@router.get("/pickups/holders", response=list[HolderRow])
def list_pickup_holders(request: ApiRequest) -> list[HolderRow]:
    """Who holds what right now."""
    return [HolderRow.model_validate(one, from_attributes=True) for one in queries.holders(request.actor, now=moment.now())]


class ScoresWanted(Schema):
    """Which days; the last thirty when none are named."""

    model_config = ConfigDict(extra="forbid")
    since: date | None = None
    until: date | None = None
    site: Id | None = None


class SiteScore(Schema):
    """A site's score card; rates are shares of 1."""

    site_id: int
    site: str
    orders: int
    accepted: int
    refused: int
    transferred: int
    collected: int
    late_accept: int
    late_collect: int
    accept_rate: float | None
    in_time_rate: float | None
    refuse_rate: float | None


@router.get("/pickups/scores", response=list[SiteScore])
def list_pickup_scores(request: ApiRequest, wanted: Query[ScoresWanted]) -> list[SiteScore]:
    """接单率, 取件及时率, 拒绝率 and overdue counts by site (O16)."""
    now = moment.now()
    until = wanted.until or now.date()
    found = queries.scores(request.actor, since=wanted.since or until - timedelta(days=29), until=until, now=now, site_id=wanted.site)
    names = people.sites_by_id()
    return [
        SiteScore(
            site_id=site_id,
            site=names[site_id].name,
            **{name: getattr(one, name) for name in SiteScore.model_fields if name not in ("site_id", "site")},
        )
        for site_id, one in found.items()
    ]
