"""Writes of return receipts: they follow the signed waybills that want one, and step by step they go back to the sender (O13)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Invalid, Stale
from kefu.kernel.rows import insert_all
from kefu.parcels.handovers import Handover, handovers
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission
from kefu.station.receipts import access, limits, rules
from kefu.station.receipts.errors import AlreadyLost, NothingToUndo, NotLost, ReceiptClosed
from kefu.station.receipts.events import ReceiptLost, ReceiptsMoved
from kefu.station.receipts.models import Receipt, ReceiptLoss, ReceiptMove
from kefu.station.receipts.rules import Days, Way
from kefu.station.receipts.vocabulary import State

_PART = 500
_TRIES = 5


def receipt_ref(row: Receipt) -> Ref:
    """How other records point at a receipt."""
    return Ref("receipt", row.pk, row.waybill)


def way_of(row: Receipt) -> Way:
    """The sites a receipt passes."""
    return Way(row.site_id, row.hub_id, row.origin_hub_id, row.origin_site_id, electronic=rules.is_electronic(row.kind))


@dataclass(slots=True)
class Grounds:
    """Sites and limits for many receipts, looked up once."""

    now: datetime
    sites: Mapping[int, Any] = field(default_factory=people_queries.sites_by_id)
    known: dict[str, Days] = field(default_factory=dict)

    def days(self, site_id: int) -> Days:
        """The limits in force at a site."""
        handbook = self.sites[site_id].handbook
        if handbook not in self.known:
            self.known[handbook] = limits.days_of(limits.book_at(handbook, self.now))
        return self.known[handbook]

    def hub_of(self, site_id: int | None) -> int | None:
        """The nearest hub above a site."""
        if site_id is None:
            return None
        line = [int(part) for part in self.sites[site_id].path.split("/") if part]
        return next((pk for pk in reversed(line[:-1]) if self.sites[pk].kind == "hub"), None)


def derived(row: Receipt, days: Days) -> dict[str, Any]:
    """What follows from a receipt's state: the next step, where, and until when."""
    way = way_of(row)
    following = None if row.closed_at else rules.next_state(way, row.state)
    since = row.signed_at if row.state == State.UNREGISTERED else row.state_at
    return {
        "next_state": following,
        "due_site_id": way.acting(following) if following is not None else None,
        "step_due_at": rules.step_due(row.state, since, days) if following is not None else None,
        "due_at": rules.whole_due(row.signed_at, days),
        "clause": days.clause,
    }


# --- following the waybills ----------------------------------------------------------------------------------------------------------


def follow(*, actor: Actor, parcel_ids: Iterable[int], now: datetime) -> int:
    """Make the receipts of signed waybills that want one, and keep their signature up to date; returns how many changed. May run again."""
    people.require(actor, Permission.RECEIPT_WORK)
    wanted = sorted(set(parcel_ids))
    return sum(_follow_part(actor, wanted[start : start + _PART], now) for start in range(0, len(wanted), _PART))


def _follow_part(actor: Actor, parcel_ids: Sequence[int], now: datetime) -> int:
    for _try in range(_TRIES):
        try:
            with transaction.atomic():
                return _follow(actor, parcel_ids, Grounds(now))
        except (IntegrityError, Stale):
            continue  # somebody noted one of them meanwhile: look again
    raise Stale


def _follow(actor: Actor, parcel_ids: Sequence[int], grounds: Grounds) -> int:
    known = {row.parcel_id: row for row in Receipt.objects.filter(parcel_id__in=parcel_ids)}
    found = [one for one in handovers(parcel_ids) if one.id in known or (one.receipt_kind and one.signed_at is not None)]
    fresh = [fresh_receipt(one, grounds) for one in found if one.id not in known]
    insert_all(fresh)
    changed = sum(_resign(known[one.id], one, grounds) for one in found if one.id in known)
    if fresh or changed:
        audit.record(actor, "receipt.followed", Ref("receipt", 0), now=grounds.now, data={"made": len(fresh), "changed": changed})
    return len(fresh) + changed


def fresh_receipt(parcel: Handover, grounds: Grounds) -> Receipt:
    """A receipt not yet written, at state 0. It goes back from the site that signed."""
    site = parcel.signed_site_id or parcel.site_id
    row = Receipt(
        parcel_id=parcel.id,
        waybill=parcel.waybill,
        kind=parcel.receipt_kind,
        site_id=site,
        hub_id=grounds.hub_of(site),
        origin_site_id=parcel.origin_site_id,
        origin_hub_id=grounds.hub_of(parcel.origin_site_id),
        signed_at=parcel.signed_at,
        made_at=grounds.now,
    )
    for name, value in derived(row, grounds.days(site)).items():
        setattr(row, name, value)
    return row


def _resign(row: Receipt, parcel: Handover, grounds: Grounds) -> bool:
    """Keep the signature of a known receipt in step with the waybill; the way of one that set out stays."""
    signed = parcel.signed_at if parcel.receipt_kind else None
    values: dict[str, Any] = {"signed_at": signed}
    if row.state == State.UNREGISTERED and parcel.receipt_kind:
        site = parcel.signed_site_id or parcel.site_id
        values |= {"kind": parcel.receipt_kind, "site_id": site, "hub_id": grounds.hub_of(site)}
    if all(getattr(row, name) == value for name, value in values.items()):
        return False
    for name, value in values.items():
        setattr(row, name, value)
    save_claimed(row, **values, **derived(row, grounds.days(row.site_id)))
    return True


# --- taking back, lost, found -----------------------------------------------------------------------------------------------------------


def undo_move(*, actor: Actor, receipt_id: int, reason: str, expected_version: int, now: datetime) -> Receipt:
    """Take back the last step; only people of the site that noted it, with a reason. The line stays in the history."""
    people.require(actor, Permission.RECEIPT_WORK)
    row = _to_change(actor, receipt_id, expected_version)
    if row.lost_at is not None:
        raise AlreadyLost
    if not reason.strip() or len(reason) > 200:
        raise Invalid(fields={"reason": _("请写明撤销原因，200 字以内。")})
    moves = list(row.moves.filter(undone_at=None).order_by("-state"))
    if not moves:
        raise NothingToUndo
    people.require_site(actor, moves[0].site_id)
    before = moves[1] if len(moves) > 1 else None
    with transaction.atomic():
        _undo(actor, row, moves[0], before, reason.strip(), now)
    return row


def _undo(actor: Actor, row: Receipt, last: ReceiptMove, before: ReceiptMove | None, reason: str, now: datetime) -> None:
    ReceiptMove.objects.filter(pk=last.pk, undone_at=None).update(undone_at=now, undone_by=actor.name[:80], undone_why=reason)
    state = before.state if before else State.UNREGISTERED.value
    row.state, row.state_at, row.closed_at = state, before.at if before else None, None
    changes: dict[str, Any] = {"state": state, "state_at": row.state_at, "closed_at": None}
    if state == State.UNREGISTERED:
        changes["registered_at"] = None
    if last.state == State.SENT_BACK:
        changes |= {"sent_at": None, "sent_no": ""}
    save_claimed(row, **changes, **derived(row, Grounds(now).days(row.site_id)))
    audit.record(actor, "receipt.undone", receipt_ref(row), now=now, site_id=last.site_id, data={"state": last.state, "reason": reason})
    outbox.emit(ReceiptsMoved(moves=((row.pk, state),), site_id=row.site_id), now=now)


def _to_change(actor: Actor, receipt_id: int, expected_version: int) -> Receipt:
    row = access.get_for(actor, receipt_id)
    if row.version != expected_version:
        raise Stale
    return row


def declare_lost(*, actor: Actor, receipt_id: int, reason: str, expected_version: int, now: datetime) -> ReceiptLoss:
    """Declare a receipt lost. Raises ``ReceiptClosed``, ``AlreadyLost``, ``Invalid``. Its case is opened above, in ``escalations``."""
    people.require(actor, Permission.RECEIPT_WORK)
    people.require(actor, Permission.CASE_OPEN)
    row = _to_change(actor, receipt_id, expected_version)
    if row.closed_at is not None:
        raise ReceiptClosed
    if row.lost_at is not None:
        raise AlreadyLost
    if not reason.strip() or len(reason) > 500:
        raise Invalid(fields={"reason": _("请写明在哪个环节遗失、找过哪里，500 字以内。")})
    with transaction.atomic():
        save_claimed(row, lost_at=now)
        loss = ReceiptLoss.objects.create(receipt=row, at=now, by=actor.name[:80], reason=reason.strip())
        _told_lost(actor, row, "receipt.lost", now)
    return loss


def declare_found(*, actor: Actor, receipt_id: int, expected_version: int, now: datetime) -> Receipt:
    """A lost receipt turned up: it goes on where it was. The case stays to be closed by who works on it."""
    people.require(actor, Permission.RECEIPT_WORK)
    row = _to_change(actor, receipt_id, expected_version)
    if row.lost_at is None:
        raise NotLost
    with transaction.atomic():
        save_claimed(row, lost_at=None)
        row.losses.filter(found_at=None).update(found_at=now, found_by=actor.name[:80])
        _told_lost(actor, row, "receipt.found", now)
    return row


def _told_lost(actor: Actor, row: Receipt, action: str, now: datetime) -> None:
    audit.record(actor, action, receipt_ref(row), now=now, site_id=row.site_id, data={"state": row.state})
    outbox.emit(ReceiptLost(receipt_id=row.pk, site_id=row.site_id, found=row.lost_at is None), now=now)
