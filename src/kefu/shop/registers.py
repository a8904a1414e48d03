"""Rows of a shop's daily work as the ledgers read them: after-sales, urges, reminders in reach (SHOP7)."""

from django.db.models import QuerySet

from kefu.kernel.actor import Actor
from kefu.shop import access
from kefu.shop.models import Reminder, Sale, Urge


def sales(actor: Actor) -> QuerySet[Sale]:
    """Our work on refunds, with the refund, its order and shop."""
    return access.visible(actor, Sale).select_related("refund__order__shop")


def urges(actor: Actor) -> QuerySet[Urge]:
    """Urges (催单), with the order and its shop."""
    return access.visible(actor, Urge).select_related("order__shop")


def reminders(actor: Actor) -> QuerySet[Reminder]:
    """Reminders to pay (催付), with the order, its shop and who reminded."""
    return access.visible(actor, Reminder).select_related("order__shop", "staff")
