"""Waybill entry: the list, the fast form, one entry with its history, collection, void numbers (OPS2)."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.console import listing
from kefu.console.listing import Head
from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views.station import board, entry_form
from kefu.kernel import moment
from kefu.kernel.cells import BadCell, amount_of, moment_of
from kefu.kernel.errors import Invalid, KefuError
from kefu.lists.definition import whole
from kefu.lists.parcels import numbers_of
from kefu.lists.station.entry import COLLECTIONS, ENTRIES, VOIDS
from kefu.parcels.waybills import clean_waybill
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.station.areas.blocks import read_block
from kefu.station.areas.vocabulary import TONES, Verdict
from kefu.station.entry import actions, queries
from kefu.station.entry.changes import TITLES
from kefu.station.entry.collecting import MOST_COLLECTED
from kefu.station.entry.collecting import REASONS as COLLECT_REASONS
from kefu.station.entry.drafts import Collected, EntryDraft
from kefu.station.entry.errors import EntryDoubtful, EntryRefused
from kefu.station.entry.findings import SHORT, Finding

_READERS = (Permission.WAYBILL_ENTER, Permission.MONITOR_VIEW)


@page("station/entry", "station-entry", permission=_READERS)
def entries(request: ConsoleRequest) -> HttpResponse:
    """The latest entries, and today's rate."""
    today = timezone.localdate(moment.now())
    extra = {"rate": queries.rate(request.actor, day_from=today, day_to=today), "today": today}
    lead = gettext_lazy("手工录入或上传表格；每一票都有检查，改过的留痕。")
    return listing.show(request, ENTRIES, template="station/entry/list.jinja", tabs=board.tabs(request), head=Head(lead=lead), extra=extra)


@page("station/entry/new", "station-entry-new", permission=Permission.WAYBILL_ENTER, methods=("GET", "POST"))
def new(request: ConsoleRequest) -> HttpResponse:
    """The fast form. After a save it comes back with the sender and the site kept, ready for the next number."""
    now = moment.now()
    if request.method == "GET":
        return _form(request, _first_values(request), {})
    values = entry_form.values_of(request)
    if (side := request.POST.get("do", "").removeprefix("split-")) in ("sender", "receiver"):
        return _form(request, entry_form.split_into(values, side, request.POST.get(f"{side}_block", "")[:600], _city(values)), {})
    draft, errors = entry_form.draft_from(values)
    if errors:
        return _form(request, values, errors, status=422)
    try:
        row = actions.enter(actor=request.actor, draft=draft, now=now, accepted=request.POST.getlist("accept"))
    except EntryRefused as error:
        return _form(request, values, {name: str(words) for name, words in error.fields.items()}, found=error.findings, status=422)
    except EntryDoubtful as error:
        return _form(request, values, {}, found=error.findings, status=409)
    except KefuError as error:
        return _form(request, values, {"": str(error)}, status=error.status)
    messages.success(request, _("已录入 %(waybill)s。") % {"waybill": row.waybill})
    again = "&all=1" if request.POST.get("do") == "again" else ""
    return redirect(request, f"{reverse('console:station-entry-new')}?after={row.waybill}{again}")


def _first_values(request: ConsoleRequest) -> dict[str, str]:
    """An empty form, or the one after a saved waybill."""
    now = moment.now()
    last = clean_waybill(request.GET.get("after", "")[:60])
    if not last:
        return entry_form.fresh(request.actor, now) | {"waybill": clean_waybill(request.GET.get("waybill", "")[:60])}
    try:
        known = queries.get(request.actor, last, clear=True)
    except KefuError:
        return entry_form.fresh(request.actor, now)
    return entry_form.after(entry_form.of_draft(known.draft), all_of_it=request.GET.get("all") == "1", now=now)


def _city(values: dict[str, str]) -> str:
    site = people.sites_by_id().get(whole(values.get("site", "")) or 0)
    return site.city if site else ""


def _form(
    request: ConsoleRequest,
    values: dict[str, str],
    errors: dict[str, str],
    *,
    found: Sequence[Finding] = (),
    status: int = 200,
    template: str = "station/entry/new.jinja",
    extra: dict[str, Any] | None = None,
) -> HttpResponse:
    context = {
        "tabs": board.tabs(request),
        "values": values,
        "errors": entry_form.Errors(errors),
        "doubts": [one for one in found if not one.refuses],
        "refused": any(one.refuses for one in found),
        **entry_form.choices(request.actor),
        **(extra or {}),
    }
    return render(request, template, context, status=status)


@page("station/entry/check", "station-entry-check", permission=Permission.WAYBILL_ENTER, methods=("POST",))
def check(request: ConsoleRequest) -> HttpResponse:
    """What the form would say so far: weights, who delivers, what the sender must be told. A part of the page."""
    now = moment.now()
    draft, _errors = entry_form.draft_from(entry_form.values_of(request))
    own = clean_waybill(request.POST.get("own", "")[:60])
    checked = actions.check(actor=request.actor, draft=draft, now=now, own=own)
    filled = {"waybill": draft.waybill, "address": draft.receiver.address, "goods": draft.goods}
    answer = checked.placed.standing.answer
    said = [one for one in checked.findings if _worth_saying(one, draft, filled)]
    context = {
        "worked": actions.worked_out(checked.draft, now=now),
        "answer": answer,
        "verdict": str(Verdict(answer.verdict).label) if answer else "",
        "tone": TONES[answer.verdict] if answer else "quiet",
        "site": people.sites_by_id()[checked.draft.deliver_site_id].name if checked.draft.deliver_site_id in people.sites_by_id() else "",
        "said": said,
    }
    return render(request, "station/entry/check.jinja", context)


_EARLY = frozenset(
    {
        "entry_taken", "entry_void", "entry_banned", "entry_not_told", "entry_surcharge", "entry_unserved", "entry_area_unknown",
        "entry_area_partly", "entry_ambiguous", "entry_money_route", "entry_scale", "entry_late",
    }
)  # fmt: skip


def _worth_saying(one: Finding, draft: EntryDraft, filled: dict[str, str]) -> bool:
    """Before a form is complete only what its filled fields are wrong about."""
    if one.code == "bad_waybill":
        return bool(draft.waybill)
    return one.code in _EARLY and bool(filled["waybill"] or filled["address"] or filled["goods"])


@page("station/entry/split", "station-entry-split", permission=Permission.WAYBILL_ENTER, methods=("POST",))
def split_block(request: ConsoleRequest) -> HttpResponse:
    """A pasted party taken apart, for the form's script."""
    block = read_block(request.POST.get("text", "")[:600], near=_city(entry_form.values_of(request)))
    return JsonResponse({"name": block.name, "phone": block.phone, "company": block.company, "address": block.address})


@page("station/entry/one/<str:waybill>", "station-entry-one", permission=_READERS)
def one(request: ConsoleRequest, waybill: str) -> HttpResponse:
    """One entry: everything entered, masked, what the checks said, and its history."""
    card = queries.get(request.actor, waybill)
    codes = card.row.warnings
    context = {
        "tabs": board.tabs(request),
        "card": card,
        "names": {pk: site.name for pk, site in people.sites_by_id().items()},
        "verdict": str(Verdict(card.row.area_verdict).label) if card.row.area_verdict else "",
        "tone": TONES.get(card.row.area_verdict, "quiet"),
        "notes": [str(SHORT.get(code, code)) for code in codes],
        "history": [(line, str(TITLES.get(line.field, line.field))) for line in queries.history(request.actor, waybill)],
        **{name: dict(found) for name, found in entry_form.choices(request.actor).items() if name in ("payments", "scopes", "receipts")},
    }
    return render(request, "station/entry/one.jinja", context)


@page("station/entry/one/<str:waybill>/change", "station-entry-change", permission=Permission.WAYBILL_ENTER, methods=("GET", "POST"))
def change(request: ConsoleRequest, waybill: str) -> HttpResponse:
    """Change an entry; after it was sent with a reason."""
    card = queries.get(request.actor, waybill, clear=True)
    reason = request.POST.get("reason", "")[:200]
    extra = {"card": card, "version": card.version, "reason": reason}
    template = "station/entry/change.jinja"
    if request.method == "GET":
        return _form(request, entry_form.of_draft(card.draft), {}, template=template, extra=extra)
    values = entry_form.values_of(request) | {"waybill": card.row.waybill}
    version = whole(request.POST.get("version", "")) or 0
    extra["version"] = version
    draft, errors = entry_form.draft_from(values)
    if errors:
        return _form(request, values, errors, status=422, template=template, extra=extra)
    try:
        told = actions.amend(
            actor=request.actor,
            draft=entry_form.kept_promise(draft, card.draft),
            version=version,
            reason=reason,
            accepted=request.POST.getlist("accept"),
            now=moment.now(),
        )
    except (EntryRefused, EntryDoubtful) as error:
        fields = {name: str(words) for name, words in error.fields.items()} if isinstance(error, EntryRefused) else {}
        return _form(request, values, fields, found=error.findings, status=error.status, template=template, extra=extra)
    except KefuError as error:
        fields = {name: str(words) for name, words in error.fields.items()} if isinstance(error, Invalid) else {"": str(error)}
        return _form(request, values, fields, status=error.status, template=template, extra=extra)
    messages.success(request, _("已保存 %(n)s 处修改。") % {"n": len(told)} if told else _("没有改动。"))
    return redirect(request, reverse("console:station-entry-one", kwargs={"waybill": card.row.waybill}))


@page("station/entry/collections", "station-entry-collections", permission=_READERS, methods=("GET", "POST"))
def collections(request: ConsoleRequest) -> HttpResponse:
    """收件录入: numbers with weights in, what was taken over below."""
    refused: list[tuple[str, str]] = []
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            done, lines = _collect(request)
        except BadCell:
            errors = {"lines": _("重量无法识别；每行一票：单号，空格，公斤数。")}
        except KefuError as error:
            errors = {name: str(words) for name, words in error.fields.items()} if isinstance(error, Invalid) else {"": str(error)}
        else:
            refused = [(lines[place].waybill, str(COLLECT_REASONS.get(code, code))) for place, code in done.refused]
            if done.stored or done.present:
                told = {"stored": done.stored, "present": done.present}
                messages.success(request, _("已收件 %(stored)s 票，先前已录 %(present)s 票。") % told)
            if not refused:
                collector = request.POST.get("collector", "")[:20]
                return redirect(request, f"{reverse('console:station-entry-collections')}?by={collector}")
    left = "\n".join(number for number, _why in refused) or (request.POST.get("lines", "")[:20_000] if errors else "")
    extra = {
        "refused": refused,
        "errors": entry_form.Errors(errors),
        "lines": left,
        "collector": request.POST.get("collector", "")[:20] or request.GET.get("by", "")[:20],
        "sites": entry_form.choices(request.actor)["sites"],
        "site": request.POST.get("site", "") or str(request.actor.site_id or ""),
        "most": MOST_COLLECTED,
    }
    head = Head(
        crumbs=((_("运单录入"), reverse("console:station-entry")),), lead=gettext_lazy("收件员交回的快件：扫或粘贴单号，可带重量。")
    )
    return listing.show(request, COLLECTIONS, template="station/entry/collections.jinja", tabs=board.tabs(request), head=head, extra=extra)


def _collect(request: ConsoleRequest) -> tuple[Any, list[Collected]]:
    """Record what the form holds; one line a parcel: number, then the weight."""
    lines = []
    for text in request.POST.get("lines", "")[:50_000].splitlines():
        parts = text.replace("，", " ").replace(",", " ").split()
        if parts:
            lines.append(Collected(parts[0], amount_of(parts[1]) if len(parts) > 1 else None))
    now = moment.now()
    given = request.POST.get("collected_at", "").strip()
    at = moment_of(given.replace("T", " "), timezone.get_current_timezone()) if given else now
    done = actions.collect(
        actor=request.actor,
        site_id=whole(request.POST.get("site", "")) or 0,
        collector=request.POST.get("collector", "").strip()[:40],
        lines=lines[:MOST_COLLECTED],
        collected_at=at or now,
        now=now,
    )
    return done, lines


@page("station/entry/voids", "station-entry-voids", permission=_READERS, methods=("GET", "POST"))
def voids(request: ConsoleRequest) -> HttpResponse:
    """作废单: numbers that must not be used."""
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            count = actions.void_numbers(
                actor=request.actor,
                site_id=whole(request.POST.get("site", "")) or 0,
                waybills=numbers_of(request.POST.get("numbers", "")[:20_000]),
                reason=request.POST.get("reason", ""),
                now=moment.now(),
            )
        except KefuError as error:
            errors = {name: str(words) for name, words in error.fields.items()} if isinstance(error, Invalid) else {"": str(error)}
        else:
            messages.success(request, _("已作废 %(n)s 个单号。") % {"n": count})
            return redirect(request, reverse("console:station-entry-voids"))
    extra = {
        "errors": entry_form.Errors(errors),
        "values": {name: request.POST.get(name, "")[:20_000] for name in ("numbers", "reason")}
        if errors
        else {"numbers": "", "reason": ""},
        "sites": entry_form.choices(request.actor)["sites"],
        "site": request.POST.get("site", "") or str(request.actor.site_id or ""),
    }
    head = Head(
        crumbs=((_("运单录入"), reverse("console:station-entry")),), lead=gettext_lazy("打坏的面单、客户取消的单号，作废后不能再录、再收。")
    )
    return listing.show(request, VOIDS, template="station/entry/voids.jinja", tabs=board.tabs(request), head=head, extra=extra)
