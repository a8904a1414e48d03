"""Delivery fees over the API: one fee with its sum written out, disputes, rate cards, statements (OPS4, O11).

The lists are `/lists/station-fees`, `/lists/station-fees-network` and `/lists/station-fee-statements`; the network's statement comes in
as a file of kind `network_fees`.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from django.utils import timezone
from ninja import Query, Router
from ninja.responses import Status
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id
from kefu.api.schema import Schema
from kefu.escalations.fees import NewDispute, dispute_fee
from kefu.station.fees import actions, cards, cards_queries, disputes, queries, statements
from kefu.station.fees.cards import NewCard
from kefu.station.fees.cards_queries import CardRow
from kefu.station.fees.choosing import Card
from kefu.station.fees.queries import FeeDetail
from kefu.station.fees.reckoning import Facts, spelled

router = Router(tags=["station: fees (OPS4)"])
Version = Annotated[int, Field(ge=0, description="The version the caller saw; a row changed since then is refused as stale.")]
Kilograms = Annotated[Decimal, Field(ge=0, le=99_999, decimal_places=3)]
Yuan = Annotated[Decimal, Field(ge=0, le=100_000, decimal_places=2)]


class FeeLine(Schema):
    """An amount of a fee in yuan, below zero for a deduction, with the numbers and the sum it came from."""

    charge: str
    rule: str
    amount: Decimal
    numbers: dict[str, str]
    reckoning: str


class FeeRevision(Schema):
    """A reckoning that changed the amount."""

    at: datetime
    by: str
    why: str
    before: Decimal | None
    after: Decimal


class FeeDispute(Schema):
    """A dispute; `verdict` is empty while it is open."""

    id: int
    reason: str
    note: str
    wanted: Decimal | None
    opened_at: datetime
    opened_by: str
    verdict: str
    answer: str
    ended_at: datetime | None


class Fee(Schema):
    """What one delivery earns. `state`: open, counted, settled, paid, disputed, void; `trouble` says why there is no amount."""

    id: int
    waybill: str
    sequence: int
    site_id: int
    site: str
    origin: str
    signed_at: datetime
    own_weight: Decimal | None
    hub_weight: Decimal | None
    billed_weight: Decimal | None
    weight_differs: bool
    base: Decimal
    heavy: Decimal
    total: Decimal
    state: str
    trouble: str
    network_total: Decimal | None
    compared: str
    version: int
    floors: int
    round_trip: bool
    card: int | None
    statement: int | None
    lines: list[FeeLine]
    revisions: list[FeeRevision]
    disputes: list[FeeDispute]


def _line(line: Any) -> FeeLine:
    return FeeLine(**{name: line[name] for name in ("charge", "rule", "amount", "numbers")}, reckoning=spelled(line))


def _fee(detail: FeeDetail) -> Fee:
    kept = {name: getattr(detail.row, name) for name in Fee.model_fields if hasattr(detail.row, name)}
    return Fee(
        **kept,
        floors=detail.floors,
        round_trip=detail.round_trip,
        card=detail.card_id,
        statement=detail.statement_id,
        lines=[_line(line) for line in detail.lines],
        revisions=[FeeRevision.model_validate(one) for one in detail.revisions],
        disputes=[FeeDispute.model_validate(one) for one in detail.disputes],
    )


@router.get("/fees/{int:fee_id}", response=Fee)
def read_fee(request: ApiRequest, fee_id: int) -> Fee:
    """One fee with every line's sum written out, its revisions and disputes (O11)."""
    return _fee(queries.detail(request.actor, fee_id))


class DisputeAsked(Schema):
    """What is said against a fee. `reason`: weight, rate, missing, item, site, other."""

    model_config = ConfigDict(extra="forbid")
    version: Version
    reason: str = Field(max_length=20)
    note: str = Field("", max_length=500)
    wanted: Yuan | None = None


class Disputed(Schema):
    """The fee and the case of its dispute."""

    fee: Fee
    case: int
    fresh: bool


@router.post("/fees/{int:fee_id}/disputes", response={201: Disputed})
def dispute_delivery_fee(request: ApiRequest, fee_id: int, body: DisputeAsked) -> Status[Disputed]:
    """Dispute a fee: it is held out of every statement, and a case is opened (O11)."""
    new = NewDispute(body.reason, body.note, body.wanted)
    done = dispute_fee(actor=request.actor, fee_id=fee_id, new=new, expected_version=body.version, now=moment.now())
    return Status(201, Disputed(fee=_fee(queries.detail(request.actor, fee_id)), case=done.case_id, fresh=done.fresh))


class Decision(Schema):
    """How a dispute ends. `verdict`: upheld, changed (with `amount`), waived."""

    model_config = ConfigDict(extra="forbid")
    version: Version
    verdict: str = Field(max_length=20)
    amount: Yuan | None = None
    answer: str = Field("", max_length=500)


@router.post("/fees/{int:fee_id}/decision", response=Fee)
def decide_fee(request: ApiRequest, fee_id: int, body: Decision) -> Fee:
    """End the dispute of a fee; it may be counted again (O11)."""
    given = {"verdict": body.verdict, "amount": body.amount, "answer": body.answer, "expected_version": body.version}
    disputes.decide(actor=request.actor, fee_id=fee_id, now=moment.now(), **given)  # type: ignore[arg-type]
    return _fee(queries.detail(request.actor, fee_id))


class Extras(Schema):
    """What no scan tells: floors carried up, a second way."""

    model_config = ConfigDict(extra="forbid")
    version: Version
    floors: int = Field(0, ge=0, le=99)
    round_trip: bool = False


@router.post("/fees/{int:fee_id}/extras", response=Fee)
def note_fee_extras(request: ApiRequest, fee_id: int, body: Extras) -> Fee:
    """Note floors and a second way, and work the fee out anew (O11)."""
    disputes.note_extras(
        actor=request.actor,
        fee_id=fee_id,
        floors=body.floors,
        round_trip=body.round_trip,
        expected_version=body.version,
        now=moment.now(),
    )
    return _fee(queries.detail(request.actor, fee_id))


class Span(Schema):
    """A site and days of signature, both included."""

    model_config = ConfigDict(extra="forbid")
    site: Id
    first: date
    last: date


class Reckoned(Schema):
    """What was done; with `more`, call again for the rest."""

    made: int
    changed: int
    void: int
    more: bool


@router.post("/fees/reckon", response=Reckoned)
def reckon_fees(request: ApiRequest, body: Span) -> Reckoned:
    """Make missing fees and bring unsettled ones up to date; settled ones stay (O11)."""
    done = actions.reckon(actor=request.actor, site_id=body.site, first=body.first, last=body.last, now=moment.now())
    return Reckoned.model_validate(done)


# --- rate cards -----------------------------------------------------------------------------------------------------------------------


class Band(Schema):
    """From `from_kg` on: `base` yuan, `per_kg` for each kilogram over `over_kg`, rounded up to `step` (0.1, 0.5 or 1), at most `cap`."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)
    from_kg: Decimal
    base: Decimal
    over_kg: Decimal = Decimal(0)
    per_kg: Decimal = Decimal(0)
    step: Decimal = Decimal("0.5")
    cap: Decimal | None = None


class Item(Schema):
    """A charge item with its rule (each, piece, weight, difference, floor, percent) and when it falls (always, receipt, round_trip,
    heavier)."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)
    charge: str = Field(max_length=20)
    rule: str = Field(max_length=20)
    amount: Decimal
    when: str = Field("always", max_length=20)
    over_kg: Decimal = Decimal(0)
    step: Decimal = Decimal("0.5")
    cap: Decimal | None = None


class RateCard(Schema):
    """Rates in force from a day to a day, both included. `state`: coming, in_force, ended, withdrawn."""

    id: int
    title: str
    site: int
    area: str
    product: str
    valid_from: date
    valid_until: date | None
    source: str
    state: str
    version: int
    bands: list[Band]
    items: list[Item]


def _rate_card(row: CardRow) -> RateCard:
    card: Card = row.card
    return RateCard(
        id=card.id,
        title=card.title,
        site=card.site_id,
        area=card.area,
        product=card.product,
        valid_from=card.first,
        valid_until=card.last,
        source=card.source,
        state=row.state,
        version=row.version,
        bands=[Band.model_validate(one) for one in card.rates.bands],
        items=[Item.model_validate(one) for one in card.rates.items],
    )


def _today() -> date:
    return timezone.localdate(moment.now())


@router.get("/fees/rates", response=list[RateCard])
def list_rate_cards(request: ApiRequest) -> list[RateCard]:
    """Rate cards that apply at the sites in reach, the newest of each kind first (O11)."""
    return [_rate_card(row) for row in cards_queries.card_rows(request.actor, today=_today())]


class NewRateCard(Schema):
    """A card to add. With `follow` the card before ends the day before this one begins."""

    model_config = ConfigDict(extra="forbid")
    site: Id
    title: str = Field(max_length=60)
    valid_from: date
    valid_until: date | None = None
    source: str = Field(max_length=200)
    area: str = Field("", max_length=60)
    product: str = Field("", max_length=40)
    follow: bool = False
    bands: list[Band] = Field(min_length=1, max_length=20)
    items: list[Item] = Field(default_factory=list, max_length=20)


@router.post("/fees/rates", response={201: RateCard})
def add_rate_card(request: ApiRequest, body: NewRateCard) -> Status[RateCard]:
    """Add a rate card; unsettled fees of its days are worked out anew. Cards of one key may not overlap (O11)."""
    values = body.model_dump(exclude={"site"})
    row = cards.add_card(actor=request.actor, new=NewCard(site_id=body.site, **values), now=moment.now())
    return Status(201, _rate_card(cards_queries.card_row(request.actor, row.pk, today=_today())))


class CardEnd(Schema):
    """The last day of a card, or nothing to withdraw one no fee stands on."""

    model_config = ConfigDict(extra="forbid")
    version: Version
    valid_until: date | None = None


@router.post("/fees/rates/{int:card_id}/end", response=RateCard)
def end_rate_card(request: ApiRequest, card_id: int, body: CardEnd) -> RateCard:
    """Let a card end on a day, included; without a day withdraw it while it is unused (O11)."""
    if body.valid_until is None:
        cards.withdraw_card(actor=request.actor, card_id=card_id, expected_version=body.version, now=moment.now())
    else:
        cards.end_card(actor=request.actor, card_id=card_id, last=body.valid_until, expected_version=body.version, now=moment.now())
    return _rate_card(cards_queries.card_row(request.actor, card_id, today=_today()))


class TrialWanted(Schema):
    """A delivery to work out: where, when, how heavy. `weight` is one's own, `hub_weight` the centre's."""

    site: Id
    day: date
    weight: Kilograms
    hub_weight: Kilograms | None = None
    pieces: int = Field(1, ge=1, le=9999)
    receipt: bool = False
    round_trip: bool = False
    floors: int = Field(0, ge=0, le=99)
    destination: str = Field("", max_length=120)
    product: str = Field("", max_length=40)


class FeeTrial(Schema):
    """The card that applies and what the delivery would earn; no card: nothing applies there on that day."""

    card: int | None
    total: Decimal | None
    lines: list[FeeLine]


@router.get("/fees/trial", response=FeeTrial)
def try_fee(request: ApiRequest, wanted: Query[TrialWanted]) -> FeeTrial:
    """What a delivery would earn, each line with its sum (O11)."""
    facts = Facts(wanted.weight, wanted.hub_weight, wanted.pieces, wanted.receipt, wanted.round_trip, wanted.floors)
    trial = cards_queries.what_if(
        request.actor,
        site_id=wanted.site,
        day=wanted.day,
        facts=facts,
        destination=wanted.destination,
        product=wanted.product,
        now=moment.now(),
    )
    lines: Sequence[Any] = trial.reckoned.lines if trial.reckoned else ()
    return FeeTrial(
        card=trial.chosen.id if trial.chosen else None,
        total=trial.reckoned.total if trial.reckoned else None,
        lines=[_line(one.stored()) for one in lines],
    )


# --- statements -----------------------------------------------------------------------------------------------------------------------


class FeeStatement(Schema):
    """A monthly statement; `month` is its first day. `state`: draft, settled, paid."""

    id: int
    site_id: int
    site: str
    month: date
    state: str
    count: int
    base: Decimal
    heavy: Decimal
    total: Decimal
    settled_at: datetime | None
    settled_by: str
    paid_at: datetime | None
    version: int


class StatementWanted(Schema):
    """A site and any day of the month."""

    model_config = ConfigDict(extra="forbid")
    site: Id
    month: date


@router.post("/fees/statements", response=FeeStatement)
def collect_fee_statement(request: ApiRequest, body: StatementWanted) -> FeeStatement:
    """Put a site's monthly statement together, or bring a draft up to date (O11)."""
    row = statements.collect(actor=request.actor, site_id=body.site, month=body.month, now=moment.now())
    return FeeStatement.model_validate(queries.statement(request.actor, row.pk))


@router.get("/fees/statements/{int:statement_id}", response=FeeStatement)
def read_fee_statement(request: ApiRequest, statement_id: int) -> FeeStatement:
    """One statement; its waybills are `/lists/station-fees?statement=…` (O11)."""
    return FeeStatement.model_validate(queries.statement(request.actor, statement_id))


class StatementStep(Schema):
    """The version the caller saw."""

    model_config = ConfigDict(extra="forbid")
    version: Version


@router.post("/fees/statements/{int:statement_id}/settle", response=FeeStatement)
def settle_fee_statement(request: ApiRequest, statement_id: int, body: StatementStep) -> FeeStatement:
    """Lock a statement and every fee in it, once its month is over (O11)."""
    statements.settle(actor=request.actor, statement_id=statement_id, expected_version=body.version, now=moment.now())
    return FeeStatement.model_validate(queries.statement(request.actor, statement_id))


@router.post("/fees/statements/{int:statement_id}/pay", response=FeeStatement)
def pay_fee_statement(request: ApiRequest, statement_id: int, body: StatementStep) -> FeeStatement:
    """Note that a settled statement was paid (O11)."""
    statements.pay(actor=request.actor, statement_id=statement_id, expected_version=body.version, now=moment.now())
    return FeeStatement.model_validate(queries.statement(request.actor, statement_id))
