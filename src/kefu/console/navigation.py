"""Entries of the navigation: shown when their page exists and the reader may open it."""

from dataclasses import dataclass
from functools import lru_cache

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kefu.console import routes


@dataclass(frozen=True, slots=True)
class Entry:
    """One place of the navigation; ``chord`` is the letter after ``g``."""

    name: str
    label: str | Promise
    icon: str
    chord: str


ENTRIES = (
    Entry("desk", _("工作台"), "desk", "d"),
    Entry("cases", _("工单"), "case", "c"),
    Entry("calls", _("接待"), "headset", "t"),
    Entry("conversations", _("会话"), "chat", "v"),
    Entry("scorecards", _("质检"), "quality", "q"),
    Entry("parcels", _("快件"), "box", "p"),
    Entry("customers", pgettext_lazy("list", "客户"), "customer", "u"),
    Entry("handbooks", _("手册"), "handbook", "h"),
    Entry("day", _("看板"), "day", "b"),
    Entry("people", _("人员"), "people", "s"),
    Entry("imports", _("导入"), "upload", "i"),
    Entry("audit", _("日志"), "history", "l"),
)


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as the reader sees it."""

    label: str
    icon: str
    chord: str
    address: str
    current: bool


@lru_cache(maxsize=len(ENTRIES))
def _address(name: str) -> str:
    return reverse(f"console:{name}")


def entries(request: HttpRequest) -> list[Link]:
    """What this reader can open, in order; the entry of the page in hand is marked."""
    found = []
    for entry in ENTRIES:
        page = routes.route(entry.name)
        if page is None or not page.opens_for(getattr(request, "actor", None)):
            continue
        address = _address(entry.name)
        current = (
            request.path == address
            or (entry.name == "desk" and request.path == reverse("console:home"))
            or request.path.startswith(f"{address}/")
        )
        found.append(Link(str(entry.label), entry.icon, entry.chord, address, current))
    return found
