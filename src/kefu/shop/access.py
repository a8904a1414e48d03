"""Who sees the work of a shop: the people of its site (SEC2)."""

from typing import TypeVar

from django.db.models import Model, QuerySet

from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.people import access as people
from kefu.people.permissions import Permission

M = TypeVar("M", bound=Model)


def visible(actor: Actor, model: type[M]) -> QuerySet[M]:
    """Rows of a table of this room in reach; none without the permission."""
    rows = model._default_manager.all()
    return people.in_reach(rows, actor) if actor.may(Permission.ORDER_VIEW) else rows.none()


def get_for(actor: Actor, model: type[M], pk: int) -> M:
    """One row in reach to work on, or ``NotFound``; raises ``Denied`` for who may only look."""
    found = visible(actor, model).filter(pk=pk).first()
    if found is None:
        raise NotFound
    people.require(actor, Permission.ORDER_WORK)
    return found
