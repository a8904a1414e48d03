"""Claims over the API: reckoned, filed, proposed, approved, agreed, borne, paid, recovered (CASE6).

Their lists are `/lists/claims` and `/lists/claim-payments`.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Query, Router
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id
from kefu.api.schema import Schema
from kefu.claims import actions, figures, queries
from kefu.claims.drafts import ClaimDraft, PaymentResult
from kefu.claims.liability import Share
from kefu.claims.losses import LossFacts

router = Router(tags=["claims (CASE6)"])
Version = Annotated[int | None, Field(ge=0, description="The version the caller saw; a claim changed since then is refused as stale.")]
Yuan = Annotated[Decimal, Field(ge=0, le=9_999_999, decimal_places=2, description="Yuan.")]
Percent = Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)]


class LossGiven(Schema):
    """A loss. ``value`` is the proven real value; ``part`` the share of it lost, in per cent; ``fee`` without insurance and extras.

    ``loss``: delay, lost, destroyed, damaged, short, wrong. ``excuse``: force_majeure, nature, shipper. ``basis``: civil, contract.
    """

    model_config = ConfigDict(extra="forbid")
    loss: str = Field(min_length=1, max_length=10)
    fee: Yuan = Decimal(0)
    value: Yuan | None = None
    insured: Yuan = Decimal(0)
    part: Percent = Decimal(100)
    value_destroyed: bool = False
    shipper_part: Percent = Decimal(0)
    salvage: Yuan = Decimal(0)
    excuse: str = Field("", max_length=20)
    basis: str = Field("", max_length=10)

    def facts(self) -> LossFacts:
        """As the rules take it."""
        return LossFacts(**self.model_dump())


class ReckoningLine(Schema):
    """A line of the reckoning: its rule, clause, figures, and what it adds or takes."""

    key: str
    clause: str
    figures: dict[str, str]
    amount: Decimal


class Reckoned(Schema):
    """The reckoning; ``fee`` is the part of the amount that is the waived fee."""

    lines: list[ReckoningLine]
    amount: Decimal
    fee: Decimal


@router.post("/cases/{int:case_id}/compensation", response=Reckoned)
def reckon_compensation(request: ApiRequest, case_id: int, body: LossGiven) -> Reckoned:
    """What a loss on the case would be worth, line by line; nothing is stored (R34–R41)."""
    return Reckoned.model_validate(queries.reckon_for(request.actor, case_id, body.facts(), now=moment.now()))


class ClaimGiven(Schema):
    """A claim to make or change. ``claimant``: sender, receiver, platform, other; whoever is not the sender states their ``authority``."""

    model_config = ConfigDict(extra="forbid")
    loss: LossGiven
    item: str = Field("", max_length=80)
    cause: str = Field("other", max_length=20)
    courier: str = Field("", max_length=20)
    claimant: str = Field("sender", max_length=10)
    claimant_name: str = Field(min_length=1, max_length=60)
    claimant_phone: str = Field("", max_length=40)
    authority: str = Field("", max_length=500)
    papers: list[str] = Field(default=[], max_length=10)
    external_id: Annotated[str | None, Field(min_length=1, max_length=80)] = None
    version: Version = None

    def draft(self) -> ClaimDraft:
        """As the actions take it."""
        given = self.model_dump(exclude={"loss", "version", "papers"})
        return ClaimDraft(facts=self.loss.facts(), papers=tuple(self.papers), **given)


class ShareShown(Schema):
    """Who bears how much."""

    party: str
    site_id: int | None
    percent: Decimal
    amount: Decimal
    clause: str


class ApprovalShown(Schema):
    """What somebody decided on a rung."""

    round: int
    rung: str
    agreed: bool
    by: str
    reason: str
    at: datetime


class PaymentShown(Schema):
    """A payment of the claim."""

    id: int
    number: str
    amount: Decimal
    channel: str
    state: str
    batch: str
    serial: str
    reason: str


class ClaimShown(Schema):
    """A claim; names, phone and account are masked. Amounts in yuan."""

    id: int
    number: str
    case_id: int
    site_id: int
    waybill: str
    order_no: str
    item: str
    loss: str
    cause: str
    state: str
    rung: str
    reckoned: Decimal
    fee_waived: Decimal
    amount: Decimal
    lines: list[ReckoningLine]
    claimant: str
    claimant_name: str
    account: str
    channel: str
    papers: list[str]
    missing: list[str]
    approvals: list[ApprovalShown]
    payments: list[PaymentShown]
    shares: list[ShareShown]
    found_at: datetime | None
    acknowledged_at: datetime | None
    decided_at: datetime | None
    agreed_at: datetime | None
    paid_at: datetime | None
    can: list[str]
    version: int


_PLAIN = (
    "id", "number", "case_id", "site_id", "waybill", "order_no", "item", "loss", "cause", "state", "rung", "reckoned", "fee_waived",
    "amount", "claimant", "channel", "papers", "found_at", "acknowledged_at", "decided_at", "agreed_at", "paid_at", "version",
)  # fmt: skip


def _shown(request: ApiRequest, claim_id: int) -> ClaimShown:
    found = queries.detail(request.actor, claim_id, now=moment.now())
    row = found.claim
    return ClaimShown(
        **{name: getattr(row, name) for name in _PLAIN},
        claimant_name=found.claimant_name,
        account=found.account,
        lines=[ReckoningLine(key=key, clause=clause, figures=figures_, amount=amount) for key, clause, figures_, amount in row.lines],
        missing=list(found.missing),
        approvals=[ApprovalShown.model_validate(one) for one in found.approvals],
        payments=[PaymentShown.model_validate(one) for one in found.payments],
        shares=[ShareShown.model_validate(one) for one in found.shares],
        can=sorted(found.can),
    )


@router.post("/cases/{int:case_id}/claims", response=ClaimShown)
def file_claim(request: ApiRequest, case_id: int, body: ClaimGiven) -> ClaimShown:
    """Make a claim on a case; a loss that has one is refused, the same ``external_id`` gives the same claim (CASE6)."""
    row = actions.file_claim(actor=request.actor, case_id=case_id, draft=body.draft(), now=moment.now())
    return _shown(request, row.pk)


@router.get("/claims/{int:claim_id}", response=ClaimShown)
def read_claim(request: ApiRequest, claim_id: int) -> ClaimShown:
    """A claim with its reckoning, approvals, payments and liability (CASE6)."""
    return _shown(request, claim_id)


@router.put("/claims/{int:claim_id}", response=ClaimShown)
def revise_claim(request: ApiRequest, claim_id: int, body: ClaimGiven) -> ClaimShown:
    """Change what a claim is about; it is reckoned again and must be proposed again (CASE6)."""
    actions.revise(actor=request.actor, claim_id=claim_id, draft=body.draft(), expected_version=body.version, now=moment.now())
    return _shown(request, claim_id)


class ClaimProposed(Schema):
    """The amount, and why when it is less than the reckoning."""

    model_config = ConfigDict(extra="forbid")
    amount: Yuan
    reason: str = Field("", max_length=500)
    version: Version = None


@router.post("/claims/{int:claim_id}/propose", response=ClaimShown)
def propose_claim(request: ApiRequest, claim_id: int, body: ClaimProposed) -> ClaimShown:
    """Put a claim forward: agreed at once within one's own limit, else the next rung decides (CASE6)."""
    actions.propose(
        actor=request.actor, claim_id=claim_id, amount=body.amount, reason=body.reason, expected_version=body.version, now=moment.now()
    )
    return _shown(request, claim_id)


class ClaimSaid(Schema):
    """The reason."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(max_length=500)
    version: Version = None


def _spoken(request: ApiRequest, claim_id: int, body: ClaimSaid, do: Any) -> ClaimShown:
    do(actor=request.actor, claim_id=claim_id, reason=body.reason, expected_version=body.version, now=moment.now())
    return _shown(request, claim_id)


@router.post("/claims/{int:claim_id}/approve", response=ClaimShown)
def approve_claim(request: ApiRequest, claim_id: int, body: ClaimSaid) -> ClaimShown:
    """Agree on the rung whose turn it is; each rung is another person (CASE6)."""
    return _spoken(request, claim_id, body, actions.approve)


@router.post("/claims/{int:claim_id}/reject", response=ClaimShown)
def reject_claim(request: ApiRequest, claim_id: int, body: ClaimSaid) -> ClaimShown:
    """Refuse on the rung whose turn it is (CASE6)."""
    return _spoken(request, claim_id, body, actions.reject)


@router.post("/claims/{int:claim_id}/exempt", response=ClaimShown)
def exempt_claim(request: ApiRequest, claim_id: int, body: ClaimSaid) -> ClaimShown:
    """Decide that nothing is paid (CASE6)."""
    return _spoken(request, claim_id, body, actions.exempt)


@router.post("/claims/{int:claim_id}/withdraw", response=ClaimShown)
def withdraw_claim(request: ApiRequest, claim_id: int, body: ClaimSaid) -> ClaimShown:
    """Take a claim back before money is on its way (CASE6)."""
    return _spoken(request, claim_id, body, actions.withdraw)


class ClaimSeen(Schema):
    """The version the caller saw."""

    model_config = ConfigDict(extra="forbid")
    version: Version = None


@router.post("/claims/{int:claim_id}/acknowledge", response=ClaimShown)
def acknowledge_claim(request: ApiRequest, claim_id: int, body: ClaimSeen) -> ClaimShown:
    """Note that the claimant was told their claim has come (R32)."""
    actions.acknowledge(actor=request.actor, claim_id=claim_id, expected_version=body.version, now=moment.now())
    return _shown(request, claim_id)


class ClaimPapers(Schema):
    """Every paper that has come: form, waybill, value, photos, identity, account."""

    model_config = ConfigDict(extra="forbid")
    papers: list[str] = Field(max_length=10)
    version: Version = None


@router.put("/claims/{int:claim_id}/papers", response=ClaimShown)
def hold_claim_papers(request: ApiRequest, claim_id: int, body: ClaimPapers) -> ClaimShown:
    """Tick which papers have come (O17)."""
    actions.hold_papers(actor=request.actor, claim_id=claim_id, papers=body.papers, expected_version=body.version, now=moment.now())
    return _shown(request, claim_id)


class ClaimAgreed(Schema):
    """Where the money goes: alipay, wechat, bank, platform, offset or cash."""

    model_config = ConfigDict(extra="forbid")
    channel: str = Field(max_length=10)
    account_name: str = Field("", max_length=60)
    account: str = Field("", max_length=100)
    version: Version = None


@router.post("/claims/{int:claim_id}/agree", response=ClaimShown)
def agree_claim(request: ApiRequest, claim_id: int, body: ClaimAgreed) -> ClaimShown:
    """Note that the customer accepts (R32: payment within 7 days)."""
    given = body.model_dump(exclude={"version"})
    actions.agree(actor=request.actor, claim_id=claim_id, expected_version=body.version, now=moment.now(), **given)
    return _shown(request, claim_id)


class ShareGiven(Schema):
    """A party (A–I, S with its site, X) and its share in per cent."""

    model_config = ConfigDict(extra="forbid")
    party: str = Field(min_length=1, max_length=1)
    percent: Percent
    site_id: Id | None = None


class SharesGiven(Schema):
    """The whole split: exactly 100 %."""

    model_config = ConfigDict(extra="forbid")
    shares: list[ShareGiven] = Field(min_length=1, max_length=12)
    reason: str = Field("", max_length=500)
    version: Version = None


@router.put("/claims/{int:claim_id}/liability", response=ClaimShown)
def share_claim(request: ApiRequest, claim_id: int, body: SharesGiven) -> ClaimShown:
    """Write who bears the claim; what differs from the handbook's rule of thumb wants a reason (E21)."""
    shares = [Share(one.party, one.percent, one.site_id) for one in body.shares]
    actions.share_out(
        actor=request.actor, claim_id=claim_id, shares=shares, reason=body.reason, expected_version=body.version, now=moment.now()
    )
    return _shown(request, claim_id)


@router.post("/claims/{int:claim_id}/pay", response=ClaimShown)
def pay_claim(request: ApiRequest, claim_id: int, body: ClaimSeen) -> ClaimShown:
    """Put the agreed amount into the payment ledger; once (CASE6)."""
    actions.start_payment(actor=request.actor, claim_id=claim_id, expected_version=body.version, now=moment.now())
    return _shown(request, claim_id)


class ResultGiven(Schema):
    """What became of a payment (``P00000012``)."""

    model_config = ConfigDict(extra="forbid")
    number: str = Field(min_length=1, max_length=20)
    outcome: Literal["paid", "failed", "returned"]
    serial: str = Field("", max_length=80)
    reason: str = Field("", max_length=200)
    amount: Yuan | None = None


class ResultsGiven(Schema):
    """Results to note at once."""

    model_config = ConfigDict(extra="forbid")
    results: list[ResultGiven] = Field(min_length=1, max_length=500)


class ResultsNoted(Schema):
    """Payment ids noted and known already, and codes of what was refused, by place in the list from 0."""

    stored: dict[int, int]
    present: dict[int, int]
    refused: dict[int, str]


@router.post("/claim-payments/results", response=ResultsNoted)
def note_payment_results(request: ApiRequest, body: ResultsGiven) -> ResultsNoted:
    """Note results of payments; the same result again changes nothing (CASE6)."""
    results = [PaymentResult(**one.model_dump()) for one in body.results]
    done = actions.note_results(actor=request.actor, results=results, now=moment.now())
    return ResultsNoted(stored=done.stored, present=done.present, refused=done.refused)


class PaymentsSent(Schema):
    """Payments to take into a batch."""

    model_config = ConfigDict(extra="forbid")
    payments: list[Id] = Field(min_length=1, max_length=500)


class BatchSent(Schema):
    """The batch and how many payments it took."""

    batch: str
    taken: int


@router.post("/claim-payments/batches", response=BatchSent)
def send_payments(request: ApiRequest, body: PaymentsSent) -> BatchSent:
    """Take waiting payments into a batch; export it with `/lists/claim-payments` and the filter ``batch`` (CASE6)."""
    name, taken = actions.send_batch(actor=request.actor, payment_ids=body.payments, now=moment.now())
    return BatchSent(batch=name, taken=taken)


@router.post("/claims/{int:claim_id}/found", response=ClaimShown)
def note_claim_found(request: ApiRequest, claim_id: int, body: ClaimSeen) -> ClaimShown:
    """Note that the parcel turned up (O5)."""
    actions.note_found(actor=request.actor, claim_id=claim_id, expected_version=body.version, now=moment.now())
    return _shown(request, claim_id)


@router.post("/claims/{int:claim_id}/not-found", response=ClaimShown)
def clear_claim_found(request: ApiRequest, claim_id: int, body: ClaimSaid) -> ClaimShown:
    """Confirm that the parcel was not found after all; the claim goes on (O5)."""
    return _spoken(request, claim_id, body, actions.clear_found)


class RecoveryChosen(Schema):
    """The customer's choice: take_back or keep_money."""

    model_config = ConfigDict(extra="forbid")
    choice: str = Field(max_length=12)
    version: Version = None


@router.post("/claims/{int:claim_id}/recovery/choose", response=ClaimShown)
def choose_recovery(request: ApiRequest, claim_id: int, body: RecoveryChosen) -> ClaimShown:
    """What the customer decided about a parcel found after payment (O5)."""
    actions.choose(actor=request.actor, claim_id=claim_id, choice=body.choice, expected_version=body.version, now=moment.now())
    return _shown(request, claim_id)


class MoneyBack(Schema):
    """Money that came back; less than was paid wants a reason."""

    model_config = ConfigDict(extra="forbid")
    back: Yuan
    reason: str = Field("", max_length=500)
    version: Version = None


@router.post("/claims/{int:claim_id}/recovery", response=ClaimShown)
def recover_claim(request: ApiRequest, claim_id: int, body: MoneyBack) -> ClaimShown:
    """Note the money that came back; the claim ends (O5)."""
    actions.recover(
        actor=request.actor, claim_id=claim_id, back=body.back, reason=body.reason, expected_version=body.version, now=moment.now()
    )
    return _shown(request, claim_id)


class PaidShown(Schema):
    """A line of the month report."""

    key: str
    claims: int
    amount: Decimal


class ReportAsked(Schema):
    """The month, by its first day, and what is counted by."""

    month: date
    by: Literal["loss", "cause", "carrier", "courier", "site", "party"] = "loss"


@router.get("/claims/report", response=list[PaidShown])
def report_claims(request: ApiRequest, asked: Query[ReportAsked]) -> list[PaidShown]:
    """What was paid in a month by one dimension, the most first (CASE6)."""
    return [PaidShown.model_validate(one) for one in figures.paid_by(request.actor, asked.month, asked.by)]
