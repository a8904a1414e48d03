"""Tracking over the API: many numbers at once, questions to carriers, accounts (OPS7, V3–V6)."""

from datetime import datetime
from typing import Annotated, Literal

from ninja import Router
from ninja.responses import Status
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id
from kefu.api.parcels import CarrierGuess, Judgement
from kefu.api.schema import Schema
from kefu.handbook.schema import Handbook
from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.parcels import delay
from kefu.parcels import queries as parcels
from kefu.parcels.queries import Trace
from kefu.people import queries as people
from kefu.station.tracking import access, boxes, queries
from kefu.station.tracking.accounts import AccountDraft, add_account, change_account, switch_account
from kefu.station.tracking.asking import ask_carriers
from kefu.station.tracking.books import books_at
from kefu.station.tracking.callbacks import address_of
from kefu.station.tracking.carriers import carriers
from kefu.station.tracking.numbers import pasted

router = Router(tags=["station: tracking (OPS7)"])
Number = Annotated[str, Field(max_length=60)]
Text = Annotated[str, Field(max_length=200)]


class Strict(Schema):
    """A body whose names are all known."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class LookUp(Strict):
    """Numbers as they were typed, scanned or copied."""

    numbers: list[Number] = Field(min_length=1, max_length=boxes.MOST)


class Looked(Schema):
    """What is known of a number. ``known`` is false when nobody in reach knows it; ``holder`` is who scanned it last."""

    number: str
    waybill: str
    known: bool
    registered: bool
    state: str
    last_at: datetime | None
    last_code: str
    holder: str
    own: bool
    carriers: bool
    carrier: str
    guesses: list[CarrierGuess]
    judgement: Judgement | None
    quiet_seconds: int | None
    quiet_clause: str
    asking: bool
    ask_due: datetime | None
    fault: str


class BadNumber(Schema):
    """What cannot be a number, with a code of what is wrong."""

    text: str
    reason: str


class LookedUp(Schema):
    """Rows in the order the numbers were given, each once."""

    rows: list[Looked]
    invalid: list[BadNumber]


@router.post("/tracking/lookup", response=LookedUp)
def look_up_numbers(request: ApiRequest, body: LookUp) -> LookedUp:
    """Look up to 1,000 numbers up at once, own scans and carriers' traces together (OPS7). Who asked is logged for each (R21)."""
    now = moment.now()
    given = pasted("\n".join(body.numbers))
    rows = boxes.look_up(request.actor, given.numbers, now=now, book_of=books_at(now)) if given.numbers else []
    return LookedUp(rows=[_looked(row) for row in rows], invalid=[BadNumber(text=text, reason=reason) for text, reason in given.invalid])


def _looked(row: boxes.BoxRow) -> Looked:
    return Looked(
        number=row.number,
        waybill=row.waybill,
        known=row.known,
        registered=row.registered,
        state=row.state,
        last_at=row.last_at,
        last_code=row.last_code,
        holder=row.holder,
        own=row.own,
        carriers=row.carriers,
        carrier=row.carrier,
        guesses=[CarrierGuess(carrier=one.carrier, weight=one.weight) for one in row.guesses],
        judgement=_judgement(row.judgement),
        quiet_seconds=int(row.quiet.total_seconds()) if row.quiet else None,
        quiet_clause=row.quiet_clause,
        asking=row.asking,
        ask_due=row.ask_due,
        fault=row.fault,
    )


def _judgement(found: delay.Judgement | None) -> Judgement | None:
    if found is None:
        return None
    return Judgement(
        verdict=found.verdict.value,
        due_at=found.due_at,
        lost_at=found.lost_at,
        late=found.late,
        late_seconds=int(found.late_by.total_seconds()),
        basis=found.basis,
        clauses=list(found.clauses),
    )


# Mounted before the trace of a number, which would take ``asks`` for one.


class Wish(Strict):
    """Numbers to put to their carriers. ``carrier`` overrules the guess, ``vendor`` the choice of account."""

    numbers: list[Number] = Field(min_length=1, max_length=boxes.MOST)
    kind: Literal["query", "subscribe"] = "query"
    carrier: str = Field("", max_length=20)
    vendor: str = Field("", max_length=20)


class Queued(Schema):
    """What became of a number. ``due_at``: it is sent then at the earliest; ``refusal``: a code, nothing was queued."""

    number: str
    vendor: str
    due_at: datetime | None
    already: bool
    refusal: str


@router.post("/tracking/asks", response=list[Queued])
def put_to_carriers(request: ApiRequest, body: Wish) -> list[Queued]:
    """Queue questions or subscriptions; they are sent under each carrier's manners (V3, V4). Progress: the list ``tracking-asks``."""
    done = ask_carriers(
        actor=request.actor, numbers=body.numbers, now=moment.now(), kind=body.kind, carrier=body.carrier, vendor=body.vendor
    )
    return [Queued.model_validate(one, from_attributes=True) for one in done]


class MergedLine(Schema):
    """An event of the merged trace; ``sources`` are ``own`` and vendors. Carriers' words are masked."""

    at: datetime
    code: str
    place: str
    text: str
    sources: list[str]


class MergedTrace(Schema):
    """Own scans and carriers' traces as one, oldest first."""

    waybill: str
    carrier: str
    state: str
    judgement: Judgement | None
    lines: list[MergedLine]


@router.get("/tracking/{str:waybill}", response=MergedTrace)
def read_merged_trace(request: ApiRequest, waybill: str) -> MergedTrace:
    """The merged trace of a number (O14). Who asked is logged, also for a number not found."""
    now = moment.now()
    actor, book_of = request.actor, books_at(now)
    try:
        found = parcels.trace(actor, waybill, now=now, book=book_of)
    except NotFound:
        found = None
    number, own = (found.waybill, found.lines) if found else (waybill, [])
    merged = queries.merged_trace(actor, number, own, now=now, book=_book(actor, found, book_of))
    if found is None and not merged.carrier_lines:
        raise NotFound
    return MergedTrace(
        waybill=merged.waybill,
        carrier=merged.carrier,
        state=merged.moments.state if merged.moments else "",
        judgement=_judgement(merged.judgement),
        lines=[MergedLine(at=one.at, code=one.code, place=one.place, text=one.text, sources=list(one.sources)) for one in merged.lines],
    )


def _book(actor: Actor, found: Trace | None, book_of: boxes.BookOf) -> Handbook | None:
    """The handbook of the delivering site, else of the reader's own."""
    site_id = found.header.site_id if found and found.header else actor.site_id
    site = people.sites_by_id().get(site_id or 0)
    return book_of(site.handbook) if site else None


class Vendor(Schema):
    """An interface there is an adapter for."""

    vendor: str
    title: str
    carriers: list[str]
    subscribes: bool
    options: dict[str, str]


@router.get("/carrier-vendors", response=list[Vendor])
def list_carrier_vendors(request: ApiRequest) -> list[Vendor]:  # noqa: ARG001
    """The interfaces and the options an account may set, with what is usual (V3–V6)."""
    return [
        Vendor(vendor=v.vendor, title=str(v.title), carriers=sorted(v.carriers), subscribes=v.subscribes, options=dict(v.options))
        for v in carriers().adapters.values()
    ]


class Account(Schema):
    """An account at a carrier; its secrets are never told."""

    id: int
    site_id: int
    vendor: str
    name: str
    base_url: str
    options: dict[str, str]
    per_minute: int
    burst: int
    connect_seconds: int
    answer_seconds: int
    is_active: bool
    stopped_by: str
    open_until: datetime | None
    answered: int
    failed: int
    forged: int
    last_fault: str
    last_at: datetime | None
    version: int


class AccountBody(Strict):
    """An account as it is entered; a change leaves out the secrets it does not change."""

    name: Text
    base_url: Text
    identity: Text
    secret: Text = ""
    salt: Text = ""
    options: dict[str, str] = Field(default_factory=dict)
    per_minute: int = 60
    burst: int = 10
    connect_seconds: int = 5
    answer_seconds: int = 15


class NewAccount(AccountBody):
    """With the site whose account it is, and the interface."""

    site_id: Id
    vendor: str = Field(max_length=20)


class ChangedAccount(AccountBody):
    """With the version that was read."""

    version: int


class Switch(Strict):
    """Whether it is used."""

    on: bool
    version: int


@router.get("/carrier-accounts", response=list[Account])
def list_carrier_accounts(request: ApiRequest) -> list[Account]:
    """Accounts in reach, without their secrets (V3)."""
    return [_account(row) for row in queries.accounts(request.actor)]


@router.post("/carrier-accounts", response={201: Account})
def add_carrier_account(request: ApiRequest, body: NewAccount) -> Status[Account]:
    """Add an account. Its callback address is read apart (V3)."""
    return Status(201, _account(add_account(actor=request.actor, draft=AccountDraft(**body.model_dump()), now=moment.now())))


@router.put("/carrier-accounts/{int:account_id}", response=Account)
def change_carrier_account(request: ApiRequest, account_id: int, body: ChangedAccount) -> Account:
    """Change an account; one that stopped by itself works again. A stale ``version`` is refused (V3)."""
    row = access.account_for(request.actor, account_id)
    draft = AccountDraft(site_id=row.site_id, vendor=row.vendor, **body.model_dump(exclude={"version"}))
    return _account(change_account(actor=request.actor, account_id=account_id, draft=draft, version=body.version, now=moment.now()))


@router.post("/carrier-accounts/{int:account_id}/switch", response=Account)
def switch_carrier_account(request: ApiRequest, account_id: int, body: Switch) -> Account:
    """Use an account again, or no longer (V3)."""
    return _account(switch_account(actor=request.actor, account_id=account_id, on=body.on, version=body.version, now=moment.now()))


class CallbackAddress(Schema):
    """Where the vendor is to send its pushes. The address itself is the credential."""

    address: str


@router.get("/carrier-accounts/{int:account_id}/callback", response=CallbackAddress)
def read_callback_address(request: ApiRequest, account_id: int) -> CallbackAddress:
    """The callback address of an account (V4)."""
    return CallbackAddress(address=address_of(access.account_for(request.actor, account_id)))


def _account(row: object) -> Account:
    return Account.model_validate(row, from_attributes=True)
