"""Who calls: an integration by its token, or a person by their signed-in session (PLAT2, SEC2, SEC5)."""

import ipaddress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from django.conf import settings
from django.http import HttpRequest
from ninja.utils import check_csrf

from kefu.api.errors import ForgeryRefused, SignInNeeded
from kefu.kernel.actor import Actor
from kefu.people import access, queries

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_USED_EVERY = timedelta(minutes=1)


class ApiRequest(HttpRequest):
    """A request past the gate; ``actor`` is who calls."""

    actor: Actor


def client_address(request: HttpRequest) -> str:
    """Address of the caller. A forwarded one counts only from a proxy the operator named."""
    peer = str(request.META.get("REMOTE_ADDR", ""))
    if peer in settings.KEFU_TRUSTED_PROXIES:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
        peer = next((hop for hop in reversed(hops) if hop not in settings.KEFU_TRUSTED_PROXIES), peer)
    try:
        return str(ipaddress.ip_address(peer))
    except ValueError:
        return ""


def identify(request: HttpRequest, now: datetime) -> Actor:
    """The actor of the request; raises ``SignInNeeded`` or ``ForgeryRefused``.

    Who shows a token is judged by the token alone: a wrong one never falls back to a session.
    """
    shown = request.headers.get("Authorization", "")
    if shown:
        return _by_token(request, shown, now)
    actor = cast("Actor | None", getattr(request, "actor", None))
    if actor is None:
        raise SignInNeeded
    if request.method not in SAFE_METHODS and check_csrf(request) is not None:
        raise ForgeryRefused
    return actor


def _by_token(request: HttpRequest, shown: str, now: datetime) -> Actor:
    scheme, _, text = shown.partition(" ")
    token = queries.token_by_text(text.strip(), now) if scheme.lower() == "bearer" else None
    if token is None:
        raise SignInNeeded
    if token.used_at is None or now - token.used_at >= _USED_EVERY:
        token.used_at = now
        token.save(update_fields=["used_at"])
    return replace(access.actor_for_token(token), ip=client_address(request))


def caller_of(actor: Actor) -> str:
    """Whose idempotency keys these are; keys of different callers never meet."""
    return f"{'token' if actor.kind == 'integration' else actor.kind}:{actor.id}"
