"""Pages of the shell itself: home, language, theme, failures of the script, a sign of life."""

import hashlib
import logging
from typing import cast

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import check_for_language

from kefu.console.navigation import entries
from kefu.console.rendering import render
from kefu.console.routes import ConsoleRequest, is_htmx, local_path, page, route
from kefu.kernel import moment
from kefu.kernel.masking import mask_text

_script_log = logging.getLogger("kefu.console.script")
_YEAR = 365 * 24 * 3600
_FAILURES_A_MINUTE = 10
THEMES = ("light", "dark", "auto")


@page("", "home")
def home(request: HttpRequest) -> HttpResponse:
    """The desk, or the first page the reader may open."""
    desk = route("desk")
    if desk is not None and desk.opens_for(getattr(request, "actor", None)):
        return cast(HttpResponse, desk.view(request))
    for link in entries(request):
        return HttpResponseRedirect(link.address)
    return render(request, "pages/nothing.jinja")


def _back(request: HttpRequest) -> HttpResponse:
    target = local_path(request.POST.get("next", "") or request.headers.get("Referer", ""), request) or "/"
    return HttpResponse(status=204) if is_htmx(request) else HttpResponseRedirect(target)


@page("language", "language", public=True, methods=("POST",))
def language(request: HttpRequest) -> HttpResponse:
    """Choose the language of this browser."""
    response = _back(request)
    code = request.POST.get("language", "")
    if code in dict(settings.LANGUAGES) and check_for_language(code):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, code, max_age=_YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    return response


@page("theme", "theme", public=True, methods=("POST",))
def theme(request: HttpRequest) -> HttpResponse:
    """Choose light, dark, or what the system says. The server draws the page with it, so nothing flashes."""
    response = _back(request)
    choice = request.POST.get("theme", "")
    if choice in THEMES:
        response.set_cookie("kefu_theme", choice, max_age=_YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    return response


@page("alive", "alive", public=True)
def alive(_request: HttpRequest) -> HttpResponse:
    """Answers while the server runs; asks nothing of the database."""
    return HttpResponse(status=204, headers={"Cache-Control": "no-store"})


@page("script-failure", "script-failure", methods=("POST",))
def script_failure(request: ConsoleRequest) -> HttpResponse:
    """A failure of the script in somebody's browser, for the log; a few a minute from each person, the rest is dropped.

    The browser takes names and numbers out before it sends; here it is done again, for a browser need not be honest.
    """
    minute = int(moment.now().timestamp() // 60)
    key = f"script-failures:{request.actor.own_id}:{minute}"
    cache.add(key, 0, 120)
    if cache.incr(key) > _FAILURES_A_MINUTE:
        return HttpResponse(status=204)
    sizes = {"message": 300, "where": 200, "stack": 1500}
    given = {name: mask_text(request.POST.get(name, "")[:size]).replace("\n", " | ").replace("\r", "") for name, size in sizes.items()}
    mark = hashlib.sha256(f"{given['message']} {given['where']}".encode()).hexdigest()[:8]
    _script_log.warning(
        "script_failed %(mark)s: %(message)s at %(where)s: %(stack)s",
        {**given, "mark": mark},
        extra={"code": "script_failed", "mark": mark, "role": request.actor.role},
    )
    return HttpResponse(status=204)
