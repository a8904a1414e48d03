"""Waybill entry over the API: checking, entering, changing, void numbers, collection, the rate (OPS2, O9). Lists: `/lists/entries`."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from ninja import Query, Router
from pydantic import AwareDatetime, ConfigDict, Field

from kefu.api import moment
from kefu.api.conversations import RefusedRow
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id
from kefu.api.schema import Schema
from kefu.api.station.areas import AreaAnswer, shown_answer
from kefu.parcels.drafts import Party
from kefu.station.entry import actions, queries
from kefu.station.entry.collecting import REASONS as COLLECT_REASONS
from kefu.station.entry.drafts import Collected, EntryDraft
from kefu.station.entry.findings import Finding
from kefu.station.entry.imports import REASONS
from kefu.station.entry.vocabulary import Source

router = Router(tags=["station: entry (OPS2)"])
MOST_ENTRIES = 200
Number = Annotated[str, Field(min_length=1, max_length=60)]
Amount = Annotated[Decimal, Field(ge=0, le=9_999_999, decimal_places=2)]
Weight = Annotated[Decimal, Field(ge=0, le=9_999_999, decimal_places=3)]
Side = Annotated[Decimal, Field(ge=0, le=99_999, decimal_places=1)]


class PartyIn(Schema):
    """Sender or receiver."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field("", max_length=60)
    phone: str = Field("", max_length=40)
    address: str = Field("", max_length=300)
    company: str = Field("", max_length=80)


class EntryIn(Schema):
    """A waybill to enter. Weights in kilograms, lengths in centimetres, amounts in yuan."""

    model_config = ConfigDict(extra="forbid")
    waybill: Number
    site: Id
    sent_on: date
    collector: str = Field("", max_length=20)
    sender: PartyIn = Field(default_factory=PartyIn)
    receiver: PartyIn = Field(default_factory=PartyIn)
    deliver_site: Id | None = Field(None, description="Found from the served areas when not named.")
    carrier: str = Field("", max_length=20)
    scope: str = Field("domestic", max_length=12)
    goods: str = Field("", max_length=60)
    pieces: int = Field(1, ge=1, le=100_000)
    weight: Weight | None = None
    length: Side | None = None
    width: Side | None = None
    height: Side | None = None
    packaging: str = Field("", max_length=20)
    payment: str = Field("sender", max_length=10)
    fee_amount: Amount = Decimal(0)
    freight_amount: Amount = Decimal(0)
    cod_amount: Amount = Decimal(0)
    insured_amount: Amount = Decimal(0)
    insurance_fee: Amount | None = Field(None, description="Worked out from the insured amount when not given.")
    receipt_kind: str = Field("", max_length=10)
    receipt_no: str = Field("", max_length=40)
    sub_waybills: list[Number] = Field(default_factory=list, max_length=999)
    product: str = Field("", max_length=40)
    promised_at: AwareDatetime | None = None
    postal: bool = False
    id_verified: bool = False
    told: bool = Field(False, description="The sender was told that the place is not served, is served to a station only, or costs extra.")
    remark: str = Field("", max_length=200)


def draft_of(given: EntryIn) -> EntryDraft:
    """The draft a body speaks of."""
    plain = given.model_dump(exclude={"site", "deliver_site", "sender", "receiver", "sub_waybills"})
    return EntryDraft(
        **plain,
        site_id=given.site,
        deliver_site_id=given.deliver_site,
        sender=Party(**given.sender.model_dump()),
        receiver=Party(**given.receiver.model_dump()),
        sub_waybills=tuple(given.sub_waybills),
    )


class FindingOut(Schema):
    """Something a check found; `refuses`: it cannot be saved so."""

    code: str
    field: str
    refuses: bool
    message: str
    clause: str


def _finding(one: Finding) -> FindingOut:
    return FindingOut(code=one.code, field=one.field, refuses=one.refuses, message=str(one), clause=one.clause)


class EntryChecked(Schema):
    """What saving would say, and what would be worked out."""

    findings: list[FindingOut]
    deliver_site: int | None
    volume_weight: Decimal | None
    billing_weight: Decimal | None
    insurance_fee: Decimal | None
    area: AreaAnswer | None


@router.post("/entries/check", response=EntryChecked)
def check_entry(request: ApiRequest, body: EntryIn) -> EntryChecked:
    """Check a waybill without saving it: every refusal and warning, the delivering site, the weights (O9)."""
    found = actions.check(actor=request.actor, draft=draft_of(body), now=moment.now())
    worked = actions.worked_out(found.draft, now=moment.now())
    answer = found.placed.standing.answer
    return EntryChecked(
        findings=[_finding(one) for one in found.findings],
        deliver_site=found.draft.deliver_site_id,
        volume_weight=worked.volume,
        billing_weight=worked.billed,
        insurance_fee=worked.insurance_fee,
        area=shown_answer(answer) if answer else None,
    )


class EntriesIn(Schema):
    """Waybills to enter at once."""

    model_config = ConfigDict(extra="forbid")
    entries: list[EntryIn] = Field(min_length=1, max_length=MOST_ENTRIES)


class EntriesOut(Schema):
    """Outcome: new entries, how many of them have warnings, ones entered before, rows not taken."""

    stored: int
    present: int
    doubtful: int
    refused: list[RefusedRow]


@router.post("/entries", response=EntriesOut)
def enter_waybills(request: ApiRequest, body: EntriesIn) -> EntriesOut:
    """Enter up to 200 waybills, each by itself (O9). Warnings do not hold them up; they are kept with the entry."""
    drafts = [draft_of(one) for one in body.entries]
    done = actions.enter_many(actor=request.actor, drafts=drafts, now=moment.now(), source=Source.API)
    refused = [RefusedRow(place=place, code=code, message=str(REASONS.get(code, code))) for place, code in done.refused]
    return EntriesOut(stored=done.stored, present=done.present, doubtful=done.doubtful, refused=refused)


class EntryOut(Schema):
    """An entry, parties masked."""

    waybill: str
    site_id: int
    deliver_site_id: int
    sent_on: date
    state: str
    receiver_name: str
    receiver_phone: str
    destination: str
    goods: str
    pieces: int
    weight: Decimal | None
    billing_weight: Decimal | None
    hub_weight: Decimal | None
    warnings: list[str]
    area_verdict: str
    told: bool
    entered_by: str
    entered_at: datetime
    changed_by: str
    changed_at: datetime | None
    version: int


@router.get("/entries/{waybill}", response=EntryOut)
def read_entry(request: ApiRequest, waybill: str) -> EntryOut:
    """One entry in reach."""
    card = queries.get(request.actor, waybill)
    row = {name: getattr(card.row, name) for name in EntryOut.model_fields if hasattr(card.row, name)}
    return EntryOut(**(row | {"warnings": list(card.row.warnings), "told": card.told, "version": card.version}))


class EntryChangeIn(EntryIn):
    """The whole waybill as it is to be; `accepted` are the codes of warnings to let stand."""

    version: int = Field(ge=0)
    reason: str = Field("", max_length=200, description="Wanted once the parcel was sent.")
    accepted: list[Annotated[str, Field(max_length=30)]] = Field(default_factory=list, max_length=20)


class ChangeOut(Schema):
    """A field that changed, personal values masked."""

    field: str
    old: str
    new: str


@router.put("/entries/{waybill}", response=list[ChangeOut])
def change_entry(request: ApiRequest, waybill: str, body: EntryChangeIn) -> list[ChangeOut]:
    """Change an entered waybill; after it was sent a reason is wanted (O9). 409 `entry_doubtful` names warnings to accept."""
    given = EntryIn(**body.model_dump(exclude={"version", "reason", "accepted"}) | {"waybill": waybill})
    told = actions.amend(
        actor=request.actor, draft=draft_of(given), version=body.version, reason=body.reason, accepted=body.accepted, now=moment.now()
    )
    return [ChangeOut(field=one.field, old=one.old, new=one.new) for one in told]


class ChangeLine(ChangeOut):
    """A change with who made it, when, why."""

    at: datetime
    by: str
    reason: str


@router.get("/entries/{waybill}/changes", response=list[ChangeLine])
def list_entry_changes(request: ApiRequest, waybill: str) -> list[ChangeLine]:
    """The history of an entry, newest first."""
    return [ChangeLine.model_validate(one, from_attributes=True) for one in queries.history(request.actor, waybill)]


class VoidIn(Schema):
    """Numbers to declare void, with the reason."""

    model_config = ConfigDict(extra="forbid")
    site: Id
    waybills: list[Number] = Field(min_length=1, max_length=actions.MOST_VOID)
    reason: str = Field(max_length=200)


class Voided(Schema):
    """How many were not void before."""

    stored: int


@router.post("/void-numbers", response=Voided)
def void_waybills(request: ApiRequest, body: VoidIn) -> Voided:
    """Declare numbers void (作废单): they cannot be entered or collected any more. One that was scanned is refused, and then none is."""
    done = actions.void_numbers(actor=request.actor, site_id=body.site, waybills=body.waybills, reason=body.reason, now=moment.now())
    return Voided(stored=done)


class CollectedIn(Schema):
    """A parcel taken over."""

    model_config = ConfigDict(extra="forbid")
    waybill: Number
    weight: Weight | None = None


class CollectionIn(Schema):
    """Parcels a courier took over at a moment."""

    model_config = ConfigDict(extra="forbid")
    site: Id
    collector: str = Field(max_length=20)
    collected_at: AwareDatetime
    parcels: list[CollectedIn] = Field(min_length=1, max_length=500)


class CollectionOut(Schema):
    """Outcome of a collection."""

    stored: int
    present: int
    refused: list[RefusedRow]


@router.post("/collections", response=CollectionOut)
def collect_parcels(request: ApiRequest, body: CollectionIn) -> CollectionOut:
    """Record that up to 500 parcels were collected: a collect scan and the weight of each (收件录入)."""
    lines = [Collected(one.waybill, one.weight) for one in body.parcels]
    done = actions.collect(
        actor=request.actor, site_id=body.site, collector=body.collector, lines=lines, collected_at=body.collected_at, now=moment.now()
    )
    refused = [RefusedRow(place=place, code=code, message=str(COLLECT_REASONS.get(code, code))) for place, code in done.refused]
    return CollectionOut(stored=done.stored, present=done.present, refused=refused)


class RateWanted(Schema):
    """Days, both included, and a site (all in reach if none)."""

    model_config = ConfigDict(extra="forbid")
    day_from: date
    day_to: date
    site: Id | None = None


class RateOut(Schema):
    """录单率: entered ÷ collected."""

    collected: int
    entered: int
    share: float | None


@router.get("/entries/figures/rate", response=RateOut)
def read_entry_rate(request: ApiRequest, wanted: Query[RateWanted]) -> RateOut:
    """Of the parcels collected in these days, how many are entered."""
    found = queries.rate(request.actor, day_from=wanted.day_from, day_to=wanted.day_to, site_id=wanted.site)
    return RateOut(collected=found.collected, entered=found.entered, share=found.share)
