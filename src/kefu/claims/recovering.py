"""A parcel that turns up after it was claimed as lost: nothing more is paid, and what was paid is asked back (O5 赔后找回)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from kefu.claims import access
from kefu.claims.errors import REASONS, WrongState
from kefu.claims.models import Claim, Recovery
from kefu.claims.moving import move, reason_given, standing
from kefu.claims.vocabulary import OPEN, STEPS, Choice, Loss, State
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid, NotFound, Stale
from kefu.parcels.journeys import numbers_of
from kefu.parcels.lookups import ParcelCard, cards_of
from kefu.parcels.vocabulary import ScanCode
from kefu.people.access import require
from kefu.people.permissions import Permission

_AWAITS = (*OPEN, State.PAID)


def follow_moves(*, actor: Actor, moves: Sequence[tuple[int, str]], now: datetime) -> int:
    """Claims of lost parcels that were scanned again since; ``moves`` are parcel and new state. Returns how many were found."""
    if not actor.may("*"):
        raise NotFound
    cards = cards_of(set(numbers_of([parcel_id for parcel_id, _state in moves]).values()))
    rows = Claim.objects.filter(waybill__in=sorted(cards), loss=Loss.LOST, state__in=_AWAITS, found_at=None).order_by("pk")
    done = 0
    for row in rows:
        if not _turned_up(cards[row.waybill], row):
            continue
        try:
            _found(actor, row, now)
        except Stale:
            continue  # somebody moved the claim at the same moment; the next scan tells again
        done += 1
    return done


def _turned_up(card: ParcelCard, row: Claim) -> bool:
    """Whether a scan that moves parcels came after the claim was made; a problem registered about it is none."""
    return card.last_scan_at is not None and card.last_scan_at > row.made_at and card.last_scan_code != ScanCode.PROBLEM


def _found(actor: Actor, row: Claim, now: datetime) -> None:
    paid = row.state == State.PAID
    with transaction.atomic():
        move(actor, row, "found_after_paid" if paid else "found", {"found_at": now}, now=now)
        if paid:
            Recovery.objects.get_or_create(claim=row, defaults={"found_at": now})


def note_found(*, actor: Actor, claim_id: int, now: datetime, expected_version: int | None = None) -> Claim:
    """Note that the parcel turned up, when no scan tells of it. Raises ``WrongState``, ``Stale``."""
    require(actor, Permission.CLAIM_WORK)
    row = access.get_for(actor, claim_id)
    if expected_version is not None and row.version != expected_version:
        raise Stale
    if row.state not in _AWAITS or row.found_at is not None:
        raise WrongState(state=State(row.state).label)
    _found(actor, row, now)
    return row


def clear_found(*, actor: Actor, claim_id: int, reason: str, now: datetime, expected_version: int | None = None) -> Claim:
    """Confirm, with a reason, that the parcel was not found after all (a scan of an empty box), so that the claim goes on."""
    require(actor, Permission.CLAIM_APPROVE)
    row = access.get_for(actor, claim_id)
    if expected_version is not None and row.version != expected_version:
        raise Stale
    if row.found_at is None or row.found_cleared_at is not None or row.state not in _AWAITS:
        raise WrongState(state=State(row.state).label)
    reason = reason_given(reason)
    with transaction.atomic():
        move(actor, row, "not_found_after_all", {"found_cleared_at": now}, now=now, text=reason)
        Recovery.objects.filter(claim=row, back_at=None).delete()
    return row


def choose(*, actor: Actor, claim_id: int, choice: str, now: datetime, expected_version: int | None = None) -> Claim:
    """What the customer decided about a parcel found after payment: keep the money, or take the parcel and pay back."""
    require(actor, Permission.CLAIM_WORK)
    row = standing(actor, claim_id, "recover", expected_version)
    if choice not in Choice.values:
        raise Invalid(fields={"choice": REASONS["unknown_choice"]}, code="unknown_choice")
    found = Recovery.objects.filter(claim=row).first()
    if found is None:
        raise WrongState(state=State(row.state).label)
    with transaction.atomic():
        move(actor, row, "recovery_chosen", {}, now=now, data={"choice": choice})
        Recovery.objects.filter(pk=found.pk).update(choice=choice, chosen_at=now, by=actor.name[:80])
    return row


def recover(*, actor: Actor, claim_id: int, back: Decimal, reason: str, now: datetime, expected_version: int | None = None) -> Claim:
    """Note the money that came back; the claim ends. Less than was paid wants a reason. Raises ``Invalid``, ``WrongState``, ``Stale``."""
    require(actor, Permission.CLAIM_PAY)
    row = standing(actor, claim_id, "recover", expected_version)
    found = Recovery.objects.filter(claim=row, choice=Choice.TAKE_BACK).first()
    if found is None:
        raise WrongState(state=State(row.state).label)
    if not (back.is_finite() and 0 < back <= row.amount and back == back.quantize(Decimal("0.01"))):
        raise Invalid(fields={"back": REASONS["bad_back"]}, code="bad_back")
    if back < row.amount:
        reason = reason_given(reason)
    to = STEPS["recover"][1][0]
    with transaction.atomic():
        move(actor, row, "recovered", {"state": to}, now=now, text=reason.strip(), data={"back": str(back)})
        Recovery.objects.filter(pk=found.pk).update(back=back, back_at=now, by=actor.name[:80])
    return row
