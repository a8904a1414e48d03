"""Pages of the shell itself: home, language, theme, failures of the script, a sign of life."""

import logging

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import check_for_language

from kefu.console.navigation import entries
from kefu.console.rendering import render
from kefu.console.routes import is_htmx, local_path, page

_script_log = logging.getLogger("kefu.console.script")
_YEAR = 365 * 24 * 3600
THEMES = ("light", "dark", "auto")


@page("", "home")
def home(request: HttpRequest) -> HttpResponse:
    """The first page the reader may open."""
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
def script_failure(request: HttpRequest) -> HttpResponse:
    """A failure of the script in somebody's browser, for the log."""
    sizes = {"message": 500, "where": 300, "stack": 2000}
    given = {name: request.POST.get(name, "")[:size].replace("\n", " | ").replace("\r", "") for name, size in sizes.items()}
    _script_log.warning("Script failed: %(message)s at %(where)s: %(stack)s", given)
    return HttpResponse(status=204)
