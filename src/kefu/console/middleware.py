"""Around every request: who acts, what the browser may load, how errors are answered."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.utils import timezone

from kefu.console import content_policy, failures
from kefu.console.routes import to_own_password
from kefu.kernel.actor import Actor
from kefu.kernel.addresses import client_address
from kefu.kernel.texts import fits, storable
from kefu.people import access, sign_in

# What is open to somebody whose password another person chose (SEC5).
_BEFORE_OWN_PASSWORD = frozenset({"/account/password", "/sign-out", "/alive", "/language", "/theme", "/script-failure"})
GetResponse = Callable[[HttpRequest], HttpResponseBase]


class ActorMiddleware:
    """Sets ``request.actor``, ``None`` for a visitor. A session that was ended elsewhere is over with its next request (SEC5)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            actor = self._actor(request)
        except (OperationalError, InterfaceError) as error:
            return failures.respond(request, error)
        request.actor = actor  # type: ignore[attr-defined]
        if actor is not None and getattr(request.user, "must_set_password", False) and request.path not in _BEFORE_OWN_PASSWORD:
            return to_own_password(request)
        response = self.get_response(request)
        if actor is not None and "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-cache"
        return response

    @staticmethod
    def _actor(request: HttpRequest) -> Actor | None:
        if request.path.startswith(settings.STATIC_URL) or not request.COOKIES.get(settings.SESSION_COOKIE_NAME):
            return None
        user = request.user
        if not user.is_authenticated or not user.is_active:
            return None
        key = request.session.session_key
        if key is None or not sign_in.touch_session(session_key=key, now=timezone.now()):
            logout(request)
            return None
        return access.actor_for(user, ip=client_address(request))


class CleanTextMiddleware:
    """What forms and addresses carry can be stored: characters no database holds are taken out before a view sees them.

    The API cleans what it reads itself.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: object, _args: object, _kwargs: object) -> None:
        """Django's hook, behind the CSRF check, which has read the form already."""
        if request.path.startswith("/api/"):
            return
        if not fits(request.path):
            raise Http404
        request.GET = _clean(request.GET)  # type: ignore[assignment]
        if request.method == "POST":
            request.POST = _clean(request.POST)  # type: ignore[assignment]


def _clean(given: QueryDict) -> QueryDict:
    if all(fits(name) and all(map(fits, values)) for name, values in given.lists()):
        return given
    found = QueryDict(mutable=True)
    for name, values in given.lists():
        found.setlist(storable(name), [storable(value) for value in values])
    found._mutable = False
    return found


class ContentSecurityPolicyMiddleware:
    """No script, style, frame or form from anywhere but here; nothing inline."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return content_policy.apply(self.get_response(request))


class ErrorPageMiddleware:
    """Answers the errors of views in the reader's language."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Django's hook; in debug mode unforeseen errors keep Django's own page."""
        if settings.DEBUG and failures.describe(error).status == 500:
            return None
        return failures.respond(request, error)
