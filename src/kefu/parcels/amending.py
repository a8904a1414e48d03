"""Changing what was registered of a waybill, and declaring one void (作废单, O9). Why and by whom it was changed, the caller keeps."""

from dataclasses import dataclass, fields, replace
from datetime import datetime

from django.db import IntegrityError, transaction

from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.encryption import keyring
from kefu.kernel.errors import Conflict, Invalid, Stale
from kefu.kernel.masking import phone_key
from kefu.kernel.rows import insert_all
from kefu.parcels import access
from kefu.parcels.checks import REASONS, parcel_problem
from kefu.parcels.drafts import ParcelDraft
from kefu.parcels.events import ParcelEdited
from kefu.parcels.models import Parcel, ParcelParties, Scan, SubWaybill
from kefu.parcels.recording import TRIES, Reach, take_pieces
from kefu.parcels.states import Moved, refold
from kefu.parcels.tracing import party_of
from kefu.parcels.waybills import clean_waybill
from kefu.people import access as people
from kefu.people.permissions import Permission

_APART = frozenset({"sender", "receiver", "sub_waybills"})
_SAME = tuple(one.name for one in fields(ParcelDraft) if one.name not in _APART)
_SIDES = tuple((side, name) for side in ("sender", "receiver") for name in ("name", "company", "phone", "address"))


@dataclass(frozen=True, slots=True)
class Amended:
    """A waybill before and after, and the names of the fields that differ."""

    before: ParcelDraft
    after: ParcelDraft
    changed: tuple[str, ...]


def draft_of(actor: Actor, waybill: str) -> ParcelDraft:
    """What is registered of a waybill in reach, in the clear, for the caller to mask; ``NotFound`` otherwise."""
    return _draft(access.get_for(actor, clean_waybill(waybill)))


def _draft(parcel: Parcel) -> ParcelDraft:
    return ParcelDraft(
        **{name: getattr(parcel, name) for name in _SAME},
        sender=party_of(parcel, "sender"),
        receiver=party_of(parcel, "receiver"),
        sub_waybills=tuple(parcel.sub_waybills.order_by("position").values_list("number", flat=True)),
    )


def amend_parcel(*, actor: Actor, draft: ParcelDraft, now: datetime) -> Amended:
    """Write what the draft says over what is registered of its waybill; ``Invalid`` with the code when it cannot be so.

    A waybill declared void is not changed any more (``Conflict``). A scan that comes in between loses nothing: it is looked at again.
    """
    people.require(actor, Permission.PARCEL_SCAN)
    number = clean_waybill(draft.waybill)
    draft = replace(draft, waybill=number, sub_waybills=tuple(map(clean_waybill, draft.sub_waybills)))
    if reason := parcel_problem(draft, Reach(actor)):
        raise Invalid(fields={"parcel": REASONS[reason]}, code=reason)
    for _try in range(TRIES):
        try:
            with transaction.atomic():
                return _amend(actor, draft, now)
        except (Moved, Stale):
            continue
        except IntegrityError as error:
            raise Invalid(fields={"parcel": REASONS["sub_waybill_taken"]}, code="sub_waybill_taken") from error
    raise Stale


def _amend(actor: Actor, draft: ParcelDraft, now: datetime) -> Amended:
    parcel = access.get_for(actor, draft.waybill)
    if parcel.cancelled_at is not None:
        raise Conflict(code="parcel_cancelled")
    before = _draft(parcel)
    changed = tuple(one.name for one in fields(ParcelDraft) if getattr(before, one.name) != getattr(draft, one.name))
    if not changed:
        return Amended(before, draft, ())
    changes = {name: getattr(draft, name) for name in changed if name not in _APART}
    for side in {"sender", "receiver"} & set(changed):
        changes[f"{side}_phone_index"] = _phone_index(getattr(draft, side).phone)
    save_claimed(parcel, **changes)
    if {"sender", "receiver"} & set(changed):
        values = {f"{side}_{name}": getattr(getattr(draft, side), name) for side, name in _SIDES}
        ParcelParties.objects.update_or_create(parcel=parcel, defaults=values)
    if "sub_waybills" in changed:
        _replace_pieces(parcel, draft, now)
    if {"site_id", "pieces"} & set(changed):
        refold({parcel.waybill}, now)
    ref = Ref("parcel", parcel.pk, parcel.waybill)
    audit.record(actor, "parcel.amended", ref, now=now, site_id=draft.site_id, data={"fields": list(changed)})
    sites = tuple(dict.fromkeys((before.site_id, draft.site_id)))
    outbox.emit(ParcelEdited(parcel_id=parcel.pk, sites=sites, fields=changed), now=now)
    return Amended(before, draft, changed)


def _phone_index(phone: str) -> str:
    key = phone_key(phone)
    return keyring().index("phone", key) if key else ""


def _replace_pieces(parcel: Parcel, draft: ParcelDraft, now: datetime) -> None:
    """Other numbers of the pieces. A piece that was scanned keeps its number; a number that stands for something else is refused."""
    wanted = set(draft.sub_waybills)
    gone = set(parcel.sub_waybills.values_list("number", flat=True)) - wanted
    if Scan.objects.filter(waybill=parcel.waybill, piece__in=sorted(gone)).exists():
        raise Invalid(fields={"parcel": REASONS["sub_waybill_taken"]}, code="sub_waybill_taken")
    if Parcel.objects.filter(waybill__in=sorted(wanted)).exists():
        raise Invalid(fields={"parcel": REASONS["sub_waybill_taken"]}, code="sub_waybill_taken")
    parcel.sub_waybills.all().delete()
    insert_all([SubWaybill(number=number, parcel=parcel, position=place) for place, number in enumerate(draft.sub_waybills, start=1)])
    if take_pieces(dict.fromkeys(draft.sub_waybills, parcel.waybill)):
        refold({parcel.waybill}, now)


def cancel_parcel(*, actor: Actor, waybill: str, now: datetime) -> Parcel:
    """Declare a registered waybill void; refused once it was scanned, for then there is a parcel under it."""
    people.require(actor, Permission.PARCEL_SCAN)
    parcel = access.get_for(actor, clean_waybill(waybill))
    if parcel.cancelled_at is not None:
        return parcel
    if parcel.standing.last_scan_at is not None:
        raise Conflict(code="parcel_scanned")
    with transaction.atomic():
        save_claimed(parcel, cancelled_at=now)
        audit.record(actor, "parcel.cancelled", Ref("parcel", parcel.pk, parcel.waybill), now=now, site_id=parcel.site_id)
        outbox.emit(ParcelEdited(parcel_id=parcel.pk, sites=(parcel.site_id,), fields=("cancelled_at",)), now=now)
    return parcel
