"""Answers of views: a whole page, or one block of it when htmx asks for a part; words that pop up; forms with errors."""

import json
from collections.abc import Mapping
from typing import Any, Literal

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template import engines
from django.template.backends.jinja2 import Jinja2
from django.template.backends.utils import csrf_input, csrf_token_lazy
from django.utils.functional import SimpleLazyObject
from jinja2 import Template

from kefu.console import spoken
from kefu.console.navigation import entries, grouped
from kefu.console.routes import is_htmx
from kefu.conversations.in_hand import front

ToastKind = Literal["accent", "good", "warn", "bad"]


def _context(request: HttpRequest, given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "request": request,
        "actor": getattr(request, "actor", None),
        # A page has a dozen forms; the token is masked once for all of them.
        "csrf_input": SimpleLazyObject(lambda: csrf_input(request)),
        "csrf_token": csrf_token_lazy(request),
        "navigation": entries(request),
        "grouped": grouped,
        "front": lambda: front(request.actor) if hasattr(request, "actor") and request.actor else None,
        "flashes": lambda: get_messages(request),
        **given,
    }


def _template(name: str) -> Template:
    backend = engines["jinja2"]
    assert isinstance(backend, Jinja2)
    return backend.env.get_template(name)


def text(request: HttpRequest, template: str, context: Mapping[str, Any], *, part: str | None = None) -> str:
    """The rendered template, or only its block ``part``."""
    found = _template(template)
    values = _context(request, context)
    with spoken.settled():
        if part is None:
            return str(found.render(values))
        filled = found.new_context(values)
        # Runs what stands before the first output, the imports of the template and of those it extends: blocks use them.
        next(iter(found.root_render_func(filled)), None)
        # Its own, or that of a template it extends.
        return "".join(filled.blocks[part][0](filled))


def render(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, *, part: str | None = None, status: int = 200
) -> HttpResponse:
    """A page; when htmx asks and ``part`` names a block of the template, only that block."""
    wanted = part if part and is_htmx(request) else None
    response = HttpResponse(text(request, template, context or {}, part=wanted), status=status)
    if part:
        response["Vary"] = "HX-Request"
    return response


def fragment(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, *, part: str, status: int = 200
) -> HttpResponse:
    """One block of a template, whoever asks."""
    return HttpResponse(text(request, template, context or {}, part=part), status=status)


def with_toast(response: HttpResponse, words: str, kind: ToastKind = "good") -> HttpResponse:
    """Let words pop up when htmx takes the answer."""
    response["HX-Trigger"] = json.dumps({"kefu:toast": {"text": str(words), "kind": kind}})
    return response


def redirect(request: HttpRequest, address: str) -> HttpResponse:
    """Go to another page after a write, also from htmx."""
    if is_htmx(request):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)
