"""What customers call and write about: each conversation belongs to a parcel that gave a reason for it. Pure."""

import random
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from kefu.demo import names
from kefu.demo.cast import BRANDS, SITES, StaffSeed
from kefu.demo.dialogue.bank import Scene
from kefu.demo.plan import Plan, busy_hour
from kefu.demo.roster import on_duty
from kefu.demo.routes import Parcel


@dataclass(frozen=True, slots=True)
class Topic:
    """Something to talk about: how often, after how many hours, about parcels of which fate, and which cases come of it how often."""

    weight: int
    age: tuple[float, float]
    fates: tuple[str, ...] = ()
    cases: tuple[tuple[str, float], ...] = ()


EXPRESS = {
    "where": Topic(20, (10, 70), (), (("enquiry", 0.6),)),
    "urge": Topic(13, (18, 80), ("smooth", "slow", "held"), (("enquiry", 0.7), ("delay", 0.1))),
    "delay": Topic(15, (60, 220), ("slow", "problem", "held"), (("delay", 0.85),)),
    "loss": Topic(5, (72, 300), ("lost",), (("loss", 0.95),)),
    "damage": Topic(7, (24, 200), ("damaged",), (("damage", 0.95),)),
    "shortage": Topic(3, (24, 200), ("damaged",), (("shortage", 0.95),)),
    "false_sign": Topic(5, (24, 140), ("false_sign",), (("false_sign", 0.9),)),
    "attitude": Topic(5, (18, 120), (), (("attitude", 0.9),)),
    "change": Topic(10, (4, 40), ("smooth", "held"), (("enquiry", 0.5), ("forwarding", 0.08))),
    "pickup": Topic(9, (0, 0), (), (("pickup_order", 0.75), ("consult", 0.15))),
    "business": Topic(8, (0, 0), (), (("consult", 0.7),)),
}
SHOP = {
    "presales": Topic(30, (0, 0), (), (("consult", 0.15),)),
    "ship": Topic(15, (1, 30), (), (("unshipped", 0.6),)),
    "quality": Topic(13, (40, 260), (), (("after_sales", 0.8), ("damage", 0.15))),
    "return": Topic(12, (30, 200), (), (("after_sales", 0.7),)),
    "refund": Topic(13, (1, 60), (), (("refund", 0.8),)),
    "parcel": Topic(
        17, (40, 200), ("slow", "lost", "problem", "false_sign"), (("parcel_watch", 0.4), ("delay", 0.35), ("loss", 0.12), ("enquiry", 0.1))
    ),
}
TOPICS = {"south": EXPRESS, "north": EXPRESS, "shop": SHOP}
_SHARES = {"south": 38, "north": 32, "shop": 30}
_CALLS = {"south": 0.68, "north": 0.6, "shop": 0.0}


@dataclass(frozen=True, slots=True)
class Story:
    """A conversation to be: when, with whom, about what. ``external_id`` is its id in the telephone or chat system."""

    number: int
    at: datetime
    scene: Scene
    agent: StaffSeed
    parcel: Parcel | None

    @property
    def external_id(self) -> str:
        """Unique and readable."""
        return f"{'CALL' if self.scene.channel == 'call' else 'CHAT'}-{self.at:%Y%m%d}-{self.number:05d}"


class Parcels:
    """Parcels by desk and fate, to be found by their age."""

    def __init__(self, parcels: Sequence[Parcel]) -> None:
        self._rows: dict[tuple[str, str], list[Parcel]] = {}
        for one in parcels:
            for key in ((one.desk, one.fate), (one.desk, "")):
                self._rows.setdefault(key, []).append(one)
        self._times = {key: [one.registered for one in rows] for key, rows in self._rows.items()}

    def pick(self, dice: random.Random, desk: str, topic: Topic, moment: datetime) -> Parcel | None:
        """One that fits; ``None`` when there is none yet."""
        if topic.age[1] == 0:
            return None
        low, high = (moment - timedelta(hours=hours) for hours in reversed(topic.age))
        for fates in (topic.fates, ("",)):
            for fate in dice.sample(fates, len(fates)):
                times = self._times.get((desk, fate), [])
                first, last = bisect_left(times, low), bisect_right(times, high)
                if first < last:
                    return self._rows[desk, fate][dice.randrange(first, last)]
        return None


def promised_words(moment: datetime, dice: random.Random) -> tuple[str, datetime]:
    """A promise in words, and the moment it means."""
    local = timezone.localtime(moment)
    hours = dice.choice([2, 2, 4, 24]) if local.hour < 14 else dice.choice([2, 16, 20])
    due = local + timedelta(hours=hours)
    if due.hour >= 20 or due.hour < 9:
        due = (due + timedelta(days=due.hour >= 20)).replace(hour=10)
    day = {0: "今天", 1: "明天", 2: "后天"}.get(due.toordinal() - local.toordinal(), "三天内")
    part = "上午" if due.hour < 12 else "中午" if due.hour == 12 else "下午" if due.hour < 18 else "晚上"
    clock = ["十", "十一", "十二", "一", "两", "三", "四", "五", "六", "七", "八"][min(max(due.hour, 10), 20) - 10]
    return f"{day}{part}{clock}点", due.astimezone(moment.tzinfo)


def scene_for(dice: random.Random, desk: str, topic: str, moment: datetime, parcel: Parcel | None, agent: StaffSeed) -> Scene:
    """The scene of one conversation."""
    local = timezone.localtime(moment)
    known = parcel.customer if parcel else names.person(dice)
    age = int((moment - parcel.registered).total_seconds() // 86400) if parcel else dice.randint(3, 8)
    station = "5" if desk != "north" else "7"
    return Scene(
        desk=desk,
        channel="call" if dice.random() < _CALLS[desk] else "chat",
        topic=topic,
        site_name=next(site.name for site in SITES if site.key == desk),
        brand=BRANDS[desk],
        staff_no=agent.staff_no,
        agent_name=agent.name,
        customer=known,
        waybill=parcel.waybill if parcel else f"{station}{dice.randrange(10**13):013d}",
        order_no=(parcel.order_no if parcel else "") or f"{local:%y%m%d}{dice.randrange(10**12):012d}",
        goods=parcel.goods if parcel else dice.choice(names.SHOP_GOODS if desk == "shop" else names.GOODS),
        place=parcel.place if parcel else dice.choice(names.FAR_PLACES),
        street=names.street(dice),
        courier=dice.choice(names.COURIERS),
        carrier=dice.choice(["中通快递", "百世快递"]),
        days=max(3, min(10, age)),
        amount=dice.randint(4, 90) * 10,
        promised=promised_words(moment, dice)[0],
        day_part="上午" if local.hour < 12 else "下午" if local.hour < 18 else "晚上",
    )


def stories(plan: Plan, parcels: Sequence[Parcel]) -> list[Story]:
    """All conversations by time."""
    dice = plan.dice("stories")
    index = Parcels(parcels)
    rows: list[tuple[datetime, str]] = []
    while len(rows) < plan.conversations:
        moment = plan.at(dice.randrange(0, 31), busy_hour(dice))
        if plan.start <= moment < plan.end - timedelta(minutes=40):
            rows.append((moment, dice.choices(list(_SHARES), weights=list(_SHARES.values()))[0]))
    found = []
    for number, (moment, desk) in enumerate(sorted(rows)):
        own = plan.dice("story", number)
        topics = TOPICS[desk]
        topic = own.choices(list(topics), weights=[one.weight for one in topics.values()])[0]
        agent = own.choice(on_duty(desk, moment))
        parcel = index.pick(own, desk, topics[topic], moment)
        found.append(Story(number, moment, scene_for(own, desk, topic, moment, parcel, agent), agent, parcel))
    return found
