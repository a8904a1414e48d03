"""Who may read, write and put in force. Handbooks belong to the centre, not to a site: everybody signed in reads them."""

from django.db.models import QuerySet

from kefu.handbook.errors import HandbookDenied, HandbookNotFound
from kefu.handbook.models import HandbookVersion
from kefu.kernel.actor import Actor

VIEW = "handbook.view"
EDIT = "handbook.edit"
FORCE = "handbook.force"


def require(actor: Actor, permission: str) -> None:
    """Refuse unless the actor holds the permission; the refusal names it."""
    if not actor.may(permission):
        raise HandbookDenied(permission=permission)


def visible_to(actor: Actor) -> QuerySet[HandbookVersion]:
    """Versions the actor may see: all; drafts only for those who edit; none without the right to read."""
    if not actor.may(VIEW):
        return HandbookVersion.objects.none()
    rows = HandbookVersion.objects.all()
    return rows if actor.may(EDIT) else rows.exclude(state=HandbookVersion.State.DRAFT)


def get_for(actor: Actor, version_id: int) -> HandbookVersion:
    """One version, or not found."""
    found = visible_to(actor).filter(pk=version_id).first()
    if found is None:
        raise HandbookNotFound(name=str(version_id))
    return found
