"""Area tables: the list, asking for an address, one place with its history, changing what is done for it (R19, R47)."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.console import listing
from kefu.console.listing import Head
from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views.station import board
from kefu.console.views.station.entry_form import Errors
from kefu.kernel import moment
from kefu.kernel.cells import BadCell, amount_of
from kefu.kernel.errors import Invalid, KefuError
from kefu.kernel.wording import listed
from kefu.lists.definition import day, whole
from kefu.lists.station.areas import AREAS
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.station.areas import actions, limits, queries
from kefu.station.areas.access import READERS
from kefu.station.areas.addresses import split
from kefu.station.areas.drafts import AreaDraft
from kefu.station.areas.rules import earliest_start
from kefu.station.areas.vocabulary import TONES, AreaKind, Verdict

_NAMES = ("site", "region", "kind", "valid_from", "valid_to", "published_on", "places", "surcharge", "note")
_ACTIONS = {"area.added": gettext_lazy("新增"), "area.ended": gettext_lazy("截止"), "area.note_corrected": gettext_lazy("改备注")}


@page("station/areas", "station-areas", permission=READERS)
def areas(request: ConsoleRequest) -> HttpResponse:
    """Who delivers where; an address typed in is answered with the rows that say so."""
    asked = request.GET.get("address", "").replace("\0", "").strip()[:400]
    mine = people.sites_by_id().get(request.actor.site_id or 0)
    city = mine.city if mine else ""
    found = queries.serving(asked, timezone.localdate(moment.now()), near=city) if asked else []
    extra = {
        "address": asked,
        "answers": [(one, str(Verdict(one.answer.verdict).label), TONES[one.answer.verdict]) for one in found[:12]],
        "region": split(asked, near=city) if asked else None,
    }
    head = Head(lead=gettext_lazy("各网点按村、社区公布的派送范围。变更须提前公布；暂停派送须写明原因。"))
    return listing.show(request, AREAS, template="station/areas/list.jinja", tabs=board.tabs(request), head=head, extra=extra)


@page("station/areas/new", "station-area-new", permission=Permission.AREA_EDIT, methods=("GET", "POST"))
def area_new(request: ConsoleRequest) -> HttpResponse:
    """A new row."""
    now = moment.now()
    values, errors = _values(request, now), {}
    if request.method == "POST":
        try:
            row = actions.add_area(actor=request.actor, site_id=whole(values["site"]) or 0, draft=_draft(values), now=now)
        except (KefuError, BadCell) as error:
            errors = _errors(error)
        else:
            messages.success(request, _("已新增 %(region)s。") % {"region": row.region.replace("/", "")})
            return redirect(request, reverse("console:station-area", kwargs={"area_id": row.pk}))
    context = {"tabs": board.tabs(request), "values": values, "errors": Errors(errors), **_choices(request, now)}
    return render(request, "station/areas/new.jinja", context, status=422 if errors else 200)


@page("station/areas/<int:area_id>", "station-area", permission=READERS)
def area(request: ConsoleRequest, area_id: int) -> HttpResponse:
    """One row with what was promised for its place when, and who changed it."""
    return _one(request, area_id, {}, {})


@page("station/areas/<int:area_id>/change", "station-area-change", permission=Permission.AREA_EDIT, methods=("POST",))
def area_change(request: ConsoleRequest, area_id: int) -> HttpResponse:
    """Change from a day on, end on a day, or correct the note: the button says which."""
    now = moment.now()
    values = _values(request, now)
    version = whole(request.POST.get("version", "")) or 0
    do = request.POST.get("do", "")
    try:
        if do == "note":
            actions.correct_note(actor=request.actor, area_id=area_id, version=version, note=values["note"], now=now)
            target = area_id
        elif do == "end":
            start, published = day(values["valid_from"]), day(values["published_on"])
            if start is None or published is None:
                raise Invalid(fields={"valid_from": _("请填写日期，如 2026-01-31。")})
            actions.end_area(actor=request.actor, area_id=area_id, version=version, valid_to=start, published_on=published, now=now)
            target = area_id
        else:
            target = actions.change_area(actor=request.actor, area_id=area_id, version=version, draft=_draft(values), now=now).pk
    except (KefuError, BadCell) as error:
        return _one(request, area_id, values, _errors(error), status=422)
    messages.success(request, _("已保存。"))
    return redirect(request, reverse("console:station-area", kwargs={"area_id": target}))


def _one(request: ConsoleRequest, area_id: int, values: dict[str, str], errors: dict[str, str], status: int = 200) -> HttpResponse:
    now = moment.now()
    found = queries.get(request.actor, area_id)
    mine = request.actor.may(Permission.AREA_EDIT) and request.actor.reaches(found.site_id)
    usual = _values(request, now) | {"kind": found.kind, "surcharge": f"{found.surcharge or ''}", "note": found.note}
    context = {
        "tabs": board.tabs(request),
        "area": found,
        "kind": str(AreaKind(found.kind).label),
        "tone": TONES[found.kind],
        "timeline": [(one, str(AreaKind(one.kind).label), TONES[one.kind]) for one in queries.timeline(request.actor, area_id)],
        "history": [(one, str(_ACTIONS.get(one.action, one.action)), _worded(one.data)) for one in queries.history(request.actor, area_id)],
        "may_change": mine,
        "values": values or usual,
        "errors": Errors(errors),
        **_choices(request, now, found.site_id),
    }
    return render(request, "station/areas/one.jinja", context, status=status)


_DATA = {
    "kind": gettext_lazy("派送方式"),
    "valid_from": gettext_lazy("生效"),
    "valid_to": gettext_lazy("截止"),
    "published_on": gettext_lazy("公布"),
    "places": gettext_lazy("路段小区"),
    "surcharge": gettext_lazy("加收"),
    "note": gettext_lazy("备注"),
    "old": gettext_lazy("原备注"),
    "new": gettext_lazy("新备注"),
}


def _worded(data: dict[str, str]) -> str:
    told = {name: str(AreaKind(value).label) if name == "kind" and value in AreaKind.values else value for name, value in data.items()}
    return listed((f"{_DATA[name]} {value}" for name, value in told.items() if name in _DATA and value and value != "0"), "；")


def _choices(request: ConsoleRequest, now: datetime, site_id: int | None = None) -> dict[str, Any]:
    stated = limits.notice(site_id or request.actor.site_id or 0, now)
    today = timezone.localdate(now)
    return {
        "sites": [(str(site.pk), site.name) for site in people.sites(request.actor) if site.is_active],
        "kinds": [(code, str(label)) for code, label in AreaKind.choices],
        "notice": stated,
        "earliest": earliest_start(today, stated.number if stated else None),
        "today": today,
    }


def _values(request: ConsoleRequest, now: datetime) -> dict[str, str]:
    given = {name: request.POST.get(name, "").replace("\0", "").strip()[:400] for name in _NAMES}
    if request.method == "POST":
        return given
    chosen = _choices(request, now)
    return given | {
        "site": str(request.actor.site_id or ""),
        "kind": AreaKind.HOME.value,
        "valid_from": f"{chosen['earliest']}",
        "published_on": f"{chosen['today']}",
    }


def _draft(values: dict[str, str]) -> AreaDraft:
    start, published = day(values["valid_from"]), day(values["published_on"])
    wrong = {
        name: _("请填写日期，如 2026-01-31。") for name, value in (("valid_from", start), ("published_on", published)) if value is None
    }
    if values["valid_to"] and day(values["valid_to"]) is None:
        wrong["valid_to"] = _("请填写日期，如 2026-01-31。")
    if wrong or start is None or published is None:
        raise Invalid(fields=wrong)
    return AreaDraft(
        region=values["region"],
        kind=values["kind"],
        valid_from=start,
        valid_to=day(values["valid_to"]),
        published_on=published,
        places=values["places"],
        surcharge=amount_of(values["surcharge"]) or Decimal(0),
        note=values["note"],
    )


def _errors(error: KefuError | BadCell) -> dict[str, str]:
    if isinstance(error, BadCell):
        return {"surcharge": _("金额无法识别。")}
    fields = {name: str(words) for name, words in error.fields.items()} if isinstance(error, Invalid) else {}
    # The sentence of the whole refusal may say more than the field's: the first possible day, the clause.
    return fields | ({"": str(error)} if not fields or error.params else {})
