"""Carriers' traces of the demo's parcels, and a box of numbers somebody looked up (OPS7)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final

from kefu.demo.ground import Ground
from kefu.parcels import queries as parcels
from kefu.station.tracking import boxes
from kefu.station.tracking.carriers import CarrierEvent, Found
from kefu.station.tracking.numbers import pasted
from kefu.station.tracking.storing import store

_PARCELS: Final = 60
_CITIES: Final = ("广州市", "杭州市", "义乌市", "深圳市", "苏州市")
# Hours before the last own scan, what happened, what the carrier says of it; the number in brackets marks it as made up.
_WAY: Final = (
    (46, "collect", "103", "【{city}】快件已揽收（演示）"),
    (40, "send", "1002", "【{city}】快件已发往南京转运中心（演示）"),
    (20, "arrive", "1001", "【南京市】快件到达转运中心（演示）"),
    (14, "send", "1002", "【南京市】快件已发往派件网点（演示）"),
)
_LAST: Final = (
    ("deliver", "5", "【南京市】派件员 演示 13800001111 正在派送（演示）"),
    ("problem", "204", "【南京市】派送异常：联系不上收件人（演示）"),
    ("in_store", "501", "【南京市】快件已存放至驿站（演示）"),
)


def make(ground: Ground, now: datetime) -> int:
    """Traces for the newest parcels of the stations, one box; returns how many lines were kept."""
    chance = Random(f"tracking {now:%Y%m%d}")  # noqa: S311 (made-up data)
    found = []
    for key in ("south", "north"):
        rows = parcels.page(ground.guns, site_id=ground.sites[key], size=_PARCELS).rows
        found += [Found(row.waybill, _events(chance, row.last_scan_at or row.created_at, now), row.carrier) for row in rows]
    kept = sum(store(vendor="kuaidi100", found=found, now=now).values())
    _box(ground, [one.waybill for one in found], now)
    return kept


def _events(chance: Random, last: datetime, now: datetime) -> Sequence[CarrierEvent]:
    city = chance.choice(_CITIES)
    events = [
        CarrierEvent(last - timedelta(hours=hours, minutes=chance.randint(0, 50)), code, text.format(city=city), _place(text, city), own)
        for hours, code, own, text in _WAY
    ]
    after = last + timedelta(hours=chance.uniform(1, 6))
    if after < now and chance.random() < 0.3:
        code, own, text = chance.choice(_LAST)
        events.append(CarrierEvent(after, code, text, "南京市", own))
    return events


def _place(text: str, city: str) -> str:
    return city if "{city}" in text else "南京市"


def _box(ground: Ground, numbers: Sequence[str], now: datetime) -> None:
    """A clerk's box: known numbers, two nobody knows, one that Excel spoiled."""
    given = pasted("\n".join([*numbers[:40], "YT9999999999999", "75999999999999", "7.51235E+13"]))
    clerk = next(actor for actor in ground.actors.values() if actor.role == "clerk")
    boxes.open_box(actor=clerk, given=given, now=now, name="演示：今日催件")
