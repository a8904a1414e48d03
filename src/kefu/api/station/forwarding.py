"""Out-of-area forwarding over the API: asked for, decided, handed on, signed, settled (OPS10). The list is `/lists/forwards`."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from ninja import Router
from pydantic import AwareDatetime, ConfigDict, Field

from kefu.api import moment
from kefu.api.conversations import RefusedRow
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id
from kefu.api.schema import Schema
from kefu.escalations.forwarding import escalate_forward
from kefu.station.forwarding import actions, queries
from kefu.station.forwarding.drafts import ForwardDraft
from kefu.station.forwarding.errors import REASONS

router = Router(tags=["station: forwarding (OPS10)"])
MOST_FORWARDS = 200
Version = Annotated[int | None, Field(ge=0, description="The version the caller saw; a request changed since then is refused as stale.")]
Yuan = Annotated[Decimal, Field(ge=0, le=9_999_999, decimal_places=2)]


class NewForward(Schema):
    """A request. ``way`` is site, outside or self; ``payer`` own, origin, sender or receiver; the fee is in yuan.

    ``reason``: out_of_area, address_changed, missent, site_closed, receiver_asked, other.
    """

    model_config = ConfigDict(extra="forbid")
    waybill: str = Field(min_length=1, max_length=60)
    reason: str = Field(min_length=1, max_length=20)
    way: str = Field(min_length=1, max_length=8)
    site: Id | None = None
    to_site: Id | None = None
    company: str = Field("", max_length=80)
    address: str = Field("", max_length=1000)
    note: str = Field("", max_length=1000)
    fee: Yuan = Decimal(0)
    payer: str = Field("own", max_length=10)
    sender_told: bool = False
    confirmed_at: AwareDatetime | None = None
    confirmed_by_way: str = Field("", max_length=10, description="call, message, chat or in_person")
    external_id: Annotated[str | None, Field(min_length=1, max_length=80)] = None


class NewForwards(Schema):
    """Requests to make at once."""

    model_config = ConfigDict(extra="forbid")
    forwards: list[NewForward] = Field(min_length=1, max_length=MOST_FORWARDS)


class ForwardsRequested(Schema):
    """Outcome: ids of new requests and of ones that were there already, by place in the batch from 0; rows not taken."""

    stored: dict[int, int]
    present: dict[int, int]
    refused: list[RefusedRow]


@router.post("/forwards", response=ForwardsRequested)
def request_forwards(request: ApiRequest, body: NewForwards) -> ForwardsRequested:
    """Ask to forward up to 200 parcels, each for itself; the same ``external_id`` at a site is the same request (OPS10, O7)."""
    drafts = [
        ForwardDraft(**one.model_dump(exclude={"site", "to_site"}), site_id=one.site, to_site_id=one.to_site) for one in body.forwards
    ]
    done = actions.request_many(actor=request.actor, drafts=drafts, now=moment.now())
    refused = [RefusedRow(place=place, code=code, message=str(REASONS[code])) for place, code in sorted(done.refused.items())]
    return ForwardsRequested(stored=dict(done.stored), present=dict(done.present), refused=refused)


class ForwardStep(Schema):
    """A step: done, current, todo, or off (it ended before)."""

    step: str
    mark: str
    by: str
    at: datetime | None


class ForwardShown(Schema):
    """A request; the address is masked. Amounts in yuan. ``wrong_claim``: the site's own area table speaks against it (``area``)."""

    id: int
    waybill: str
    new_waybill: str
    site_id: int
    to_site_id: int | None
    to: str
    reason: str
    reason_code: int
    way: str
    fee: Decimal
    payer: str
    sender_told: bool
    state: str
    late: bool
    due_at: datetime | None
    clause: str
    payer_clause: str
    wrong_claim: bool | None
    area: str
    liable_site: str
    confirmed_at: datetime | None
    confirmed_by_way: str
    requested_by: str
    requested_at: datetime
    decided_by: str
    decided_at: datetime | None
    decision: str
    forwarded_at: datetime | None
    signed_at: datetime | None
    settled_at: datetime | None
    settled_fee: Decimal | None
    settled_payer: str
    address: str
    note: str
    version: int
    steps: list[ForwardStep]


def _shown(request: ApiRequest, forward_id: int) -> ForwardShown:
    row = queries.get(request.actor, forward_id, now=moment.now())
    values = {name: getattr(row, name) for name in ForwardShown.model_fields if name != "steps"}
    return ForwardShown(**values, steps=[ForwardStep.model_validate(one) for one in queries.steps(row)])


@router.get("/forwards/{int:forward_id}", response=ForwardShown)
def read_forward(request: ApiRequest, forward_id: int) -> ForwardShown:
    """A request with its steps (OPS10)."""
    return _shown(request, forward_id)


class ForwardConfirmed(Schema):
    """When and how the receiver agreed: call, message, chat or in_person."""

    model_config = ConfigDict(extra="forbid")
    at: AwareDatetime
    way: str = Field(min_length=1, max_length=10)
    version: Version = None


@router.post("/forwards/{int:forward_id}/confirm", response=ForwardShown)
def confirm_forward(request: ApiRequest, forward_id: int, body: ForwardConfirmed) -> ForwardShown:
    """Note that the receiver agreed (O7)."""
    actions.confirm(actor=request.actor, forward_id=forward_id, at=body.at, way=body.way, expected_version=body.version, now=moment.now())
    return _shown(request, forward_id)


class ForwardSaid(Schema):
    """What is said to it; refusing and withdrawing want a reason."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field("", max_length=500)
    version: Version = None


@router.post("/forwards/{int:forward_id}/approve", response=ForwardShown)
def approve_forward(request: ApiRequest, forward_id: int, body: ForwardSaid) -> ForwardShown:
    """Agree to a request of somebody else, once the receiver has agreed (OPS10)."""
    actions.approve(actor=request.actor, forward_id=forward_id, text=body.text, expected_version=body.version, now=moment.now())
    return _shown(request, forward_id)


@router.post("/forwards/{int:forward_id}/refuse", response=ForwardShown)
def refuse_forward(request: ApiRequest, forward_id: int, body: ForwardSaid) -> ForwardShown:
    """Refuse a request of somebody else, with a reason (OPS10)."""
    actions.refuse(actor=request.actor, forward_id=forward_id, text=body.text, expected_version=body.version, now=moment.now())
    return _shown(request, forward_id)


@router.post("/forwards/{int:forward_id}/withdraw", response=ForwardShown)
def withdraw_forward(request: ApiRequest, forward_id: int, body: ForwardSaid) -> ForwardShown:
    """Take a request back before the parcel is handed on, with a reason (OPS10)."""
    actions.withdraw(actor=request.actor, forward_id=forward_id, text=body.text, expected_version=body.version, now=moment.now())
    return _shown(request, forward_id)


class ForwardHandedOn(Schema):
    """The number the parcel goes on under; empty when it keeps its own, or is collected."""

    model_config = ConfigDict(extra="forbid")
    new_waybill: str = Field("", max_length=60)
    version: Version = None


@router.post("/forwards/{int:forward_id}/hand-on", response=ForwardShown)
def hand_on_forward(request: ApiRequest, forward_id: int, body: ForwardHandedOn) -> ForwardShown:
    """Hand the parcel on: the 转件 scan, and the link that keeps the old number tracking (OPS10, O7)."""
    actions.hand_on(
        actor=request.actor, forward_id=forward_id, new_waybill=body.new_waybill, expected_version=body.version, now=moment.now()
    )
    return _shown(request, forward_id)


class ForwardSigned(Schema):
    """When it was signed for."""

    model_config = ConfigDict(extra="forbid")
    at: AwareDatetime
    version: Version = None


@router.post("/forwards/{int:forward_id}/sign", response=ForwardShown)
def sign_forward(request: ApiRequest, forward_id: int, body: ForwardSigned) -> ForwardShown:
    """Note a signature that no scan told of; the old number reaches 签收 through the link (OPS10)."""
    actions.mark_signed(actor=request.actor, forward_id=forward_id, at=body.at, expected_version=body.version, now=moment.now())
    return _shown(request, forward_id)


class ForwardSettled(Schema):
    """What was paid, in yuan, and by whom."""

    model_config = ConfigDict(extra="forbid")
    fee: Yuan
    payer: str = Field(min_length=1, max_length=10)
    version: Version = None


@router.post("/forwards/{int:forward_id}/settle", response=ForwardShown)
def settle_forward(request: ApiRequest, forward_id: int, body: ForwardSettled) -> ForwardShown:
    """Settle a signed one; who may pay is as R19 and R19a say (OPS10)."""
    actions.settle(
        actor=request.actor, forward_id=forward_id, fee=body.fee, payer=body.payer, expected_version=body.version, now=moment.now()
    )
    return _shown(request, forward_id)


class ForwardCase(Schema):
    """The case a request became; ``fresh`` when it was opened just now."""

    case_id: int
    fresh: bool


@router.post("/forwards/{int:forward_id}/case", response=ForwardCase)
def escalate_forward_to_case(request: ApiRequest, forward_id: int) -> ForwardCase:
    """Open a case with its clocks for the request, or give the one it has (OPS10)."""
    done = escalate_forward(actor=request.actor, forward_id=forward_id, now=moment.now())
    return ForwardCase(case_id=done.case_id, fresh=done.fresh)
