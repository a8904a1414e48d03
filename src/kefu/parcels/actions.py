"""Every write of parcels: registering waybills here; recording scans, making them void and linking waybills in files beside (OPS7)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from functools import partial

from django.db import IntegrityError, connection, transaction

from kefu.kernel import audit, search
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.bulk import insert_rows
from kefu.kernel.encryption import keyring
from kefu.kernel.errors import Conflict, Invalid, Stale
from kefu.kernel.masking import phone_key
from kefu.kernel.rows import insert_all
from kefu.parcels.checks import REASONS, parcel_problem
from kefu.parcels.drafts import Counts, ParcelDraft, Party, Refusal
from kefu.parcels.linking import link_waybills, unlink_waybills
from kefu.parcels.models import Parcel, ParcelParties, Scan, Standing, SubWaybill
from kefu.parcels.recording import PART, TRIES, Reach, catch_up, record_scans, take_pieces
from kefu.parcels.states import Moved, links_of, parts, refold
from kefu.parcels.vocabulary import StateCode
from kefu.parcels.voiding import void_scans
from kefu.parcels.waybills import carrier_guess, clean_waybill
from kefu.people import access as people
from kefu.people.permissions import Permission

__all__ = [
    "link_waybills",
    "parcel_ref",
    "record_scans",
    "register_parcel",
    "register_parcels",
    "unlink_waybills",
    "void_scans",
]

_APART = frozenset({"sender", "receiver", "sub_waybills", "carrier"})
# What a draft and a row call the same.
_SAME = tuple(field.name for field in fields(ParcelDraft) if field.name not in _APART)
_PARTIES = tuple(f"{side}_{name}" for side in ("sender", "receiver") for name in ("name", "company", "phone", "address"))

# A standing before any scan.
_NEW, _NOWHERE = ("parcel", "version", "state", "last_scan_code", "marks"), (0, StateCode.ORDERED.value, "", 0)


def parcel_ref(parcel: Parcel) -> Ref:
    """How other records point at a parcel."""
    return Ref("parcel", parcel.pk, parcel.waybill)


def register_parcel(*, actor: Actor, draft: ParcelDraft, now: datetime) -> Parcel:
    """Register one waybill; refused with the field when it cannot be, ``Conflict`` when it is registered already."""
    done = register_parcels(actor=actor, drafts=[draft], now=now)
    if done.refused:
        raise Invalid(fields={"parcel": REASONS[done.refused[0].reason]}, code=done.refused[0].reason)
    if done.present:
        raise Conflict(code="parcel_exists")
    return Parcel.objects.get(waybill=clean_waybill(draft.waybill))


def register_parcels(*, actor: Actor, drafts: Sequence[ParcelDraft], now: datetime) -> Counts:
    """Register many waybills; those already there are left as they are. Scans that came before are counted in.

    Numbers of pieces (``sub_waybills``) stand for their waybill from then on, scans recorded under them before included.
    """
    people.require(actor, Permission.PARCEL_SCAN)
    reach = Reach(actor)
    refused: list[Refusal] = []
    wanted: dict[str, ParcelDraft] = {}
    places: dict[str, int] = {}
    for index, given in enumerate(drafts):
        draft = replace(given, waybill=clean_waybill(given.waybill), sub_waybills=tuple(map(clean_waybill, given.sub_waybills)))
        if reason := parcel_problem(draft, reach):
            refused.append(Refusal(index, reason))
        else:
            wanted.setdefault(draft.waybill, draft)
            places.setdefault(draft.waybill, index)
    for number, reason in _taken(wanted).items():
        refused.append(Refusal(places[number], reason))
        del wanted[number]
    numbers = sorted(wanted)
    with transaction.atomic():
        stored = sum(_register_part(actor, part, wanted, now) for part in parts(numbers, PART))
    return Counts(stored, len(drafts) - len(refused) - stored, sorted(refused))


def _register_part(actor: Actor, numbers: Sequence[str], wanted: Mapping[str, ParcelDraft], now: datetime) -> int:
    for _try in range(TRIES):
        known = set(Parcel.objects.filter(waybill__in=numbers).values_list("waybill", flat=True))
        fresh = [_parcel(wanted[number], now) for number in numbers if number not in known]
        try:
            with transaction.atomic():
                _register(actor, fresh, wanted, now)
        except (IntegrityError, Moved):
            continue  # somebody registered one of them, or scanned it, meanwhile: look again
        return len(fresh)
    raise Stale


def _taken(wanted: Mapping[str, ParcelDraft]) -> dict[str, str]:
    """Numbers that stand for something else already: a piece of another waybill, or a piece's number that is a waybill."""
    wrong: dict[str, str] = {}
    for part in parts(sorted(wanted)):
        wrong.update(dict.fromkeys(SubWaybill.objects.filter(number__in=part).values_list("number", flat=True), "is_sub_waybill"))
    owners: dict[str, str] = {}
    for main, draft in wanted.items():
        for number in draft.sub_waybills:
            if owners.setdefault(number, main) != main or number in wanted:
                wrong[main] = "sub_waybill_taken"
    for part in parts(sorted(owners)):
        taken = dict(SubWaybill.objects.filter(number__in=part).values_list("number", "parcel__waybill"))
        taken |= {number: number for number in Parcel.objects.filter(waybill__in=part).values_list("waybill", flat=True)}
        wrong |= {owners[number]: "sub_waybill_taken" for number, main in taken.items() if main != owners[number]}
    return wrong


def _phone_index(phone: str) -> str:
    key = phone_key(phone)
    return keyring().index("phone", key) if key else ""


def _parcel(draft: ParcelDraft, now: datetime) -> Parcel:
    guesses = [] if draft.carrier else carrier_guess(draft.waybill)
    return Parcel(
        **{name: getattr(draft, name) for name in _SAME},
        carrier=draft.carrier or (guesses[0].carrier if guesses else ""),
        sender_phone_index=_phone_index(draft.sender.phone),
        receiver_phone_index=_phone_index(draft.receiver.phone),
        created_at=now,
    )


def _register(actor: Actor, parcels: list[Parcel], wanted: Mapping[str, ParcelDraft], now: datetime) -> None:
    if not parcels:
        return
    insert_all(parcels)
    keys = dict(Parcel.objects.filter(waybill__in=[parcel.waybill for parcel in parcels]).values_list("waybill", "pk"))
    for parcel in parcels:
        parcel.pk = keys[parcel.waybill]
    insert_rows(Standing, _NEW, [(parcel.pk, *_NOWHERE) for parcel in parcels])
    _store_parties({parcel.pk: wanted[parcel.waybill] for parcel in parcels})
    mains = _store_pieces({parcel.pk: wanted[parcel.waybill] for parcel in parcels})
    search.index("parcel", [search.Document(parcel.pk, parcel.site_id, parcel.waybill) for parcel in parcels])
    audit.record_many([audit.entry(actor, "parcel.registered", parcel_ref(parcel), now=now, site_id=parcel.site_id) for parcel in parcels])
    waybills = [parcel.waybill for parcel in parcels]
    _count_in({*waybills, *mains}, now)
    transaction.on_commit(partial(catch_up, [*waybills, *mains], now))


def _store_parties(drafts: Mapping[int, ParcelDraft]) -> None:
    """Who sends and receives them, encrypted; nothing for a waybill that tells nothing of it."""
    nobody = Party()
    sealed = ParcelParties._meta.get_field("sender_name")
    rows = []
    for pk, draft in drafts.items():
        if draft.sender == nobody and draft.receiver == nobody:
            continue
        values = [value for one in (draft.sender, draft.receiver) for value in (one.name, one.company, one.phone, one.address)]
        rows.append((pk, *(sealed.get_db_prep_save(value, connection) for value in values)))
    insert_rows(ParcelParties, ("parcel", *_PARTIES), rows)


def _store_pieces(drafts: Mapping[int, ParcelDraft]) -> list[str]:
    """Numbers of the pieces; gives them."""
    rows = [
        SubWaybill(number=number, parcel_id=pk, position=position)
        for pk, draft in drafts.items()
        for position, number in enumerate(draft.sub_waybills, start=1)
    ]
    insert_all(rows)
    mains = {number: draft.waybill for draft in drafts.values() for number in draft.sub_waybills}
    if mains:
        take_pieces(mains)
    return list(mains)


def _count_in(waybills: Collection[str], now: datetime) -> None:
    """Scans that came before the registration, and signatures of numbers linked before it."""
    known = set(Scan.objects.filter(waybill__in=sorted(waybills)).values_list("waybill", flat=True).distinct())
    known |= links_of(waybills).numbers & set(waybills)
    if known:
        refold(known, now)
