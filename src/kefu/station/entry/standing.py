"""What is known of the waybills about to be entered, many at a time: a fixed number of queries (O9)."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.utils import timezone

from kefu.parcels import lookups
from kefu.parcels.vocabulary import ScanCode, Scope
from kefu.people import queries as people_queries
from kefu.station.areas import queries as areas
from kefu.station.areas.addresses import split
from kefu.station.areas.queries import Answer, Serving
from kefu.station.areas.vocabulary import Verdict
from kefu.station.entry.drafts import EntryDraft
from kefu.station.entry.models import Collection as CollectionRow
from kefu.station.entry.models import Entry, VoidNumber
from kefu.station.entry.rules import Standing

_MANY = 20


@dataclass(frozen=True, slots=True)
class Placed:
    """A draft with its delivering site, and what is known of its number."""

    draft: EntryDraft
    standing: Standing


def looked_over(draft: EntryDraft, table: areas.AreaMap) -> Placed:
    """A draft by its own values and the area table alone, without a look at its number: for previews of files."""
    sites = people_queries.sites_by_id()
    city = sites[draft.site_id].city if draft.site_id in sites else ""
    answer, site_id = _where(draft, city, lambda address, near: table.serving(address, near=near))
    return Placed(_at(draft, site_id), Standing(answer=answer, province=split(city).province))


def placed(drafts: Sequence[EntryDraft], *, now: datetime, own: str = "") -> list[Placed]:
    """Each draft with the site that serves its address, and its standing. ``own`` is the waybill being changed: it may be taken."""
    numbers = {draft.waybill for draft in drafts}
    taken = _taken(numbers - {own})
    voids = dict(VoidNumber.objects.filter(waybill__in=sorted(numbers)).values_list("waybill", "reason"))
    cards = lookups.cards_of(numbers)
    collected = _first_collected(numbers)
    scales = dict(CollectionRow.objects.filter(waybill__in=sorted(numbers)).order_by("-pk").values_list("waybill", "weight"))
    sites = people_queries.sites_by_id()
    today = timezone.localdate(now)
    ask = _asker(today, len(drafts))
    found = []
    for given in drafts:
        city = sites[given.site_id].city if given.site_id in sites else ""
        answer, site_id = _where(given, city, ask)
        card = cards.get(given.waybill)
        at = collected.get(given.waybill)
        known = Standing(
            taken=taken.get(given.waybill),
            void=voids.get(given.waybill) or (f"{timezone.localdate(card.cancelled_at)}" if card and card.cancelled_at else None),
            collected_at=at,
            collected_on=timezone.localdate(at) if at else None,
            collected_weight=scales.get(given.waybill),
            hub_weight=card.hub_weight if card else None,
            answer=answer,
            province=split(city).province,
        )
        found.append(Placed(_at(given, site_id), known))
    return found


def _at(draft: EntryDraft, site_id: int | None) -> EntryDraft:
    return draft if draft.deliver_site_id == site_id else replace(draft, deliver_site_id=site_id)


def _taken(numbers: Collection[str]) -> Mapping[str, tuple[str, str]]:
    rows = Entry.objects.filter(waybill__in=sorted(numbers)).values_list("waybill", "entered_by", "entered_at")
    return {waybill: (by, f"{timezone.localtime(at):%Y-%m-%d %H:%M}") for waybill, by, at in rows}


def _first_collected(numbers: Collection[str]) -> dict[str, datetime]:
    scans = lookups.scans_of(numbers, codes=(ScanCode.COLLECT,))
    return {waybill: lines[0].scanned_at for waybill, lines in scans.items() if lines}


_Ask = Callable[[str, str], list[Serving]]


def _asker(on: date, how_many: int) -> _Ask:
    """Looks addresses up one by one, or in a map of the whole table when there are many."""
    if how_many > _MANY:
        table = areas.AreaMap(on)
        return lambda address, near: table.serving(address, near=near)
    return lambda address, near: areas.serving(address, on, near=near)


def _where(draft: EntryDraft, city: str, ask: _Ask) -> tuple[Answer | None, int | None]:
    """What the tables say of the address, and who delivers: the chosen site, else the first that serves it."""
    address = draft.receiver.address
    if not address.strip() or draft.scope == Scope.OVERSEAS:
        return None, draft.deliver_site_id
    near = city if draft.scope == Scope.SAME_CITY else ""
    said = ask(address, near)
    if draft.deliver_site_id is not None:
        own = next((one.answer for one in said if one.site_id == draft.deliver_site_id), None)
        return own or Answer(Verdict.UNKNOWN.value, split(address, near=near)), draft.deliver_site_id
    if said:
        return said[0].answer, said[0].site_id
    return Answer(Verdict.UNKNOWN.value, split(address, near=near)), None
