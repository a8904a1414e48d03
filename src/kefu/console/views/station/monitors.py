"""The monitors: which sets there are and how many of each, the list of one, work on many, one difference (OPS5, O12)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kefu.console import listing
from kefu.console.listing import Bulk, BulkAction, Head
from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views.cases_words import clause_title, clause_url
from kefu.console.views.station import board
from kefu.console.views.station import monitors_figures as figures
from kefu.escalations import differences as escalations
from kefu.escalations import queries as cases
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid, KefuError, Message, NotFound, Stale
from kefu.lists.definition import Ask
from kefu.lists.station.monitors import DIFFERENCES, wanted_of
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.station.monitors import actions, queries
from kefu.station.monitors.queries import Wanted
from kefu.station.monitors.reading import Key
from kefu.station.monitors.sets import FIRST, SETS
from kefu.station.monitors.vocabulary import Result, Way

_BULK = Bulk(
    "station-monitors-bulk",
    (
        BulkAction("take", gettext_lazy("我来跟进"), "person"),
        BulkAction("conclude", gettext_lazy("填结果"), "accept"),
        BulkAction("urge", gettext_lazy("催上一站"), "clock"),
        BulkAction("problem", gettext_lazy("转问题件"), "problem"),
        BulkAction("case", gettext_lazy("开工单"), "case", confirm=gettext_lazy("为所选快件开工单？同一运单已有工单的会并入。")),
    ),
)


@page("station/monitors", "station-monitors", permission=Permission.MONITOR_VIEW)
def monitors(request: ConsoleRequest) -> HttpResponse:
    """The sets with their numbers, and the list of the chosen one."""
    actor, now = request.actor, moment.now()
    wanted = wanted_of(Ask(actor, DIFFERENCES.kept(request.GET.dict()), now))
    one = queries.set_of(wanted.kind)
    extra = {
        "one": one,
        "wanted": wanted,
        "matrix": figures.matrix(actor, wanted, now),
        "figures": figures.totals(actor, wanted, now),
        "chart": figures.trend(actor, wanted, now),
        "waves": figures.waves(actor, wanted, now),
        "notices": figures.notices(actor),
        "results": [("", _("结果…")), *((key, str(title)) for key, title in Result.choices)],
        "case_kinds": _case_kinds(actor, now),
    }
    bulk = _BULK if actor.may(Permission.MONITOR_WORK) else None
    head = Head(lead=_("%(formula)s。%(advice)s") % {"formula": one.formula, "advice": one.advice})
    return listing.show(
        request, DIFFERENCES, template="station/monitors/list.jinja", tabs=board.tabs(request), head=head, bulk=bulk, extra=extra, now=now
    )


def _case_kinds(actor: Actor, now: datetime) -> list[tuple[str, str]]:
    """Kinds of cases of the reader's own site."""
    if not actor.may(Permission.CASE_OPEN) or actor.site_id is None:
        return []
    return escalations.case_kinds(actor.site_id, now=now)


@page("station/monitors/bulk", "station-monitors-bulk", permission=Permission.MONITOR_WORK, methods=("POST",))
def monitors_bulk(request: ConsoleRequest) -> HttpResponse:
    """One step for the ticked rows, or for all the filter holds."""
    now = moment.now()
    chosen = listing.chosen(request, DIFFERENCES)
    back = chosen.back(DIFFERENCES)
    if chosen.nothing:
        messages.warning(request, _("请先勾选要处理的快件。"))
        return redirect(request, back)
    try:
        keys = [_key(one) for one in chosen.keys(DIFFERENCES, now)]
        _say(request, *_do(request, chosen.do, chosen.filter.get("set") or FIRST, keys, now))
    except KefuError as error:
        messages.error(request, str(error))
    return redirect(request, back)


def _do(request: ConsoleRequest, do: str, kind: str, keys: list[Key], now: datetime) -> tuple[Mapping[Key, Any], Mapping[Key, Message]]:
    """The step, and what it did and refused."""
    actor, given = request.actor, request.POST
    if do == "case":
        opened = escalations.open_cases(actor=actor, kind=kind, keys=keys, case_kind=given.get("case_kind", ""), now=now)
        return opened.done, opened.refused
    if do == "take":
        done = actions.take(actor=actor, kind=kind, keys=keys, now=now, over=given.get("over") == "1")
    elif do == "release":
        done = actions.release(actor=actor, kind=kind, keys=keys, now=now)
    elif do == "conclude":
        done = actions.conclude(actor=actor, kind=kind, keys=keys, result=given.get("result", ""), note=given.get("note", ""), now=now)
    elif do in Way.values:
        done = actions.report(actor=actor, kind=kind, keys=keys, way=do, now=now)
    else:
        raise NotFound
    return done.done, done.refused


def _say(request: ConsoleRequest, done: Mapping[Key, Any], refused: Mapping[Key, Message]) -> None:
    """What was done, and for what was not, each reason with its number."""
    if done:
        messages.success(request, ngettext("已处理 %(count)s 件。", "已处理 %(count)s 件。", len(done)) % {"count": len(done)})
    reasons: dict[str, int] = {}
    for words in refused.values():
        reasons[str(words)] = reasons.get(str(words), 0) + 1
    for words, count in list(reasons.items())[:5]:
        messages.warning(request, _("%(count)s 件没有处理：%(words)s") % {"count": count, "words": words})


def _key(text: str) -> Key:
    """A key as a row says it; raises ``NotFound`` for what is none."""
    site, _colon, rest = text.partition(":")
    waybill, _colon, piece = rest.partition(":")
    if not site.isascii() or not site.isdecimal() or len(site) > 17 or not waybill or len(waybill) > 40 or len(piece) > 40:
        raise NotFound
    return Key(int(site), waybill, piece)


@page("station/monitors/<str:kind>/<str:key>", "station-monitors-row", permission=Permission.MONITOR_VIEW, methods=("GET", "POST"))
def difference(request: ConsoleRequest, kind: str, key: str) -> HttpResponse:
    """One difference with what is known of it; by POST, a step."""
    if kind not in SETS:
        raise NotFound
    found = _key(key)
    if request.method == "GET":
        return _show(request, kind, found)
    now, do = moment.now(), request.POST.get("do", "")
    try:
        if do == "edit":
            version = request.POST.get("version", "")
            done = actions.edit(
                actor=request.actor,
                kind=kind,
                key=found,
                result=request.POST.get("result", ""),
                note=request.POST.get("note", ""),
                version=int(version) if version.isdecimal() and len(version) < 10 else -1,
                now=now,
            )
            _say(request, done.done, done.refused)
        else:
            _say(request, *_do(request, do, kind, [found], now))
    except (Invalid, Stale) as error:
        return _show(request, kind, found, error=str(error), status=409 if isinstance(error, Stale) else 422)
    except KefuError as error:
        messages.error(request, str(error))
    return redirect(request, reverse("console:station-monitors-row", kwargs={"kind": kind, "key": key}))


def _show(request: ConsoleRequest, kind: str, key: Key, *, error: str = "", status: int = 200) -> HttpResponse:
    actor, now = request.actor, moment.now()
    rows = queries.page(actor, Wanted(kind, key.site_id, waybill=key.waybill), now=now).rows
    row = next((one for one in rows if one.key == key), None)
    context = {
        "tabs": board.tabs(request),
        "one": SETS[kind],
        "key": key,
        "row": row,
        "cited": (clause_title(row.clause), clause_url(row.clause, actor)) if row and row.clause else None,
        "site": people.sites_by_id()[key.site_id].name,
        "case_id": _case(actor, row.follow.id if row else None),
        "results": [("", _("还没有结果")), *((value, str(title)) for value, title in Result.choices)],
        "case_kinds": escalations.case_kinds(key.site_id, now=now) if actor.may(Permission.CASE_OPEN) else [],
        "values": request.POST.dict() if error else {},
        "error": error,
        "back": f"{reverse('console:station-monitors')}?set={kind}",
    }
    return render(request, "station/monitors/row.jinja", context, status=status)


def _case(actor: Actor, follow_id: int | None) -> int | None:
    if follow_id is None or not actor.may(Permission.CASE_VIEW):
        return None
    return cases.cases_of("difference", [follow_id]).get(follow_id)


@page("station/monitors/notices/<int:notice_id>/seen", "station-monitors-seen", permission=Permission.SIGN_UNDO, methods=("POST",))
def notice_seen(request: ConsoleRequest, notice_id: int) -> HttpResponse:
    """A lead takes note of a warning of losses and looks at them."""
    notice = actions.see_notice(actor=request.actor, notice_id=notice_id, now=moment.now())
    return redirect(request, f"{reverse('console:station-monitors')}?set={FIRST}&work=lost&site={notice.site_id}")
