"""The payment ledger: money on its way, the file for the bank, its results, and money that comes back (CASE6, O5)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from kefu.claims import access
from kefu.claims.drafts import PaymentResult
from kefu.claims.errors import RESULT_REASONS, Found, NoLiability, PaidAlready
from kefu.claims.models import Payment
from kefu.claims.moving import move, standing
from kefu.claims.vocabulary import LIVE_PAYMENTS, STEPS, PayState, State
from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Conflict, Stale
from kefu.people.access import require
from kefu.people.permissions import Permission

MOST_RESULTS = 500


def start_payment(*, actor: Actor, claim_id: int, now: datetime, expected_version: int | None = None) -> Payment:
    """Put the agreed amount into the payment ledger. Two people at once make one payment: the claim is taken by its version, and a
    constraint lets one payment of a claim live.

    Raises ``PaidAlready``, ``Found``, ``NoLiability``, ``WrongState``, ``Stale``.
    """
    require(actor, Permission.CLAIM_PAY)
    row = standing(actor, claim_id, "pay", expected_version)
    if row.found_at is not None and row.found_cleared_at is None:
        raise Found(time=f"{timezone.localtime(row.found_at):%Y-%m-%d %H:%M}")
    if not row.shares.exists():
        raise NoLiability
    try:
        with transaction.atomic():
            payment = Payment.objects.create(
                claim=row, site_id=row.site_id, amount=row.amount, channel=row.channel, account_name=row.account_name,
                account=row.account, made_by=actor.name[:80], made_at=now,
            )  # fmt: skip
            move(actor, row, "paying", {"state": State.PAYING}, now=now, data={"payment": payment.number, "channel": row.channel})
    except IntegrityError as error:
        live = Payment.objects.filter(claim=row, state__in=[one.value for one in LIVE_PAYMENTS]).first()
        raise PaidAlready(number=live.number if live else "") from error
    return payment


def send_batch(*, actor: Actor, payment_ids: Sequence[int], now: datetime) -> tuple[str, int]:
    """Take waiting payments into one file for the bank; returns its name and how many went in. What another took first stays theirs."""
    require(actor, Permission.CLAIM_PAY)
    rows = access.payments(actor).filter(pk__in=list(payment_ids)[:MOST_RESULTS], state=PayState.WAITING)
    name = f"{now:%Y%m%d%H%M%S}-{actor.own_id}"
    with transaction.atomic():
        taken = rows.update(state=PayState.SENT, batch=name, sent_at=now, version=F("version") + 1)
        if taken:
            sites = Payment.objects.filter(batch=name).order_by().values_list("site_id", flat=True).distinct()
            for site_id in sites:
                audit.record(actor, "claim.batch_sent", Ref("payment_batch", 0, name), now=now, site_id=site_id, data={"payments": taken})
    return name, taken


_CLAIM_STATE = {PayState.PAID: State.PAID, PayState.FAILED: State.FAILED, PayState.RETURNED: State.RETURNED}
_BEFORE: dict[str, tuple[str, ...]] = {
    PayState.PAID: (PayState.WAITING, PayState.SENT),
    PayState.FAILED: (PayState.WAITING, PayState.SENT),
    PayState.RETURNED: (PayState.SENT, PayState.PAID),
}


def note_result(*, actor: Actor, payment_id: int, result: PaymentResult, now: datetime) -> bool:
    """Write what became of a payment; false when it is known already (the same result again changes nothing).

    Raises ``Conflict`` when the amount is not ours, the serial number belongs to another payment, or the payment stands elsewhere.
    """
    require(actor, Permission.CLAIM_PAY)
    row = access.payment_for(actor, payment_id)
    wrong = _result_problem(row, result)
    if wrong == "known":
        return False
    if wrong is not None:
        raise Conflict(RESULT_REASONS[wrong], code=f"claim.{wrong}")
    claim = row.claim
    outcome = PayState(result.outcome)
    changes = {"state": _CLAIM_STATE[outcome], **({"paid_at": now} if outcome == PayState.PAID else {"paid_at": None})}
    try:
        with transaction.atomic():
            save_claimed(row, state=outcome, serial=result.serial[:80] or row.serial, reason=result.reason[:200], done_at=now)
            data = {"payment": row.number, "channel": row.channel, "reason": result.reason[:200]}
            move(actor, claim, str(outcome), changes, now=now, data=data)
    except IntegrityError as error:
        raise Conflict(RESULT_REASONS["serial_used"], code="claim.serial_used") from error
    return True


def _result_problem(row: Payment, result: PaymentResult) -> str | None:
    """Code of why a result is not this payment's; ``known`` when it was noted before."""
    if result.outcome not in _BEFORE:
        return "unknown_outcome"
    if result.amount is not None and result.amount != row.amount:
        return "other_amount"
    if row.state == result.outcome:
        return "known"
    if result.outcome != PayState.PAID and not result.reason.strip():
        return "no_result_reason"
    fits = row.state in _BEFORE[result.outcome] and row.claim.state in STEPS[result.outcome][0]
    return None if fits else "other_state"


@dataclass(slots=True)
class Noted:
    """Outcome of a file of results: ids noted and known already by place, codes of what was not taken by place."""

    stored: dict[int, int] = field(default_factory=dict)
    present: dict[int, int] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)


def payment_id_of(number: str) -> int | None:
    """The key of a payment number (``P00000012``); ``None`` when it is none."""
    digits = number.strip().upper().removeprefix("P")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 15 else None


def note_results(*, actor: Actor, results: Sequence[PaymentResult], now: datetime) -> Noted:
    """Write many results, each for itself. Raises nothing but a missing permission."""
    require(actor, Permission.CLAIM_PAY)
    ids = [payment_id_of(one.number) for one in results]
    seen = set(access.payments(actor).filter(pk__in=[one for one in ids if one is not None]).values_list("pk", flat=True))
    done = Noted()
    for place, (payment_id, result) in enumerate(zip(ids, results, strict=True)):
        if payment_id is None or payment_id not in seen:
            done.refused[place] = "unknown_payment"
            continue
        try:
            fresh = note_result(actor=actor, payment_id=payment_id, result=result, now=now)
        except Stale:
            done.refused[place] = "other_state"
        except Conflict as error:
            done.refused[place] = error.reason.removeprefix("claim.")
        else:
            (done.stored if fresh else done.present)[place] = payment_id
    return done
