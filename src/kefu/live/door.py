"""Who a stream belongs to: the session behind a cookie, and whether it still stands (SEC5)."""

from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from kefu.live.hub import Listener
from kefu.people import access, sign_in


def session_key(cookies: str) -> str:
    """The session a request names; empty for a visitor."""
    try:
        found = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ""
    return found.value if found else ""


def listener(key: str) -> Listener | None:
    """The person of a session with their reach as it is now, or ``None`` when the session is over."""
    request: Any = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    user: Any = get_user(request)
    if not user.is_authenticated or not user.is_active or key not in sign_in.standing([key]):
        return None
    return Listener(key, access.actor_for(user))


def ended(keys: Iterable[str]) -> set[str]:
    """Those of these sessions that are over; one query for all."""
    wanted = set(keys)
    return wanted - sign_in.standing(wanted)
