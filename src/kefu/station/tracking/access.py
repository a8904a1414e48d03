"""Whose carrier traces somebody sees (SEC2, R21): of parcels in sight, and of numbers that a site in reach asked about."""

from collections.abc import Collection

from django.db.models import QuerySet

from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.parcels import journeys
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission
from kefu.station.tracking.models import Box, CarrierAccount, CarrierAsk


def in_sight(actor: Actor, numbers: Collection[str]) -> frozenset[str]:
    """Those of the clean numbers whose carrier traces the actor may see."""
    if not actor.may(Permission.PARCEL_VIEW):
        return frozenset()
    wanted = sorted(set(numbers))
    asked = asks_visible_to(actor).filter(waybill__in=wanted).order_by().values_list("waybill", flat=True).distinct()
    return journeys.in_sight(actor, wanted) | frozenset(asked)


def asks_visible_to(actor: Actor) -> QuerySet[CarrierAsk]:
    """Questions that sites in reach put to carriers."""
    if not actor.may(Permission.PARCEL_VIEW):
        return CarrierAsk.objects.none()
    return people.in_reach(CarrierAsk.objects.all(), actor)


def accounts_visible_to(actor: Actor) -> QuerySet[CarrierAccount]:
    """Accounts of sites in reach, for who may edit them."""
    if not actor.may(Permission.CARRIER_EDIT):
        return CarrierAccount.objects.none()
    return people.in_reach(CarrierAccount.objects.all(), actor)


def account_for(actor: Actor, account_id: int) -> CarrierAccount:
    """One account, or ``NotFound``."""
    found = accounts_visible_to(actor).filter(pk=account_id).first()
    if found is None:
        raise NotFound
    return found


def accounts_serving(site_id: int | None) -> QuerySet[CarrierAccount]:
    """Accounts a site may use: its own and those of the sites above it; without a site those of all."""
    rows = CarrierAccount.objects.filter(is_active=True, stopped_by="")
    return rows if site_id is None else rows.filter(site_id__in=people_queries.line_of(site_id))


def boxes_of(actor: Actor) -> QuerySet[Box]:
    """The actor's own boxes; nobody sees another's."""
    return Box.objects.filter(owner_kind=actor.kind, owner_id=actor.id)


def box_for(actor: Actor, box_id: int) -> Box:
    """One of them, or ``NotFound``."""
    found = boxes_of(actor).filter(pk=box_id).first()
    if found is None:
        raise NotFound
    return found
