"""Variables of phrases and macros: a closed list, filled from the case and the person; what has no value is a blank to fill in."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.cases import access as cases
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid
from kefu.kernel.wording import listed_later
from kefu.people import queries as people

# The word people type → the handbook's key of the same thing, so that its scripts fill in the same way.
NAMES: Mapping[str, str] = {
    "客户称呼": "customer_name",
    "运单号": "waybill",
    "订单号": "order_no",
    "订单编号": "order_no",
    "工单号": "case_no",
    "工号": "staff_no",
    "客服姓名": "staff_name",
    "站点": "site_name",
    "站点名称": "site_name",
    "店铺名称": "shop_name",
    "公司名称": "company",
    "承诺时间": "promised_time",
    "最新轨迹": "last_scan",
    "商品名称": "product",
    "金额": "amount",
    "今天": "today",
}
_KEYS = frozenset(NAMES.values())
_TITLES = {key: name for name, key in reversed(tuple(NAMES.items()))}
# A case without a running clock has a deadline in the far future.
_PROMISED_WITHIN = timedelta(days=366)
_VARIABLE = re.compile(r"\{([^{}\n]{1,20})\}")
_POLITE = re.compile(r"(?:先生|女士|小姐|老师|阿姨|叔叔|师傅|老板|经理|同学)$")
_DOUBLE = ("欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "令狐", "慕容", "司徒", "夏侯", "端木", "南宫")


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with its values in; ``blanks`` names what has none, shown in the text as ``【客户称呼】``."""

    text: str
    blanks: tuple[str, ...]


def used(text: str) -> list[str]:
    """Variables of a text in order, each once."""
    return list(dict.fromkeys(_VARIABLE.findall(text)))


def check(text: str, field: str = "text") -> None:
    """Refuse a text with a variable nobody can fill, naming it and the ones there are."""
    unknown = [name for name in used(text) if name not in NAMES and name not in _KEYS]
    if unknown:
        message = _("没有这样的变量：%(unknown)s。可以用：%(known)s。")
        known = listed_later("{" + name + "}" for name in NAMES)
        raise Invalid(message, fields={field: message}, code="phrase.variable", unknown=listed_later(unknown), known=known)


def fill(text: str, values: Mapping[str, str], given: Mapping[str, str] | None = None) -> Filled:
    """Put values in; ``given`` are what somebody typed into blanks, by the name shown."""
    blanks: dict[str, None] = {}

    def one(match: re.Match[str]) -> str:
        name = str(match[1])
        key = NAMES.get(name, name)
        title = _TITLES.get(key, name)
        value = ((given or {}).get(title) or values.get(key, "")).strip()
        if value:
            return value
        blanks[title] = None
        return f"【{title}】"

    return Filled(_VARIABLE.sub(one, text), tuple(blanks))


def address(name: str) -> str:
    """How a customer is called: 王女士 as it stands, a full name as surname and 先生/女士. Full names are not for messages (SEC1)."""
    name = "".join(name.split())
    if not name or _POLITE.search(name) or not "\u4e00" <= name[0] <= "\u9fff":
        return name[:20]
    return f"{name[:2] if name.startswith(_DOUBLE) else name[0]}先生/女士"


def values_of(actor: Actor, case_id: int | None, *, now: datetime) -> dict[str, str]:
    """Values by key: of the person, and of the case if one is given (``NotFound`` when it is out of reach)."""
    me = people.me(actor)
    found = {"today": timezone.localtime(now).strftime("%Y-%m-%d")}
    if me is not None:
        found |= {"staff_no": me.staff_no, "staff_name": me.name, "site_name": me.site.name}
    if case_id is None:
        return found
    case = cases.get_for(actor, case_id)
    found |= {"waybill": case.waybill, "order_no": case.order_no, "case_no": case.number, "site_name": case.site.name}
    if case.site.kind == "shop":
        found["shop_name"] = case.site.name
    if case.customer_id and case.customer is not None:
        found["customer_name"] = address(case.customer.name)
    if now < case.next_due_at < now + _PROMISED_WITHIN:
        due = timezone.localtime(case.next_due_at)
        found["promised_time"] = due.strftime("%H:%M" if due.date() == timezone.localtime(now).date() else "%m-%d %H:%M")
    return found


def titles(keys: Iterable[str]) -> list[str]:
    """The words of keys."""
    return [_TITLES.get(key, key) for key in keys]
