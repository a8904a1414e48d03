"""Who may see fees: people of the site that signed; cards also those of the sites above, which apply below (SEC2)."""

from typing import TypeVar

from django.db.models import Model, QuerySet

from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission
from kefu.station.fees.models import DeliveryFee, FeeStatement, NetworkFee, RateCard

M = TypeVar("M", bound=Model)


def visible_to(actor: Actor) -> QuerySet[DeliveryFee]:
    """Fees of the sites in reach; none without the permission."""
    if not actor.may(Permission.FEE_VIEW):
        return DeliveryFee.objects.none()
    return people.in_reach(DeliveryFee.objects.all(), actor)


def get_for(actor: Actor, fee_id: int) -> DeliveryFee:
    """One fee in reach, or ``NotFound``."""
    return _one(visible_to(actor).select_related("site", "origin_site", "card", "statement"), fee_id)


def statements(actor: Actor) -> QuerySet[FeeStatement]:
    """Statements of the sites in reach."""
    if not actor.may(Permission.FEE_VIEW):
        return FeeStatement.objects.none()
    return people.in_reach(FeeStatement.objects.select_related("site"), actor)


def statement_for(actor: Actor, statement_id: int) -> FeeStatement:
    """One statement in reach, or ``NotFound``."""
    return _one(statements(actor), statement_id)


def network_fees(actor: Actor) -> QuerySet[NetworkFee]:
    """Lines of the network's statements of the sites in reach."""
    if not actor.may(Permission.FEE_VIEW):
        return NetworkFee.objects.none()
    return people.in_reach(NetworkFee.objects.all(), actor)


def cards(actor: Actor) -> QuerySet[RateCard]:
    """Cards of the sites in reach and of the sites above them."""
    rows = RateCard.objects.select_related("key__site")
    if not actor.may(Permission.FEE_VIEW):
        return rows.none()
    if actor.sites is None:
        return rows
    sites = people_queries.sites_by_id()
    lines = {int(part) for pk in actor.sites if pk in sites for part in sites[pk].path.split("/") if part}
    return rows.filter(key__site_id__in=sorted(lines | actor.sites))


def card_for(actor: Actor, card_id: int, *, change: bool = False) -> RateCard:
    """One card in reach, or ``NotFound``; to change it its own site must be in reach."""
    card = _one(cards(actor), card_id)
    if change:
        people.require_site(actor, card.key.site_id)
    return card


def _one(rows: QuerySet[M], pk: int) -> M:
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found
