"""Who sees which file (SEC2): everybody their own, nobody else's content; auditors see that there was one in the audit log."""

from django.db.models import QuerySet

from kefu.exports.models import ExportFile
from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound


def visible_to(actor: Actor) -> QuerySet[ExportFile]:
    """The actor's own files."""
    return ExportFile.objects.filter(actor_kind=actor.kind, actor_id=actor.id)


def get_for(actor: Actor, export_id: int) -> ExportFile:
    """One's own file, or ``NotFound``."""
    found = visible_to(actor).filter(pk=export_id).first()
    if found is None:
        raise NotFound
    return found
