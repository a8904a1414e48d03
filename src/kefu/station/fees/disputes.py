"""Fees somebody does not agree with, and what is noted by hand (O11). The case of a dispute is opened above, in ``escalations``."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Invalid, Message, Stale
from kefu.people.access import require
from kefu.people.permissions import Permission
from kefu.station.fees import access, actions
from kefu.station.fees.errors import FeeDisputed, FeeFixed, FeeLocked, FeeVoid, NoDispute
from kefu.station.fees.events import FeeChanged
from kefu.station.fees.models import DeliveryFee, FeeDispute
from kefu.station.fees.rates import ZERO
from kefu.station.fees.reckoning import Line
from kefu.station.fees.vocabulary import UNSETTLED, Charge, DisputeReason, FeeState, Verdict

_LONGEST = 500
_MOST = Decimal(100_000)


def _unsettled(actor: Actor, fee_id: int, expected_version: int) -> DeliveryFee:
    row = access.get_for(actor, fee_id)
    if row.version != expected_version:
        raise Stale
    if row.state not in UNSETTLED:
        raise FeeLocked
    return row


def _told(row: DeliveryFee, what: str, now: datetime) -> None:
    outbox.emit(FeeChanged(fee_id=row.pk, site_id=row.site_id, what=what), now=now)


def _checked(amount: Decimal | None, note: str, field: str) -> dict[str, Message]:
    wrong: dict[str, Message] = {}
    if amount is not None and not (amount.is_finite() and 0 <= amount <= _MOST):
        wrong[field] = _("请填写不小于 0 的数字。")
    if len(note) > _LONGEST:
        wrong["note"] = _("说明过长，请控制在 500 字以内。")
    return wrong


def dispute(
    *, actor: Actor, fee_id: int, reason: str, note: str, wanted: Decimal | None, expected_version: int, now: datetime
) -> FeeDispute:
    """Dispute a fee: it leaves its draft statement and is held until somebody decides.

    Raises ``Invalid``, ``FeeLocked`` once settled, ``FeeVoid``, ``FeeDisputed``, ``Stale``.
    """
    require(actor, Permission.FEE_VIEW)
    require(actor, Permission.CASE_OPEN)
    row = _unsettled(actor, fee_id, expected_version)
    if row.state == FeeState.VOID:
        raise FeeVoid
    if row.state == FeeState.DISPUTED:
        raise FeeDisputed
    wrong = _checked(wanted, note, "wanted")
    if reason not in DisputeReason.values:
        wrong["reason"] = _("请选择争议原因。")
    elif reason == DisputeReason.OTHER and not note.strip():
        wrong["note"] = _("请写明争议的内容。")
    if wrong:
        raise Invalid(fields=wrong)
    try:
        with transaction.atomic():
            save_claimed(row, state=FeeState.DISPUTED, statement=None)
            made = FeeDispute.objects.create(
                fee=row, reason=reason, note=note.strip(), wanted=wanted, opened_at=now, opened_by=actor.name[:80]
            )
            audit.record(
                actor,
                "fee.disputed",
                actions.fee_ref(row),
                now=now,
                site_id=row.site_id,
                data={"reason": reason, "wanted": str(wanted) if wanted is not None else ""},
            )
            _told(row, "disputed", now)
    except IntegrityError as error:
        raise FeeDisputed from error
    return made


def decide(
    *, actor: Actor, fee_id: int, verdict: str, amount: Decimal | None, answer: str, expected_version: int, now: datetime
) -> DeliveryFee:
    """End a dispute: keep the amount, set another, or waive the fee; it may be counted again afterwards.

    Raises ``Invalid``, ``NoDispute``, ``Stale``. A kept fee is then worked out anew, for what happened meanwhile.
    """
    require(actor, Permission.FEE_SETTLE)
    row = _unsettled(actor, fee_id, expected_version)
    found = FeeDispute.objects.filter(fee=row, ended_at=None).first()
    if row.state != FeeState.DISPUTED or found is None:
        raise NoDispute
    wrong = _checked(amount, answer, "amount")
    if verdict not in Verdict.values:
        wrong["verdict"] = _("请选择处理结果。")
    elif verdict == Verdict.CHANGED and amount is None:
        wrong["amount"] = _("请填写新的金额。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        before = row.total
        save_claimed(row, **_decided(verdict, amount))
        save_claimed(found, verdict=verdict, answer=answer.strip(), ended_at=now, ended_by=actor.name[:80])
        if row.total != before:
            actions.revise(actor, row, "verdict", before, now)
        audit.record(
            actor,
            "fee.decided",
            actions.fee_ref(row),
            now=now,
            site_id=row.site_id,
            data={"verdict": verdict, "before": str(before), "after": str(row.total)},
        )
        _told(row, "decided", now)
        actions.refresh(actor=Actor.system("fees"), parcel_ids=[row.parcel_id], now=now)
    row.refresh_from_db()
    return row


def _decided(verdict: str, amount: Decimal | None) -> dict[str, Any]:
    changes: dict[str, Any] = {"state": FeeState.OPEN.value}
    if verdict == Verdict.CHANGED and amount is not None:
        return changes | _fixed(amount)
    return changes | _fixed(ZERO) if verdict == Verdict.WAIVED else changes


def _fixed(amount: Decimal) -> dict[str, Any]:
    line = Line(Charge.BASE.value, "verdict", amount, {})
    return {"fixed": True, "trouble": "", "base": amount, "heavy": ZERO, "total": amount, "lines": [line.stored()]}


def note_extras(*, actor: Actor, fee_id: int, floors: int, round_trip: bool, expected_version: int, now: datetime) -> DeliveryFee:
    """Note what no scan tells, floors carried up and a second way, and work the fee out anew. Raises ``FeeLocked``, ``FeeDisputed``."""
    require(actor, Permission.FEE_SETTLE)
    row = _unsettled(actor, fee_id, expected_version)
    if row.state == FeeState.VOID:
        raise FeeVoid
    if row.state == FeeState.DISPUTED:
        raise FeeDisputed
    if row.fixed:
        raise FeeFixed
    if not 0 <= floors <= 99:
        raise Invalid(fields={"floors": _("楼层数请填 0 到 99。")})
    with transaction.atomic():
        save_claimed(row, floors=floors, round_trip=round_trip)
        audit.record(
            actor, "fee.extras", actions.fee_ref(row), now=now, site_id=row.site_id, data={"floors": floors, "round_trip": round_trip}
        )
        _told(row, "extras", now)
        actions.refresh(actor=Actor.system("fees"), parcel_ids=[row.parcel_id], now=now)
    row.refresh_from_db()
    return row
