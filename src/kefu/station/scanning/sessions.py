"""Guns at work: opened with what they are set to, set anew, closed."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.errors import Invalid, Message, Stale
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission
from kefu.station.scanning.couriers import courier_of
from kefu.station.scanning.models import GunSession
from kefu.station.scanning.modes import REASONS, WITH_COURIER, WITH_NEXT, Mode
from kefu.station.scanning.notices import REFUSALS


@dataclass(frozen=True, slots=True)
class Setup:
    """What a gun is set to. ``courier`` is a 工号 or a name of the site; ``truck`` a seal or a wave (车签、班次).

    ``source`` ``import`` is a file, which may bring scans of long ago.
    """

    site_id: int
    mode: str
    courier: str = ""
    previous_site_id: int | None = None
    next_site_id: int | None = None
    truck: str = ""
    device: str = ""
    reason: str = ""
    note: str = ""
    operator: str = ""
    session_id: int | None = None
    source: str = "own"


def open_session(*, actor: Actor, setup: Setup, now: datetime) -> GunSession:
    """Start with these settings; a session still open is closed. Raises ``Invalid`` by field, ``NotFound`` for a site out of reach."""
    people.require(actor, Permission.PARCEL_SCAN)
    people.require_site(actor, setup.site_id)
    if setup.mode not in WITH_NEXT:  # a form keeps what was chosen for another mode; this one goes nowhere
        setup = replace(setup, next_site_id=None)
    if wrong := _wrong(setup):
        raise Invalid(fields=wrong)
    me = people_queries.me(actor)
    try:
        with transaction.atomic():
            _close(actor, now)
            session = GunSession.objects.create(
                site_id=setup.site_id,
                staff_id=actor.own_id,
                operator=me.staff_no if me else "",
                mode=setup.mode,
                courier=courier_of(setup.courier, setup.site_id).number if setup.mode in WITH_COURIER else "",
                previous_site_id=setup.previous_site_id,
                next_site_id=setup.next_site_id,
                truck=setup.truck,
                device=setup.device,
                reason=setup.reason,
                opened_at=now,
            )
            data = {"mode": setup.mode, "courier": session.courier}
            audit.record(actor, "gun.opened", Ref("gun_session", session.pk), now=now, site_id=setup.site_id, data=data)
    except IntegrityError as twice:
        raise Stale from twice
    return session


def close_session(*, actor: Actor, now: datetime) -> None:
    """Put the gun down."""
    people.require(actor, Permission.PARCEL_SCAN)
    _close(actor, now)


def current(actor: Actor) -> GunSession | None:
    """The gun this person has in hand."""
    if not actor.own_id:
        return None
    return GunSession.objects.filter(staff_id=actor.own_id, closed_at=None).select_related("site", "previous_site", "next_site").first()


def setup_of(session: GunSession) -> Setup:
    """As it was set."""
    return Setup(
        site_id=session.site_id,
        mode=session.mode,
        courier=session.courier,
        previous_site_id=session.previous_site_id,
        next_site_id=session.next_site_id,
        truck=session.truck,
        device=session.device,
        reason=session.reason,
        operator=session.operator,
        session_id=session.pk,
    )


def count(session_id: int, tones: list[str]) -> None:
    """Let the session's counts run on."""
    ok, warn, refused = (tones.count(tone) for tone in ("ok", "warn", "refused"))
    GunSession.objects.filter(pk=session_id).update(
        ok_count=F("ok_count") + ok, warn_count=F("warn_count") + warn, refused_count=F("refused_count") + refused
    )


def _close(actor: Actor, now: datetime) -> None:
    GunSession.objects.filter(staff_id=actor.own_id, closed_at=None).update(closed_at=now)


def _wrong(setup: Setup) -> dict[str, Message]:
    wrong: dict[str, Message] = {}
    known = people_queries.sites_by_id()
    if setup.mode not in Mode.values:
        wrong["mode"] = _("请选择扫描方式。")
    if setup.mode in WITH_COURIER and (courier := courier_of(setup.courier, setup.site_id)).problem:
        wrong["courier"] = str(REFUSALS[courier.problem]) % {"courier": courier.number}
    if setup.mode in REASONS and not setup.reason.strip():
        wrong["reason"] = REFUSALS["reason_missing"]
    if setup.mode == Mode.SEND and setup.next_site_id is None:
        wrong["next_site"] = REFUSALS["next_missing"]
    for name, site_id in (("previous_site", setup.previous_site_id), ("next_site", setup.next_site_id)):
        if site_id is not None and site_id not in known:
            wrong[name] = _("没有这个网点，请重新选择。")
    if len(setup.truck) > 40 or len(setup.device) > 40:
        wrong["truck"] = REFUSALS["too_long"]
    return wrong
