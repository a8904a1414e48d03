"""A procedure in a manager's hand: changed in a form or its YAML, seen drawn, tried on past cases, put in force (CASE1, HB3)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kefu.cases import drawing, trial
from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import cases_drawing
from kefu.console.views import cases_words as words
from kefu.console.views import handbooks as reading
from kefu.console.views.inspection_filters import text as typed
from kefu.handbook import actions, pieces, queries, reshaping
from kefu.handbook.errors import HandbookInvalid, NotADraft
from kefu.handbook.loader import Reading
from kefu.handbook.pieces import Piece, PieceRefused
from kefu.handbook.problems import Problem
from kefu.handbook.queries import VersionInfo
from kefu.handbook.reader.words import value_words
from kefu.handbook.reshaping import StepChange
from kefu.handbook.schema import Handbook, Step, format_duration
from kefu.handbook.tree import Unreadable, read_tree
from kefu.kernel import moment
from kefu.kernel.errors import NotFound, Stale
from kefu.people.permissions import Permission

_MOST = 200_000


@page("handbooks/<int:version_id>/procedures/<str:key>/copy", "procedure-copy", permission=Permission.HANDBOOK_EDIT, methods=("POST",))
def procedure_copy(request: ConsoleRequest, version_id: int, key: str) -> HttpResponse:
    """The version as a new draft, opened at this procedure."""
    now = timezone.now()
    info = queries.version(request.actor, version_id, now=now)
    note = _("修改流程 %(key)s，复制自 %(name)s") % {"key": key, "name": info.name}
    saved = actions.save_draft(actor=request.actor, text=queries.text_of(request.actor, version_id), now=now, note=note)
    messages.success(request, _("已复制为草稿 %(name)s，生效前不影响现在的工单。") % {"name": saved.name})
    return redirect(request, reverse("console:procedure-draft", kwargs={"version_id": saved.id, "key": key}))


@page("handbooks/drafts/<int:version_id>/procedures", "procedure-drafts", permission=Permission.HANDBOOK_EDIT)
def procedure_drafts(request: ConsoleRequest, version_id: int) -> HttpResponse:
    """The procedures of a draft, to choose the one to change."""
    info = _draft(request, version_id)
    found = queries.read_text(queries.text_of(request.actor, version_id), when=timezone.now(), file=f"{info.key}.yaml")
    listed = _tree(found).get("procedures", {})
    rows = [
        {
            "key": key,
            "title": words.either(str(value.get("title", key)), str(value.get("title_en", ""))),
            "steps": len(value.get("steps", ())),
            "problems": sum(one.path.startswith(f"procedures.{key}.") or one.path == f"procedures.{key}" for one in found.problems),
        }
        for key, value in listed.items()
        if isinstance(value, dict)
    ]
    return render(request, "handbooks/procedures.jinja", {"info": info, "badge": reading.badge(info), "rows": rows})


@page(
    "handbooks/drafts/<int:version_id>/procedures/<str:key>",
    "procedure-draft",
    permission=Permission.HANDBOOK_EDIT,
    methods=("GET", "POST"),
)
def procedure_draft(request: ConsoleRequest, version_id: int, key: str) -> HttpResponse:
    """The editor of one procedure."""
    info = _draft(request, version_id)
    stored = queries.text_of(request.actor, version_id)
    if request.method != "POST":
        return _show(request, info, stored, key)
    body = request.POST.get("yaml", "").replace("\0", "").replace("\r\n", "\n")[:_MOST] if "yaml" in request.POST else None
    if body is not None and (wrong := _unreadable(body)):
        return _show(request, info, stored, key, body=body, problems=[wrong], status=422)
    try:
        changed = pieces.with_piece(stored, "procedures", key, body) if body is not None else _formed(request, info, stored, key)
    except PieceRefused as error:
        return _show(request, info, stored, key, body=body, refusal=str(error), status=422)
    if request.POST.get("do") == "check":
        return _show(request, info, changed, key, body=body)
    version = typed(request.POST.get("row_version"))
    try:
        saved = actions.save_draft(
            actor=request.actor,
            text=changed,
            now=timezone.now(),
            draft_id=info.id,
            row_version=int(version) if version.isdecimal() else None,
        )
    except HandbookInvalid as error:
        return _show(request, info, stored, key, body=body, problems=list(error.problems), refusal=str(error), status=422)
    except Stale as error:
        return _show(request, info, changed, key, body=body, refusal=str(error), status=409)
    if saved.problems:
        messages.warning(request, _("草稿已保存，还有 %(count)s 处问题，改好才能生效。") % {"count": len(saved.problems)})
    else:
        messages.success(request, _("草稿已保存，没有问题。"))
    return redirect(request, reverse("console:procedure-draft", kwargs={"version_id": info.id, "key": key}))


@page("handbooks/<int:version_id>/procedures/<str:key>/trial", "procedure-trial", permission=Permission.HANDBOOK_EDIT)
def procedure_trial(request: ConsoleRequest, version_id: int, key: str) -> HttpResponse:
    """The draft of a procedure walked by past cases; nothing is written (HB3)."""
    actor, now = request.actor, moment.now()
    info = queries.version(actor, version_id, now=now)
    context: dict[str, Any] = {"info": info, "badge": reading.badge(info), "key": key, "found": None, "problems": ()}
    try:
        book = queries.draft_book(actor, version_id, now=now)
    except HandbookInvalid as error:
        context |= {"problems": error.problems, "title": key}
        return render(request, "handbooks/trial.jinja", context)
    if key not in book.procedures:
        raise NotFound
    found = trial.run(actor=actor, draft=book, key=key, now=now)
    steps = {step.id: words.name(step) for step in book.procedures[key].steps}
    limits = [(words.name(book.clocks[name]), change) for name, change in found.clocks.items() if change.before or change.after]
    context |= {
        "title": words.name(book.procedures[key]),
        "found": found,
        "refused": [(one, steps.get(one.step, one.step)) for one in found.refused],
        "limits": limits,
        "differing": len(found.differing),
        "may_open": actor.may(Permission.CASE_VIEW),
    }
    return render(request, "handbooks/trial.jinja", context)


def _draft(request: ConsoleRequest, version_id: int) -> VersionInfo:
    info = queries.version(request.actor, version_id, now=timezone.now())
    if info.status != "draft":
        raise NotADraft(version=info.name)
    return info


def _tree(found: Reading) -> dict[str, Any]:
    return dict(found.resolved.get("tree", {}))


def _unreadable(body: str) -> Problem | None:
    try:
        root, twice = read_tree(body, "procedure.yaml")
    except Unreadable as error:
        return error.problem
    if not isinstance(root.value, dict):
        return Problem("", "shape", _("流程要写成“名字: 内容”，每行一项。"), {}, "procedure.yaml", 1, 1)
    return twice[0] if twice else None


def _formed(request: ConsoleRequest, info: VersionInfo, stored: str, key: str) -> str:
    """The text with what the form changes; limits only where their length was changed."""
    found = queries.read_text(stored, when=timezone.now(), file=f"{info.key}.yaml")
    procedure = _tree(found).get("procedures", {}).get(key)
    if not isinstance(procedure, dict) or found.handbook is None or key not in found.handbook.procedures:
        raise PieceRefused(section=f"procedures.{key}")
    book, post = found.handbook, request.POST
    changes = {step.id: _change(post, step) for step in book.procedures[key].steps if f"step.{step.id}.title" in post}
    shaped = reshaping.reshaped(procedure, changes, reshaping.guard_choices(book, key))
    text = pieces.with_piece(stored, "procedures", key, pieces.written(shaped)) if shaped != procedure else stored
    for name, clock in reshaping.limits_of(book, key).items():
        target = typed(post.get(f"clock.{name}"), 20)
        if target and target != format_duration(clock.target):
            text = reshaping.with_limit(text, name, target)
    return text


def _change(post: Any, step: Step) -> StepChange:
    base = f"step.{step.id}"
    return StepChange(
        title=typed(post.get(f"{base}.title"), 200) or step.title,
        instructions=typed(post.get(f"{base}.instructions"), 4000),
        who=tuple(post.getlist(f"{base}.who")) or step.who,
        say=typed(post.get(f"{base}.say"), 4000),
        labels={field.id: typed(post.get(f"{base}.label.{field.id}"), 120) for field in step.fields},
        required=frozenset(post.getlist(f"{base}.required")),
        guards=frozenset(post.getlist(f"{base}.guard")),
        added_guard=typed(post.get(f"{base}.add_guard"), 200),
    )


def _show(
    request: ConsoleRequest,
    info: VersionInfo,
    stored: str,
    key: str,
    *,
    body: str | None = None,
    problems: list[Problem] | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    found = queries.read_text(stored, when=timezone.now(), file=f"{info.key}.yaml")
    procedure = _tree(found).get("procedures", {}).get(key)
    if not isinstance(procedure, dict):
        raise NotFound
    piece = pieces.piece_of(stored, "procedures", key)
    whole = piece if piece is not None and "steps:" in piece.text else None
    yaml = body if body is not None else (whole.text if whole else pieces.written(procedure))
    book = found.handbook if found.handbook is not None and key in found.handbook.procedures else None
    own = problems if problems is not None else pieces.problems_in(whole or Piece(yaml, 1_000_000, 0), found.problems, "procedures", key)
    if problems is None:
        # Limits are changed here too; they stand elsewhere in the text.
        own += [replace(one, line=0, column=0) for one in found.problems if one.path.startswith("clocks.")]
    context: dict[str, Any] = {
        "info": info,
        "badge": reading.badge(info),
        "key": key,
        "title": words.either(str(procedure.get("title", key)), str(procedure.get("title_en", ""))),
        "yaml": yaml,
        "inherited": whole is None,
        "problems": own,
        "others": len(found.problems) - len(own) if problems is None else 0,
        "refusal": refusal,
        "picture": cases_drawing.picture(drawing.draw(book.procedures[key], [])) if book else None,
        "steps": _steps(book, key) if book else (),
        "limits": _limits(book, key) if book else (),
        "roles": [(name, words.name(role)) for name, role in book.roles.items()] if book else (),
        "scripts": [(f"scripts.{name}", words.name(script)) for name, script in book.scripts.items()] if book else (),
        "guards": [(one.key, one.words[:120]) for one in reshaping.guard_choices(book, key).values()] if book else (),
        "may_force": request.actor.may(Permission.HANDBOOK_FORCE),
        "ready": not found.problems,
    }
    return render(request, "handbooks/procedure.jinja", context, status=status)


def _steps(book: Handbook, key: str) -> list[Mapping[str, Any]]:
    return [
        {
            "step": step,
            "title": words.name(step),
            "own_say": step.say if step.say and not step.say.startswith("scripts.") else "",
            "guards": [(guard.id, guard.message) for guard in step.guards],
        }
        for step in book.procedures[key].steps
    ]


def _limits(book: Handbook, key: str) -> list[tuple[str, str, str, str]]:
    return [
        (name, words.name(clock), format_duration(clock.target), value_words("kind", clock.kind))
        for name, clock in reshaping.limits_of(book, key).items()
    ]
