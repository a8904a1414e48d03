"""Canned phrases and macros: those one has, and writing, changing and deleting them by scope (CASE8)."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from kefu.cases import replies
from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import cases_words as words
from kefu.desk import macros, phrases, sharing, variables
from kefu.desk.macros import NewMacro
from kefu.desk.parts import TITLES
from kefu.kernel import moment
from kefu.kernel.errors import Conflict, Invalid
from kefu.kernel.wording import listed
from kefu.people.permissions import Permission

_SHOWN = 200
_FIELDS = ("title", "text", "category", "shortcut")
_MACRO_FIELDS = ("name", "note", "reply", "channel", "awaiting", "assign", "follow", "task", "task_hours")


def _scopes(actor: Any) -> list[tuple[str, str]]:
    titles = {"own": _("本人"), "team": _("本站点"), "all": _("全部人员")}
    return [(one, titles[one]) for one in sharing.scopes(actor)]


def _given(request: ConsoleRequest, names: tuple[str, ...]) -> dict[str, str]:
    return {name: request.POST.get(name, "").replace("\0", "").strip() for name in names}


def _show(request: ConsoleRequest, *, form: str = "", errors: Mapping[str, str] | None = None, status: int = 200) -> HttpResponse:
    actor, now = request.actor, moment.now()
    asked = request.GET.get("q", "")[:40], request.GET.get("category", "")[:80]
    context = {
        "asked": asked,
        "phrases": phrases.find(actor, asked[0], now=now, category=asked[1], limit=_SHOWN),
        "categories": phrases.categories(actor),
        "macros": [(one, listed(TITLES[part["do"]] for part in one.parts), macros.may_change(actor, one)) for one in macros.macros(actor)],
        "scopes": _scopes(actor) if actor.may(Permission.CASE_WORK) else [],
        "scope_titles": {"own": _("本人"), "team": _("本站点"), "all": _("全部人员"), "handbook": _("手册")},
        "names": list(variables.NAMES),
        "channels": [(key, str(words.TALK_TITLES[key])) for key in replies.CHANNELS],
        "form_name": form,
        "errors": errors or {},
        "values": {name: request.POST.get(name, "") for name in (*_FIELDS, *_MACRO_FIELDS, "scope")} if form else {},
    }
    return render(request, "phrases/page.jinja", context, status=status)


def _saved(request: ConsoleRequest, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect(request, reverse("console:phrases"))


def _refused(request: ConsoleRequest, form: str, error: Invalid | Conflict) -> HttpResponse:
    fields = error.fields if isinstance(error, Invalid) and not error.params else {}
    errors = {name: str(text) for name, text in fields.items()} or {"": str(error)}
    return _show(request, form=form, errors=errors, status=422)


@page("phrases", "phrases", permission=Permission.CASE_VIEW, methods=("GET", "POST"))
def phrase_page(request: ConsoleRequest) -> HttpResponse:
    """All there are; sent as a form, one more phrase."""
    if request.method == "GET":
        return _show(request)
    try:
        phrases.create(actor=request.actor, scope=request.POST.get("scope", ""), values=_given(request, _FIELDS), now=moment.now())
    except (Invalid, Conflict) as error:
        return _refused(request, "phrase", error)
    return _saved(request, _("话术已保存。"))


@page("phrases/<int:phrase_id>", "phrase", permission=Permission.CASE_WORK, methods=("POST",))
def phrase(request: ConsoleRequest, phrase_id: int) -> HttpResponse:
    """Change a phrase, or delete it (``delete``)."""
    now = moment.now()
    if request.POST.get("delete") == "1":
        phrases.delete(actor=request.actor, phrase_id=phrase_id, now=now)
        return _saved(request, _("话术已删除。"))
    version = request.POST.get("version", "")
    try:
        phrases.change(
            actor=request.actor,
            phrase_id=phrase_id,
            values=_given(request, _FIELDS),
            expected_version=int(version) if version.isdecimal() and len(version) < 10 else -1,
            now=now,
        )
    except (Invalid, Conflict) as error:
        return _refused(request, f"phrase-{phrase_id}", error)
    return _saved(request, _("话术已保存。"))


def _parts(given: Mapping[str, str]) -> list[dict[str, Any]]:
    """Parts of a macro from the form: what is filled in, in the order it stands there."""
    hours = given["task_hours"]
    found: list[dict[str, Any] | None] = [
        {"do": "note", "text": given["note"]} if given["note"] else None,
        {"do": "reply", "text": given["reply"], "channel": given["channel"], "awaiting": given["awaiting"] == "1"}
        if given["reply"]
        else None,
        {"do": "assign", "to": given["assign"]} if given["assign"] in ("me", "none") else None,
        {"do": "follow"} if given["follow"] == "1" else None,
        {"do": "task", "title": given["task"], "hours": int(hours) if hours.isdecimal() and len(hours) < 4 else 4}
        if given["task"]
        else None,
    ]
    return [one for one in found if one]


@page("macros", "macro-new", permission=Permission.CASE_WORK, methods=("POST",))
def macro_new(request: ConsoleRequest) -> HttpResponse:
    """Write a macro down."""
    given = _given(request, _MACRO_FIELDS)
    try:
        macro = NewMacro(given["name"], _parts(given))
        macros.create(actor=request.actor, scope=request.POST.get("scope", ""), macro=macro, now=moment.now())
    except (Invalid, Conflict) as error:
        return _refused(request, "macro", error)
    return _saved(request, _("宏已保存。"))


@page("macros/<int:macro_id>/delete", "macro-delete", permission=Permission.CASE_WORK, methods=("POST",))
def macro_delete(request: ConsoleRequest, macro_id: int) -> HttpResponse:
    """Take a macro away."""
    macros.delete(actor=request.actor, macro_id=macro_id, now=moment.now())
    return _saved(request, _("宏已删除。"))
