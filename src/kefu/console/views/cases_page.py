"""The page of a case: procedure, next steps, clocks, timeline, context; its files and the reckoning of its clocks (CASE1, CASE4, CASE8)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit
from uuid import uuid4

from django.http import HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from kefu.cases import access, attention, files, queries
from kefu.cases.actions import book_of
from kefu.cases.queries import CaseDetail
from kefu.cases.tasks import members
from kefu.claims import queries as claims
from kefu.console.rendering import render
from kefu.console.routes import ConsoleRequest, is_htmx, page
from kefu.console.views import (
    case_composer,
    case_queue,
    cases_clocks,
    cases_context,
    cases_drawing,
    cases_rows,
    cases_steps,
    cases_timeline,
    notices,
    regulator_threat,
)
from kefu.console.views import cases_words as words
from kefu.console.views.cases_steps import Typed
from kefu.desk import drafts
from kefu.desk.drafts import Kept
from kefu.handbook.schema import Handbook
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.masking import mask_text
from kefu.lists import claims as claim_words
from kefu.people import queries as people
from kefu.people.permissions import Permission, Role

REMINDERS: dict[str, str | Promise] = {
    "1h": gettext_lazy("1 小时后"),
    "3h": gettext_lazy("3 小时后"),
    "tomorrow": gettext_lazy("明天 9:00"),
    "monday": gettext_lazy("下周一 9:00"),
}
_WORKERS = [Role.AGENT, Role.LEAD, Role.CLERK, Role.MANAGER]


@dataclass(frozen=True, slots=True)
class Failed:
    """A form that was not taken: which one, its errors by field, and what was typed."""

    form: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    came: tuple[int, ...] = ()
    """Entries that stopped a reply."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was just done, with what takes it back (signed), if anything does."""

    words: str
    undo: str = ""


@dataclass(frozen=True, slots=True)
class Differs:
    """A field somebody else changed while it was being edited: one's own value, the one that stands, and since when by whom."""

    mine: str
    stands: str
    who: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """Somebody else was first: what happened since the page was read."""

    lines: tuple[cases_timeline.Line, ...]
    lost: tuple[tuple[str, str], ...] = ()


def show(
    request: ConsoleRequest,
    case_id: int,
    *,
    typed: Typed | None = None,
    failed: Failed | None = None,
    stale: bool = False,
    done: Done | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, or for htmx everything of it but the context column."""
    now, actor = moment.now(), request.actor
    detail = queries.detail(actor, case_id, now=now)
    staff, can = request.user, abilities(actor, detail)
    failed = failed or Failed()
    lines, shown, more = _timeline(request, detail)
    token = case_queue.origin(request)
    last_entry = max((row.entry.pk for row in detail.timeline), default=0)
    works = actor.may(Permission.CASE_WORK)
    kept = drafts.beside(actor, case_id) if works else {}
    forms = cases_steps.forms(detail, actor, staff, typed, kept) if works else []
    context: dict[str, Any] = {
        "detail": detail,
        "case": detail.case,
        "row": cases_rows.row_of(detail),
        # A short description is the title already.
        "description": mask_text(detail.case.description) if detail.case.description.strip() != detail.case.title else "",
        "channel": str(words.CHANNEL_TITLES.get(detail.case.channel, detail.case.channel)),
        "procedure_title": words.name(detail.procedure),
        "procedure_url": words.clause_url(str(detail.book.ref(f"procedures.{detail.case.procedure}")), actor),
        "picture": cases_drawing.picture(detail.drawing),
        "forms": forms,
        "foretold": notices.foretold(detail, actor) if forms else {},
        "queue": None if is_htmx(request) else case_queue.queue(actor, token, now=now, case=detail.case),
        "token": token,
        "composer": _composer(detail, kept, failed) if works else None,
        "came": [line for line in lines if line.id in failed.came],
        "attention": attention.marks(actor, detail.case),
        "reminders": [(key, str(title)) for key, title in REMINDERS.items()],
        "shown": shown,
        "more_before": more,
        "done": done,
        "differs": _differs(detail, failed) if stale and failed.form == "edit" else {},
        "clocks": [cases_clocks.card(view, detail.book, actor, is_open=detail.case.is_open) for view in detail.clocks],
        "lines": lines,
        "last_entry": last_entry,
        "failed": failed,
        "changed": _changed(request, detail, lines, forms, typed) if stale else None,
        "can": can,
        "levels": higher_levels(detail.book, detail.case.level_rank),
        "staff": _colleagues(actor, detail),
        "sites": [(str(site.pk), site.name) for site in people.sites_by_id().values()] if can["edit"] else [],
        "departments": _departments(detail, now) if can["edit"] else [],
        "task_names": {one.pk: words.clause_title(one.clause) for one in detail.tasks if one.clause},
        "task_due": timezone.localtime(now + timedelta(hours=4)).strftime("%Y-%m-%dT%H:%M"),
        "live_mark": f"{detail.case.version}.{last_entry}",
        "once": uuid4().hex,
        "size_words": size_words,
        "claims": _claims(actor, detail),
        "claim_words": (claim_words.STATES, claim_words.TONES, claim_words.LOSSES),
        "threat": regulator_threat.card(actor, detail.case, now=now),
        "context": None if is_htmx(request) else cases_context.context(actor, detail.case, detail.links, now=now),
    }
    response = render(request, "cases/case.jinja", context, part="case", status=status)
    if status == 409:
        # Lets htmx put the page in place although it is a refusal.
        response["X-Kefu-Error"] = "stale"
    return response


def _departments(detail: CaseDetail, now: datetime) -> list[tuple[str, str]]:
    """Departments of the case's own version, or of the one in force when its own knew none; who answers there is seen when one is asked."""
    known = detail.book.departments or members.departments(detail.case.site_id, now)
    return [(key, words.name(clause)) for key, clause in known.items()]


def _shown(request: ConsoleRequest) -> str:
    """Group of the timeline the reader looks at, by the page's address; empty for all of it."""
    here = parse_qs(urlsplit(request.headers.get("HX-Current-URL", "")).query).get("show", [""])[0]
    wanted = request.GET.get("show", here)
    return wanted if wanted in queries.GROUPS else ""


def _timeline(request: ConsoleRequest, detail: CaseDetail) -> tuple[list[cases_timeline.Line], str, int | None]:
    shown = _shown(request)
    rows, more = (detail.timeline, detail.more_before)
    if shown:
        rows, more = queries.older(request.actor, detail.case.pk, before=2**62, group=shown)
    return cases_timeline.lines(rows, detail.book, detail.procedure, request.actor), shown, more


def _composer(detail: CaseDetail, kept: Mapping[str, Kept], failed: Failed) -> case_composer.Composer:
    return case_composer.composer(detail, kept, form=failed.form, errors=failed.errors, values=failed.values, stopped=bool(failed.came))


def _differs(detail: CaseDetail, failed: Failed) -> dict[str, Differs]:
    """Fields of the edit form where what was typed is not what stands now; who changed them is read from the timeline."""
    case = detail.case
    now = {"title": mask_text(case.title), "waybill": case.waybill, "order_no": case.order_no}
    found = {}
    for name, stands in now.items():
        mine = failed.values.get(name, stands)
        if mine == stands:
            continue
        rows = (row.entry for row in reversed(detail.timeline) if row.entry.kind == "field")
        entry = next((one for one in rows if name in one.data.get("fields", {})), None)
        found[name] = Differs(mine, stands, entry.actor_name if entry else "", entry.at if entry else None)
    return found


def _changed(request: ConsoleRequest, detail: CaseDetail, lines: list[Any], forms: list[Any], typed: Typed | None) -> Changed:
    seen = request.POST.get("seen", "")
    since = int(seen) if seen.isdecimal() and len(seen) < 18 else 0
    fresh = tuple(line for line in lines if line.id > since) if since else ()
    lost: tuple[tuple[str, str], ...] = ()
    if typed and typed.step not in {form.id for form in forms}:
        lost = tuple(cases_timeline.answers(typed.answers, detail.procedure.fields()))
    return Changed(fresh, lost)


def higher_levels(book: Handbook, rank: int) -> list[tuple[str, str]]:
    """Levels above the case's, the nearest first."""
    return [(key, words.name(level)) for key, level in sorted(book.levels.items(), key=lambda item: item[1].rank) if level.rank > rank]


def abilities(actor: Actor, detail: CaseDetail) -> dict[str, bool]:
    """What the reader may do with the case as it stands; the actions themselves decide again."""
    case = detail.case
    works, assigns = actor.may(Permission.CASE_WORK), actor.may(Permission.CASE_ASSIGN)
    mine = case.assignee_id is not None and case.assignee_id == actor.staff_id
    return {
        "work": works,
        "edit": works and case.is_open,
        "take": works and case.is_open and not mine and actor.site_id == case.site_id and (case.assignee_id is None or assigns),
        "assign": assigns and case.is_open,
        "urge": works and case.is_open,
        "escalate": actor.may(Permission.CASE_ESCALATE) and case.is_open and bool(higher_levels(detail.book, case.level_rank)),
        "merge": actor.may(Permission.CASE_MERGE) and case.is_open,
        "unmerge": actor.may(Permission.CASE_MERGE) and case.merged_into_id is not None,
        "reopen": works and case.status == "closed",
    }


def _claims(actor: Actor, detail: CaseDetail) -> list[Any] | None:
    """Claims of the case, which tell it of all they do; ``None`` for who sees none of them."""
    if not actor.may(Permission.CLAIM_VIEW):
        return None
    return claims.of_case(actor, detail.case.pk) if detail.told else []


def _colleagues(actor: Actor, detail: CaseDetail) -> list[tuple[str, str]]:
    if not actor.may(Permission.CASE_ASSIGN) or not detail.case.is_open:
        return []
    staff = people.active_staff(detail.case.site_id, [role.value for role in _WORKERS])[:200]
    return [(str(one.pk), f"{one.name} {one.staff_no}") for one in staff]


def size_words(size: int) -> str:
    """``1.2 MB``."""
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 else f"{max(1, round(size / 1024))} KB"


@page("cases/<int:case_id>", "case", permission=Permission.CASE_VIEW)
def case(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """One case. A page that follows others says what it shows; when that is all there is, nothing is drawn."""
    if shown := request.headers.get("X-Kefu-Live"):
        version, _dot, entry = shown.partition(".")
        now_version, now_entry = queries.mark(request.actor, case_id)
        if version == str(now_version) and entry.isdecimal() and int(entry[:18]) >= now_entry:
            return HttpResponse(status=204)
    return show(request, case_id)


@page("cases/<int:case_id>/timeline", "case-timeline", permission=Permission.CASE_VIEW)
def case_timeline(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """The part of the timeline before an entry."""
    actor = request.actor
    found = access.get_for(actor, case_id)
    before = request.GET.get("before", "")
    start = int(before) if before.isdecimal() and len(before) < 18 else 2**62
    shown = _shown(request)
    rows, more = queries.older(actor, case_id, before=start, group=shown)
    book = book_of(found)
    context = {
        "case": found,
        "lines": cases_timeline.lines(rows, book, book.procedures[found.procedure], actor),
        "more_before": more,
        "shown": shown,
    }
    return render(request, "cases/timeline.jinja", context, part="entries")


@page("cases/<int:case_id>/clocks/<int:clock_id>", "case-clock", permission=Permission.CASE_VIEW)
def case_clock(request: ConsoleRequest, case_id: int, clock_id: int) -> HttpResponse:
    """Why a clock is due when it is (CASE4)."""
    actor = request.actor
    found = access.get_for(actor, case_id)
    explanation = queries.clock_explanation(actor, case_id, clock_id, now=moment.now())
    why = cases_clocks.why(explanation, book_of(found), actor, is_open=found.is_open)
    return render(request, "cases/clock.jinja", {"case": found, "why": why}, part="why")


@page("cases/<int:case_id>/files/<int:file_id>", "case-file", permission=Permission.CASE_VIEW)
def case_file(request: ConsoleRequest, case_id: int, file_id: int) -> HttpResponse:
    """An attachment as a download; never shown in place, the read is logged (SEC3)."""
    found = files.download(actor=request.actor, case_id=case_id, attachment_id=file_id, now=moment.now())
    response = HttpResponse(found.content, content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
