"""Around every request: who acts, what the browser may load, how errors are answered."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone

from kefu.console import content_policy, failures
from kefu.console.routes import to_own_password
from kefu.kernel.actor import Actor
from kefu.people import access, sign_in

# What is open to somebody whose password another person chose (SEC5).
_BEFORE_OWN_PASSWORD = frozenset({"/account/password", "/sign-out", "/alive", "/language", "/theme", "/script-failure"})
GetResponse = Callable[[HttpRequest], HttpResponseBase]


def client_address(request: HttpRequest) -> str:
    """Address of the browser. A forwarded one counts only from a proxy the operator named."""
    peer = str(request.META.get("REMOTE_ADDR", ""))
    if peer not in settings.KEFU_TRUSTED_PROXIES:
        return peer
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    return next((hop for hop in reversed(hops) if hop not in settings.KEFU_TRUSTED_PROXIES), peer)


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
