"""Recording scans: one from a gun or thousands from a file, in any order, twice or late (OPS1, OPS7)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from django.db import OperationalError, transaction

from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.errors import Stale
from kefu.parcels.bags import bags_among, follow_bags
from kefu.parcels.checks import scan_problem
from kefu.parcels.drafts import Counts, Refusal, ScanDraft
from kefu.parcels.models import Scan, SubWaybill
from kefu.parcels.rules import MOVES_BAG, Event
from kefu.parcels.states import Moved, Stored, advance, among, links_of, move, parts, stored, worked_out
from kefu.parcels.storing import key_of, store_scans, voided_among
from kefu.parcels.vocabulary import ScanCode
from kefu.parcels.waybills import clean_waybill
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission

TRIES = 5
# Rows per statement: a batch may be of any size, a statement may not.
PART = 2000
_Key = tuple[str, datetime, str, int, str]


class Reach:
    """Whether a site exists and the actor reaches it."""

    def __init__(self, actor: Actor) -> None:
        self._sites = people_queries.sites_by_id().keys() if actor.sites is None else actor.sites

    def __call__(self, site_id: int) -> bool:
        return site_id in self._sites


def record_scans(*, actor: Actor, batch: Sequence[ScanDraft], now: datetime) -> Counts:
    """Record scans in bulk: the same scan again counts as present, bad ones are refused with a reason, states follow. A scan that was
    made void stays so when it is sent again, and is refused as such (``scan_voided``).

    The number of a piece stands for its waybill, that of a bag for everything in it. One transaction; its number of statements grows by
    the thousand rows. Two writers of one parcel cannot lose each other's scans.
    """
    people.require(actor, Permission.PARCEL_SCAN)
    reach = Reach(actor)
    refused: list[Refusal] = []
    wanted: dict[_Key, ScanDraft] = {}
    places: dict[_Key, list[int]] = {}
    for index, given in enumerate(batch):
        draft = cleaned(given)
        if reason := scan_problem(draft, now, reach):
            refused.append(Refusal(index, reason))
        else:
            key = (draft.waybill, draft.scanned_at, draft.code, draft.site_id, draft.operator)
            wanted.setdefault(key, draft)
            places.setdefault(key, []).append(index)
    keys = sorted(wanted)
    drafts = [wanted[key] for key in keys]
    count = 0
    with transaction.atomic():
        for start in range(0, len(drafts), PART):
            stored_now, voided = _record_part(drafts[start : start + PART], now)
            count += stored_now
            refused += [Refusal(index, "scan_voided") for place in voided for index in places[keys[start + place]]]
        done = Counts(count, len(batch) - len(refused) - count, sorted(refused))
        audit_counts(actor, (draft.site_id for draft in drafts), (drafts[0].waybill, drafts[-1].waybill) if drafts else ("", ""), done, now)
    return done


def cleaned(draft: ScanDraft) -> ScanDraft:
    """The draft with its numbers as they are stored."""
    number, bag = clean_waybill(draft.waybill), clean_waybill(draft.bag) if draft.bag else ""
    return draft if number == draft.waybill and bag == draft.bag else replace(draft, waybill=number, bag=bag)


def audit_counts(actor: Actor, sites: Iterable[int], span: tuple[str, str], counts: Counts, now: datetime) -> None:
    """One line for a batch: how many, from which to which number."""
    if not counts.stored:
        return
    distinct = set(sites)
    numbers = {"first": span[0], "last": span[1]}
    data = {"stored": counts.stored, "present": counts.present, "refused": len(counts.refused), **numbers}
    site_id = next(iter(distinct)) if len(distinct) == 1 else None
    audit.record(actor, "scan.recorded", Ref("scan", 0), now=now, site_id=site_id, data=data)


def _record_part(drafts: Sequence[ScanDraft], now: datetime) -> tuple[int, list[int]]:
    for _try in range(TRIES):
        try:
            with transaction.atomic():
                return _record(drafts, now)
        except Moved:
            continue  # somebody moved a parcel meanwhile: look again
        except OperationalError as error:
            if "deadlock" not in str(error):
                raise
    raise Stale


def _record(drafts: Sequence[ScanDraft], now: datetime) -> tuple[int, list[int]]:
    """How many were new, and the places of those that were made void."""
    numbers = {draft.waybill for draft in drafts}
    parcels = stored(numbers)  # before the scans: whoever adds one in between moves the version read here
    strangers = numbers - {row.waybill for row in parcels}
    if strangers and (mains := mains_of(strangers)):
        drafts = [_of_piece(draft, mains) for draft in drafts]
        parcels += stored(set(mains.values()) - numbers)
    fresh: dict[str, list[Event]] = {}
    count = 0
    for waybill, event in store_scans(drafts, now):
        fresh.setdefault(waybill, []).append(event)
        count += 1
    moved = {draft.waybill for draft in drafts if draft.code in MOVES_BAG}
    settle(parcels, fresh, {draft.bag for draft in drafts if draft.bag and draft.code == ScanCode.BAG}, moved, now)
    if count == len(drafts):
        return count, []
    voided = voided_among([key_of(draft) for draft in drafts])
    return count, [place for place, draft in enumerate(drafts) if key_of(draft) in voided]


def settle(parcels: list[Stored], fresh: dict[str, list[Event]], packed: set[str], moved: set[str], now: datetime) -> None:
    """States after new scans. ``packed`` are bags something was put into, ``moved`` numbers that may be bags and take their pieces along.

    Unknown numbers are looked at once more after commit.
    """
    known = {row.waybill for row in parcels}
    shrunk: set[str] = set()
    if bags := packed | bags_among(moved - known):
        followed = follow_bags(bags, now)
        parcels = [*parcels, *stored(followed.waybills - known)]
        shrunk = followed.shrunk
        for waybill, events in followed.fresh.items():
            fresh.setdefault(waybill, []).extend(events)
    # What lost scans that followed from a bag is worked out from all that are left.
    touched = {**dict.fromkeys(shrunk, ()), **fresh}
    rows = [row._replace(marks=None) if row.waybill in shrunk else row for row in parcels]
    advance(rows, touched, now)
    look_again(touched.keys() - {row.waybill for row in rows}, now)


def look_again(unknown: Collection[str], now: datetime) -> None:
    """After commit: they may have been registered meanwhile."""
    if unknown:
        transaction.on_commit(partial(catch_up, unknown, now))


def mains_of(numbers: Collection[str]) -> dict[str, str]:
    """Waybills by the numbers of their pieces, for those that are such."""
    found: dict[str, str] = {}
    for rows in among(SubWaybill.objects.all(), "number", numbers):
        found.update(rows.values_list("number", "parcel__waybill"))
    return found


def _of_piece(draft: ScanDraft, mains: Mapping[str, str]) -> ScanDraft:
    main = mains.get(draft.waybill)
    return replace(draft, waybill=main, piece=draft.waybill) if main else draft


def catch_up(waybills: Collection[str], now: datetime) -> None:
    """Once more after commit: a scan and the registration of its waybill, written side by side, did not see each other."""
    for _try in range(TRIES):
        try:
            with transaction.atomic():
                if mains := mains_of(waybills):
                    take_pieces(mains)
                    waybills = {*waybills, *mains.values()}
                parcels = stored(waybills)
                states = worked_out(parcels, links_of(waybills))
                move([row for row in parcels if states[row.pk] != row.state], states, now)
        except Moved:
            continue
        return


def take_pieces(mains: Mapping[str, str]) -> set[str]:
    """Scans that were recorded under the number of a piece become scans of its waybill; gives the waybills."""
    found: set[str] = set()
    for part in parts(sorted(mains)):
        for pk, number in Scan.objects.filter(waybill__in=part).values_list("pk", "waybill"):
            Scan.objects.filter(pk=pk).update(waybill=mains[number], piece=number)
            found.add(mains[number])
    return found
