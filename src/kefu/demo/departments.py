"""Departments of the demo's desks and what they are asked: waiting, taken, late, answered, handed back (CASE9)."""

from datetime import datetime, timedelta
from typing import Final

from kefu.cases import queries as cases
from kefu.cases import tasks
from kefu.cases.filters import CaseFilter
from kefu.cases.tasks import Question, Upload
from kefu.demo.cast import STAFF, first_of
from kefu.demo.ground import SETUP, Ground
from kefu.kernel.actor import Actor

_HOUR: Final = timedelta(hours=1)
# Site of the department, its key, who answers for it (by site and name).
_MEMBERS: Final[tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...]] = (
    ("south", "warehouse", (("south", "孙建华"),)),
    ("south", "courier", (("south", "苏刚"), ("south", "孙建华"))),
    ("north", "courier", (("north", "卢勇"),)),
    ("north", "warehouse", (("north", "蒋军"),)),
    ("hub", "finance", (("hub", "蔡强"), ("hub", "赵磊"))),
    ("shop", "warehouse", (("hub", "赵磊"), ("shop", "沈梦琪"))),
    ("shop", "product", (("shop", "吕颖"),)),
    ("shop", "campaign", (("shop", "曹颖"),)),
    ("shop", "finance", (("shop", "徐美玲"),)),
)
# Department, title, more, hours ago, how it ended, what was answered.
# fmt: off
_ASKED: Final[tuple[tuple[str, str, str, float, str, str], ...]] = (
    (
        "warehouse",
        "请核对这一单是否已经出库",
        "客户说还没有收到发货短信，请给出库时间。",
        30,
        "answered",
        "昨天 16:20 已出库，面单已交快递。",
    ),
    (
        "courier",
        "请核实派件员是否放在驿站",
        "客户说没有接到电话，也没有取件码。",
        26,
        "answered",
        "放在小区东门驿站，取件码已补发，派件员已致歉。",
    ),
    ("finance", "赔款是否已经到账", "客户的账户尾号 0417。", 22, "returned", "没有写赔案号，请补充后再问。"),
    ("product", "这款净水器滤芯能否单独更换", "顾客问保修期内是否免费。", 9, "taken", ""),
    ("campaign", "满减券为什么没有抵扣", "顾客截图显示已领券。", 3, "", ""),
    ("courier", "请截回这一件并退回发件人", "客户同意承担退回运费。", 40, "", ""),
    ("warehouse", "退回的货收到没有，外包装是否完好", "退款等这个结果。", 2, "taken", ""),
    ("finance", "请核对重复打款", "客户说收到两笔。", 1, "", ""),
    ("courier", "客户要求今天 18 点前再派一次", "", 0.5, "", ""),
)
# fmt: on


def make(ground: Ground, now: datetime) -> int:
    """Members, and questions in open cases of every desk; returns how many were asked."""
    for site, department, people in _MEMBERS:
        for home, name in people:
            staff = ground.staff_ids[_username(home, name)]
            tasks.join(actor=SETUP, site_id=ground.sites[site], department=department, staff_id=staff, now=now - 20 * 24 * _HOUR)
    return sum(_desk(ground, desk, now) for desk in ("south", "north", "shop"))


def _username(site: str, name: str) -> str:
    return next(one.username for one in STAFF if one.site == site and one.name == name)


def _desk(ground: Ground, desk: str, now: datetime) -> int:
    asker = ground.actors[first_of("lead", desk).username]
    manned = {key for site, key, _people in _MEMBERS if site in (desk, "hub" if desk != "shop" else desk)}
    open_cases = cases.page(asker, CaseFilter(view="open"), now=now, size=30).rows
    wanted = [one for one in _ASKED if one[0] in manned]
    for case, asked in zip([one for one in open_cases if one.site_id == ground.sites[desk]], wanted, strict=False):
        _ask(ground, asker, case.pk, asked, max(now - asked[3] * _HOUR, case.opened_at), now)
    return min(len(open_cases), len(wanted))


def _ask(ground: Ground, asker: Actor, case_id: int, asked: tuple[str, str, str, float, str, str], at: datetime, now: datetime) -> None:
    department, title, text, _ago, end, answer = asked
    task = tasks.ask_department(actor=asker, case_id=case_id, department=department, question=Question(title, text), now=at)
    member = _member(ground, task.site_id, department)
    later = min(at + _HOUR / 2, now)
    if end:
        tasks.take(actor=member, task_id=task.pk, now=min(at + _HOUR / 6, now))
    if end == "answered":
        uploads = (Upload("核对记录.txt", answer.encode(), "text/plain"),)
        tasks.answer(actor=member, task_id=task.pk, text=answer, uploads=uploads, now=later)
    elif end == "returned":
        tasks.hand_back(actor=member, task_id=task.pk, reason=answer, now=later)
    elif end == "taken":
        tasks.say(actor=member, task_id=task.pk, text="收到，正在查。", now=later)


def _member(ground: Ground, site_id: int, department: str) -> Actor:
    people = next(people for site, key, people in _MEMBERS if ground.sites[site] == site_id and key == department)
    return ground.actors[_username(*people[0])]
