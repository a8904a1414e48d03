"""Entries of the navigation: shown when their page exists and the reader may open it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from operator import attrgetter

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kefu.console import routes
from kefu.kernel.actor import Actor
from kefu.people.access import kinds_of_sites


@dataclass(frozen=True, slots=True)
class Entry:
    """One place of the navigation; ``chord`` is the letter after ``g``; ``instead`` is for who may not open ``name``.

    ``badge`` names the page that answers with the count beside the label, fetched when the page has loaded and when ``topic`` changes.
    With a ``site_kind`` it is shown to people with such a site in reach only: nobody at a station needs the shop's pages.
    ``view`` is the query the list opens with from here: what is to be done, where the bare address means everything there ever was.
    """

    name: str
    label: str | Promise
    icon: str
    chord: str
    instead: str = ""
    site_kind: str = ""
    badge: str = ""
    topic: str = ""
    view: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Entries of one kind of work, under a small heading."""

    label: str | Promise
    entries: tuple[Entry, ...]


GROUPS = (
    Group(
        pgettext_lazy("navigation", "工作"),
        (
            Entry("desk", _("工作台"), "desk", "d"),
            Entry("cases", _("工单"), "case", "c"),
            Entry("calls", _("接待"), "headset", "t"),
            Entry("tasks", pgettext_lazy("list", "协作"), "task", "k", badge="tasks-count", topic="tasks"),
        ),
    ),
    Group(
        pgettext_lazy("navigation", "服务质量"),
        (
            Entry("conversations", _("会话"), "chat", "v"),
            Entry("recordings", _("录音"), "play", "f"),
            Entry("scorecards", _("质检"), "quality", "q"),
            Entry("review", _("评分"), "accept", "x", view="mine=1"),
            Entry("disputes", _("质检申诉"), "flag", "y"),
            Entry("alarms", _("预警"), "alert", "j", badge="alarms-count", topic="alarms", view="state=new"),
            Entry("penalties", pgettext_lazy("list", "处罚"), "money", "z"),
            Entry("customers", pgettext_lazy("list", "客户"), "customer", "u"),
            Entry("customer-notices", _("告知"), "send", "e"),
        ),
    ),
    Group(
        pgettext_lazy("navigation", "快件"),
        (
            Entry("parcels", _("快件"), "box", "p"),
            Entry("station", _("网点"), "site", "n"),
            Entry("shop", _("网店"), "tag", "o", site_kind="shop"),
        ),
    ),
    Group(
        pgettext_lazy("navigation", "款项与裁决"),
        (
            Entry("claims", _("理赔"), "money", "m", view="open=1"),
            Entry("ledgers", _("台账"), "list", "r"),
            Entry("arbitrations", _("仲裁"), "shield", "a", view="open=1"),
            Entry("appeals", _("申诉"), "alert", "w", view="open=1"),
        ),
    ),
    Group(
        pgettext_lazy("navigation", "管理"),
        (
            Entry("handbooks", _("手册"), "handbook", "h"),
            Entry("day", _("看板"), "day", "b"),
            Entry("people", _("人员"), "people", "s"),
            Entry("imports", _("导入"), "upload", "i", instead="import-tables"),
            Entry("audit", _("日志"), "history", "l"),
        ),
    ),
)
ENTRIES = tuple(entry for group in GROUPS for entry in group.entries)


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as the reader sees it, with the heading it stands under."""

    label: str
    icon: str
    chord: str
    address: str
    current: bool
    badge: str = ""
    topic: str = ""
    group: str = ""


def _opens(name: str, request: HttpRequest) -> bool:
    page = routes.route(name)
    return page is not None and page.opens_for(getattr(request, "actor", None))


def concerns(entry: Entry, actor: Actor | None) -> bool:
    """Whether a site in reach is of the kind the entry is about."""
    if not entry.site_kind:
        return True
    return actor is not None and entry.site_kind in kinds_of_sites(actor)


@lru_cache(maxsize=2 * len(ENTRIES))
def _address(name: str) -> str:
    return reverse(f"console:{name}")


def _link(entry: Entry, name: str, group: Group, path: str) -> Link:
    address = _address(name)
    current = path == address or (entry.name == "desk" and path == reverse("console:home")) or path.startswith(f"{address}/")
    badge = _address(entry.badge) if entry.badge else ""
    opens = f"{address}?{entry.view}" if entry.view else address
    return Link(str(entry.label), entry.icon, entry.chord, opens, current, badge, entry.topic, str(group.label))


def entries(request: HttpRequest) -> list[Link]:
    """What this reader can open, in order; the entry of the page in hand is marked."""
    found = []
    for group in GROUPS:
        for entry in group.entries:
            name = next((one for one in (entry.name, entry.instead) if one and _opens(one, request)), "")
            if name and concerns(entry, getattr(request, "actor", None)):
                found.append(_link(entry, name, group, request.path))
    return found


def grouped(links: Sequence[Link]) -> list[tuple[str, list[Link]]]:
    """Links under their headings; a heading with nothing below it is left out."""
    return [(label, list(found)) for label, found in groupby(links, key=attrgetter("group"))]
