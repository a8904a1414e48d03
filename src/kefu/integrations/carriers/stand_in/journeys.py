"""Made-up journeys: the same number and seed give the same journey, and more of it as time goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

MARK: Final = "（模拟）"
_CITIES: Final = ("广州市", "杭州市", "义乌市", "深圳市", "上海市", "苏州市", "合肥市", "南京市")
_END: Final = "南京市"


@dataclass(frozen=True, slots=True)
class Step:
    """A line of a journey; ``code`` is a scan of V1."""

    at: datetime
    code: str
    city: str
    text: str


def journey(seed: int, number: str, anchor: datetime, now: datetime) -> Sequence[Step]:
    """Lines up to now, oldest first; about one number in twenty is unknown. ``anchor`` is the moment journeys end around."""
    chance = Random(f"{seed}:{number}")  # noqa: S311 (made-up data, the same for a seed)
    if chance.random() < 0.05:
        return []
    origin = chance.choice(_CITIES)
    at = anchor - timedelta(hours=chance.uniform(30, 80))
    found = []
    for code, city, text in _route(chance, origin):
        found.append(Step(at.replace(microsecond=0), code, city, f"{MARK}【{city}】{text}"))
        at += timedelta(hours=chance.uniform(2, 12))
    return [step for step in found if step.at <= now]


def _route(chance: Random, origin: str) -> list[tuple[str, str, str]]:
    courier = f"派件员 模拟{chance.randint(1, 9)}号 1380000{chance.randint(0, 9999):04d}"
    way = [
        ("collect", origin, "快件已揽收"),
        ("send", origin, "快件离开揽收网点，发往转运中心"),
        ("arrive", _END, "快件到达转运中心"),
        ("send", _END, "快件发往派件网点"),
        ("arrive", _END, "快件到达派件网点"),
        ("deliver", _END, f"{courier} 正在派送"),
    ]
    end = chance.random()
    if end < 0.6:
        return [*way, ("sign", _END, "已签收，签收人：本人")]
    if end < 0.75:
        return [*way, ("in_store", _END, "快件已存放至驿站"), ("out_store", _END, "快件已从驿站取出")]
    if end < 0.85:
        return [*way, ("problem", _END, "派送异常：联系不上收件人")]
    if end < 0.9:
        return [*way, ("refuse", _END, "收件人拒收"), ("return", _END, "快件退回中")]
    return way[: chance.randint(2, 5)]
