"""The station's board: its ten systems, each with what is to be done in it today (OPS1–OPS10)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kefu.console import routes
from kefu.console.rendering import render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views.station import (
    entry_figures,
    fees_figures,
    forwarding_figures,
    monitors_figures,
    pickups_words,
    problems_figures,
    receipts_figures,
    scanning_figures,
    signing_figures,
    tracking_figures,
)
from kefu.console.views.station.figure import Figure
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Message
from kefu.people import queries as people
from kefu.people.permissions import Permission

_LOUD = ("bad", "warn")
WEEKDAYS: tuple[Message, ...] = (_("星期一"), _("星期二"), _("星期三"), _("星期四"), _("星期五"), _("星期六"), _("星期日"))


@dataclass(frozen=True, slots=True)
class System:
    """One of the ten: its page, what it is for, and today's figures, which must cost few, bounded queries."""

    route: str
    title: Message
    about: Message
    icon: str
    figures: Callable[[Actor, datetime], Sequence[Figure]] | None = None


SYSTEMS: tuple[System, ...] = (
    System("station-scanning", _("派件扫描"), _("巴枪连续扫描、到派一体、批量粘贴"), "scan", scanning_figures.today),
    System("station-entry", _("运单录入"), _("录单、收件、子单、计费重量"), "edit", entry_figures.figures),
    System("station-signing", _("签收录入"), _("签收、代签、部分签收、撤销"), "check-circle", signing_figures.today),
    System("station-monitors", _("对比监控"), _("未到件、有到未派、有派未签"), "alert", monitors_figures.today),
    System("station-problems", pgettext_lazy("list", "问题件"), _("登记、回复、跟进、结案"), "problem", problems_figures.figures),
    System("station-tracking", _("快件跟踪"), _("批量查询，自有扫描与快递公司轨迹"), "search", tracking_figures.figures),
    System("station-receipts", _("回单"), _("登记、退回、核对、超期"), "undo", receipts_figures.today),
    System("station-fees", _("派费"), _("大货派费、结算、争议"), "money", fees_figures.today),
    System("station-pickups", _("电商订单"), _("接单、分派、取件、转单"), "truck", pickups_words.figures),
    System("station-forwarding", _("超区转件"), _("申请、审核、转出、结算"), "split", forwarding_figures.figures),
)


QUICK: tuple[tuple[str, Message, str], ...] = (
    ("station-scanning", _("开始扫描"), "scan"),
    ("station-entry", _("录一票"), "edit"),
    ("station-tracking", _("查件"), "search"),
    ("import-tables", _("导入表格"), "upload"),
)
"""What a day begins with: page, words, icon."""


def tabs(request: ConsoleRequest) -> list[dict[str, object]]:
    """The board and the systems this reader may open, as tabs."""
    home = reverse("console:station")
    found: list[dict[str, object]] = [{"label": str(_("总览")), "href": home, "current": request.path == home}]
    for system in SYSTEMS:
        if _opens(system.route, request.actor):
            address = reverse(f"console:{system.route}")
            current = request.path == address or request.path.startswith(f"{address}/")
            found.append({"label": str(system.title), "href": address, "current": current})
    return found


def _opens(name: str, actor: Actor) -> bool:
    route = routes.route(name)
    return route is not None and route.opens_for(actor)


@dataclass(frozen=True, slots=True)
class Card:
    """A system with today's figures."""

    system: System
    href: str
    figures: Sequence[Figure]


@dataclass(frozen=True, slots=True)
class Urgent:
    """A figure that wants somebody now, with the system it belongs to."""

    system: Message
    figure: Figure


def is_nothing(value: object) -> bool:
    """Whether a figure counts nothing."""
    return str(value) in ("", "0")


def urgent(cards: Sequence[Card]) -> list[Urgent]:
    """What is bad or soon will be, the bad first, in the order of the systems."""
    found = [Urgent(card.system.title, one) for card in cards for one in card.figures if one.tone in _LOUD and not is_nothing(one.value)]
    return sorted(found, key=lambda one: _LOUD.index(one.figure.tone))


@page("station", "station", permission=(Permission.MONITOR_VIEW, Permission.PARCEL_SCAN, Permission.PROBLEM_VIEW))
def station(request: ConsoleRequest) -> HttpResponse:
    """The ten systems with today's figures; what wants somebody now stands first."""
    actor, now = request.actor, moment.now()
    cards = [
        Card(system, reverse(f"console:{system.route}"), system.figures(actor, now) if system.figures else ())
        for system in SYSTEMS
        if _opens(system.route, actor)
    ]
    sites = people.sites(actor)
    context = {
        "tabs": tabs(request),
        "cards": cards,
        "urgent": urgent(cards),
        "is_nothing": is_nothing,
        "site": sites[0].name if len(sites) == 1 else "",
        "site_count": len(sites),
        "today": timezone.localdate(now),
        "weekday": WEEKDAYS[timezone.localdate(now).weekday()],
        "quick": [{"href": reverse(f"console:{name}"), "title": title, "icon": icon} for name, title, icon in QUICK if _opens(name, actor)],
    }
    return render(request, "station/board.jinja", context, part="board")
