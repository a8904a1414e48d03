"""Who sees which notes and passages (SEC2)."""

from django.db.models import Q, QuerySet

from kefu.coaching.models import Clip, Note
from kefu.coaching.vocabulary import ClipState
from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.people.access import in_reach
from kefu.people.permissions import Permission

READERS = (Permission.COACHING_WRITE, Permission.QUALITY_OWN)
"""Who may open the pages: the first sees the notes of people in reach, the other their own."""


def visible_notes(actor: Actor) -> QuerySet[Note]:
    """Notes about oneself, or about people in reach."""
    rows = Note.objects.all()
    if actor.may(Permission.COACHING_WRITE):
        return in_reach(rows, actor)
    if actor.may(Permission.QUALITY_OWN) and actor.staff_id is not None:
        return rows.filter(staff_id=actor.staff_id)
    return rows.none()


def get_note(actor: Actor, note_id: int) -> Note:
    """One note, or ``NotFound``."""
    found = visible_notes(actor).select_related("staff", "author", "site").filter(pk=note_id).first()
    if found is None:
        raise NotFound
    return found


def visible_clips(actor: Actor) -> QuerySet[Clip]:
    """Published passages of the sites in reach; one's own nominations; all of them for who publishes."""
    if not any(map(actor.may, READERS)):
        return Clip.objects.none()
    rows = in_reach(Clip.objects.all(), actor)
    if actor.may(Permission.CLIPS_PUBLISH):
        return rows
    return rows.filter(Q(state=ClipState.PUBLISHED) | Q(nominated_by_id=actor.own_id or -1))


def get_clip(actor: Actor, clip_id: int) -> Clip:
    """One passage, or ``NotFound``."""
    found = visible_clips(actor).filter(pk=clip_id).first()
    if found is None:
        raise NotFound
    return found
