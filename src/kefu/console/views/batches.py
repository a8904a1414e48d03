"""Bulk work: what is to be done to the chosen cases, how far it is, what came of each, stop and undo (CASE8)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.batches import access, actions, kinds, queries
from kefu.batches.actions import BatchRequest
from kefu.cases import access as case_access
from kefu.cases import filters
from kefu.cases import queries as cases
from kefu.cases.filters import CaseFilter
from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import cases_steps
from kefu.console.views import cases_words as words
from kefu.handbook import queries as handbooks
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid, KefuError
from kefu.kernel.paging import CappedCount
from kefu.people import access as people_access
from kefu.people import queries as people
from kefu.people.permissions import Permission

_TICKED = 200
_MOST_STAFF = 300
STATE_TONES = {"queued": "quiet", "running": "accent", "done": "good", "stopped": "warn", "failed": "bad"}
OUTCOME_TONES = {"waiting": "quiet", "done": "good", "refused": "bad", "skipped": "quiet"}
ICONS = {"assign": "person", "step": "step", "note": "note", "level": "escalate", "urge": "urge", "parent": "link", "follow": "star"}
_TABS = (
    ("", gettext_lazy("全部")),
    ("done", gettext_lazy("已处理")),
    ("refused", gettext_lazy("未能处理")),
    ("skipped", gettext_lazy("无需处理")),
    ("waiting", gettext_lazy("等待处理")),
)


def choices(actor: Actor) -> list[dict[str, str]]:
    """What the actor may do in bulk, for the bar under a list."""
    return [{"key": kind.key, "title": str(kind.title), "icon": ICONS.get(kind.key, "step")} for kind in kinds.known(actor)]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The cases a form speaks of: ticked ones, or all that a filter holds (``matching`` not none)."""

    ids: tuple[int, ...]
    matching: dict[str, str] | None

    @classmethod
    def of(cls, request: HttpRequest) -> "Chosen":
        """Read the form of a list."""
        given = [value for value in request.POST.getlist("case") if value.isascii() and value.isdecimal() and len(value) < 18]
        ids = tuple(dict.fromkeys(int(value) for value in given[:_TICKED]))
        if request.POST.get("all") != "1":
            return cls(ids, None)
        return cls(
            ids, filters.clean({name.removeprefix("f-"): value for name, value in request.POST.dict().items() if name.startswith("f-")})
        )

    def count(self, actor: Actor) -> CappedCount:
        """How many cases there are."""
        if self.matching is None:
            return CappedCount(len(self.ids), capped=False)
        return cases.matching_count(actor, CaseFilter.of(self.matching), now=moment.now())


@page("batches/new", "batch-new", permission=Permission.CASE_VIEW, methods=("POST",))
def batch_new(request: ConsoleRequest) -> HttpResponse:
    """The form of a bulk work, and its start. Nothing is done before it has been said what and to how many."""
    chosen, action = Chosen.of(request), request.POST.get("do", "")[:20]
    if not chosen.ids and chosen.matching is None:
        messages.warning(request, _("请先勾选工单。"))
        return redirect(request, _back(request))
    try:
        kind = kinds.named(action)
    except KefuError as error:
        messages.error(request, str(error))
        return redirect(request, _back(request))
    people_access.require(request.actor, kind.permission)
    if request.POST.get("go") != "1":
        return _form(request, kind, chosen)
    try:
        wanted = BatchRequest(kind.key, _parameters(request, kind.key), chosen.ids, chosen.matching, request.POST.get("ticket", "")[:40])
        batch = actions.start(actor=request.actor, request=wanted, now=moment.now())
    except Invalid as error:
        errors = {name: str(text) for name, text in error.fields.items()} or {"": str(error)}
        return _form(request, kind, chosen, errors=errors, status=422)
    except KefuError as error:
        return _form(request, kind, chosen, errors={"": str(error)}, status=error.status)
    return redirect(request, reverse("console:batch", kwargs={"batch_id": batch.pk}))


def _back(request: HttpRequest) -> str:
    """The list the form came from."""
    values = {name.removeprefix("f-"): value for name, value in request.POST.dict().items() if name.startswith("f-")}
    query = "&".join(f"{name}={value}" for name, value in filters.clean(values).items() if name in ("view", "sort"))
    return reverse("console:cases") + (f"?{query}" if query else "")


def _parameters(request: HttpRequest, action: str) -> dict[str, Any]:
    given: dict[str, Any] = {
        name: request.POST.get(name, "").replace("\0", "") for name in ("staff", "level", "reason", "text", "parent", "step")
    }
    if action == "step":
        given["answers"] = {
            name.removeprefix(f"{given['step']}-"): values[0] if len(values) == 1 else values
            for name in request.POST
            if name.startswith(f"{given['step']}-") and (values := [one for one in request.POST.getlist(name) if one.strip()])
        }
    return given


def _form(
    request: ConsoleRequest, kind: kinds.Kind, chosen: Chosen, *, errors: Mapping[str, str] | None = None, status: int = 200
) -> HttpResponse:
    actor, now = request.actor, moment.now()
    context = {
        "kind": kind,
        "icon_name": ICONS.get(kind.key, "step"),
        "chosen": chosen,
        "count": chosen.count(actor),
        "sample": list(case_access.visible_to(actor).filter(pk__in=chosen.ids[:8]).order_by("-pk").values_list("pk", "title")),
        "back": _back(request),
        "ticket": request.POST.get("ticket", "")[:40] or uuid4().hex,
        "errors": errors or {},
        "values": {name: request.POST.get(name, "") for name in ("staff", "level", "reason", "text", "parent", "step")},
        "staff": [],
        "levels": [],
        "steps": [],
    }
    if kind.key == "assign":
        found = people_access.visible_staff(actor).filter(is_active=True).select_related(None).order_by("staff_no")
        if not actor.may(Permission.CASE_ASSIGN):
            found = found.filter(pk=actor.own_id)
        rows = found.values_list("pk", "name", "staff_no", "site__name")[:_MOST_STAFF]
        nobody = [("none", _("无人负责（退回待领取）"))] if actor.may(Permission.CASE_ASSIGN) else []
        context["staff"] = [*((str(pk), f"{name} {number} · {site}") for pk, name, number, site in rows), *nobody]
    elif kind.key == "level":
        books = handbooks.books_at((site.handbook for site in people.sites(actor)), now)
        levels = {key: (level.rank, words.name(level)) for book in books for key, level in book.levels.items()}
        context["levels"] = [(key, title) for key, (_rank, title) in sorted(levels.items(), key=lambda item: item[1][0])]
    elif kind.key == "step":
        context["steps"] = _steps(actor, chosen)
    return render(request, "batches/new.jinja", context, status=status)


def _steps(actor: Actor, chosen: Chosen) -> list[cases_steps.StepForm]:
    """Steps that may follow in the first of the chosen cases; in the others the handbook decides when it is their turn."""
    ids = list(chosen.ids[:1])
    if chosen.matching is not None:
        ids = cases.matching_ids(actor, CaseFilter.of(chosen.matching), now=moment.now(), limit=1)
    if not ids:
        return []
    detail = cases.detail(actor, ids[0], now=moment.now())
    return [form for form in cases_steps.forms(detail, actor, people.me(actor)) if form.open and not form.files]


# ── How far, and what came of it ────────────────────────────────────────────────────────────────────────────────────


@page("batches", "batches", permission=Permission.CASE_VIEW)
def batches(request: ConsoleRequest) -> HttpResponse:
    """One's own bulk works; auditors also those of the sites in reach."""
    everybody = request.actor.may(Permission.AUDIT_VIEW) and request.GET.get("of") == "all"
    found = queries.page(request.actor, mine=not everybody, cursor=request.GET.get("cursor") or None)
    context = {
        "rows": [(row, queries.title(row), STATE_TONES[row.state]) for row in found.rows],
        "paging": found,
        "everybody": everybody,
        "running": any(row.is_active for row in found.rows),
        "tabs": [
            {"label": _("我的"), "href": reverse("console:batches"), "current": not everybody},
            {"label": _("全部"), "href": reverse("console:batches") + "?of=all", "current": everybody},
        ],
    }
    return render(request, "batches/list.jinja", context, part="list")


@page("batches/<int:batch_id>", "batch", permission=Permission.CASE_VIEW)
def batch(request: ConsoleRequest, batch_id: int) -> HttpResponse:
    """One bulk work. While it runs, the page asks once a second how far it is."""
    row = access.get_for(request.actor, batch_id)
    outcome = request.GET.get("outcome", "")
    outcome = outcome if outcome in queries.OUTCOMES else ""
    items = queries.items(request.actor, batch_id, outcome=outcome, cursor=request.GET.get("cursor") or None)
    counts = {"": row.total, "done": row.done, "refused": row.refused, "skipped": row.skipped, "waiting": row.total - row.handled}
    address = reverse("console:batch", kwargs={"batch_id": row.pk})
    context = {
        "batch": row,
        "title": queries.title(row),
        "tone": STATE_TONES[row.state],
        "failure": queries.failure(row),
        "said": _said(row),
        "chosen_by": _chosen_by(row),
        "may_undo": queries.may_undo(request.actor, row),
        "undos": [(one, queries.title(one)) for one in access.visible_to(request.actor).filter(undo_of=row).order_by("pk")],
        "rows": [(one, OUTCOME_TONES[one.item.outcome]) for one in items.rows],
        "paging": items,
        "outcome": outcome,
        "tabs": [
            {"label": str(title), "href": address + (f"?outcome={key}" if key else ""), "current": key == outcome, "count": counts[key]}
            for key, title in _TABS
            if counts[key] or key in ("", outcome)
        ],
        "here": request.get_full_path(),
    }
    return render(request, "batches/batch.jinja", context, part="live")


def _said(row: Any) -> list[tuple[str, str]]:
    """What was asked for, in words."""
    given = queries.parameters(row)
    found: list[tuple[str, str]] = []
    if row.action == "assign":
        found.append((_("转派给"), people.staff_names({given["staff"]}).get(given["staff"], "") if given.get("staff") else _("无人负责")))
    for name, label in (("level", _("级别")), ("reason", _("原因")), ("text", _("内容")), ("step", _("步骤"))):
        if given.get(name):
            found.append((label, str(given[name])))
    if given.get("parent"):
        found.append((_("上级工单"), f"K{given['parent']:07d}"))
    return found


def _chosen_by(row: Any) -> str:
    if row.undo_of_id:
        return ""
    return _("筛选结果") if queries.choice(row) is not None else _("逐个勾选")


def _batch_page(batch_id: int) -> str:
    return reverse("console:batch", kwargs={"batch_id": batch_id})


@page("batches/<int:batch_id>/stop", "batch-stop", permission=Permission.CASE_VIEW, methods=("POST",))
def batch_stop(request: ConsoleRequest, batch_id: int) -> HttpResponse:
    """End it before its time."""
    row = actions.stop(actor=request.actor, batch_id=batch_id, now=moment.now())
    messages.success(request, _("已停止，%(done)s 张已处理，其余没有改动。") % {"done": row.done})
    return redirect(request, _batch_page(batch_id))


@page("batches/<int:batch_id>/undo", "batch-undo", permission=Permission.CASE_VIEW, methods=("POST",))
def batch_undo(request: ConsoleRequest, batch_id: int) -> HttpResponse:
    """Take it back, as a bulk work of its own."""
    row = actions.undo(actor=request.actor, batch_id=batch_id, now=moment.now())
    return redirect(request, _batch_page(row.pk))
