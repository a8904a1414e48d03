"""Area tables of the demo's sites, waybills entered by its clerks, what they changed, void numbers, a collection (OPS2, R19, R47)."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.utils import timezone

from kefu.demo import names
from kefu.demo.ground import Ground
from kefu.kernel.errors import KefuError
from kefu.parcels import amending
from kefu.parcels import queries as parcels
from kefu.parcels.drafts import ParcelDraft, Party
from kefu.station.areas import actions as areas
from kefu.station.areas import queries as area_queries
from kefu.station.areas.drafts import AreaDraft
from kefu.station.entry import actions
from kefu.station.entry.drafts import Collected, EntryDraft

_JIANGNING: Final = "江苏省南京市江宁区"
_OWN: Final = {
    "south": (
        ("江苏省南京市雨花台区", "home", ""),
        ("江苏省南京市秦淮区", "home", ""),
        ("江苏省南京市建邺区", "home", ""),
        (_JIANGNING, "home", ""),
        (f"{_JIANGNING}横溪街道", "station", "到横溪代办点自提"),
        (f"{_JIANGNING}湖熟街道", "none", "由湖熟网点派送"),
        (f"{_JIANGNING}汤山街道黄栗墅社区", "station", "每周一、四送村口代办点"),
        (f"{_JIANGNING}谷里街道", "home", "远郊"),
        ("江苏省南京市溧水区", "none", "未开通"),
    ),
    "north": (
        ("江苏省南京市鼓楼区", "home", ""),
        ("江苏省南京市栖霞区", "home", ""),
        ("江苏省南京市玄武区", "home", ""),
        ("江苏省南京市六合区", "station", "县城到站自提"),
        ("江苏省南京市栖霞区八卦洲街道", "station", "到洲上代办点自提"),
        ("江苏省南京市六合区竹镇镇", "none", "未开通"),
    ),
}
_FAR: Final = (
    "浙江省杭州市萧山区 浙江省金华市义乌市 上海市青浦区 广东省广州市白云区 广东省深圳市宝安区 广东省东莞市虎门镇 "
    "广东省佛山市南海区 福建省泉州市晋江市 湖北省武汉市东西湖区 四川省成都市双流区 北京市大兴区 天津市武清区"
)
_PER_SITE: Final = 16


def prepare(ground: Ground, now: datetime) -> None:
    """The area tables, before the first parcel; a second time nothing is added."""
    if area_queries.count(ground.actors["admin"], area_queries.AreaFilter()).value:
        return
    start = timezone.localdate(now) - timedelta(days=200)
    for key, rows in _OWN.items():
        drafts = [
            AreaDraft(region, kind, start, start - timedelta(days=15), note=note, surcharge=Decimal(3) if note == "远郊" else Decimal(0))
            for region, kind, note in rows
        ]
        areas.add_areas(actor=ground.actors["admin"], site_id=ground.sites[key], drafts=drafts, now=now)
    far = [AreaDraft(region, "home", start, start - timedelta(days=15)) for region in _FAR.split()]
    areas.add_areas(actor=ground.actors["admin"], site_id=ground.sites["network"], drafts=far, now=now)


def make(ground: Ground, now: datetime) -> int:
    """What the clerks did at the end of the thirty days; returns how many waybills they entered."""
    _news(ground, now)
    return sum(_enter(ground, key, clerk, now) for key, clerk in (("south", "clerk"), ("north", "clerk03")))


def _news(ground: Ground, now: datetime) -> None:
    """A change published today, and a suspension in force."""
    admin, site_id, today = ground.actors["admin"], ground.sites["south"], timezone.localdate(now)
    found = area_queries.served(site_id, f"{_JIANGNING}湖熟街道", today).area
    if found is not None and found.valid_to is None:
        opening = AreaDraft("", "home", today + timedelta(days=12), today, note="湖熟网点合并，改由本网点送货上门")
        areas.change_area(actor=admin, area_id=found.id, version=found.version, draft=opening, now=now)
    storm = AreaDraft(f"{_JIANGNING}禄口街道", "suspended", today, today, today + timedelta(days=3), note="道路施工封闭，三天后恢复")
    areas.add_areas(actor=admin, site_id=site_id, drafts=[storm], now=now)


def _enter(ground: Ground, key: str, clerk: str, now: datetime) -> int:
    dice = random.Random(f"entry {key}")  # noqa: S311 (made-up data)
    actor, site_id = ground.actors[clerk], ground.sites[key]
    sent = parcels.page(actor, site_id=site_id, sent=True, size=_PER_SITE).rows
    if not sent:
        return 0
    drafts = [_draft(amending.draft_of(actor, row.waybill), site_id, dice, now) for row in sent]
    done = actions.enter_many(actor=actor, drafts=drafts, now=now)
    _change(ground, clerk, drafts[:3], now)
    _loose(ground, key, clerk, dice, now)
    return done.stored


def _draft(known: ParcelDraft, site_id: int, dice: random.Random, now: datetime) -> EntryDraft:
    """What the clerk reads off the paper form of a parcel that is registered already."""
    boxed = dice.random() < 0.4
    return EntryDraft(
        waybill=known.waybill,
        site_id=site_id,
        sent_on=timezone.localdate(now),
        collector=known.collected_by or f"C{dice.randint(1, 9):02d}",
        sender=known.sender if known.sender.name else Party("散客", names.phone(dice), "南京市"),
        receiver=known.receiver,
        deliver_site_id=known.site_id,
        carrier=known.carrier,
        scope=known.scope,
        goods=known.goods or dice.choice(names.GOODS),
        pieces=known.pieces,
        weight=known.weight or Decimal("1.000"),
        length=Decimal(dice.randint(20, 50)) if boxed else None,
        width=Decimal(dice.randint(15, 40)) if boxed else None,
        height=Decimal(dice.randint(8, 35)) if boxed else None,
        packaging="箱" if boxed else "袋",
        payment="receiver" if known.freight_amount else dice.choice(["sender", "sender", "monthly"]),
        fee_amount=known.fee_amount or Decimal(dice.randint(8, 20)),
        freight_amount=known.freight_amount,
        cod_amount=known.cod_amount,
        insured_amount=known.insured_amount,
        receipt_kind=known.receipt_kind,
        sub_waybills=known.sub_waybills,
        product=known.product,
        id_verified=True,
        told=True,
        remark=dice.choice(["", "", "", "易碎", "请上门前电话联系"]),
    )


def _change(ground: Ground, clerk: str, drafts: Iterable[EntryDraft], now: datetime) -> None:
    """Weights put right after the hub's scale, with the reason."""
    for draft in drafts:
        later = replace(draft, weight=(draft.weight or Decimal(1)) + Decimal("0.5"))
        try:
            actions.amend(
                actor=ground.actors[clerk],
                draft=later,
                version=0,
                reason="中心复称，按实重更正",
                accepted=_ALL,
                now=now,
            )
        except KefuError:
            continue  # not everything on an old form passes today's checks


_ALL: Final = ("entry_no_subs", "entry_under", "entry_scale", "entry_late", "entry_after", "entry_area_unknown", "entry_area_partly")


def _loose(ground: Ground, key: str, clerk: str, dice: random.Random, now: datetime) -> None:
    """Spoilt forms, and parcels handed in that nobody has entered yet."""
    head = "5" if key == "south" else "7"
    spoilt = [f"{head}9{dice.randrange(10**12):012d}" for _number in range(3)]
    actor, site_id = ground.actors[clerk], ground.sites[key]
    actions.void_numbers(actor=actor, site_id=site_id, waybills=spoilt, reason="面单打印模糊", now=now)
    lines = [Collected(f"{head}8{dice.randrange(10**12):012d}", Decimal(f"{dice.uniform(0.3, 6):.1f}")) for _number in range(6)]
    at = now - timedelta(minutes=40)
    actions.collect(actor=actor, site_id=site_id, collector=f"C{dice.randint(1, 9):02d}", lines=lines, collected_at=at, now=now)
