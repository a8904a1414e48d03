"""Where a thousand numbers stand, for whoever asks (OPS7): the parcels in reach and the numbers that were scanned but never registered."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from kefu.kernel.actor import Actor
from kefu.kernel.masking import last4
from kefu.parcels import access
from kefu.parcels.delay import DelayFacts
from kefu.parcels.models import Parcel, ParcelParties, Scan, SubWaybill
from kefu.parcels.rules import Event, ParcelState, state_of
from kefu.parcels.states import live_scans
from kefu.parcels.vocabulary import Scope, StateCode
from kefu.people import access as people

_SETTLED = frozenset({StateCode.SIGNED, StateCode.RETURNED, StateCode.RETURNING, StateCode.FORWARDED})


@dataclass(frozen=True, slots=True)
class Looked:
    """What own scans say of a number. ``parcel_id`` is ``None`` for one nobody registered; ``waybill`` differs from the number asked
    for when that is a piece (子单) of it; ``book`` is the key of the delivering site's handbook."""

    waybill: str
    parcel_id: int | None = None
    site_id: int | None = None
    book: str = ""
    carrier: str = ""
    scope: str = Scope.DOMESTIC.value
    promised_at: datetime | None = None
    state: str = StateCode.ORDERED.value
    collected_at: datetime | None = None
    first_attempt_at: datetime | None = None
    signed_at: datetime | None = None
    last_at: datetime | None = None
    last_code: str = ""
    last_site_id: int | None = None

    @property
    def settled(self) -> bool:
        """Whether it cannot be lost any more."""
        return is_settled(self.state)


_HEAD = (
    "waybill", "pk", "site_id", "site__handbook", "carrier", "scope", "promised_at", "standing__state",
    "standing__collected_at", "standing__first_attempt_at", "standing__signed_at", "standing__last_scan_at", "standing__last_scan_code",
    "standing__last_scan_site_id",
)  # fmt: skip


def looked_up(actor: Actor, numbers: Collection[str]) -> dict[str, Looked]:
    """What is known in reach, by the clean number asked for; others are left out. At most six statements for any number of them."""
    asked = sorted(set(numbers))
    mains = dict(SubWaybill.objects.filter(number__in=asked).values_list("number", "parcel__waybill"))
    waybills = sorted({mains.get(number, number) for number in asked})
    rows = access.visible_to(actor).filter(waybill__in=waybills).values_list(*_HEAD)
    found = {row[0]: Looked(*row) for row in rows}
    strangers = [number for number in waybills if number not in found]
    if strangers:
        found |= _scanned(actor, strangers)
    return {number: found[main] for number in asked if (main := mains.get(number, number)) in found}


def _scanned(actor: Actor, numbers: Collection[str]) -> dict[str, Looked]:
    """Numbers nobody registered, scanned by a site in reach."""
    seen = people.in_reach(Scan.objects.filter(waybill__in=numbers), actor).order_by().values_list("waybill", flat=True).distinct()
    reached = set(seen) - set(Parcel.objects.filter(waybill__in=numbers).values_list("waybill", flat=True)) if actor.permissions else set()
    if not reached:
        return {}
    events: dict[str, list[Event]] = {number: [] for number in reached}
    columns = ("waybill", "scanned_at", "code", "site_id", "operator")
    for number, at, code, site_id, operator in live_scans().filter(waybill__in=reached).values_list(*columns):
        events[number].append(Event(at, code, site_id, operator))
    return {number: _looked(number, state_of(found)) for number, found in events.items() if found}


def _looked(number: str, state: ParcelState) -> Looked:
    return Looked(
        number,
        state=state.state,
        collected_at=state.collected_at,
        first_attempt_at=state.first_attempt_at,
        signed_at=state.signed_at,
        last_at=state.last_at,
        last_code=state.last_code,
        last_site_id=state.last_site_id,
    )


def is_settled(state: str) -> bool:
    """Whether a parcel in this state cannot be lost any more: signed, returned or handed on."""
    return state in _SETTLED


def delay_facts(looked: Looked, *, collected_at: datetime | None, first_attempt_at: datetime | None, settled: bool) -> DelayFacts:
    """What the judgement of delay needs, with moments that may come from a carrier's trace where own scans are missing."""
    return DelayFacts(looked.scope, collected_at, first_attempt_at, looked.promised_at, settled=settled)


def state_after(events: Iterable[tuple[datetime, str]]) -> ParcelState:
    """Where a parcel stands by events that are not own scans: a moment and a scan code each, in any order."""
    return state_of(Event(at, code, 0) for at, code in events)


def phone_tails(waybills: Collection[str]) -> Mapping[str, str]:
    """Last four digits of the receiver's phone, else of the sender's, for carriers that ask for them (V3, V5). Not for screens."""
    rows = ParcelParties.objects.filter(parcel__waybill__in=sorted(set(waybills))).select_related("parcel")
    rows = rows.only("parcel__waybill", "receiver_phone", "sender_phone")
    return {row.parcel.waybill: tail for row in rows if (tail := last4(row.receiver_phone) or last4(row.sender_phone))}
