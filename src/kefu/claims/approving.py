"""Proposing a claim, the approval chain, what the customer says to it, and refusing to pay at all (CASE6)."""

from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from kefu.claims import rules, terms
from kefu.claims.errors import REASONS, OwnClaim, PapersMissing, RungTooHigh
from kefu.claims.models import Approval, Claim
from kefu.claims.moving import move, reason_given, standing
from kefu.claims.vocabulary import Channel, Paper, Rung, State
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Conflict, Invalid, Stale
from kefu.kernel.wording import listed_later
from kefu.people import queries as people
from kefu.people.access import require
from kefu.people.permissions import Permission


def rank_of(actor: Actor) -> int:
    """Where somebody stands in the approval chain."""
    site = people.sites_by_id().get(actor.site_id or 0)
    return rules.rank(actor.role, at_headquarters=site is not None and site.kind == "hq")


def require_papers(row: Claim, now: datetime) -> None:
    """Refuse while papers the handbook asks for are missing."""
    wanted = terms.papers_of(terms.book_at(row.site_id, now), row.loss, row.amount)
    if missing := rules.missing_papers(wanted.papers, row.papers):
        raise PapersMissing(papers=listed_later([Paper(one).label for one in missing], "、"))


def propose(*, actor: Actor, claim_id: int, amount: Decimal, reason: str, now: datetime, expected_version: int | None = None) -> Claim:
    """Put a claim forward: agreed at once within one's own limit, else the first rung above decides.

    Less than the reckoning wants a reason; more is refused. Raises ``Invalid``, ``PapersMissing``, ``WrongState``, ``Stale``.
    """
    require(actor, Permission.CLAIM_WORK)
    row = standing(actor, claim_id, "propose", expected_version)
    if wrong := rules.proposal_problem(amount, row.reckoned):
        raise Invalid(fields={"amount": REASONS[wrong]}, code=wrong)
    if amount < row.reckoned and not reason.strip():
        raise Invalid(fields={"reason": REASONS["less_reason"]}, code="less_reason")
    require_papers(row, now)
    limits = terms.limits_of(terms.book_at(row.site_id, now))
    rungs = rules.chain(amount, rank_of(actor), limits)
    if rungs is None:
        raise Invalid(fields={"amount": REASONS["over_limits"]}, code="over_limits")
    changes = {
        "amount": amount,
        "reason": reason.strip()[:500],
        "round": row.round + 1,
        "rungs": list(rungs),
        "rung": rungs[0] if rungs else "",
        "state": State.APPROVING if rungs else State.APPROVED,
        "limit_clause": limits.clause,
        "proposed_by": actor.name[:80],
        "proposed_by_id": actor.staff_id,
        "proposed_at": now,
        "decided_at": None if rungs else now,
    }
    what = "proposed" if rungs else "approved"
    with transaction.atomic():
        return move(actor, row, what, changes, now=now, text=reason.strip(), clause=limits.clause, data={"rung": changes["rung"]})


def _on_rung(actor: Actor, claim_id: int, step: str, expected_version: int | None) -> Claim:
    """The claim when this reader may decide it: somebody else proposed it, they stand high enough and have not decided in this round."""
    require(actor, Permission.CLAIM_APPROVE)
    row = standing(actor, claim_id, step, expected_version)
    if actor.staff_id is not None and actor.staff_id in (row.proposed_by_id, row.made_by_id):
        raise OwnClaim
    if rank_of(actor) < rules.RANKS.index(row.rung):
        raise RungTooHigh(rung=Rung(row.rung).label)
    if row.approvals.filter(round=row.round, by_id=actor.staff_id).exists():
        raise OwnClaim
    return row


def _sign(actor: Actor, row: Claim, reason: str, now: datetime, *, agreed: bool) -> None:
    """The decision of this person on this rung; a second of either is refused by constraint."""
    try:
        with transaction.atomic():
            Approval.objects.create(
                claim=row, round=row.round, rung=row.rung, agreed=agreed, by=actor.name[:80], by_id=actor.staff_id, reason=reason,
                clause=row.limit_clause, at=now,
            )  # fmt: skip
    except IntegrityError as error:
        raise Stale from error


def approve(*, actor: Actor, claim_id: int, reason: str, now: datetime, expected_version: int | None = None) -> Claim:
    """Agree on the rung whose turn it is, with a reason; the last rung decides. Each rung is another person.

    Raises ``OwnClaim``, ``RungTooHigh``, ``Invalid``, ``WrongState``, ``Stale``.
    """
    row = _on_rung(actor, claim_id, "approve", expected_version)
    reason = reason_given(reason)
    rung = row.rung
    further = row.rungs[row.rungs.index(rung) + 1 :]
    changes = {"rung": further[0]} if further else {"rung": "", "state": State.APPROVED, "decided_at": now}
    what = "agreed_on_rung" if further else "approved"
    with transaction.atomic():
        _sign(actor, row, reason, now, agreed=True)
        return move(actor, row, what, changes, now=now, text=reason, clause=row.limit_clause, data={"rung": rung})


def reject(*, actor: Actor, claim_id: int, reason: str, now: datetime, expected_version: int | None = None) -> Claim:
    """Refuse on the rung whose turn it is, with a reason; the claim may be revised and proposed again."""
    row = _on_rung(actor, claim_id, "reject", expected_version)
    reason, rung = reason_given(reason), row.rung
    with transaction.atomic():
        _sign(actor, row, reason, now, agreed=False)
        changes = {"rung": "", "state": State.REJECTED, "decided_at": now}
        return move(actor, row, "rejected", changes, now=now, text=reason, clause=row.limit_clause, data={"rung": rung})


def exempt(*, actor: Actor, claim_id: int, reason: str, now: datetime, expected_version: int | None = None) -> Claim:
    """Decide that nothing is paid (免赔), with the reason the customer is told; who may approve, and did not propose it themselves."""
    require(actor, Permission.CLAIM_APPROVE)
    row = standing(actor, claim_id, "exempt", expected_version)
    if actor.staff_id is not None and actor.staff_id == row.made_by_id:
        raise OwnClaim
    reason = reason_given(reason)
    clause = next((line[1] for line in row.lines if line[0] == "excused"), "")
    changes = {"state": State.EXEMPTED, "amount": Decimal(0), "rung": "", "decided_at": now, "reason": reason}
    with transaction.atomic():
        return move(actor, row, "exempted", changes, now=now, text=reason, clause=clause)


def agree(
    *,
    actor: Actor,
    claim_id: int,
    channel: str,
    account_name: str,
    account: str,
    now: datetime,
    expected_version: int | None = None,
) -> Claim:
    """Note that the customer accepts the amount, and where it goes; payment is due within the handbook's days (R32).

    An account is asked for unless the platform refunds, freight is set off or cash is paid. Raises ``Invalid``, ``WrongState``, ``Stale``.
    """
    require(actor, Permission.CLAIM_WORK)
    row = standing(actor, claim_id, "agree", expected_version)
    if not row.amount:
        raise Conflict(REASONS["bad_proposal"], code="claim.nothing_to_pay")
    if channel not in Channel.values:
        raise Invalid(fields={"channel": REASONS["unknown_channel"]}, code="unknown_channel")
    if channel in (Channel.ALIPAY, Channel.WECHAT, Channel.BANK) and not account.strip():
        raise Invalid(fields={"account": REASONS["no_account"]}, code="no_account")
    if len(account) > 100 or len(account_name) > 60:
        raise Invalid(fields={"account": REASONS["long_text"]}, code="long_text")
    changes = {
        "state": State.AGREED,
        "agreed_at": now,
        "channel": channel,
        "account_name": account_name.strip(),
        "account": account.strip(),
    }
    with transaction.atomic():
        return move(actor, row, "agreed", changes, now=now, data={"channel": channel})
