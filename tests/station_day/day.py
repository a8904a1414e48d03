"""The day as data: which parcels there are, and who does what, when. Times are of 南京 on 2026-11-22; "-1" is the evening before.

Short numbers stand for waybills (``waybill("03")``). The players (API, files, browser) read this and nothing else, so that the same
day leads to the same tables whichever way it was worked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

CHINA = timezone(timedelta(hours=8))
HUB, HERE, NORTH = "NJHUB", "NS01", "CB01"
BAG, TRUCK, ORDER, BACK = "JB2026112101", "苏A5T208-1", "TB20261122001", "HD75010001"


def waybill(short: str) -> str:
    """The number as printed; names that are no short number (a bag) stay."""
    return f"750100900010{short}" if short.isdecimal() and len(short) == 2 else short


def short(number: str) -> str:
    """The other way round."""
    return number.removeprefix("750100900010")


def at(clock: str, days: int = 0) -> datetime:
    """A moment of the day, ``"07:10"``; ``days`` -1 is the day before."""
    hour, minute = clock.split(":")
    return datetime(2026, 11, 22, int(hour), int(minute), tzinfo=CHINA) + timedelta(days=days)


@dataclass(frozen=True)
class Act:
    """Who does what at which moment."""

    clock: str
    who: str
    verb: str
    data: Mapping[str, Any] = field(default_factory=dict)


def _parcel(number: str, name: str, place: str, goods: str, **more: Any) -> dict[str, Any]:
    phone = f"138123456{number}"
    return {"short": number, "name": name, "phone": phone, "address": f"江苏省南京市雨花台区{place}", "goods": goods, "site": HERE, **more}


PARCELS = (
    _parcel("01", "张女士", "软件大道 12 号", "童装", weight="1.2"),
    _parcel("02", "李先生", "安德门大街 8 号", "书", weight="2.1"),
    _parcel("03", "王女士", "花神大道 3 号", "餐具", weight="2.8", pieces=3),
    _parcel("04", "赵先生", "共青团路 20 号", "手机壳", weight="0.4", cod="128.00"),
    _parcel("05", "南京远景公司", "宁双路 19 号", "样品", weight="8.2", hub_weight="8.46", receipt="original"),
    _parcel("06", "孙女士", "大定坊（门牌不清）", "药箱", weight="1.5"),
    _parcel("07", "周先生", "雨花东路 66 号", "台灯", weight="2.2"),
    _parcel("08", "吴女士", "西善桥北路 5 号", "茶叶", weight="1.0"),
    _parcel("09", "郑女士", "板桥新城 7 栋", "围巾", weight="0.5"),
    _parcel("10", "冯先生", "梅山街道 2 号", "鼠标", weight="0.3"),
    {**_parcel("11", "陈女士", "", "杂粮", weight="3.0", origin=HUB), "address": "江苏省南京市栖霞区仙林大道 100 号"},
    {**_parcel("12", "褚先生", "", "球鞋", weight="1.1", site=NORTH, origin=HUB), "address": "江苏省南京市栖霞区迈皋桥街 9 号"},
)
BAGGED = ("02", "03", "04")
SENT = ("01", "05", "06", "07", "08", "09", "10")
"""Loose on the truck; with the bag the manifest of ten."""


def _scan(number: str, code: str, site: str, clock: str, days: int = -1, **more: str) -> dict[str, Any]:
    return {"number": number, "code": code, "site": site, "at": at(clock, days), **more}


def _manifest() -> list[dict[str, Any]]:
    """What the network scanned the evening before: collected in the north, through the hub, sent to us with the night truck."""
    ten = sorted((*SENT, *BAGGED))
    rows = [_scan(one, "collect", NORTH, "16:00") for one in ten]
    rows += [_scan(one, "send", NORTH, "18:00", next=HUB) for one in ten]
    rows += [_scan(one, "arrive", HUB, "20:00", previous=NORTH) for one in [*ten, "12"]]
    rows += [_scan(one, "bag", HUB, "21:30", bag=BAG) for one in BAGGED]
    rows += [_scan(one, "send", HUB, "22:00", next=HERE, truck=TRUCK) for one in (*SENT, BAG)]
    rows.append(_scan("12", "send", HUB, "22:10", next=NORTH, truck="苏A5T208-2"))
    return rows


SIGNATURES = (
    {"short": "01", "clock": "10:05"},
    {"short": "02", "clock": "10:20", "signer": "neighbour", "name": "楼下刘阿姨", "consent_by": "李先生本人", "consent": "phone"},
    {"short": "03", "clock": "10:40", "situation": "partial", "pieces": 2, "note": "少一件，客户先收两件"},
    {"short": "04", "clock": "11:00", "cod": "128.00"},
    {"short": "05", "clock": "11:15"},
)
NETWORK = (
    {"short": "01", "weight": "1.2", "base": "1.20", "heavy": "0.00", "total": "1.25"},
    {"short": "05", "weight": "8.2", "base": "1.20", "heavy": "1.65", "total": "4.10"},
)
SENDER = {"name": "何女士", "phone": "13900005555", "address": "江苏省南京市雨花台区软件大道 1 号"}
RECEIVER = {"name": "许先生", "phone": "13700006666", "address": "江苏省南京市栖霞区仙林大道 18 号"}

DAY = (
    Act("06:30", "manager", "register", {"parcels": PARCELS}),
    Act("06:35", "manager", "scans", {"rows": _manifest()}),
    Act("07:10", "clerk", "gun", {
        "mode": "arrive", "numbers": [BAG, "01", "05", "06", "07", "08", "11", "12"], "previous": HUB, "truck": TRUCK,
    }),
    Act("08:30", "clerk", "gun", {"mode": "deliver", "numbers": ["01", "02", "03", "04", "05", "06", "07"], "courier": "courier"}),
    Act("09:00", "platform", "push", {"order": ORDER, "sender": SENDER, "receiver": RECEIVER, "goods": "文件", "weight": "2.4"}),
    Act("09:10", "clerk", "accept", {"order": ORDER}),
    Act("09:15", "lead", "dispatch", {"order": ORDER, "courier": "courier"}),
    Act("09:30", "clerk", "forward", {
        "short": "11", "reason": "out_of_area", "way": "site", "to": NORTH, "address": "江苏省南京市栖霞区仙林大道 100 号",
        "fee": "6.00", "payer": "own", "confirmed": "09:25",
    }),
    Act("09:45", "lead", "approve", {"short": "11"}),
    Act("09:50", "clerk", "hand_on", {"short": "11", "new": "14"}),
    Act("10:15", "clerk", "report", {"short": "06", "kind": "PR211", "text": "大定坊门牌不清，电话无人接听，请联系发件人核实地址。"}),
    Act("10:30", "courier", "collect", {"order": ORDER, "short": "13", "weight": "2.4", "courier": "courier"}),
    Act("10:50", "clerk", "enter", {"short": "13", "sender": SENDER, "receiver": RECEIVER, "goods": "文件", "weight": "2.4", "to": NORTH}),
    Act("11:05", "north", "answer", {"short": "06", "text": "已联系发件人：大定坊 15 号 2 幢 301，客户下午在家。"}),
    Act("11:10", "clerk", "gun", {"mode": "refuse", "numbers": ["07"], "reason": "unwanted"}),
    Act("11:20", "clerk", "sign", {"rows": SIGNATURES}),
    Act("11:25", "clerk", "gun", {"mode": "return", "numbers": ["07"], "reason": "refused", "next": HUB}),
    Act("11:40", "clerk", "close", {"short": "06", "result": "corrected", "text": "明早按新地址派送。"}),
    Act("14:00", "clerk", "receipt", {"state": 1, "shorts": ["05"]}),
    Act("15:00", "manager", "scans", {"rows": [
        _scan("14", "arrive", NORTH, "12:00", 0), _scan("14", "deliver", NORTH, "13:00", 0), _scan("14", "sign", NORTH, "14:40", 0),
    ]}),
    Act("16:00", "clerk", "receipt", {"state": 2, "shorts": ["05"], "courier_no": BACK}),
    Act("18:00", "clerk", "gun", {"mode": "send", "numbers": ["13"], "next": HUB, "truck": TRUCK}),
    Act("19:00", "manager", "receipt", {"state": 3, "shorts": ["05"]}),
    Act("19:30", "manager", "receipt", {"state": 4, "shorts": ["05"], "courier_no": BACK}),
    Act("20:30", "north_clerk", "receipt", {"state": 7, "shorts": ["05"]}),
    Act("20:45", "manager", "network", {"rows": NETWORK}),
    Act("21:30", "clerk", "urge", {"set": "not_arrived", "shorts": ["09", "10"]}),
    Act("21:35", "clerk", "cases", {"set": "not_arrived", "shorts": ["09", "10"], "kind": "loss"}),
    Act("21:40", "clerk", "conclude", {"set": "unsent_arrival", "shorts": ["11", "12"], "result": "other", "note": "分拨漏扫发件，已告知"}),
    Act("21:42", "clerk", "conclude", {"set": "undelivered", "shorts": ["08", "12"], "result": "found", "note": "在库，明早第一班"}),
    Act("21:43", "clerk", "conclude", {"set": "unsigned", "shorts": ["03"], "result": "on_way", "note": "三件签了两件，少的一件在查"}),
    Act("21:44", "clerk", "conclude", {"set": "misrouted", "shorts": ["12"], "result": "forwarded", "note": "早班车带去城北"}),
    Act("21:46", "clerk", "conclude", {"set": "previous_unsent", "shorts": ["11"], "result": "resent", "note": "分拨补发件"}),
)  # fmt: skip
CLOSED = at("21:50")
