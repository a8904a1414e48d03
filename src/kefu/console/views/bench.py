"""The rule bench: how right each rule is, the conversations behind each number, drafts tried over past talks (QA10, HB3)."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.bench import actions, queries, scores
from kefu.bench.access import get_trial
from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import cases_words as words
from kefu.console.views.inspection_filters import period
from kefu.console.views.inspection_filters import text as typed
from kefu.console.views.inspection_words import STATE_TONES, STATES
from kefu.handbook import queries as handbooks
from kefu.handbook.errors import HandbookInvalid
from kefu.handbook.schema import Handbook
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid, KefuError, NotFound
from kefu.kernel.imports import safe_cell
from kefu.people.permissions import Permission
from kefu.quality.results import STATES as LETTERS

DAYS = 30
CELL_TITLES = {
    "hit_right": gettext_lazy("判对了：人也认为违规"),
    "hit_wrong": gettext_lazy("误判：人认为没有违规"),
    "missed": gettext_lazy("漏判：人认为违规"),
    "passed_right": gettext_lazy("放对了：人也认为没有违规"),
    "asked_breached": gettext_lazy("提示复核，人认为违规"),
    "asked_fine": gettext_lazy("提示复核，人认为没有违规"),
    "none_breached": gettext_lazy("没有判，人认为违规"),
    "none_fine": gettext_lazy("没有判，人认为没有违规"),
}


def _titles(*books: Handbook | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for book in books:
        for card in book.scorecards.values() if book is not None else ():
            found |= {item.id: words.either(item.title, item.title_en) for item in card.items()}
    return found


def _books(actor: Actor) -> list[Handbook]:
    now = timezone.now()
    known = [pair[0] for pair in handbooks.keys()]  # noqa: SIM118 (a function)
    return handbooks.books_at(known, now) if actor.may(Permission.HANDBOOK_VIEW) else []


def _draft(request: ConsoleRequest) -> tuple[Handbook | None, str]:
    """The draft asked for, when the reader may see drafts; and why it cannot be used."""
    number = typed(request.GET.get("draft"), 12)
    if not number.isdecimal() or not request.actor.may(Permission.HANDBOOK_EDIT):
        return None, ""
    try:
        return handbooks.draft_book(request.actor, int(number), now=timezone.now()), ""
    except KefuError as error:
        return None, str(error)


def _drafts(actor: Actor) -> list[tuple[str, str]]:
    if not actor.may(Permission.HANDBOOK_EDIT):
        return []
    return [(str(one.id), f"{one.name} {one.note}"[:60]) for one in handbooks.versions(actor, now=timezone.now()) if one.status == "draft"]


@page("bench", "bench", permission=Permission.BENCH_VIEW)
def bench(request: ConsoleRequest) -> HttpResponse:
    """Precision and recall of every item beside people's labels, version by version."""
    draft, refusal = _draft(request)
    found = scores.scores(request.actor, scores.Wanted(item=typed(request.GET.get("item"), 60)), draft)
    context = {
        "found": found,
        "titles": _titles(*_books(request.actor), draft),
        "drafts": _drafts(request.actor),
        "draft": typed(request.GET.get("draft"), 12) if draft is not None else "",
        "refusal": refusal,
        "cells": CELL_TITLES,
    }
    return render(request, "bench/scores.jinja", context)


@page("bench/cell", "bench-cell", permission=Permission.BENCH_VIEW)
def bench_cell(request: ConsoleRequest) -> HttpResponse:
    """The conversations behind one number."""
    item, version, name = (typed(request.GET.get(key), 80) for key in ("item", "version", "cell"))
    if name not in CELL_TITLES:
        raise NotFound
    draft, _refusal = _draft(request)
    found = scores.behind(request.actor, item=item, version=version, name=name, draft=draft)
    context = {
        "rows": [(one, str(STATES[LETTERS[one.letter]]), STATE_TONES[LETTERS[one.letter]]) for one in found],
        "title": _titles(*_books(request.actor), draft).get(item, item),
        "cell": CELL_TITLES[name],
        "version": version,
    }
    return render(request, "bench/cell.jinja", context)


@page("bench/labels", "bench-label", permission=Permission.BENCH_LABEL, methods=("POST",))
def bench_label(request: ConsoleRequest) -> HttpResponse:
    """Note by hand what an item is in a conversation."""
    post = request.POST
    talk, line = typed(post.get("conversation"), 18), typed(post.get("line"), 6)
    if not talk.isdecimal():
        raise NotFound
    try:
        actions.label(
            actor=request.actor,
            subject_kind="conversation",
            subject_id=int(talk),
            item_key=typed(post.get("item"), 60),
            breached=post.get("breached") == "1",
            line=int(line) - 1 if line.isdecimal() and int(line) > 0 else None,
            now=timezone.now(),
        )
    except (Invalid, NotFound) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("已标注会话 %(number)s。") % {"number": talk})
    return redirect(request, reverse("console:bench"))


@page("bench/trials", "bench-trials", permission=Permission.BENCH_VIEW, methods=("GET", "POST"))
def bench_trials(request: ConsoleRequest) -> HttpResponse:
    """Drafts that were tried, and the form to try one."""
    span = period(request, days=DAYS)
    refusal = ""
    if request.method == "POST":
        try:
            trial = _begun(request)
        except (Invalid, HandbookInvalid) as error:
            refusal = str(error)
        else:
            return redirect(request, reverse("console:bench-trial", kwargs={"trial_id": trial.pk}))
    found = queries.trials_page(request.actor, cursor=request.GET.get("cursor"))
    context = {"page": found, "rows": found.rows, "drafts": _drafts(request.actor), "span": span, "refusal": refusal}
    return render(request, "bench/trials.jinja", context, status=422 if refusal else 200)


def _begun(request: ConsoleRequest) -> Any:
    number = typed(request.POST.get("draft"), 12)
    if not number.isdecimal():
        raise NotFound
    now = timezone.now()
    info = handbooks.version(request.actor, int(number), now=now)
    days = typed(request.POST.get("days"), 3)
    since = now - timedelta(days=int(days) if days.isdecimal() and 0 < int(days) <= actions.LONGEST.days else DAYS)
    text = handbooks.text_of(request.actor, info.id)
    return actions.begin(actor=request.actor, text=text, title=f"{info.name} {info.note}", since=since, until=now, now=now)


@page("bench/trials/<int:trial_id>", "bench-trial", permission=Permission.BENCH_VIEW)
def bench_trial(request: ConsoleRequest, trial_id: int) -> HttpResponse:
    """What a draft would change: by item, by agent and money, with example sentences; while it runs, how far it is."""
    actor = request.actor
    found = queries.standing(actor, trial_id)
    item, staff = typed(request.GET.get("item"), 60), typed(request.GET.get("staff"), 12)
    chosen = queries.changes_page(
        actor, trial_id, item=item, staff_id=int(staff) if staff.isdecimal() else None, cursor=request.GET.get("cursor"), size=50
    )
    draft = handbooks.read_text(found.trial.text, when=found.trial.created_at).handbook
    context = {
        "found": found,
        "titles": _titles(*_books(actor), draft),
        "examples": queries.examples(actor, found.trial),
        "changes": chosen,
        "item": item,
        "staff": staff,
        "states": {letter: (str(STATES[state]), STATE_TONES[state]) for letter, state in LETTERS.items()}
        | {"-": (str(STATES["absent"]), STATE_TONES["absent"])},
    }
    return render(request, "bench/trial.jinja", context)


@page("bench/trials/<int:trial_id>/stop", "bench-trial-stop", permission=Permission.HANDBOOK_EDIT, methods=("POST",))
def bench_trial_stop(request: ConsoleRequest, trial_id: int) -> HttpResponse:
    """Stop a trial; what it found stays."""
    actions.stop(actor=request.actor, trial_id=trial_id, now=timezone.now())
    messages.success(request, _("已停止，已有的结果保留。"))
    return redirect(request, reverse("console:bench-trial", kwargs={"trial_id": trial_id}))


class _Echo:
    def write(self, value: str) -> str:
        """Hand the line on."""
        return value


@page("bench/trials/<int:trial_id>/csv", "bench-trial-csv", permission=Permission.EXPORT)
def bench_trial_csv(request: ConsoleRequest, trial_id: int) -> StreamingHttpResponse:
    """Every change of a trial as a file."""
    get_trial(request.actor, trial_id)
    head = [
        _("会话"),
        _("时间"),
        _("站点"),
        _("工号"),
        _("客服"),
        _("评分项"),
        _("原来"),
        _("新版"),
        _("扣分变化"),
        _("金额变化"),
        _("句子"),
    ]
    titles = {letter: str(STATES[state]) for letter, state in LETTERS.items()} | {"-": str(STATES["absent"])}

    def lines() -> Iterator[str]:
        out: Any = csv.writer(_Echo())
        yield "\ufeff"
        yield out.writerow(head)
        for one in queries.export_rows(request.actor, trial_id):
            staff = (one.staff.staff_no, one.staff.name) if one.staff is not None else ("", "")
            when = timezone.localtime(one.at).strftime("%Y-%m-%d %H:%M:%S")
            cells = (one.conversation_id, when, one.site.name, *staff, one.item_key, titles[one.before], titles[one.after])
            yield out.writerow([safe_cell(str(cell)) for cell in (*cells, one.points, one.money, one.sentence)])

    answer = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="trial-{trial_id}.csv"'
    return answer
