"""Sampling plans: the list, one plan with what it would draw next, a new one from the handbook's numbers (QA6)."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.stepping import one_step
from kefu.console.views import cases_words
from kefu.console.views.inspection_filters import site_choices
from kefu.console.views.inspection_words import CHANNELS
from kefu.console.views.review import tabs
from kefu.kernel import moment
from kefu.kernel.errors import Invalid, NotFound, Stale
from kefu.lists.definition import whole
from kefu.lists.review import WHYS
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.review import actions, queries
from kefu.review.drafts import PlanDraft, Terms
from kefu.review.queries import Plan
from kefu.review.vocabulary import Method, Period, Trigger

_NUMBERS = ("amount", "percent", "new_amount", "new_days", "silence", "rating", "due_days")


@page("review/plans", "review-plans", permission=(Permission.REVIEW_PLAN, Permission.REVIEW_WORK))
def review_plans(request: ConsoleRequest) -> HttpResponse:
    """Plans in reach, how many each drew and how far they are."""
    context = {
        "tabs": tabs(request, "review-plans"),
        "plans": queries.plans(request.actor, now=moment.now()),
        "methods": dict(Method.choices),
        "periods": dict(Period.choices),
    }
    return render(request, "review/plans.jinja", context)


def _values(plan_name: str, site_id: int | None, method: str, period: str, channel: str, terms: Terms) -> dict[str, Any]:
    return {
        "name": plan_name, "site": site_id or "", "method": method, "period": period, "channel": channel, "triggers": terms.triggers,
        "words": " ".join(terms.words), **{name: f"{getattr(terms, name):g}" for name in _NUMBERS},
    }  # fmt: skip


def _given(request: ConsoleRequest) -> tuple[PlanDraft, dict[str, Any]]:
    post = request.POST
    values: dict[str, Any] = {
        name: post.get(name, "").replace("\0", "").strip()[:2000]
        for name in ("name", "site", "method", "period", "channel", "words", *_NUMBERS)
    }
    values["triggers"] = tuple(post.getlist("triggers")[:20])
    wrong, numbers = dict[str, Any](), dict[str, float]()
    for name in _NUMBERS:
        try:
            numbers[name] = float(values[name] or 0)
        except ValueError:
            numbers[name] = -1
        if not -1 < numbers[name] < 1e6:
            wrong[name] = _("请填写数字。")
    if wrong:
        raise Invalid(fields=wrong)
    whole_numbers = {name: int(numbers[name]) for name in ("amount", "new_amount", "new_days", "silence", "due_days")}
    terms = Terms(
        **whole_numbers,
        percent=numbers["percent"],
        rating=numbers["rating"],
        triggers=values["triggers"],
        words=tuple(values["words"].split()),
    )
    return PlanDraft(values["name"], whole(values["site"]) or 0, values["method"], values["period"], values["channel"], terms), values


def _form(
    request: ConsoleRequest, values: Mapping[str, Any], *, plan: Plan | None = None, errors: Mapping[str, Any] | None = None,
    sample: Any = None, clause: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    context = {
        "plan": plan,
        "values": values,
        "errors": defaultdict(str, {name: str(text) for name, text in (errors or {}).items()}),
        "methods": Method.choices,
        "periods": Period.choices,
        "channels": [(key, str(title)) for key, title in CHANNELS.items()],
        "triggers": Trigger.choices,
        "sites": site_choices(request.actor),
        "sample": sample,
        "by_why": Counter(str(WHYS.get(code, code)) for one in sample.drawn for code in one.why).most_common() if sample else [],
        "names": _agents(sample) if sample else {},
        "clause": (cases_words.clause_title(clause), cases_words.clause_url(clause, request.actor)) if clause else None,
        "whys": WHYS,
    }
    return render(request, "review/plan.jinja", context, status=status)


def _agents(sample: Any) -> dict[int, str]:
    return people.staff_names({found for one in sample.drawn[:50] if (found := sample.talks[one.id].staff_id)})


@page("review/plans/new", "review-plan-new", permission=Permission.REVIEW_PLAN, methods=("GET", "POST"))
def review_plan_new(request: ConsoleRequest) -> HttpResponse:
    """A new plan, begun with the handbook's numbers; try it out before it is kept."""
    sites = people.sites(request.actor)
    terms, clause = queries.usual_terms(request.actor, sites[0].pk, moment.now()) if sites else (Terms(), "")
    if request.method != "POST":
        first = sites[0].pk if sites else None
        return _form(request, _values("", first, Method.PER_AGENT.value, Period.WEEK.value, "", terms), clause=clause)
    return _keep(request, None, clause)


@page("review/plans/<int:plan_id>", "review-plan", permission=(Permission.REVIEW_PLAN, Permission.REVIEW_WORK), methods=("GET", "POST"))
def review_plan(request: ConsoleRequest, plan_id: int) -> HttpResponse:
    """One plan with its numbers; by POST changed, or tried out."""
    plan, terms = queries.plan(request.actor, plan_id)
    if request.method == "POST":
        return _keep(request, plan, plan.clause)
    return _form(request, _values(plan.name, plan.site_id, plan.method, plan.period, plan.channel, terms), plan=plan, clause=plan.clause)


def _keep(request: ConsoleRequest, plan: Plan | None, clause: str) -> HttpResponse:
    names = ("name", "site", "method", "period", "channel", "words", *_NUMBERS)
    values: dict[str, Any] = {name: request.POST.get(name, "")[:2000] for name in names} | {
        "triggers": request.POST.getlist("triggers")[:20]
    }
    now = moment.now()
    try:
        draft, values = _given(request)
        if request.POST.get("do") == "preview":
            found = actions.preview(actor=request.actor, draft=draft, now=now, plan_id=plan.pk if plan else None)
            return _form(request, values, plan=plan, sample=found, clause=clause)
        if plan is None:
            made = actions.create_plan(actor=request.actor, draft=draft, now=now, clause=clause)
        else:
            version = whole(request.POST.get("version", ""))
            made = actions.change_plan(actor=request.actor, plan_id=plan.pk, draft=draft, now=now, expected_version=version)
    except Invalid as error:
        return _form(request, values, plan=plan, errors=error.fields, clause=clause, status=422)
    except Stale as error:
        return _form(request, values, plan=plan, errors={"": str(error)}, clause=clause, status=409)
    messages.success(request, _("抽检计划已保存，每天早上抽取前一天的会话。"))
    return redirect(request, reverse("console:review-plan", kwargs={"plan_id": made.pk}))


@page("review/plans/<int:plan_id>/<str:step>", "review-plan-step", permission=Permission.REVIEW_PLAN, methods=("POST",))
def review_plan_step(request: ConsoleRequest, plan_id: int, step: str) -> HttpResponse:
    """Pause it, go on, or draw today so far."""
    if step not in ("pause", "resume", "draw"):
        raise NotFound
    now, version = moment.now(), whole(request.POST.get("version", ""))

    def do() -> object:
        if step == "draw":
            return actions.draw_now(actor=request.actor, plan_id=plan_id, now=now)
        return actions.pause_plan(actor=request.actor, plan_id=plan_id, paused=step == "pause", now=now, expected_version=version)

    said = {"pause": _("计划已暂停。"), "resume": _("计划已恢复。"), "draw": _("已抽取今天到现在的会话。")}[step]
    stale = _("这个计划刚有人改过，已显示最新内容，请确认后再操作。")
    back = reverse("console:review-plan", kwargs={"plan_id": plan_id})
    return one_step(request, do, said=said, stale=stale, back=back, again=lambda _error: None)
