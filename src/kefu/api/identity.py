"""Who calls: an integration by its token, or a person by their signed-in session (PLAT2, SEC2, SEC5)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from django.http import HttpRequest
from ninja.utils import check_csrf

from kefu.api.errors import ForgeryRefused, SignInNeeded, StandInRefused
from kefu.kernel.actor import Actor
from kefu.kernel.addresses import client_address
from kefu.people import access, actions, queries
from kefu.people.permissions import Role

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
ON_BEHALF_OF = "X-Kefu-On-Behalf-Of"


class ApiRequest(HttpRequest):
    """A request past the gate; ``actor`` is who calls."""

    actor: Actor


@dataclass(frozen=True, slots=True)
class Identity:
    """Who acts, and whose idempotency keys the request's are: those of different callers never meet."""

    actor: Actor
    caller: str


def identify(request: HttpRequest, now: datetime) -> Identity:
    """Who calls; raises ``SignInNeeded``, ``ForgeryRefused`` or ``StandInRefused``.

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
    return Identity(actor, f"staff:{actor.id}")


def _by_token(request: HttpRequest, shown: str, now: datetime) -> Identity:
    scheme, _, text = shown.partition(" ")
    token = queries.token_by_text(text.strip(), now) if scheme.lower() == "bearer" else None
    if token is None:
        raise SignInNeeded
    actor = replace(access.actor_for_token(token), ip=client_address(request))
    if token.used_at is None or now - token.used_at >= actions.TOKEN_USED_EVERY:
        actions.touch_token(actor=actor, now=now)
    staff_no = request.headers.get(ON_BEHALF_OF, "").strip()
    return Identity(_standing_in(actor, staff_no) if staff_no else actor, f"token:{actor.id}")


def _standing_in(token: Actor, staff_no: str) -> Actor:
    """The person an integration acts for: what both may, where both reach. Administrators are never stood in for."""
    staff = queries.staff_by_number(staff_no)
    if staff is None or not staff.is_active or staff.role == Role.ADMIN or not token.reaches(staff.site_id):
        raise StandInRefused(fields={ON_BEHALF_OF: StandInRefused.message})
    person = access.actor_for(staff)
    reach = person.sites if token.sites is None else token.sites if person.sites is None else person.sites & token.sites
    permissions = frozenset(one for one in person.permissions if token.may(one))
    return replace(person, name=f"{person.name}（{token.name}）"[:80], permissions=permissions, sites=reach, ip=token.ip)
