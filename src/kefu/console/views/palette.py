"""The command palette: where to go, what to do, what was open before; and everything within reach that holds what is typed (SEC2).

The page sends the labels of its own buttons and the paths last open; the answer says how the labels sound and what the paths are called
now, under the reader's rights. So nothing personal is kept in the browser. What is typed goes by POST and never stands in an address.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from kefu.cases import access as cases
from kefu.console import navigation, routes
from kefu.console.pinyin import sounds
from kefu.console.rendering import fragment
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import cases_rows
from kefu.console.views import search as searching
from kefu.console.views.cases_context import talk
from kefu.conversations import access as conversations
from kefu.customers import queries as customers
from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.parcels import access as parcels
from kefu.people import access as people

# Pages without an entry of their own in the navigation: route, words, icon. One appears once its page exists and opens for the reader.
PLACES: tuple[tuple[str, str | Promise, str], ...] = (
    ("phrases", gettext_lazy("话术和宏"), "chat"),
    ("batches", gettext_lazy("批量操作"), "list"),
    ("findings", gettext_lazy("质检发现"), "flag"),
    ("scorecard-own", gettext_lazy("我的质检"), "scorecard"),
    ("clocks", gettext_lazy("时限达成与超时"), "clock"),
    ("handbook-compare", gettext_lazy("比较手册"), "split"),
    ("exports", gettext_lazy("导出文件"), "download"),
    ("sites", gettext_lazy("站点和班组"), "site"),
    ("tokens", gettext_lazy("接口密钥"), "key"),
    ("people-import", gettext_lazy("批量导入人员"), "upload"),
    ("getting-started", gettext_lazy("开始使用"), "check-circle"),
    ("search", pgettext_lazy("page", "搜索"), "search"),
    ("account", gettext_lazy("我的账号"), "person"),
    ("account-sessions", gettext_lazy("登录设备"), "device"),
    ("account-password", gettext_lazy("修改密码"), "key"),
    ("account-second-step", gettext_lazy("两步验证"), "shield"),
    ("style", gettext_lazy("界面样式"), "style"),
    ("help", gettext_lazy("帮助"), "help"),
)
# Pages that begin something.
BEGINNINGS: tuple[tuple[str, str | Promise, str], ...] = (
    ("case-new", gettext_lazy("新建工单"), "plus"),
    ("person-new", gettext_lazy("新增人员"), "plus"),
    ("handbook-draft-new", gettext_lazy("写手册草稿"), "edit"),
)
# What is done at once, by POST.
DEEDS: tuple[tuple[str, str | Promise, str], ...] = (("desk-next", gettext_lazy("领取下一件"), "accept"),)
# What the shell's own buttons do: words, icon, the button.
SWITCHES: tuple[tuple[str | Promise, str, str], ...] = (
    (gettext_lazy("换成浅色"), "sun", 'form[data-theme-form] button[value="light"]'),
    (gettext_lazy("换成深色"), "moon", 'form[data-theme-form] button[value="dark"]'),
    (gettext_lazy("外观跟随系统"), "system-theme", 'form[data-theme-form] button[value="auto"]'),
    ("切换到简体中文", "language", 'button[name="language"][value="zh-hans"]'),
    ("Switch to English", "language", 'button[name="language"][value="en"]'),
    (gettext_lazy("查看快捷键"), "keyboard", '[data-opens="key-sheet"]'),
    (gettext_lazy("退出登录"), "sign-out", 'form[action$="/sign-out"] button'),
)
MOST_LABELS, MOST_RECENT, MOST_HITS, LONGEST = 60, 8, 5, 40
_RECENT = re.compile(r"/(cases|conversations|customers|people|parcels)/([0-9A-Za-z]{1,40})")


@dataclass(frozen=True, slots=True)
class Choice:
    """A line of the palette: goes to ``href``, posts to ``posts`` or presses what ``clicks`` finds. ``sounds``: how it may be typed."""

    label: str
    icon: str
    href: str = ""
    clicks: str = ""
    posts: str = ""
    detail: str = ""
    sounds: str = ""


def _place(actor: Actor, name: str, label: str | Promise, icon: str) -> list[Choice]:
    route = routes.route(name)
    if route is None or "<" in route.path or not route.opens_for(actor):
        return []
    return [Choice(str(label), icon, reverse(f"console:{name}"), sounds=sounds(str(label)))]


def places(actor: Actor) -> list[Choice]:
    """Every page the reader may open without naming a thing."""
    rail = [(entry.name, entry.label, entry.icon) for entry in navigation.ENTRIES if navigation.concerns(entry, actor)]
    return [choice for entry in (*rail, *PLACES) for choice in _place(actor, *entry)]


def _deeds(actor: Actor) -> list[Choice]:
    begun = [choice for entry in BEGINNINGS for choice in _place(actor, *entry)]
    begun += [replace(choice, href="", posts=choice.href) for entry in DEEDS for choice in _place(actor, *entry)]
    return begun + [Choice(str(label), icon, clicks=button, sounds=sounds(str(label))) for label, icon, button in SWITCHES]


def _recent(actor: Actor, paths: Sequence[str]) -> list[Choice]:
    """What the paths last open lead to, in their order; what is out of reach now is left out."""
    found: dict[str, Choice] = {}
    by_kind: dict[str, list[str]] = {}
    for path in paths[:MOST_RECENT]:
        if match := _RECENT.fullmatch(path):
            by_kind.setdefault(match[1], []).append(match[2])
    for kind, keys in by_kind.items():
        for choice in _NAMED[kind](actor, keys):
            found[choice.href] = choice
    return [found[path] for path in paths if path in found]


def _numbers(keys: Sequence[str]) -> list[int]:
    return [int(key) for key in keys if key.isdecimal() and len(key) < 18]


def _case_names(actor: Actor, keys: Sequence[str]) -> list[Choice]:
    rows = cases_rows.rows(cases.visible_to(actor).select_related("site", "assignee").filter(pk__in=_numbers(keys)), with_customers=False)
    return [Choice(row.title, "case", f"/cases/{row.id}", detail=row.number) for row in rows]


def _talk_names(actor: Actor, keys: Sequence[str]) -> list[Choice]:
    rows = conversations.visible_to(actor).select_related("staff").filter(pk__in=_numbers(keys))
    return [Choice(one.title, "chat", one.url, detail=one.who) for one in (talk(actor, row) for row in rows)]


def _customer_names(actor: Actor, keys: Sequence[str]) -> list[Choice]:
    found = []
    for key in _numbers(keys):
        try:
            card = customers.card(actor, key)
        except NotFound:
            continue
        found.append(Choice(card.name or _("未留姓名"), "customer", f"/customers/{key}"))
    return found


def _staff_names(actor: Actor, keys: Sequence[str]) -> list[Choice]:
    rows = people.visible_staff(actor).filter(pk__in=_numbers(keys))
    return [Choice(one.name, "person", f"/people/{one.pk}", detail=one.staff_no) for one in rows]


def _parcel_names(actor: Actor, keys: Sequence[str]) -> list[Choice]:
    numbers = parcels.visible_to(actor).filter(waybill__in=list(keys)).values_list("waybill", flat=True)
    return [Choice(number, "box", f"/parcels/{number}") for number in numbers]


_NAMED: dict[str, Callable[[Actor, Sequence[str]], list[Choice]]] = {
    "cases": _case_names,
    "conversations": _talk_names,
    "customers": _customer_names,
    "people": _staff_names,
    "parcels": _parcel_names,
}


def _hits(actor: Actor, text: str) -> list[tuple[str, list[Choice]]]:
    rows = searching.found(actor, text)
    groups = [(title, [choice(row) for row in _rows(rows[kind])[:MOST_HITS]]) for kind, title, choice in _KINDS]
    return [(str(title), choices) for title, choices in groups if choices]


def _rows(found: Any) -> list[Any]:
    return found[0] if isinstance(found, tuple) else found or []


def _customer_hit(row: Any) -> Choice:
    name = row.customer.name or _("未留姓名")
    return Choice(name, "customer", f"/customers/{row.customer.id}", detail=f"{row.customer.contact} {row.site}")


# What search finds, in the order shown: kind, words, how a row becomes a line.
_KINDS: tuple[tuple[str, str | Promise, Callable[[Any], Choice]], ...] = (
    ("cases", gettext_lazy("工单"), lambda row: Choice(row.title, "case", f"/cases/{row.id}", detail=f"{row.number} {row.status.text}")),
    ("parcels", gettext_lazy("快件"), lambda row: Choice(row[0].waybill, "box", f"/parcels/{row[0].waybill}", detail=row[1].text)),
    ("customers", gettext_lazy("客户"), _customer_hit),
    ("talks", gettext_lazy("会话"), lambda row: Choice(row.title, "chat", row.url, detail=row.who)),
    (
        "staff",
        gettext_lazy("人员"),
        lambda row: Choice(row.name, "person", f"/people/{row.pk}", detail=f"{row.staff_no} {row.get_role_display()}"),
    ),
    ("clauses", gettext_lazy("手册条款"), lambda row: Choice(row.title, "handbook", row.href, detail=row.book)),
)


@page("palette", "palette", methods=("GET", "POST"))
def palette(request: ConsoleRequest) -> HttpResponse:
    """GET: the commands, for when the palette opens. POST: what holds the words ``q``."""
    context: dict[str, Any] = {"recent": [], "places": [], "deeds": [], "sounds": {}, "groups": []}
    if request.method == "POST":
        text = searching.cleaned(request.POST.get("q", ""))
        context["groups"] = _hits(request.actor, text) if text else []
        part = "hits"
    else:
        labels = [label for label in request.GET.getlist("label")[:MOST_LABELS] if len(label) <= LONGEST]
        context |= {
            "recent": _recent(request.actor, request.GET.getlist("recent")),
            "places": places(request.actor),
            "deeds": _deeds(request.actor),
            "sounds": {label: sounds(label) for label in labels},
        }
        part = "commands"
    response = fragment(request, "search/palette.jinja", context, part=part)
    response["Cache-Control"] = "no-store"
    return response
