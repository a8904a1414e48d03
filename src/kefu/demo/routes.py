"""Parcels of the thirty days and the way each went: scans in lifelike routes, some late, twice, out of order, lost or sent back. Pure."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from kefu.demo import names
from kefu.demo.names import Person
from kefu.demo.plan import Plan

# How parcels fare. ``smooth`` ones arrive; the others give customers reasons to call.
FATES = {
    "smooth": 780, "slow": 70, "problem": 40, "damaged": 20, "returned": 20, "lost": 10, "false_sign": 12, "refused": 10, "held": 20,
    "intercepted": 8, "forwarded": 10,
}  # fmt: skip
_PROBLEMS = {
    "absent": "客户不在，电话无人接听",
    "address": "地址不详",
    "damaged": "外包装破损",
    "refused": "客户拒收",
    "weather": "天气原因",
}


@dataclass(frozen=True, slots=True)
class Scanned:
    """One scan to be; sites by their name inside the demo. ``received`` is when the system got it."""

    code: str
    site: str
    at: datetime
    received: datetime
    operator: str = ""
    courier: str = ""
    previous: str = ""
    next: str = ""
    reason: str = ""
    note: str = ""
    carrier: bool = False


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel with everything that will happen to it."""

    waybill: str
    site: str
    origin: str
    carrier: str
    scope: str
    sender: Person
    receiver: Person
    goods: str
    place: str
    fate: str
    registered: datetime
    weight: Decimal
    pieces: int = 1
    cod: Decimal = Decimal(0)
    insured: Decimal = Decimal(0)
    order_no: str = ""
    scans: tuple[Scanned, ...] = field(default=())

    @property
    def desk(self) -> str:
        """The desk its customer would call: the shop for the shop's goods, else the station that delivers or collected it."""
        if self.order_no:
            return "shop"
        return self.site if self.site in ("south", "north") else self.origin

    @property
    def customer(self) -> Person:
        """Who would call about it: the sender of what leaves the city, else the receiver."""
        return self.sender if self.site == "network" and not self.order_no else self.receiver


_CLERKS: Mapping[str, tuple[str, ...]] = {
    "south": ("111", "112"),
    "north": ("209", "210"),
    "hub": ("904",),
    "network": ("",),
    "shop": ("",),
}


class _Route:
    """Writes the scans of one parcel, moving its clock on."""

    def __init__(self, dice: random.Random, moment: datetime, speed: float) -> None:
        self.dice, self.moment, self.speed = dice, moment, speed
        self.scans: list[Scanned] = []
        self.before = ""

    def scan(
        self, code: str, site: str, hours: tuple[float, float], *, onward: str = "", reason: str = "", note: str = "", courier: str = ""
    ) -> None:
        """A scan so many hours after the last."""
        dice = self.dice
        self.moment += timedelta(hours=dice.uniform(*hours) * self.speed)
        at = self.moment.replace(microsecond=0)
        # Guns that were off line send their scans hours later; some clocks are wrong by minutes.
        late = timedelta(hours=dice.uniform(1, 9)) if dice.random() < 0.03 else timedelta(seconds=dice.uniform(2, 90))
        wrong = timedelta(minutes=dice.uniform(-40, -5)) if dice.random() < 0.01 else timedelta(0)
        operator = dice.choice(_CLERKS[site])
        self.scans.append(
            Scanned(code, site, at + wrong, at + late, operator, courier, self.before, onward, reason, note, carrier=site == "network")
        )
        self.before = site if onward else ""

    def morning(self, hour: float = 8.0) -> None:
        """Go on with the next delivery round: couriers leave in the morning or after lunch."""
        local = self.moment.timestamp() + 8 * 3600
        start = local - local % 86400
        rounds = [start + 3600 * hour, start + 3600 * (hour + 6.0), start + 86400 + 3600 * hour]
        chosen = next(one for one in rounds if one > local)
        self.moment += timedelta(seconds=chosen - local + self.dice.uniform(0, 2400))


def parcels(plan: Plan) -> Iterator[Parcel]:
    """All parcels in the order of their registration."""
    dice = plan.dice("parcels")
    moments = sorted(_moment(plan, dice) for _ in range(plan.parcels))
    people: list[Person] = []
    for number, moment in enumerate(moments):
        yield _parcel(plan.dice("parcel", number), number, moment, people)


def _moment(plan: Plan, dice: random.Random) -> datetime:
    """Parcels are handed in from noon to night, most in the evening."""
    while True:
        day = dice.randrange(-1, 31)
        hour = dice.triangular(9, 22.5, 18.5)
        moment = plan.at(day, hour)
        if plan.start <= moment < plan.end - timedelta(minutes=20):
            return moment


def _regular(dice: random.Random, people: list[Person], city: str) -> Person:
    """Four in ten parcels are for somebody who had one before."""
    if people and dice.random() < 0.4:
        return dice.choice(people)
    one = names.person(dice, city)
    if city == "南京市" and len(people) < 4000:
        people.append(one)
    return one


def _parcel(dice: random.Random, number: int, moment: datetime, people: list[Person]) -> Parcel:
    kind = dice.choices(["incoming", "outgoing", "local", "shop"], weights=[50, 20, 12, 18])[0]
    station = dice.choices(["south", "north"], weights=[55, 45])[0]
    other = "north" if station == "south" else "south"
    site, origin = {
        "incoming": (station, "network"),
        "outgoing": ("network", station),
        "local": (station, other),
        "shop": (station, "shop"),
    }[kind]
    carrier = "best" if station == "south" else "zto"
    fate = dice.choices(list(FATES), weights=list(FATES.values()))[0]
    place = dice.choice(names.FAR_PLACES)
    far = f"{place}市"
    goods = dice.choice(names.SHOP_GOODS if kind == "shop" else names.FRAGILE if fate == "damaged" else names.GOODS)
    near = _regular(dice, people, "南京市")
    away = names.person(dice, "杭州市" if kind == "shop" else far)
    sender, receiver = (near, away) if kind == "outgoing" else (away, near)
    route = _Route(dice, moment, 2.4 if fate == "slow" else 1.0)
    _travel(route, site, "network" if kind == "shop" else origin, "杭州" if kind == "shop" else place, fate)
    return Parcel(
        waybill=f"{'5' if carrier == 'best' else '7'}{dice.randrange(10**5):05d}{number:08d}",
        site=site,
        origin=origin,
        carrier=carrier,
        scope="same_city" if kind == "local" else "domestic",
        sender=sender,
        receiver=receiver,
        goods=goods,
        place=place,
        fate=fate,
        registered=moment,
        weight=Decimal(f"{dice.lognormvariate(0.4, 0.7):.3f}"),
        pieces=2 if dice.random() < 0.03 else 1,
        cod=Decimal(dice.randint(30, 600)) if dice.random() < 0.03 else Decimal(0),
        insured=Decimal(dice.randint(5, 60) * 100) if dice.random() < 0.06 else Decimal(0),
        order_no=f"{moment:%y%m%d}{dice.randrange(10**12):012d}" if kind == "shop" else "",
        scans=tuple(route.scans),
    )


def _travel(route: _Route, site: str, origin: str, place: str, fate: str) -> None:
    """From collection to the delivering site, through the hub at night."""
    far_note = f"{place}网点" if origin == "network" else ""
    route.scan("collect", origin, (0.02, 0.3), note=far_note)
    if fate == "intercepted" and route.dice.random() < 0.5:
        route.scan("intercept", origin, (1, 3), reason="sender", note="寄件人要求拦截")
        return
    if origin != "network":
        route.scan("send", origin, (1, 4), onward="hub")
    if fate == "lost" and route.dice.random() < 0.5:
        return
    if route.dice.random() < 0.06:  # somebody forgot to scan it in
        route.moment += timedelta(hours=12)
    else:
        route.scan("arrive", "hub", (10, 24) if origin == "network" else (1.5, 4))
    if fate == "slow":
        route.moment += timedelta(hours=route.dice.uniform(10, 60))
    route.scan("send", "hub", (1, 5), onward=site)
    if fate == "lost":
        return
    if site == "network":
        _far_end(route, place, fate)
        return
    route.scan("arrive", site, (1, 4))
    _last_mile(route, site, fate)


def _far_end(route: _Route, place: str, fate: str) -> None:
    """What the other carriers' sites report about parcels that left."""
    route.moment += timedelta(hours=route.dice.uniform(10, 26))
    route.morning()
    route.scan("deliver", "network", (0.1, 0.6), note=f"{place}网点派件")
    if fate == "problem":
        route.scan("problem", "network", (2, 5), reason="absent", note=_PROBLEMS["absent"])
        route.morning()
        route.scan("deliver", "network", (0.1, 0.5))
    route.scan("sign", "network", (1, 6), note="本人签收")


def _last_mile(route: _Route, site: str, fate: str) -> None:
    dice = route.dice
    courier = dice.choice(names.COURIERS)
    if fate == "held":
        route.scan("hold", site, (2, 6), reason="absent", note="客户要求改日派送")
        route.moment += timedelta(hours=dice.uniform(20, 50))
    if fate == "forwarded":
        route.scan("problem", site, (1, 3), reason="area", note="超出派送范围")
        route.scan("transfer", site, (2, 8), note="转网内站点")
        return
    if fate == "intercepted":
        route.scan("intercept", site, (1, 3), reason="sender", note="寄件人要求拦截")
        _back(route, site)
        return
    if fate == "damaged" and dice.random() < 0.5:
        route.scan("problem", site, (0.3, 1.5), reason="damaged", note=_PROBLEMS["damaged"])
    route.morning()
    route.scan("deliver", site, (0.02, 0.4), courier=courier)
    if fate in ("problem", "returned"):
        reason = dice.choice(["absent", "address", "weather"])
        route.scan("problem", site, (2, 6), reason=reason, note=_PROBLEMS[reason])
        if fate == "returned":
            route.moment += timedelta(hours=dice.uniform(24, 60))
            _back(route, site)
            return
        route.morning()
        route.scan("deliver", site, (0.02, 0.4), courier=courier)
    if fate == "refused":
        route.scan("refuse", site, (1, 5), reason="refused", note=_PROBLEMS["refused"])
        _back(route, site)
        return
    _hand_over(route, site, courier)


def _hand_over(route: _Route, site: str, courier: str) -> None:
    """Half sign at the door; the rest goes to a neighbour, a store or a locker and is fetched later, or not yet."""
    way = route.dice.choices(["sign", "agent_sign", "store", "self"], weights=[46, 14, 34, 6])[0]
    if way in ("sign", "agent_sign"):
        route.scan(way, site, (0.5, 6), courier=courier, note="家人代签" if way == "agent_sign" else "")
        return
    route.scan("in_store" if way == "store" else "self", site, (0.5, 5), courier=courier, note="菜鸟驿站" if way == "store" else "网点自提")
    if route.dice.random() < 0.93:
        route.scan("out_store", site, (1, 30))


def _back(route: _Route, site: str) -> None:
    route.scan("return", site, (1, 6), onward="hub", note="退回寄件人")
    route.scan("arrive", "hub", (2, 6))
    route.scan("send", "hub", (1, 5), onward="network")
    route.scan("arrive", "network", (12, 30))
    route.scan("sign", "network", (6, 30), note="寄件人签收退件")
