"""Every write of forwarding after it was asked for: agreed, decided, handed on, signed, settled, withdrawn (OPS10, O7)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Conflict, Invalid, NotFound, Stale
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ScanDraft
from kefu.parcels.journeys import journeys, numbers_of
from kefu.parcels.linking import link_waybills
from kefu.parcels.lookups import cards_of
from kefu.parcels.vocabulary import LinkKind, ScanCode, StateCode
from kefu.parcels.waybills import clean_waybill, is_waybill
from kefu.people import queries as people
from kefu.people.access import require
from kefu.people.permissions import Permission
from kefu.station.forwarding import access, rules
from kefu.station.forwarding.errors import REASONS, OwnRequest, WrongState
from kefu.station.forwarding.models import Forward
from kefu.station.forwarding.requesting import ref, request_forward, request_many, told
from kefu.station.forwarding.terms import terms_at
from kefu.station.forwarding.vocabulary import Contact, State, Way

__all__ = [
    "approve", "confirm", "follow_moves", "hand_on", "mark_signed", "refuse", "request_forward", "request_many", "settle", "withdraw",
]  # fmt: skip

_DESK = "forwarding-desk"
_LONGEST = 500


def _row(actor: Actor, forward_id: int, expected_version: int | None, *states: str) -> Forward:
    """A request of one's own site that stands where the step belongs."""
    row = access.get_of_own(actor, forward_id)
    if expected_version is not None and row.version != expected_version:
        raise Stale
    if row.state not in states:
        raise WrongState(state=State(row.state).label)
    return row


def _move(
    actor: Actor, row: Forward, what: str, changes: Mapping[str, Any], now: datetime, data: Mapping[str, Any] | None = None
) -> Forward:
    """The row claimed with what changed, its next deadline, the audit entry and the events; in the caller's transaction."""
    found = dict(changes)
    state = str(found.get("state", row.state))
    if "state" in found:
        terms = terms_at(row.site.handbook, now)
        found |= {"due_at": rules.due_after(state, row.way, now, terms), "clause": terms.clause or row.clause}
    save_claimed(row, updated_at=now, **found)
    audit.record(actor, f"forward.{what}", ref(row), now=now, site_id=row.site_id, clause=row.clause, data={"state": state, **(data or {})})
    outbox.emit_many(told(row), now=now)
    return row


def confirm(*, actor: Actor, forward_id: int, at: datetime, way: str, now: datetime, expected_version: int | None = None) -> Forward:
    """Note that the receiver agreed: when and how they were asked. Raises ``Invalid``, ``WrongState``, ``Stale``."""
    require(actor, Permission.FORWARD_REQUEST)
    row = _row(actor, forward_id, expected_version, State.REQUESTED, State.APPROVED)
    if at > now or way not in Contact.values:
        raise Invalid(fields={"confirmed_at": REASONS["bad_contact"]}, code="bad_contact")
    with transaction.atomic():
        return _move(actor, row, "confirmed", {"confirmed_at": at, "confirmed_by_way": way}, now, {"way": way})


def _decider(actor: Actor, row: Forward) -> None:
    if actor.staff_id is not None and actor.staff_id == row.requested_by_id:
        raise OwnRequest


def approve(*, actor: Actor, forward_id: int, text: str, now: datetime, expected_version: int | None = None) -> Forward:
    """Agree; somebody else than the asker, once the receiver has agreed, while the parcel may still be forwarded."""
    require(actor, Permission.FORWARD_APPROVE)
    row = _row(actor, forward_id, expected_version, State.REQUESTED)
    _decider(actor, row)
    if row.confirmed_at is None:
        raise Conflict(_("还没有征得收件人同意，请先登记收件人确认的时间和方式，再审核。"), code="forward.not_confirmed")
    _still_there(row)
    with transaction.atomic():
        changes = {"state": State.APPROVED, "decided_by": actor.name[:80], "decided_at": now, "decision": text.strip()[:_LONGEST]}
        return _move(actor, row, "approved", changes, now, {"wrong_claim": row.wrong_claim})


def refuse(*, actor: Actor, forward_id: int, text: str, now: datetime, expected_version: int | None = None) -> Forward:
    """Refuse with a reason; somebody else than the asker."""
    require(actor, Permission.FORWARD_APPROVE)
    row = _row(actor, forward_id, expected_version, State.REQUESTED)
    _decider(actor, row)
    reason = _reason(text, _("请填写驳回原因，申请人要知道怎样改。"))
    with transaction.atomic():
        changes = {"state": State.REFUSED, "decided_by": actor.name[:80], "decided_at": now, "decision": reason}
        return _move(actor, row, "refused", changes, now)


def withdraw(*, actor: Actor, forward_id: int, text: str, now: datetime, expected_version: int | None = None) -> Forward:
    """Take a request back before the parcel is handed on, with a reason."""
    require(actor, Permission.FORWARD_REQUEST)
    row = _row(actor, forward_id, expected_version, State.REQUESTED, State.APPROVED)
    reason = _reason(text, _("请填写撤销原因。"))
    with transaction.atomic():
        return _move(actor, row, "withdrawn", {"state": State.WITHDRAWN, "decision": reason}, now)


def _reason(text: str, missing: Any) -> str:
    if not text.strip():
        raise Invalid(fields={"text": missing}, code="no_reason")
    return text.strip()[:_LONGEST]


def _still_there(row: Forward) -> None:
    """Refuse when the parcel has come into a state that cannot be forwarded since it was asked."""
    wrong = rules.parcel_problem(journeys([row.waybill])[row.waybill], row.site_id)
    if wrong is not None:
        raise Conflict(REASONS[wrong], code=f"forward.{wrong}")


def hand_on(*, actor: Actor, forward_id: int, new_waybill: str, now: datetime, expected_version: int | None = None) -> Forward:
    """Hand the parcel on: the TRANSFER scan, and the link to its new number so that the old one keeps tracking (O7).

    An outside carrier gives a new number; a site of the network may keep the old one, and who collects needs none.
    Raises ``Invalid``, ``Conflict`` (number used, ring of numbers), ``WrongState``, ``Stale``.
    """
    require(actor, Permission.FORWARD_REQUEST)
    row = _row(actor, forward_id, expected_version, State.APPROVED)
    number = clean_waybill(new_waybill)
    _check_number(row, number)
    _still_there(row)
    number = "" if number == row.waybill or row.way == Way.SELF else number
    changes = {"state": State.FORWARDED, "new_waybill": number, "forwarded_at": now, "forwarded_by": actor.name[:80]}
    try:
        with transaction.atomic():
            _move(actor, row, "forwarded", changes, now, {"new_waybill": number})
            _scan(actor, row, now)
            if number:
                link_waybills(actor=Actor.system(_DESK), kind=LinkKind.FORWARD, from_waybill=row.waybill, to_waybill=number, now=now)
    except IntegrityError as error:
        raise Conflict(_("这个新单号已用于另一件转件，请核对。"), code="forward.number_used") from error
    return row


def _check_number(row: Forward, number: str) -> None:
    wrong: Any = None
    if row.way == Way.OUTSIDE and (not number or number == row.waybill):
        wrong = _("转外部快递须填写承接公司的新单号。")
    elif number and not is_waybill(number):
        wrong = REASONS["bad_waybill"]
    if wrong is not None:
        raise Invalid(fields={"new_waybill": wrong}, code="bad_new_waybill")


def _operator(actor: Actor) -> str:
    me = people.me(actor) if actor.kind == "staff" else None
    return me.staff_no if me else ""


def _scan(actor: Actor, row: Forward, now: datetime) -> None:
    """转件, or 自提 for who collects; in the product's name, for who may ask need not hold a gun."""
    code = ScanCode.SELF if row.way == Way.SELF else ScanCode.TRANSFER
    scan = ScanDraft(
        row.waybill, code, row.site_id, now, operator=_operator(actor), next_site_id=row.to_site_id, reason=str(row.reason_code),
        note=row.new_waybill or row.company,
    )  # fmt: skip
    parcels.record_scans(actor=Actor.system(_DESK), batch=[scan], now=now)


def mark_signed(*, actor: Actor, forward_id: int, at: datetime, now: datetime, expected_version: int | None = None) -> Forward:
    """Note a signature that no scan told of (an outside carrier, a collection): a 签收 scan of the number the parcel went on under."""
    require(actor, Permission.FORWARD_REQUEST)
    row = _row(actor, forward_id, expected_version, State.FORWARDED)
    if at > now or (row.forwarded_at is not None and at < row.forwarded_at):
        raise Invalid(fields={"signed_at": _("签收时间须晚于转出时间，且不晚于现在。")}, code="bad_signed_at")
    with transaction.atomic():
        scan = ScanDraft(row.new_waybill or row.waybill, ScanCode.SIGN, row.site_id, at, operator=_operator(actor), note=row.company)
        parcels.record_scans(actor=Actor.system(_DESK), batch=[scan], now=now)
        return _move(actor, row, "signed", {"state": State.SIGNED, "signed_at": at}, now)


def settle(*, actor: Actor, forward_id: int, fee: Decimal, payer: str, now: datetime, expected_version: int | None = None) -> Forward:
    """Settle what was paid and by whom, once it is signed; the rules of who may pay hold here too (R19, R19a)."""
    require(actor, Permission.FEE_SETTLE)
    row = _row(actor, forward_id, expected_version, State.SIGNED)
    terms = terms_at(row.site.handbook, now)
    wrong = rules.payer_problem(fee, payer, row.sender_told, terms) or rules.claim_problem(row.wrong_claim, fee, payer, terms)
    if wrong is not None:
        field = "fee" if wrong in ("bad_fee", "high_fee") else "payer"
        raise Invalid(REASONS[wrong], fields={field: REASONS[wrong]}, code=wrong)
    with transaction.atomic():
        changes = {"state": State.SETTLED, "settled_fee": fee, "settled_payer": payer, "settled_at": now, "settled_by": actor.name[:80]}
        return _move(actor, row, "settled", changes, now, {"fee": str(fee), "payer": payer})


def follow_moves(*, actor: Actor, moves: Sequence[tuple[int, str]], now: datetime) -> int:
    """Requests whose parcel was signed, under its old number (through the link) or its new one; ``moves`` are parcel and new state."""
    if not actor.may("*"):
        raise NotFound
    signed = [parcel_id for parcel_id, state in moves if state == StateCode.SIGNED]
    cards = cards_of(set(numbers_of(signed).values()))
    numbers = sorted(cards)
    rows = Forward.objects.filter(Q(waybill__in=numbers) | Q(new_waybill__in=numbers), state=State.FORWARDED).select_related("site")
    done = 0
    for row in rows.order_by("pk"):
        card = cards.get(row.waybill) or cards[row.new_waybill]
        try:
            with transaction.atomic():
                _move(actor, row, "signed", {"state": State.SIGNED, "signed_at": card.signed_at or now}, now)
        except Stale:
            continue  # somebody noted the signature at the same moment
        done += 1
    return done
