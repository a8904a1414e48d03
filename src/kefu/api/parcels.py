"""Parcels over the API: tracking, registering, scanning."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from ninja import Query, Router
from pydantic import AwareDatetime, ConfigDict, Field

from kefu.api import moment
from kefu.api.conversations import RefusedRow
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id, Paged, PageOf, shown
from kefu.api.schema import Schema
from kefu.handbook import queries as handbooks
from kefu.handbook.schema import Handbook
from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.parcels import access, actions, queries
from kefu.parcels.checks import REASONS
from kefu.parcels.drafts import Counts, ParcelDraft, Party, ScanDraft
from kefu.parcels.waybills import clean_waybill

router = Router(tags=["parcels"])
MOST_NUMBERS = 50
MOST_PARCELS = 200
MOST_SCANS = 1000


class ParcelRow(Schema):
    """A parcel in a list, receiver masked."""

    id: int
    waybill: str
    carrier: str
    site_id: int
    state: str
    receiver_name: str
    receiver_phone: str
    last_scan_at: datetime | None
    last_scan_code: str
    created_at: datetime


class MaskedParty(Schema):
    """Sender or receiver, masked."""

    name: str
    phone: str
    address: str
    company: str


class ParcelHeader(Schema):
    """A registered waybill. Weight in kilograms, amounts in yuan."""

    id: int
    waybill: str
    carrier: str
    site_id: int
    origin_site_id: int | None
    scope: str
    sender: MaskedParty
    receiver: MaskedParty
    pieces: int
    weight: Decimal | None
    cod_amount: Decimal
    freight_amount: Decimal
    insured_amount: Decimal
    product: str
    promised_at: datetime | None
    postal: bool
    goods: str
    packaging: str
    payment: str
    volume_weight: Decimal | None
    billing_weight: Decimal | None
    hub_weight: Decimal | None
    fee_amount: Decimal
    insurance_fee: Decimal
    receipt_kind: str
    collected_by: str
    entered_by: str
    id_verified: bool
    destination: str
    remark: str
    cancelled_at: datetime | None
    sub_waybills: list[str]


class TraceLine(Schema):
    """A scan with the names of its sites; ``waybill`` differs from the one asked for where that goes on under another number."""

    id: int
    waybill: str
    code: str
    at: datetime
    site_id: int
    site: str
    previous_site: str
    next_site: str
    operator: str
    courier: str
    reason: str
    note: str
    source: str
    piece: str
    bag: str
    truck: str


class TraceLink(Schema):
    """A number the waybill goes on under (``onward``), or comes from."""

    kind: str
    waybill: str
    onward: bool


class Judgement(Schema):
    """Whether the parcel is late or counts as lost, the deadline, and the clauses that say so (R1–R8)."""

    verdict: str
    due_at: datetime | None
    lost_at: datetime | None
    late: bool
    late_seconds: int
    basis: str
    clauses: list[str]


class CarrierGuess(Schema):
    """A carrier whose numbers look like this, with a weight of 0 to 1."""

    carrier: str
    weight: float


class Trace(Schema):
    """What is known of a waybill; ``parcel`` is ``null`` for a number that was scanned but never registered."""

    waybill: str
    parcel: ParcelHeader | None
    state: str
    signed_at: datetime | None
    lines: list[TraceLine]
    judgement: Judgement | None
    guesses: list[CarrierGuess]
    links: list[TraceLink]


class Traces(Schema):
    """Answers for many numbers; ``unknown`` are those not found in reach."""

    found: list[Trace]
    unknown: list[str]


class ParcelsWanted(Paged):
    """What a list of parcels shows. Names that are not here are refused."""

    site: Id | None = None
    sent: bool = Field(False, description="Parcels sent from the sites in reach instead of delivered by them.")
    state: str = Field("", max_length=20)
    waybill: str = Field("", max_length=60)
    day_from: date | None = None


def _book(actor: Actor, number: str, now: datetime) -> Handbook | None:
    """The handbook in force where the parcel is delivered."""
    try:
        site = access.get_for(actor, number).site
    except NotFound:
        return None
    return handbooks.book_at(site.handbook, now)


def _trace(actor: Actor, waybill: str) -> Trace:
    now = moment.now()
    number = clean_waybill(waybill)
    found = queries.trace(actor, number, now=now, book=_book(actor, number, now))
    judged = found.judgement
    return Trace(
        waybill=found.waybill,
        parcel=ParcelHeader.model_validate(found.header, from_attributes=True) if found.header else None,
        state=found.state.state,
        signed_at=found.state.signed_at,
        lines=[TraceLine.model_validate(line, from_attributes=True) for line in found.lines],
        judgement=Judgement(
            verdict=judged.verdict.value,
            due_at=judged.due_at,
            lost_at=judged.lost_at,
            late=judged.late,
            late_seconds=int(judged.late_by.total_seconds()),
            basis=judged.basis,
            clauses=list(judged.clauses),
        )
        if judged
        else None,
        guesses=[CarrierGuess(carrier=guess.carrier, weight=guess.weight) for guess in found.guesses],
        links=[TraceLink(kind=link.kind, waybill=link.waybill, onward=link.onward) for link in found.links],
    )


@router.get("/parcels", response=PageOf[ParcelRow])
def list_parcels(request: ApiRequest, wanted: Query[ParcelsWanted]) -> PageOf[ParcelRow]:
    """Parcels the sites in reach deliver (or sent), newest first (OPS7, SEC2)."""
    page = queries.page(
        request.actor,
        site_id=wanted.site,
        sent=wanted.sent,
        state=wanted.state,
        waybill=wanted.waybill,
        day_from=wanted.day_from,
        cursor=wanted.cursor,
        size=wanted.size,
    )
    return shown(page, lambda row: ParcelRow.model_validate(row, from_attributes=True))


class NumbersWanted(Schema):
    """Waybill numbers, each a parameter ``number``."""

    number: list[Annotated[str, Field(max_length=60)]] = Field(min_length=1, max_length=MOST_NUMBERS)


@router.get("/parcels/traces", response=Traces)
def trace_parcels(request: ApiRequest, wanted: Query[NumbersWanted]) -> Traces:
    """Track up to 50 numbers at once: `?number=…&number=…` (OPS7). Who asked is logged, also for those not found."""
    found, unknown = [], []
    for number in dict.fromkeys(wanted.number):
        try:
            found.append(_trace(request.actor, number))
        except NotFound:
            unknown.append(number)
    return Traces(found=found, unknown=unknown)


@router.get("/parcels/{str:waybill}", response=Trace)
def trace_parcel(request: ApiRequest, waybill: str) -> Trace:
    """Everything about one waybill, scans in order, whether it is late and by which clause (OPS7, R1–R8). Who asked is logged."""
    return _trace(request.actor, waybill)


class Asked(Schema):
    """Somebody tracked the waybill."""

    at: datetime
    actor_name: str
    actor_kind: str


@router.get("/parcels/{str:waybill}/queries", response=list[Asked])
def list_parcel_queries(request: ApiRequest, waybill: str) -> list[Asked]:
    """Who tracked a waybill, newest first (OPS7: query log; R21)."""
    return [Asked(at=one.at, actor_name=one.actor_name, actor_kind=one.actor_kind) for one in queries.query_log(request.actor, waybill)]


class NewParty(Schema):
    """Sender or receiver."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field("", max_length=60)
    phone: str = Field("", max_length=40)
    address: str = Field("", max_length=300)
    company: str = Field("", max_length=120)


_Amount = Annotated[Decimal, Field(ge=0, le=9_999_999, decimal_places=2)]


_Weight = Annotated[Decimal, Field(ge=0, le=99_999, decimal_places=3)] | None
_Side = Annotated[Decimal, Field(ge=0, le=99_999, decimal_places=1)] | None


class NewParcel(Schema):
    """A waybill to register. Weights in kilograms, sides in centimetres, amounts in yuan; ``sub_waybills`` as many as pieces, or none."""

    model_config = ConfigDict(extra="forbid")
    waybill: str = Field(min_length=1, max_length=60)
    site: Id
    origin_site: Id | None = None
    carrier: str = Field("", max_length=20)
    scope: str = Field("domestic", max_length=20)
    sender: NewParty | None = None
    receiver: NewParty | None = None
    pieces: int = Field(1, ge=1, le=100_000)
    weight: _Weight = None
    volume_weight: _Weight = None
    billing_weight: _Weight = None
    hub_weight: _Weight = None
    length: _Side = None
    width: _Side = None
    height: _Side = None
    goods: str = Field("", max_length=60)
    packaging: str = Field("", max_length=20)
    payment: str = Field("", max_length=10, description="sender, receiver or monthly.")
    fee_amount: _Amount = Decimal(0)
    insurance_fee: _Amount = Decimal(0)
    receipt_kind: str = Field("", max_length=10, description="original, copy or electronic; empty for none.")
    collected_by: str = Field("", max_length=20)
    entered_by: str = Field("", max_length=20)
    id_verified: bool = False
    destination: str = Field("", max_length=120, description="Region path: 浙江省/杭州市/西湖区/文新街道.")
    remark: str = Field("", max_length=200)
    sub_waybills: tuple[Annotated[str, Field(min_length=1, max_length=60)], ...] = Field((), max_length=1000)
    cod_amount: _Amount = Decimal(0)
    freight_amount: _Amount = Decimal(0)
    insured_amount: _Amount = Decimal(0)
    product: str = Field("", max_length=40)
    promised_at: AwareDatetime | None = None
    postal: bool = False
    in_area: bool | None = None


class NewParcels(Schema):
    """Waybills to register at once."""

    model_config = ConfigDict(extra="forbid")
    parcels: list[NewParcel] = Field(min_length=1, max_length=MOST_PARCELS)


class BulkDone(Schema):
    """Outcome of a bulk write: new rows, rows that were there already, rows not taken."""

    read: int
    stored: int
    present: int
    refused: list[RefusedRow]


def _done(read: int, counts: Counts) -> BulkDone:
    refused = [RefusedRow(place=one.place, code=one.reason, message=str(REASONS.get(one.reason, one.reason))) for one in counts.refused]
    return BulkDone(read=read, stored=counts.stored, present=counts.present, refused=refused)


def _party(given: NewParty | None) -> Party:
    return Party(name=given.name, phone=given.phone, address=given.address) if given else Party()


@router.post("/parcels", response=BulkDone)
def register_parcels(request: ApiRequest, body: NewParcels) -> BulkDone:
    """Register up to 200 waybills; those already there are left as they are (OPS2, OPS7)."""
    drafts = [
        ParcelDraft(
            **one.model_dump(exclude={"site", "origin_site", "sender", "receiver"}),
            site_id=one.site,
            origin_site_id=one.origin_site,
            sender=_party(one.sender),
            receiver=_party(one.receiver),
        )
        for one in body.parcels
    ]
    return _done(len(drafts), actions.register_parcels(actor=request.actor, drafts=drafts, now=moment.now()))


class NewScan(Schema):
    """A scan to record; ``operator`` and ``courier`` are 工号. A scan is the same by waybill, code, site, time and operator.

    ``waybill`` may be the number of a piece, or of a bag for everything in it; a ``bag`` scan with ``bag`` puts the waybill into it.
    """

    model_config = ConfigDict(extra="forbid")
    waybill: str = Field(min_length=1, max_length=60)
    code: str = Field(min_length=1, max_length=12)
    site: Id
    scanned_at: AwareDatetime
    operator: str = Field("", max_length=20)
    courier: str = Field("", max_length=20)
    previous_site: Id | None = None
    next_site: Id | None = None
    device: str = Field("", max_length=40)
    reason: str = Field("", max_length=20)
    note: str = Field("", max_length=200)
    external_id: str = Field("", max_length=80)
    bag: str = Field("", max_length=60)
    truck: str = Field("", max_length=40)


class NewScans(Schema):
    """Scans to record at once, as a gun or a sorting line hands them in."""

    model_config = ConfigDict(extra="forbid")
    scans: list[NewScan] = Field(min_length=1, max_length=MOST_SCANS)


@router.post("/scans", response=BulkDone)
def record_scans(request: ApiRequest, body: NewScans) -> BulkDone:
    """Record up to 1000 scans; the same scan again counts as present, bad ones are refused with a reason (OPS1, OPS7)."""
    drafts = [_scan(one) for one in body.scans]
    return _done(len(drafts), actions.record_scans(actor=request.actor, batch=drafts, now=moment.now()))


def _scan(one: NewScan) -> ScanDraft:
    values: dict[str, Any] = one.model_dump(exclude={"site", "previous_site", "next_site"})
    return ScanDraft(**values, site_id=one.site, previous_site_id=one.previous_site, next_site_id=one.next_site)
