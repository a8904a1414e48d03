"""Differences in the demo: every set has some at every site it makes sense for, and some of them are being followed up (OPS5)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Final

from kefu.demo.ground import Ground
from kefu.kernel.actor import Actor
from kefu.parcels.actions import register_parcels
from kefu.parcels.drafts import ParcelDraft, ScanDraft
from kefu.parcels.recording import record_scans
from kefu.station.monitors import actions, queries, upkeep
from kefu.station.monitors.queries import Wanted
from kefu.station.monitors.reading import Key

_HOUR: Final = timedelta(hours=1)
_STATIONS: Final = ("south", "north")
# Of each kind at each station.
_EACH: Final = 3
_GUNS: Final = {"south": "111", "north": "209", "hub": "904"}
# The scans of a parcel that make a difference: code, where, hours before the last of them, where to or from. "here" is the station.
_PATHS: Final[dict[str, tuple[tuple[str, str, float, str], ...]]] = {
    "not_arrived": (("arrive", "hub", 3, ""), ("send", "hub", 0, "here")),
    "unsent_arrival": (("arrive", "here", 0, ""),),
    "undelivered": (("send", "hub", 4, "here"), ("arrive", "here", 0, "")),
    "unsigned": (("send", "hub", 6, "here"), ("arrive", "here", 2, ""), ("deliver", "here", 0, "")),
    "undelivered_sign": (("send", "hub", 6, "here"), ("arrive", "here", 2, ""), ("sign", "here", 0, "")),
    "missed_arrival": (("send", "hub", 6, "here"), ("deliver", "here", 2, ""), ("sign", "here", 0, "")),
    "misrouted": (("send", "hub", 4, "other"), ("arrive", "here", 0, "")),
    "previous_unsent": (("arrive", "here", 0, "from hub"),),
    "not_sent_on": (("arrive", "hub", 0, ""),),
    "next_unarrived": (("collect", "here", 2, ""), ("send", "here", 0, "hub")),
    "sent_unarrived_here": (("send", "here", 0, "hub"),),
}
_ENTERED: Final = ("unsent_entry",)


def make(ground: Ground, now: datetime) -> int:
    """Plant them in the last days, count the days, warn of losses, and let people work; returns how many parcels."""
    chance = Random(f"differences {now:%Y%m%d}")  # noqa: S311 (made-up data)
    waves = [f"苏A·{number}" for number in chance.sample(range(10_000, 99_999), 3)]
    scans: list[ScanDraft] = []
    drafts: list[ParcelDraft] = []
    for number, (kind, station) in enumerate((kind, station) for kind in (*_PATHS, *_ENTERED) for station in _STATIONS):
        for place in range(_EACH):
            waybill = f"{'5' if station == 'south' else '7'}{chance.randrange(10**8):08d}{number:03d}{place:02d}"
            last = now - timedelta(hours=chance.uniform(14, 26) if place == 0 else chance.uniform(27, 110))
            # Every third one nobody has entered: 有发未录, 有到未录.
            if place or kind in _ENTERED:
                drafts.append(_draft(ground, waybill, station))
            scans.extend(_scans(ground, waybill, station, kind, last, chance.choice(waves)))
    register_parcels(actor=ground.guns, drafts=drafts, now=now - 20 * _HOUR)
    record_scans(actor=ground.guns, batch=scans, now=now)
    upkeep.recount_recent(now=now, days=31)
    upkeep.warn_of_losses(now=now)
    _follow_up(ground, chance, now)
    return len(drafts)


def _draft(ground: Ground, waybill: str, station: str) -> ParcelDraft:
    return ParcelDraft(waybill=waybill, site_id=ground.sites[station], origin_site_id=ground.sites[station])


def _scans(ground: Ground, waybill: str, station: str, kind: str, last: datetime, wave: str) -> Iterator[ScanDraft]:
    names = {"here": station, "other": "north" if station == "south" else "south", "hub": "hub"}
    for code, where, before, onward in _PATHS.get(kind, ()):
        site = names[where]
        yield ScanDraft(
            waybill=waybill,
            code=code,
            site_id=ground.sites[site],
            scanned_at=(last - before * _HOUR).replace(microsecond=0),
            operator=_GUNS[site],
            previous_site_id=ground.sites["hub"] if onward == "from hub" else None,
            next_site_id=ground.sites[names[onward]] if onward in names else None,
            truck=wave if code in ("send", "arrive") else "",
        )


def _follow_up(ground: Ground, chance: Random, now: datetime) -> None:
    """Clerks have taken some in hand; a few have their result, one is urged and one a problem parcel."""
    for station in _STATIONS:
        clerk = next((one for one in ground.actors.values() if one.site_id == ground.sites[station] and one.role == "clerk"), None)
        if clerk is None:
            continue
        for kind in ("not_arrived", "undelivered", "unsigned"):
            keys = queries.matching(clerk, Wanted(kind), now=now, most=12)
            chance.shuffle(keys)
            if len(keys) > 4:
                actions.take(actor=clerk, kind=kind, keys=keys[:5], now=now - _HOUR)
                _conclude(clerk, kind, keys, now)


def _conclude(clerk: Actor, kind: str, keys: list[Key], now: datetime) -> None:
    done = {
        "not_arrived": ("on_way", "司机说堵在绕城，晚上到"),
        "undelivered": ("other", "客户约明天上午送"),
        "unsigned": ("found", "派件员漏做签收"),
    }
    result, note = done[kind]
    actions.conclude(actor=clerk, kind=kind, keys=keys[:1], result=result, note=note, now=now)
    if kind == "not_arrived":
        actions.report(actor=clerk, kind=kind, keys=keys[1:2], way="urge", now=now)
        actions.report(actor=clerk, kind=kind, keys=keys[2:3], way="problem", now=now)
