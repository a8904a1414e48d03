"""Where parcels have been handed on already, under whatever number: so that none goes round in a ring (O7)."""

from collections.abc import Collection

from django.db.models import Q

from kefu.station.forwarding.models import Forward
from kefu.station.forwarding.rules import Chain
from kefu.station.forwarding.vocabulary import State

_GONE = (State.FORWARDED, State.SIGNED, State.SETTLED)
_DEEPEST = 10


def chains(waybills: Collection[str]) -> dict[str, Chain]:
    """The chain of each waybill, walked back number by number, all of them side by side: a statement for each link of the longest."""
    roots = {number: {number} for number in waybills}
    found: dict[str, dict[int, tuple[int, int | None]]] = {number: {} for number in waybills}
    for _link in range(_DEEPEST):
        asked = {one for numbers in roots.values() for one in numbers}
        rows = Forward.objects.filter(Q(waybill__in=sorted(asked)) | Q(new_waybill__in=sorted(asked)), state__in=_GONE)
        fresh = False
        for pk, old, new, site_id, to_id in rows.values_list("pk", "waybill", "new_waybill", "site_id", "to_site_id"):
            for number, numbers in roots.items():
                if pk not in found[number] and (old in numbers or (new and new in numbers)):
                    found[number][pk] = (site_id, to_id)
                    fresh |= old not in numbers or bool(new and new not in numbers)
                    numbers.update(one for one in (old, new) if one)
        if not fresh:
            break
    return {number: _chain(list(rows.values())) for number, rows in found.items()}


def _chain(rows: list[tuple[int, int | None]]) -> Chain:
    sites = {site for pair in rows for site in pair if site is not None}
    return Chain(frozenset(sites), len(rows))
