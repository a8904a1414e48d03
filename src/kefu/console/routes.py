"""The registry of pages: address, name, who may open it. Every console address comes from here, so tests walk URL × role (SEC2).

    @page("cases/<int:case_id>", "case", permission=Permission.CASE_VIEW)
    def case(request: ConsoleRequest, case_id: int) -> HttpResponse: ...

A visitor is sent to the sign-in page, somebody without the permission is refused, before the view runs. Several permissions: any
of them opens the page. The view still asks the module's ``access`` for the thing itself.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, JsonResponse
from django.urls import URLPattern, path

from kefu.kernel.actor import Actor
from kefu.people.errors import MissingPermission

View = Callable[..., HttpResponseBase]


class ConsoleRequest(HttpRequest):
    """A request of somebody signed in; for type checkers only."""

    actor: Actor


@dataclass(frozen=True, slots=True)
class Route:
    """One address of the console. ``permissions`` empty and not public: everybody signed in."""

    path: str
    name: str
    view: View
    permissions: tuple[str, ...] = ()
    public: bool = False
    methods: tuple[str, ...] = ("GET",)

    def opens_for(self, actor: Actor | None) -> bool:
        """Whether this reader gets past the door."""
        if self.public:
            return True
        return actor is not None and (not self.permissions or any(actor.may(code) for code in self.permissions))


_routes: dict[str, Route] = {}


def all_routes() -> Iterator[Route]:
    """Every page registered so far."""
    return iter(_routes.values())


def route(name: str) -> Route | None:
    """The page of a name."""
    return _routes.get(name)


def url_patterns() -> list[URLPattern]:
    """Address patterns of every page, for the URL configuration."""
    return [path(found.path, found.view, name=found.name) for found in _routes.values()]


def is_htmx(request: HttpRequest) -> bool:
    """Whether a part of a page is asked for. A restored history entry wants the whole page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"


def wants_json(request: HttpRequest) -> bool:
    """Whether a program asks."""
    return request.path.startswith("/api/") or "application/json" in request.headers.get("Accept", "").split(",")[0]


def local_path(address: str, request: HttpRequest) -> str:
    """Path and query of an address of this host; empty for any other, so nobody is sent away from here."""
    parts = urlsplit(address)
    if parts.scheme not in ("", "http", "https") or (parts.netloc and parts.netloc != request.get_host()):
        return ""
    found = parts.path + (f"?{parts.query}" if parts.query else "")
    return found if found.startswith("/") and not found.startswith(("//", "/\\")) else ""


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send a visitor to the sign-in page and back again afterwards; a form's page, not its target."""
    if is_htmx(request):
        here = local_path(request.headers.get("HX-Current-URL", ""), request)
    elif request.method in ("GET", "HEAD"):
        here = request.get_full_path()
    else:
        here = local_path(request.headers.get("Referer", ""), request)
    target = settings.LOGIN_URL + (f"?{urlencode({'next': here})}" if here and here != "/" else "")
    if is_htmx(request):
        return HttpResponse(status=401, headers={"HX-Redirect": target})
    if wants_json(request):
        return JsonResponse({"code": "signed_out"}, status=401)
    return HttpResponse(status=302, headers={"Location": target})


def to_own_password(request: HttpRequest) -> HttpResponse:
    """Send somebody whose password another person chose to where they set their own."""
    if is_htmx(request):
        return HttpResponse(status=204, headers={"HX-Redirect": "/account/password"})
    if wants_json(request):
        return JsonResponse({"code": "must_set_password"}, status=403)
    return HttpResponse(status=302, headers={"Location": "/account/password"})


def _headed(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    """Answer HEAD as GET, so that a view with a form never takes it for the form being sent; the server leaves the body out."""
    request.method = "GET"
    try:
        return view(request, *args, **kwargs)
    finally:
        request.method = "HEAD"


def _guarded(view: View, found: Callable[[], Route]) -> View:
    @wraps(view)
    def guard(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        route = found()
        actor: Actor | None = getattr(request, "actor", None)
        if not route.public and actor is None:
            return to_sign_in(request)
        if not route.opens_for(actor):
            raise MissingPermission(permission=route.permissions[0])
        if request.method == "HEAD" and "GET" in route.methods:
            return _headed(view, request, *args, **kwargs)
        if request.method not in route.methods:
            return HttpResponseNotAllowed(route.methods)
        return view(request, *args, **kwargs)

    return guard


def page(
    path: str, name: str, *, permission: str | tuple[str, ...] | None = None, public: bool = False, methods: tuple[str, ...] = ("GET",)
) -> Callable[[View], View]:
    """Register a view. Names are unique; a page is public, or for everybody signed in, or for holders of a permission."""
    if public and permission:
        msg = f"Route {name}: a public page has no permission"
        raise ValueError(msg)
    permissions = (permission,) if isinstance(permission, str) else permission or ()

    def register(view: View) -> View:
        if name in _routes:
            msg = f"Route {name} is registered twice: {_routes[name].path} and {path}"
            raise ValueError(msg)
        guarded = _guarded(view, lambda: _routes[name])
        _routes[name] = Route(path, name, guarded, tuple(str(code) for code in permissions), public, methods)
        return guarded

    return register
