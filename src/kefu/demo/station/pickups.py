"""Pick-up orders of three days, pushed by platforms and worked by the stations' people, well and badly (OPS9)."""

import random
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from kefu.demo import names
from kefu.demo.ground import Ground
from kefu.kernel.actor import Actor
from kefu.kernel.errors import KefuError
from kefu.parcels.drafts import Party
from kefu.people import queries as people
from kefu.station.pickups import actions, push
from kefu.station.pickups.actions import Collected
from kefu.station.pickups.drafts import OrderDraft
from kefu.station.pickups.vocabulary import Reason

_PLATFORMS: Final = ("cainiao", "cainiao", "jd", "pdd", "pdd", "wechat", "douyin")
# Some lie outside every station's area: they wait in the pool.
_PLACES: Final = (
    "江苏省南京市雨花台区软件大道", "江苏省南京市秦淮区中华路", "江苏省南京市建邺区江东中路", "江苏省南京市江宁区双龙大道",
    "江苏省南京市鼓楼区中央路", "江苏省南京市栖霞区仙林大道", "江苏省南京市玄武区珠江路", "江苏省南京市浦口区江浦街道",
)  # fmt: skip
_REASONS: Final = (Reason.UNREACHABLE, Reason.OUT_OF_AREA, Reason.OTHER_CARRIER, Reason.BANNED)
_COUNT: Final = 90
_DAYS: Final = 3


def make(ground: Ground, now: datetime) -> int:
    """Push the orders and let the stations work them; returns how many. The last few hours' orders are still under way."""
    dice = random.Random("pickups")  # noqa: S311 (made-up data)
    moments = sorted(now - timedelta(minutes=dice.randint(5, _DAYS * 24 * 60)) for _one in range(_COUNT))
    for number, placed in enumerate(moments, start=1):
        _one(ground, dice, number, placed, now)
    return _COUNT


def _one(ground: Ground, dice: random.Random, number: int, placed: datetime, now: datetime) -> None:
    hub = ground.sites["hub"]
    slot = placed + timedelta(hours=dice.randint(3, 8)) if dice.random() < 0.25 else None
    draft = OrderDraft(
        platform=dice.choice(_PLATFORMS),
        order_no=f"LP{timezone.localtime(placed):%y%m%d}{number:06d}",
        hub_id=hub,
        sender=Party(names.full_name(dice)[0], names.phone(dice), f"{dice.choice(_PLACES)}{dice.randint(1, 300)}号"),
        receiver=Party(names.full_name(dice)[0], names.phone(dice), "上海市青浦区华新镇"),
        placed_at=placed,
        slot_from=slot,
        slot_to=slot + timedelta(hours=2) if slot else None,
        goods=dice.choice(names.GOODS),
        pieces=1 if dice.random() < 0.9 else 2,
    )
    answer = push.push(actor=ground.actors["admin"], draft=draft, now=placed)
    order = push.order(answer.order_id or 0)
    # A build that is taken up again finds its orders there, worked already.
    if answer.outcome != "stored" or order is None or order.site_id is None:
        return
    _work(ground, dice, order.pk, order.site_id, placed, now)


def _work(ground: Ground, dice: random.Random, order_id: int, site_id: int, placed: datetime, now: datetime) -> None:
    key = next((name for name, pk in ground.sites.items() if pk == site_id), "south")
    clerk = ground.actors["clerk" if key == "south" else "clerk03"]
    at = placed + timedelta(minutes=dice.choice((6, 12, 20, 35, 50, 90, 150)))
    if at >= now:
        return
    if dice.random() < 0.08:
        actions.refuse(actor=clerk, order_id=order_id, reason=dice.choice(_REASONS), now=at)
        return
    actions.accept(actor=clerk, order_id=order_id, now=at)
    later = at + timedelta(minutes=dice.choice((25, 45, 70, 100, 140, 260)))
    if later < now and dice.random() < 0.95:
        _collect(clerk, dice, order_id, site_id, later)


def _collect(clerk: Actor, dice: random.Random, order_id: int, site_id: int, at: datetime) -> None:
    couriers = [one.staff_no for one in people.active_staff(site_id, ["clerk"])]
    try:
        brought = Collected(f"YT66{dice.randrange(10**11):011d}", courier=dice.choice(couriers))
        actions.collect(actor=clerk, order_id=order_id, collected=brought, now=at)
    except KefuError:
        return  # a number that is taken: the courier comes back tomorrow
