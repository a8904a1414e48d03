"""Rows of claims as the ledgers read them: shares of liability, and who agreed to what (SHOP7)."""

from collections.abc import Collection, Mapping

from django.db.models import QuerySet

from kefu.claims import access
from kefu.claims.models import Approval, LiabilityShare
from kefu.kernel.actor import Actor
from kefu.people.access import in_reach
from kefu.people.permissions import Permission


def shares(actor: Actor) -> QuerySet[LiabilityShare]:
    """Shares of the claims in reach, with their claim; none without the permission."""
    rows = LiabilityShare.objects.select_related("claim", "claim__site")
    return in_reach(rows, actor, "claim__site_id") if actor.may(Permission.CLAIM_VIEW) else rows.none()


def agreed_by(actor: Actor, claim_ids: Collection[int]) -> Mapping[int, str]:
    """Who agreed last to each of the claims, in their round; one query."""
    seen = access.visible_to(actor).filter(pk__in=list(claim_ids)).values("pk")
    rows = Approval.objects.filter(claim__in=seen, agreed=True).order_by("pk").values_list("claim_id", "by")
    return dict(rows)
