"""Customers in hand over the API (CONV1): a telephone system starts them, a screen leads them, the record ends them."""

from datetime import datetime
from typing import Any, Literal

from ninja import Router, Schema
from ninja.responses import Status
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id
from kefu.cases import caller as callers
from kefu.cases import receptions as from_talks
from kefu.cases.caller import Asked
from kefu.conversations import access, in_hand, prompts, receptions
from kefu.conversations.receptions import Incoming, Known
from kefu.conversations.rules import plain, shown_number
from kefu.kernel.masking import mask_name, mask_text

router = Router(tags=["receptions"])


class Reception(Schema):
    """A customer on the phone or in a chat with one agent; number and name are masked. ``about`` is the id of the case it led to."""

    id: int
    channel: str
    state: str
    site_id: int
    staff_id: int
    number: str
    caller_name: str
    waybill: str
    customer_id: int | None
    branch: str
    kind: str
    passed: dict[str, datetime]
    disposition: str
    remark: str
    about: int | None
    conversation_id: int | None
    handbook: str
    started_at: datetime
    answered_at: datetime | None
    talk_ended_at: datetime | None
    wrap_due_at: datetime | None
    ended_at: datetime | None
    parked: bool


class Prompt(Schema):
    """A moment of the talk: what to say, what not, and the clauses that say so."""

    id: str
    title: str
    say: str
    instructions: str
    clause: str
    avoid: list[str]
    passed_at: datetime | None


class Choice(Schema):
    """Something to choose: a branch, or an outcome."""

    id: str
    title: str


class Led(Reception):
    """A reception with the prompts of its handbook and the outcomes to choose from."""

    prompts: list[Prompt]
    branches: list[Choice]
    next_step: str
    next_step_clause: str
    outcomes: list[Choice]


class KnownParcel(Schema):
    """A parcel of the caller."""

    waybill: str
    state: str


class KnownCase(Schema):
    """A case of the caller with its nearest deadline."""

    id: int
    number: str
    title: str
    status: str
    due_at: datetime | None


class Caution(Schema):
    """Something to be careful about."""

    code: str
    text: str


class WhoCalls(Schema):
    """Who is on the line, masked."""

    customer_id: int | None
    customer: str
    tier: str
    parcels: list[KnownParcel]
    open_cases: list[KnownCase]
    ended_cases: list[KnownCase]
    last_talks: list[Reception]
    cautions: list[Caution]


class _Body(Schema):
    model_config = ConfigDict(extra="forbid")


class NewReception(_Body):
    """A customer who wants to talk. ``external_id`` is the talk's id at ``source`` and makes it once only.

    Integrations name the agent by ``staff``; people begin for themselves.
    """

    typed: str = Field("", max_length=200, description="Phone number, waybill, or a line with both.")
    channel: Literal["call", "chat"] = "call"
    source: str = Field("api", min_length=1, max_length=40)
    external_id: str = Field(min_length=1, max_length=120)
    staff: Id | None = None
    ringing: bool = False


class Identity(_Body):
    """What the customer said about themselves; what is left out stays."""

    name: str | None = Field(None, max_length=40)
    phone: str | None = Field(None, max_length=40)
    waybill: str | None = Field(None, max_length=60)


class Said(_Body):
    """A moment that was said, or taken back."""

    moment: str = Field(min_length=1, max_length=60)
    said: bool = True


class Branch(_Body):
    """What the customer wants."""

    branch: str = Field(min_length=1, max_length=60)


class Finished(_Body):
    """How it ended (an outcome of the handbook, ``delay.urged``) and what was said."""

    disposition: str = Field("", max_length=130)
    remark: str = Field("", max_length=2000)


class NewCase(_Body):
    """A case from the talk. Kind, customer and waybill are carried over; ``kind`` is needed when no branch was chosen."""

    kind: str = Field("", max_length=60)
    description: str = Field("", max_length=20_000)
    even_if_duplicate: bool = False


class CaseAgain(_Body):
    """The open case the customer talks about again."""

    case: Id


class TiedCase(Schema):
    """The case the talk belongs to now."""

    id: int
    number: str
    urge_count: int


def _values(row: Any) -> dict[str, Any]:
    plain_names = (
        "id", "channel", "state", "site_id", "staff_id", "waybill", "customer_id", "branch", "kind", "passed", "disposition",
        "conversation_id", "handbook", "started_at", "answered_at", "talk_ended_at", "wrap_due_at", "ended_at",
    )  # fmt: skip
    values = {name: getattr(row, name) for name in plain_names}
    return {
        **values,
        "number": shown_number(row.number),
        "caller_name": mask_name(row.caller_name) if row.caller_name else "",
        "remark": mask_text(row.remark),
        "about": row.about_id if row.about_kind == "case" else None,
        "parked": row.parked_at is not None,
    }


def _row(row: Any) -> Reception:
    return Reception(**_values(row))


def _led(request: ApiRequest, reception_id: int) -> Led:
    row = access.get_reception(request.actor, reception_id)
    found = prompts.led(row, language="zh")
    return Led(
        **_values(row),
        prompts=[
            Prompt(
                id=one.id,
                title=one.title,
                say=plain(one.pieces),
                instructions=one.instructions,
                clause=one.clause or one.moment_clause,
                avoid=[word.term for word in one.avoid],
                passed_at=one.passed_at,
            )
            for one in found.prompts
        ],
        branches=[Choice(id=way.id, title=way.title) for way in found.ways],
        next_step=found.step.title if found.step else "",
        next_step_clause=found.step.clause if found.step else "",
        outcomes=[Choice(id=code, title=f"{group.title} · {title}") for group in found.outcomes for code, title in group.outcomes],
    )


@router.get("/receptions", response=list[Reception])
def list_receptions(request: ApiRequest, others: bool = False) -> list[Reception]:
    """One's own customers in hand, the one in front first; ``others``: everybody's at the sites in reach, for leads (CONV1, SEC2)."""
    return [_row(row) for row in (in_hand.at_sites(request.actor) if others else in_hand.mine(request.actor))]


@router.post("/receptions", response={201: Reception})
def start_reception(request: ApiRequest, body: NewReception) -> Status[Reception]:
    """Take a customer in hand; one in hand already is put aside. The same id again gives the same reception (CONV1)."""
    incoming = Incoming(body.typed, body.channel, body.source, body.external_id, body.staff, body.ringing)
    return Status(201, _row(receptions.start(actor=request.actor, incoming=incoming, now=moment.now())))


@router.get("/receptions/{int:reception_id}", response=Led)
def read_reception(request: ApiRequest, reception_id: int) -> Led:
    """One reception with its prompts and outcomes (CONV1, HB4)."""
    return _led(request, reception_id)


@router.get("/receptions/{int:reception_id}/caller", response=WhoCalls)
def read_caller(request: ApiRequest, reception_id: int) -> WhoCalls:
    """Who is on the line: customer, parcels, cases with clocks, last talks, cautions; all masked (CRM1, SEC1)."""
    row = access.get_reception(request.actor, reception_id)
    found = callers.caller(request.actor, Asked(row.number, row.waybill, row.customer_id, row.pk), now=moment.now())

    def known(case: Any) -> KnownCase:
        clock = found.clocks.get(case.pk)
        due = clock.due_at if clock else None
        return KnownCase(id=case.pk, number=case.number, title=mask_text(case.title), status=case.status, due_at=due)

    return WhoCalls(
        customer_id=found.customer.id if found.customer else None,
        customer=found.customer.name if found.customer else "",
        tier=found.customer.tier if found.customer else "",
        parcels=[KnownParcel(waybill=one.waybill, state=one.state) for one in found.parcels],
        open_cases=[known(case) for case in found.open_cases],
        ended_cases=[known(case) for case in found.ended_cases],
        last_talks=[_row(one) for one in found.talks],
        cautions=[Caution(code=one.code, text=str(one)) for one in found.cautions],
    )


@router.post("/receptions/{int:reception_id}/answer", response=Reception)
def answer_reception(request: ApiRequest, reception_id: int) -> Reception:
    """Pick up a ringing one (CONV1)."""
    return _row(receptions.answer(actor=request.actor, reception_id=reception_id, now=moment.now()))


@router.post("/receptions/{int:reception_id}/take", response=Reception)
def take_reception(request: ApiRequest, reception_id: int) -> Reception:
    """Take up again one that was put aside (CONV1)."""
    return _row(receptions.take(actor=request.actor, reception_id=reception_id, now=moment.now()))


@router.patch("/receptions/{int:reception_id}", response=Reception)
def identify_caller(request: ApiRequest, reception_id: int, body: Identity) -> Reception:
    """Note who it is (CRM1)."""
    known = Known(body.name, body.phone, body.waybill)
    return _row(receptions.identify(actor=request.actor, reception_id=reception_id, known=known, now=moment.now()))


@router.post("/receptions/{int:reception_id}/moments", response=Led)
def pass_moment(request: ApiRequest, reception_id: int, body: Said) -> Led:
    """A moment of the guide was said, or is taken back (CONV1)."""
    receptions.pass_moment(actor=request.actor, reception_id=reception_id, moment=body.moment, said=body.said, now=moment.now())
    return _led(request, reception_id)


@router.post("/receptions/{int:reception_id}/branch", response=Led)
def choose_branch(request: ApiRequest, reception_id: int, body: Branch) -> Led:
    """What the customer wants: leads to the first step of its procedure (CONV1)."""
    receptions.choose(actor=request.actor, reception_id=reception_id, branch=body.branch, now=moment.now())
    return _led(request, reception_id)


@router.post("/receptions/{int:reception_id}/end", response=Reception)
def end_talk(request: ApiRequest, reception_id: int) -> Reception:
    """The talk is over; the time for the record runs (CONV1)."""
    return _row(receptions.end_talk(actor=request.actor, reception_id=reception_id, now=moment.now()))


@router.post("/receptions/{int:reception_id}/finish", response=Reception)
def finish_reception(request: ApiRequest, reception_id: int, body: Finished) -> Reception:
    """Let the customer go; refused without an outcome of the handbook (CONV1)."""
    done = receptions.finish(
        actor=request.actor, reception_id=reception_id, disposition=body.disposition, remark=body.remark, now=moment.now()
    )
    return _row(done)


@router.post("/receptions/{int:reception_id}/case", response={201: TiedCase})
def open_case_of_reception(request: ApiRequest, reception_id: int, body: NewCase) -> Status[TiedCase]:
    """Open a case with what the talk brought; asked twice it is one case (CASE1)."""
    wanted = from_talks.Wanted(body.kind, body.description, body.even_if_duplicate)
    case = from_talks.open_case(actor=request.actor, reception_id=reception_id, wanted=wanted, now=moment.now())
    return Status(201, TiedCase(id=case.pk, number=case.number, urge_count=case.urge_count))


@router.post("/receptions/{int:reception_id}/attach", response=TiedCase)
def attach_reception(request: ApiRequest, reception_id: int, body: CaseAgain) -> TiedCase:
    """The customer talks about an open case again: counted as an urge, once (CASE8)."""
    case = from_talks.attach(actor=request.actor, reception_id=reception_id, case_id=body.case, now=moment.now())
    return TiedCase(id=case.pk, number=case.number, urge_count=case.urge_count)


class UnmaskReason(_Body):
    """Why the number is needed; it is logged."""

    reason: str = Field(min_length=1, max_length=200)


class Number(Schema):
    """The number in the clear."""

    number: str


@router.post("/receptions/{int:reception_id}/unmask", response=Number)
def unmask_reception(request: ApiRequest, reception_id: int, body: UnmaskReason) -> Number:
    """The number with nothing hidden; needs a reason and is logged every time (SEC1, SEC3)."""
    return Number(number=receptions.read_number(actor=request.actor, reception_id=reception_id, reason=body.reason, now=moment.now()))
