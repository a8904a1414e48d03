"""The list of cases with its views, filters and counts; opening a case (CASE1, CASE8)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from kefu.cases import actions, filters, queries
from kefu.cases.actions import CaseRequest
from kefu.cases.errors import KindUnknown, LikelyDuplicate
from kefu.cases.families import FAMILIES
from kefu.cases.filters import CaseFilter
from kefu.console import saved_views, times
from kefu.console.rendering import fragment, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import batches as bulk
from kefu.console.views import cases_rows, cases_views
from kefu.console.views import cases_words as words
from kefu.console.views.inspection_filters import team_choices
from kefu.handbook import queries as handbooks
from kefu.handbook.errors import NotInForce
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid
from kefu.parcels.waybills import clean_waybill
from kefu.people import access as people_access
from kefu.people import queries as people
from kefu.people.permissions import Permission

VIEW_TITLES = {
    "open": gettext_lazy("处理中"),
    "mine": gettext_lazy("我的"),
    "unassigned": gettext_lazy("待领取"),
    "breached": gettext_lazy("已超时"),
    "waiting_customer": gettext_lazy("等客户"),
    "closed": gettext_lazy("已结束"),
    "all": gettext_lazy("全部"),
}
COUNTED = ("open", "mine", "unassigned", "breached", "waiting_customer")
SORT_TITLES = {"due": gettext_lazy("时限最近"), "newest": gettext_lazy("最新受理")}
_MOST_STAFF = 300


def _id(text: str) -> int | None:
    return int(text) if text.isdecimal() and 0 < len(text) < 18 else None


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for, cleaned: names not known here never go further."""

    values: Mapping[str, str]
    view: str
    sort: str
    look: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        """Read the address."""
        found = filters.clean(request.GET.dict())
        return cls({name: found[name] for name in filters.NAMES if name in found}, found.get("view", "open"), found.get("sort", ""))

    def filter(self) -> CaseFilter:
        """As the query takes it."""
        return CaseFilter.of(self.query())

    def address(self, **changes: str) -> str:
        """The list's address with changes; an empty value takes a filter away."""
        merged = {"view": self.view, "sort": self.sort, **self.values, **self.look, **changes}
        plain = {name: value for name, value in merged.items() if value and (name, value) != ("view", "open")}
        return reverse("console:cases") + (f"?{urlencode(plain)}" if plain else "")

    def query(self) -> dict[str, str]:
        """The parameters a page link repeats."""
        return {name: value for name, value in {"view": self.view, "sort": self.sort, **self.values}.items() if value}


def _choices(actor: Actor, now: datetime) -> dict[str, list[tuple[str, str]]]:
    sites = people.sites(actor)
    books = handbooks.books_at((site.handbook for site in sites), now)
    kinds = {key: words.name(kind) for book in books for key, kind in book.kinds.items()}
    levels = {key: (level.rank, words.name(level)) for book in books for key, level in book.levels.items()}
    people_here = people_access.visible_staff(actor).filter(is_active=True).select_related(None).order_by("staff_no")
    staff = people_here.values_list("pk", "name", "staff_no")[:_MOST_STAFF]
    return {
        "kind": list(kinds.items()),
        "status": [(key, str(title)) for key, title in words.STATUS_TITLES.items()],
        "level": [(key, title) for key, (_rank, title) in sorted(levels.items(), key=lambda item: item[1][0])],
        "site": [(str(site.pk), site.name) for site in sites] if len(sites) > 1 else [],
        "assignee": [("me", _("我")), ("none", _("无人负责")), *((str(pk), f"{name} {staff_no}") for pk, name, staff_no in staff)],
        "channel": words.channel_choices(),
        "opened": [(key, str(title)) for key, title in OPENED_TITLES.items()],
        "due": [(key, str(title)) for key, title in DUE_TITLES.items()],
        "ball": [(key, str(title)) for key, title in BALL_TITLES.items()],
        "team": team_choices(actor),
        "repeat": [("1", _("是"))],
        "followed": [("1", _("是"))],
        "unread": [("1", _("是"))],
        "family": [(key, str(words.KIND_FAMILIES[key])) for key in FAMILIES],
    }


_CHIP_TITLES = {
    "kind": gettext_lazy("类型"),
    "status": gettext_lazy("状态"),
    "level": gettext_lazy("级别"),
    "site": gettext_lazy("站点"),
    "assignee": gettext_lazy("负责人"),
    "waybill": gettext_lazy("运单号"),
    "since": gettext_lazy("受理自"),
    "until": gettext_lazy("受理至"),
    "closed_since": gettext_lazy("结案自"),
    "closed_until": gettext_lazy("结案至"),
    "channel": gettext_lazy("来源渠道"),
    "opened": pgettext_lazy("moment", "受理"),
    "due": pgettext_lazy("moment", "时限"),
    "urged": gettext_lazy("催单至少"),
    "repeat": gettext_lazy("重复投诉"),
    "team": gettext_lazy("班组"),
    "ball": gettext_lazy("等待"),
    "followed": gettext_lazy("我关注的"),
    "unread": gettext_lazy("未读回复"),
    "family": gettext_lazy("类别"),
    "q": gettext_lazy("包含"),
}
OPENED_TITLES = {"today": gettext_lazy("今天"), "7d": gettext_lazy("近 7 天"), "30d": gettext_lazy("近 30 天")}
BALL_TITLES = {"us": gettext_lazy("等我们"), "customer": gettext_lazy("等客户"), "others": gettext_lazy("等其他站点")}
DUE_TITLES = {
    "late": gettext_lazy("已超时"),
    "1h": gettext_lazy("1 小时内到期"),
    "4h": gettext_lazy("4 小时内到期"),
    "24h": gettext_lazy("24 小时内到期"),
}


def _moment_words(value: str) -> str:
    """A moment of the address as people write it; anything else stays as it is."""
    try:
        return times.exact(datetime.fromisoformat(value)) if "T" in value else value
    except ValueError:
        return value


def _chips(asked: Asked, choices: Mapping[str, list[tuple[str, str]]]) -> list[dict[str, str]]:
    return [
        {
            "label": str(_CHIP_TITLES[name]),
            "value": dict(choices.get(name, [])).get(value) or _moment_words(value),
            "remove": asked.address(**{name: ""}),
        }
        for name, value in asked.values.items()
    ]


def _tabs(asked: Asked, counts: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "label": str(title),
            "href": asked.address(view=view, status="") if view != "open" else asked.address(view="", status=""),
            "current": view == asked.view,
            "count": counts.get(view),
        }
        for view, title in VIEW_TITLES.items()
    ]


@page("cases/counts", "case-counts", permission=Permission.CASE_VIEW)
def case_counts(request: ConsoleRequest) -> HttpResponse:
    """The tabs of the list with fresh counts, for a list that is open."""
    asked = Asked.of(request)
    context = {"tabs": _tabs(asked, queries.counts(request.actor, now=moment.now(), views=COUNTED))}
    return fragment(request, "live/case_counts.jinja", context, part="counts")


@page("cases", "cases", permission=Permission.CASE_VIEW)
def cases(request: ConsoleRequest) -> HttpResponse:
    """The list. Its whole state is in the address."""
    now, asked = moment.now(), Asked.of(request)
    found = queries.page(request.actor, asked.filter(), now=now, cursor=request.GET.get("cursor") or None)
    counts = queries.counts(request.actor, now=now, views=COUNTED)
    choices = _choices(request.actor, now)
    sorted_by = asked.filter().sorted_by
    several_sites = bool(choices["site"])
    look = cases_views.Look.of(request, several_sites=several_sites)
    asked = replace(asked, look=look.query)
    context = {
        "look": look,
        "columns": cases_views.chooser(look, several_sites=several_sites),
        "kept": {**asked.query(), **look.query},
        "scopes": saved_views.scopes(request.actor),
        "bulk": bulk.choices(request.actor),
        "rows": cases_rows.rows(found.rows),
        "paging": found,
        "asked": asked,
        "tabs": _tabs(asked, counts),
        "choices": choices,
        "chips": _chips(asked, choices),
        "clear": asked.address(**dict.fromkeys(filters.NAMES, "")),
        "sorts": [(key, str(title)) for key, title in SORT_TITLES.items()],
        "sorted_by": sorted_by,
        "several_sites": several_sites,
    }
    return render(request, "cases/list.jinja", context, part="list")


# ── Opening a case ──────────────────────────────────────────────────────────────────────────────────────────────────

_FIELDS = ("site", "kind", "channel", "title", "description", "waybill", "order_no", "customer_name", "customer_phone", "conversation")


def _given(request: HttpRequest) -> dict[str, str]:
    source = request.POST if request.method == "POST" else request.GET
    return {name: source.get(name, "").replace("\0", "") for name in _FIELDS}


def _kinds(actor: Actor, site_id: int | None, now: datetime) -> list[tuple[str, list[tuple[str, str]]]]:
    """Kinds the site's handbook has a procedure for, by family."""
    site = next((site for site in people.sites(actor) if site.pk == site_id), None)
    if site is None:
        return []
    try:
        book = handbooks.book_at(site.handbook, now)
    except NotInForce:
        return []
    groups: dict[str, list[tuple[str, str]]] = {}
    for key, chinese, english in queries.kinds(actor, book):
        groups.setdefault(book.kinds[key].family, []).append((key, words.either(chinese, english)))
    order = ("enquiry", "complaint", "service", "internal")
    return [(str(words.KIND_FAMILIES[family]), groups[family]) for family in order if family in groups]


def _form(request: ConsoleRequest, values: dict[str, str], **more: Any) -> dict[str, Any]:
    now, actor = moment.now(), request.actor
    sites = [(str(site.pk), site.name) for site in people.sites(actor) if site.kind not in ("hq",)]
    if not values["site"]:
        own = str(actor.site_id or "")
        values["site"] = own if own in dict(sites) else (sites[0][0] if sites else "")
    values["channel"] = values["channel"] or "call"
    waybill = clean_waybill(values["waybill"])
    return {
        "values": values,
        "sites": sites,
        "kinds": _kinds(actor, _id(values["site"]), now),
        "channels": words.channel_choices(),
        "ticket": uuid4().hex,
        "twins": cases_rows.rows(queries.of_waybill(actor, waybill), with_customers=False) if waybill else [],
        "take_it": True,
        "errors": {},
        "duplicate": None,
        **more,
    }


@page("cases/new", "case-new", permission=Permission.CASE_OPEN, methods=("GET", "POST"))
def case_new(request: ConsoleRequest) -> HttpResponse:
    """Open a case; prefilled from the address (``waybill``, ``phone``, ``conversation``)."""
    values = _given(request)
    if request.method == "GET":
        values["customer_phone"] = values["customer_phone"] or request.GET.get("phone", "")
        return render(request, "cases/new.jinja", _form(request, values), part="kinds")
    if request.POST.get("refresh"):
        return render(request, "cases/new.jinja", _form(request, values, take_it=request.POST.get("take_it") == "1"))
    take_it = request.POST.get("take_it") == "1"
    ticket = request.POST.get("ticket", "")[:40] or uuid4().hex
    again = {"take_it": take_it, "ticket": ticket}
    try:
        case = actions.open_case(actor=request.actor, request=_request(request, values, ticket, take_it), now=moment.now())
    except LikelyDuplicate as twin:
        context = _form(request, values, duplicate=twin.params | {"words": str(twin)}, **again)
        return render(request, "cases/new.jinja", context, status=409)
    except KindUnknown:
        errors: dict[str, str] = {"kind": _("请选择该站点手册中有流程的类型。")}
    except Invalid as error:
        errors = {_FIELD_NAMES.get(name, name): str(text) for name, text in error.fields.items()} or {"description": str(error)}
    else:
        messages.success(request, _("工单 %(number)s 已受理，时限开始计时。") % {"number": case.number})
        return HttpResponseRedirect(reverse("console:case", kwargs={"case_id": case.pk}))
    return render(request, "cases/new.jinja", _form(request, values, errors=errors, **again), status=422)


_FIELD_NAMES = {"phone": "customer_phone", "name": "customer_name"}


def _request(request: ConsoleRequest, values: Mapping[str, str], ticket: str, take_it: bool) -> CaseRequest:
    actor = request.actor
    return CaseRequest(
        site_id=_id(values["site"]) or 0,
        kind=values["kind"],
        channel=values["channel"],
        description=values["description"],
        title=values["title"][:120],
        waybill=values["waybill"][:40],
        order_no=values["order_no"][:60],
        customer_name=values["customer_name"][:60],
        customer_phone=values["customer_phone"][:40],
        # Only somebody of the site works its cases.
        assignee_id=actor.staff_id if take_it and _id(values["site"]) == actor.site_id else None,
        conversation_id=_visible_conversation(actor, _id(values["conversation"])),
        # The form's own number with what it says: the same form sent twice opens one case, an altered one another.
        external_id=f"console-{actor.id}-{ticket}-{sha256(repr(sorted(values.items())).encode()).hexdigest()[:12]}",
        even_if_duplicate=request.POST.get("even_if_duplicate") == "1",
    )


def _visible_conversation(actor: Actor, conversation_id: int | None) -> int | None:
    from kefu.conversations import access

    if conversation_id is None:
        return None
    return access.get_for(actor, conversation_id).pk


@page("cases/new/same", "case-new-same", permission=Permission.CASE_OPEN)
def case_new_same(request: ConsoleRequest) -> HttpResponse:
    """Cases on the waybill being typed, so that nobody opens a second one unknowingly."""
    waybill = clean_waybill(request.GET.get("waybill", ""))
    found = cases_rows.rows(queries.of_waybill(request.actor, waybill), with_customers=False) if waybill else []
    return render(request, "cases/new.jinja", _form(request, _given(request), twins=found), part="twins")
