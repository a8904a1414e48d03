"""Problem parcels between the demo's stations: fresh ones, answered ones, aged ones, ended ones (OPS8)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final

from kefu.demo.ground import Ground
from kefu.kernel.actor import Actor
from kefu.parcels import queries as parcels
from kefu.station.problems import actions
from kefu.station.problems.drafts import ProblemDraft

_EACH: Final = 12
_HOUR: Final = timedelta(hours=1)
# Type, what is said, hours ago, answers in turn (the receiver first), the result where it has ended.
_STORIES: Final[tuple[tuple[str, str, float, tuple[str, ...], str], ...]] = (
    (
        "PR211",
        "收件地址只写到小区，电话两次无人接听，请核实地址和备用电话。",
        30,
        ("已联系发件人，发件人提供备用电话，请再联系。", "备用电话已接通，改约明日上午。"),
        "",
    ),
    ("PR210", "客户当面拒收，称未下单，请联系发件人确认是否退回。", 20, ("发件人同意退回，请退件。",), "returned"),
    ("PR10", "到站外箱压扁，内件有响声，已拍照留存，请核实责任。", 9, (), ""),
    ("KF05", "上门两次客户不在家，邻居称出差，请协助联系。", 60, ("已短信告知客户，等回复。",), ""),
    ("PR130", "卸车多出一件无面单纸箱，约 2 公斤，请查实是否贵站发出。", 75, (), ""),
    ("PR20", "收件地址在乡镇，超出派送范围，请联系发件人确认转件。", 5, ("发件人要求转邮政，费用由发件网点承担。",), "forwarded"),
    ("PR213", "客户电话要求改到单位前台，请确认是否同意。", 3, (), ""),
    ("KF09", "节假日客户休息，已留仓三天，请确认是否继续留仓。", 80, ("客户周一上班后可收，请再留一天。", "已登记，周一优先派送。"), ""),
    ("PR30", "客户签收后反映少一件，面单件数 2 件，请查发件记录。", 26, ("发件时为 2 件，请查中转称重。",), "claim"),
    ("PR220", "此件目的地为苏州，错发到我站，已放回程区。", 12, ("收到，随今晚班车发回分拨。",), "corrected"),
    ("PR100", "有到件无派件，仓内未找到，请查是否已回流。", 90, (), ""),
    ("PR216", "面单无电话，请发件网点补充收件人电话。", 1.5, (), ""),
)


def make(ground: Ground, now: datetime) -> int:
    """The stories at both stations, each reported to the other; returns how many were taken."""
    chance = Random(f"problems {now:%Y%m%d}")  # noqa: S311 (made-up data)
    taken = 0
    for here, there in (("south", "north"), ("north", "south")):
        us, them = (_people(ground, ground.sites[key]) for key in (here, there))
        rows = [row for state in ("problem", "held", "arrived", "out_for_delivery") for row in _rows(ground, here, state)]
        chance.shuffle(rows)
        for waybill, story in zip(rows, _STORIES, strict=False):
            taken += _tell(chance, us, them, waybill, story, ground.sites[there], now)
    return taken


def _rows(ground: Ground, site: str, state: str) -> list[str]:
    return [row.waybill for row in parcels.page(ground.guns, site_id=ground.sites[site], state=state, size=_EACH).rows]


def _people(ground: Ground, site_id: int) -> Sequence[Actor]:
    """Who writes for a site."""
    return [one for one in ground.actors.values() if one.site_id == site_id and one.role in ("agent", "clerk", "lead")]


def _tell(
    chance: Random,
    us: Sequence[Actor],
    them: Sequence[Actor],
    waybill: str,
    story: tuple[str, str, float, tuple[str, ...], str],
    receiver: int,
    now: datetime,
) -> bool:
    kind, description, ago, answers, result = story
    at = now - ago * _HOUR - timedelta(minutes=chance.randint(0, 25))
    draft = ProblemDraft(waybill, kind, receiver_site_id=receiver, description=description, scan=ago < 2)
    done = actions.report_many(actor=chance.choice(us), drafts=[draft], now=at)
    if 0 not in done.stored:
        return False
    number = done.stored[0]
    step = ago * _HOUR / (len(answers) + 2)
    for place, text in enumerate(answers):
        at += step
        side = us if place % 2 else them
        actions.reply(actor=chance.choice(side), problem_id=number, text=text, now=at)
    if result:
        actions.close(actor=chance.choice(us), problem_id=number, result=result, text="", now=at + step)
    return True
