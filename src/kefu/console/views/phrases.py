"""Canned phrases, and the page they share with macros: those one has, and writing, changing and deleting them by scope (CASE8)."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import phrases_macros
from kefu.desk import phrases, sharing, variables
from kefu.kernel import moment
from kefu.kernel.errors import Conflict, Invalid, Stale
from kefu.people.permissions import Permission

_SHOWN = 200
_FIELDS = ("title", "text", "category", "shortcut")


def _scopes(actor: Any) -> list[tuple[str, str]]:
    titles = {"own": _("本人"), "team": _("本站点"), "all": _("全部人员")}
    return [(one, titles[one]) for one in sharing.scopes(actor)]


def _given(request: ConsoleRequest, names: tuple[str, ...]) -> dict[str, str]:
    return {name: request.POST.get(name, "").replace("\0", "").strip() for name in names}


def _show(request: ConsoleRequest, *, form: str = "", errors: Mapping[str, str] | None = None, status: int = 200) -> HttpResponse:
    actor, now = request.actor, moment.now()
    asked = request.GET.get("q", "")[:40], request.GET.get("category", "")[:80]
    known = phrases_macros.choices(actor)
    context = {
        "asked": asked,
        "phrases": phrases.find(actor, asked[0], now=now, category=asked[1], limit=_SHOWN),
        "categories": phrases.categories(actor),
        "macros": phrases_macros.lines(actor, known),
        "known": known,
        "scopes": _scopes(actor) if actor.may(Permission.CASE_WORK) else [],
        "scope_titles": {"own": _("本人"), "team": _("本站点"), "all": _("全部人员"), "handbook": _("手册")},
        "names": list(variables.NAMES),
        "form_name": form,
        "errors": errors or {},
        "values": {**request.POST.dict(), **{name: request.POST.getlist(name) for name in ("kinds", "statuses")}} if form else {},
    }
    return render(request, "phrases/page.jinja", context, status=status)


def saved(request: ConsoleRequest, said: str) -> HttpResponse:
    """Back to the page, with words that pop up."""
    messages.success(request, said)
    return redirect(request, reverse("console:phrases"))


def refused(request: ConsoleRequest, form: str, error: Invalid | Conflict | Stale) -> HttpResponse:
    """The page with the form open as it was sent, and why it was not taken."""
    fields = error.fields if isinstance(error, Invalid) and not error.params else {}
    errors = {name: str(text) for name, text in fields.items()} or {"": str(error)}
    return _show(request, form=form, errors=errors, status=409 if isinstance(error, Stale) else 422)


@page("phrases", "phrases", permission=Permission.CASE_VIEW, methods=("GET", "POST"))
def phrase_page(request: ConsoleRequest) -> HttpResponse:
    """All there are; sent as a form, one more phrase."""
    if request.method == "GET":
        return _show(request)
    try:
        phrases.create(actor=request.actor, scope=request.POST.get("scope", ""), values=_given(request, _FIELDS), now=moment.now())
    except (Invalid, Conflict) as error:
        return refused(request, "phrase", error)
    return saved(request, _("话术已保存。"))


@page("phrases/<int:phrase_id>", "phrase", permission=Permission.CASE_WORK, methods=("POST",))
def phrase(request: ConsoleRequest, phrase_id: int) -> HttpResponse:
    """Change a phrase, or delete it (``delete``)."""
    now = moment.now()
    if request.POST.get("delete") == "1":
        phrases.delete(actor=request.actor, phrase_id=phrase_id, now=now)
        return saved(request, _("话术已删除。"))
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
        return refused(request, f"phrase-{phrase_id}", error)
    return saved(request, _("话术已保存。"))
