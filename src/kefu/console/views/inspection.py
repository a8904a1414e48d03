"""Findings: each opens the sentence it speaks of (QA5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from kefu.console.rendering import render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import inspection_words as words
from kefu.console.views.inspection_filters import Asked, Filter, address, site_choices, staff_choices, team_choices
from kefu.handbook import queries as handbooks
from kefu.handbook.errors import NotInForce
from kefu.kernel.actor import Actor
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.quality import queries as quality


@dataclass(frozen=True, slots=True)
class Row:
    """A finding in the list; ``address`` is the sentence it speaks of."""

    finding: Any
    title: str
    words: str
    tone: str
    mode: str
    handled: str
    address: str
    clause: str
    place: str


def rows(actor: Actor, found: Sequence[Any]) -> list[Row]:
    """Findings put into words."""
    return [_row(actor, one) for one in found]


def _row(actor: Actor, one: Any) -> Row:
    about = address("conversation", actor, conversation_id=one.subject_id)
    place = _("第 %(number)s 句") % {"number": one.line + 1} if one.line is not None else _("整段")
    if one.subject_kind == "case":
        about, place = address("case", actor, case_id=one.subject_id), pgettext("one", "工单")
    elif about:
        about += f"#finding-{one.pk}"
    return Row(
        finding=one,
        title=words.title_of(one.item),
        words=words.said(one.item, one.code, one.detail),
        tone=words.MODE_TONES.get(one.mode, "quiet"),
        mode=str(words.MODES.get(one.mode, one.mode)),
        handled="" if one.state == "open" else str(words.HANDLED.get(one.state, one.state)),
        address=about,
        clause=words.clause_address(one.item, actor),
        place=place,
    )


def item_choices(actor: Actor) -> list[tuple[str, str]]:
    """Items of the scorecards in force at the sites in reach."""
    now = timezone.now()
    found: dict[str, str] = {}
    for key in sorted({site.handbook for site in people.sites(actor)}):
        try:
            book = handbooks.book_at(key, now)
        except NotInForce:
            continue
        for card in book.scorecards.values():
            for item in card.items():
                found.setdefault(item.id, words.either(item.title, item.title_en))
    return list(found.items())


@page("findings", "findings", permission=(Permission.QUALITY_VIEW, Permission.QUALITY_OWN))
def findings(request: ConsoleRequest) -> HttpResponse:
    """The list; agents see their own."""
    actor = request.actor
    everybody = actor.may(Permission.QUALITY_VIEW)
    wanted = Asked.of(
        request,
        reverse("console:findings"),
        [
            Filter("item", _("检查项"), item_choices(actor)),
            Filter("mode", _("判定"), [(key, str(title)) for key, title in words.MODES.items()]),
            Filter("state", _("处理"), [(key, str(title)) for key, title in words.HANDLED.items()]),
            Filter("site", _("站点"), site_choices(actor) if everybody else []),
            Filter("staff", _("客服"), _staff(actor, everybody=everybody)),
            Filter("team", _("班组"), team_choices(actor) if everybody else []),
            Filter("hour", _("时段"), [(str(hour), f"{hour:02d}:00–{hour:02d}:59") for hour in range(24)]),
            Filter("version", _("手册版本")),
            Filter("since", _("从"), kind="day"),
            Filter("until", _("到"), kind="day"),
        ],
    )
    filters = quality.Filters(
        item=wanted.get("item"),
        staff_id=wanted.id("staff"),
        team_id=wanted.id("team"),
        site_id=wanted.id("site"),
        day_from=wanted.day("since"),
        day_to=wanted.day("until"),
        mode=wanted.get("mode"),
        state=wanted.get("state"),
        hour=wanted.id("hour"),
        version=wanted.get("version"),
    )
    found = quality.findings_page(actor, filters, cursor=request.GET.get("cursor") or None)
    context = {
        "asked": wanted,
        "rows": rows(actor, found.rows),
        "paging": found,
        "count": quality.findings_count(actor, filters),
        "everybody": everybody,
        "tabs": tabs(actor, "findings"),
    }
    return render(request, "inspection/findings.jinja", context, part="list")


def _staff(actor: Actor, *, everybody: bool) -> list[tuple[str, str]]:
    return staff_choices(actor) if everybody else [(str(actor.own_id), actor.name)]


def tabs(actor: Actor, current: str) -> list[dict[str, Any]]:
    """Pages of inspection side by side."""
    agents = ("scorecards", _("按客服")) if actor.may(Permission.QUALITY_VIEW) else ("scorecard-own", _("我的质检"))
    return [
        {"label": title, "href": address(name, actor), "current": name == current}
        for name, title in (
            agents,
            ("findings", _("发现")),
            ("bench", _("规则试验台")),
            ("inspection-board", _("质检看板")),
            ("coaching", _("辅导")),
            ("clips", _("优秀片段")),
        )
        if address(name, actor)
    ]
