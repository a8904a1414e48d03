"""Problem parcels: the list with its views, the form for one or many, work on ticked ones (OPS8, O15)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
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
from kefu.console.views.station import board
from kefu.escalations.problems import escalate_problems
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid, KefuError, Message, NotFound
from kefu.kernel.files import SIZE_LIMIT
from kefu.lists.parcels import numbers_of
from kefu.lists.station.problems import PROBLEMS
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.station.problems import actions, queries
from kefu.station.problems.drafts import ProblemDraft, Upload
from kefu.station.problems.errors import REASONS
from kefu.station.problems.kinds import Kind
from kefu.station.problems.rules import phones_in
from kefu.station.problems.vocabulary import INTERCEPT_TYPE, Result, Way

_BULK = Bulk(
    "station-problems-bulk",
    (
        BulkAction("close", gettext_lazy("填结果完成"), "accept"),
        BulkAction("case", gettext_lazy("开工单"), "case", confirm=gettext_lazy("为所选问题件开工单？同一运单已有工单的会并入。")),
    ),
)
_FIELDS = ("waybills", "kind", "site", "receiver", "description", "phones", "account", "courier", "way")
MOST_UPLOADS = 20


def results(*, intercept: bool) -> list[tuple[str, Message]]:
    """Results somebody may choose."""
    only = (Result.INTERCEPTED, Result.NOT_INTERCEPTED)
    return [(key, title) for key, title in Result.choices if key != Result.SIGNED and (intercept or key not in only)]


@page("station/problems", "station-problems", permission=Permission.PROBLEM_VIEW)
def problems(request: ConsoleRequest) -> HttpResponse:
    """Problems to and from the sites in reach."""
    bulk = _BULK if request.actor.may(Permission.PROBLEM_WORK) else None
    extra = {"results": [("", _("结果…")), *results(intercept=False)]}
    head = Head(lead=_("网点之间报问题、回复、结案。只有登记网点和接收网点看得到。"))
    return listing.show(
        request, PROBLEMS, template="station/problems/list.jinja", tabs=board.tabs(request), head=head, bulk=bulk, extra=extra
    )


@page("station/problems/bulk", "station-problems-bulk", permission=Permission.PROBLEM_WORK, methods=("POST",))
def problems_bulk(request: ConsoleRequest) -> HttpResponse:
    """One step for the ticked rows, or for all the filter holds."""
    now = moment.now()
    chosen = listing.chosen(request, PROBLEMS)
    if chosen.nothing:
        messages.warning(request, _("请先勾选要处理的问题件。"))
        return redirect(request, chosen.back(PROBLEMS))
    keys = [int(one) for one in chosen.keys(PROBLEMS, now) if one.isdecimal() and len(one) < 18]
    if chosen.do == "case":
        opened, refused = escalate_problems(actor=request.actor, problem_ids=keys, now=now)
        _said(request, len(opened), list(refused.values()))
    elif chosen.do == "close":
        _said(request, *_close_all(request, keys, now))
    else:
        raise NotFound
    return redirect(request, chosen.back(PROBLEMS))


def _close_all(request: ConsoleRequest, keys: Sequence[int], now: datetime) -> tuple[int, list[Message]]:
    done, refused = 0, list[Message]()
    for key in keys:
        try:
            actions.close(
                actor=request.actor, problem_id=key, result=request.POST.get("result", ""), text=request.POST.get("text", ""), now=now
            )
            done += 1
        except KefuError as error:
            refused.append(words_of(error))
    return done, refused


def words_of(error: KefuError) -> Message:
    """A refusal in words: those of its fields where it has some."""
    fields = error.fields if isinstance(error, Invalid) else {}
    return next(iter(fields.values()), str(error))


def _said(request: ConsoleRequest, done: int, refused: Sequence[Message]) -> None:
    """What was done, and for what was not, each reason with its number."""
    if done:
        messages.success(request, ngettext("已处理 %(count)s 件。", "已处理 %(count)s 件。", done) % {"count": done})
    reasons: dict[str, int] = {}
    for one in refused:
        reasons[str(one)] = reasons.get(str(one), 0) + 1
    for words, count in list(reasons.items())[:5]:
        messages.warning(request, _("%(count)s 件没有处理：%(words)s") % {"count": count, "words": words})


@page("station/problems/new", "station-problem-new", permission=Permission.PROBLEM_WORK, methods=("GET", "POST"))
def problem_new(request: ConsoleRequest) -> HttpResponse:
    """The form for one waybill or many; the gun's Enter begins a new line."""
    given = request.POST if request.method == "POST" else request.GET
    values = {name: given.get(name, "").replace("\0", "")[:20000] for name in _FIELDS}
    values["waybills"] = values["waybills"] or given.get("waybill", "")[:60]
    if request.method == "GET" or "use" in request.POST:
        return _form(request, values, {})
    return _report(request, values)


def _report(request: ConsoleRequest, values: dict[str, str]) -> HttpResponse:
    numbers = numbers_of(values["waybills"])
    if not numbers:
        return _form(request, values, {"waybills": _("请扫描或粘贴运单号，一行一个。")}, status=422)
    most = _most(request.actor, values["site"])
    if most is not None and len(numbers) > most:
        return _form(request, values, {"waybills": str(REASONS["many_numbers"])}, status=422)
    images = uploads(request)
    drafts = [_draft(number, values, images) for number in numbers]
    done = actions.report_many(actor=request.actor, drafts=drafts, now=moment.now())
    if not done.refused and len(done.stored) == 1:
        messages.success(request, _("问题件已登记，已通知接收网点。"))
        return redirect(request, reverse("console:station-problem", kwargs={"problem_id": next(iter(done.stored.values()))}))
    _said(request, len(done.stored), [])
    if not done.refused:
        return redirect(request, reverse("console:station-problems") + "?box=out&open=1")
    left = {number: str(REASONS[done.refused[place]]) for place, number in enumerate(numbers) if place in done.refused}
    errors = {_FIELD_OF.get(code, "waybills"): str(REASONS[code]) for code in done.refused.values()}
    return _form(request, values | {"waybills": "\n".join(left)}, errors, refused=left, status=422)


_FIELD_OF = {
    **dict.fromkeys(("unknown_kind", "no_kinds", "already_signed"), "kind"),
    **dict.fromkeys(("no_receiver", "own_receiver", "closed_receiver"), "receiver"),
    **dict.fromkeys(("no_description", "long_description"), "description"),
    **dict.fromkeys(("many_phones", "bad_phone"), "phones"),
    **dict.fromkeys(("many_images", "not_image"), "images"),
    **dict.fromkeys(("E23108",), "way"),
    "no_site": "site",
    "long_field": "account",
}


def _most(actor: Actor, site: str) -> int | None:
    """How many waybills one form may hold at the site."""
    site_id = _whole(site) or actor.site_id
    return queries.choices(actor, site_id, now=moment.now()).limits.batch if site_id is not None and actor.reaches(site_id) else None


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None


def _draft(number: str, values: Mapping[str, str], images: tuple[Upload, ...]) -> ProblemDraft:
    return ProblemDraft(
        waybill=number,
        kind=values["kind"],
        site_id=_whole(values["site"]),
        receiver_site_id=_whole(values["receiver"]),
        description=values["description"],
        phones=tuple(phones_in(values["phones"])),
        account=values["account"],
        courier=values["courier"],
        way=values["way"],
        images=images,
    )


def uploads(request: ConsoleRequest) -> tuple[Upload, ...]:
    """Pictures of a form, no more of each than a file may hold."""
    files = request.FILES.getlist("images")[:MOST_UPLOADS]
    return tuple(Upload(file.name or "", file.read(SIZE_LIMIT + 1)) for file in files)


def _form(
    request: ConsoleRequest,
    values: dict[str, str],
    errors: Mapping[str, str],
    *,
    refused: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    actor, now = request.actor, moment.now()
    sites = [site for site in people.sites_by_id().values() if site.is_active]
    own = [site for site in sites if actor.reaches(site.pk)]
    site_id = _own_site(actor, values["site"], [site.pk for site in own])
    choices = queries.choices(actor, site_id, now=now) if site_id else None
    phrases = list(choices.phrases) if choices else []
    chosen = _whole(request.POST.get("use", ""))
    if chosen is not None and chosen < len(phrases):
        values = values | {"description": f"{values['description']}{phrases[chosen]}"}
    first = next(iter(numbers_of(values["waybills"])), "")
    default = queries.receiver_for(actor, first, site_id) if first and site_id else None
    names = {site.pk: site.name for site in sites}
    context: dict[str, Any] = {
        "tabs": board.tabs(request),
        "values": values | {"site": str(site_id or "")},
        "errors": defaultdict(str, errors),
        "refused": refused or {},
        "own": [(str(site.pk), site.name) for site in own],
        "receivers": [(str(site.pk), f"{site.name} {site.code}") for site in sites if site.pk != site_id],
        "default": names.get(default or 0, ""),
        "groups": _groups(choices.kinds if choices else ()),
        "phrases": phrases,
        "limits": choices.limits if choices else None,
        "ways": Way.choices,
        "intercept": INTERCEPT_TYPE,
    }
    return render(request, "station/problems/new.jinja", context, status=status)


def _own_site(actor: Actor, text: str, own: Sequence[int]) -> int | None:
    wanted = _whole(text)
    if wanted in own:
        return wanted
    return actor.site_id if actor.site_id in own else next(iter(own), None)


def _groups(kinds: Sequence[Kind]) -> list[tuple[str, list[Kind]]]:
    found: dict[str, list[Kind]] = {}
    for kind in kinds:
        found.setdefault(kind.group_name(), []).append(kind)
    return list(found.items())
