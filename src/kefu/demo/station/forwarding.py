"""Requests to forward at the demo's stations, one at every step (OPS10)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from kefu.demo.ground import Ground
from kefu.kernel.actor import Actor
from kefu.parcels import queries as parcels
from kefu.station.forwarding import actions
from kefu.station.forwarding.drafts import ForwardDraft

_HOUR: Final = timedelta(hours=1)
# Way, company, address, fee, payer, hours ago, how far it has come.
_STORIES: Final[tuple[tuple[str, str, str, str, str, float, str], ...]] = (
    ("outside", "EMS", "江苏省南京市高淳区桠溪街道", "12.00", "own", 2, "asked"),
    ("site", "", "江苏省南京市六合区竹镇镇", "5.00", "own", 6, "asked"),
    ("outside", "中国邮政", "江苏省南京市溧水区和凤镇", "10.00", "origin", 26, "approved"),
    ("outside", "EMS", "江苏省南京市浦口区星甸街道", "12.00", "sender", 60, "forwarded"),
    ("self", "", "江苏省南京市江宁区横溪街道", "0", "own", 30, "forwarded"),
    ("outside", "EMS", "江苏省南京市高淳区固城街道", "12.00", "own", 120, "signed"),
    ("outside", "中国邮政", "江苏省南京市溧水区晶桥镇", "10.00", "origin", 160, "settled"),
    ("outside", "EMS", "江苏省南京市玄武区孝陵卫街道", "12.00", "own", 20, "refused"),
    ("site", "", "江苏省南京市栖霞区龙潭街道", "5.00", "own", 9, "withdrawn"),
)


def make(ground: Ground, now: datetime) -> int:
    """The stories at both stations; returns how many were taken."""
    chance = Random(f"forwarding {now:%Y%m%d}")  # noqa: S311 (made-up data)
    managers = [one for one in ground.actors.values() if one.role == "manager"]
    taken = 0
    for here, there in (("south", "north"), ("north", "south")):
        site_id = ground.sites[here]
        people = [one for one in ground.actors.values() if one.site_id == site_id]
        rows = [row.waybill for state in ("arrived", "held") for row in _rows(ground, site_id, state)]
        chance.shuffle(rows)
        for waybill, story in zip(rows, _STORIES, strict=False):
            taken += _Story(chance, people, managers, ground.sites[there]).tell(waybill, story, now)
    return taken


def _rows(ground: Ground, site_id: int, state: str) -> Sequence[parcels.ParcelRow]:
    return parcels.page(ground.guns, site_id=site_id, state=state, size=12).rows


class _Story:
    """One request on its way."""

    def __init__(self, chance: Random, people: Sequence[Actor], managers: Sequence[Actor], there: int) -> None:
        self._chance, self._there, self._managers = chance, there, managers
        self._clerks = [one for one in people if one.role in ("clerk", "agent")]
        self._leads = [one for one in people if one.role == "lead"]

    def tell(self, waybill: str, story: tuple[str, str, str, str, str, float, str], now: datetime) -> bool:
        """Ask, and go as far as the story goes."""
        way, company, address, fee, payer, ago, end = story
        at = now - ago * _HOUR
        clerk = self._chance.choice(self._clerks)
        draft = ForwardDraft(
            waybill,
            "out_of_area",
            way,
            to_site_id=self._there if way == "site" else None,
            company=company,
            address=address,
            fee=Decimal(fee),
            payer=payer,
            sender_told=payer == "sender",
            confirmed_at=at - timedelta(minutes=10),
            confirmed_by_way="call",
        )
        done = actions.request_many(actor=clerk, drafts=[draft], now=at)
        if 0 not in done.stored or not self._leads:
            return False
        self._go_on(clerk, done.stored[0], end, at, ago * _HOUR / 6)
        return True

    def _go_on(self, clerk: Actor, number: int, end: str, at: datetime, step: timedelta) -> None:
        lead = self._chance.choice(self._leads)
        if end == "refused":
            actions.refuse(actor=lead, forward_id=number, text="地址在派送范围内，请正常派送。", now=at + step)
        elif end == "withdrawn":
            actions.withdraw(actor=clerk, forward_id=number, text="客户改约自取。", now=at + step)
        elif end != "asked":
            actions.approve(actor=lead, forward_id=number, text="同意，费用按约定。", now=at + step)
        if end in ("forwarded", "signed", "settled"):
            actions.hand_on(actor=clerk, forward_id=number, new_waybill=f"12{number:011d}", now=at + step * 2)
        if end in ("signed", "settled"):
            actions.mark_signed(actor=clerk, forward_id=number, at=at + step * 4, now=at + step * 4)
        if end == "settled" and self._managers:
            actions.settle(actor=self._managers[0], forward_id=number, fee=Decimal(10), payer="origin", now=at + step * 5)
