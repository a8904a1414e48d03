"""Starting, stopping and going on with files on their way in. What is written is written by the kind's own actions."""

from datetime import datetime
from itertools import islice
from uuid import uuid4

from django.db import transaction
from django.utils.translation import get_language

from kefu.intake import access, catalogue, preview, uploads, work
from kefu.intake.errors import IntakeEnded, TooManyIntakes, UploadGone
from kefu.intake.models import Intake
from kefu.kernel.actor import Actor
from kefu.kernel.claims import claim
from kefu.people.access import require

# Records taken in while the page waits; more are for the worker.
AT_ONCE = 500
MOST_ACTIVE = 3
_WAITING = (Intake.State.QUEUED, Intake.State.RUNNING)
_RESUMABLE = (Intake.State.STOPPED, Intake.State.FAILED)


def start(*, actor: Actor, ticket: str, now: datetime) -> Intake:
    """Take the file of a preview in: a short one at once, a long one by the worker. The same ticket again is the same file.

    Raises ``UploadGone``, ``MissingPermission``, ``SiteNeeded``, ``NotFound``, ``Invalid``, ``TooManyIntakes``.
    """
    path, about = uploads.read_ticket(actor, ticket)
    started = access.visible_to(actor).filter(folder=path.parent.name).first()
    if started is not None:
        return started
    if not path.is_file() or "kind" not in about:
        raise UploadGone
    kind, site_id = catalogue.named(about["kind"]), about.get("site")
    source = preview.opened(actor, kind, path, site_id, now)
    _require_room(actor)
    short = sum(1 for _record in islice(source.records(), AT_ONCE + 1)) <= AT_ONCE
    with transaction.atomic():
        row = Intake.objects.create(
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_name=actor.name[:80],
            kind=kind.key,
            site_id=site_id,
            folder=path.parent.name,
            file_name=path.name,
            language=(get_language() or "")[:10],
            created_at=now,
            **({"state": Intake.State.RUNNING, "lease": uuid4().hex, "leased_until": now + work.LEASE} if short else {}),
        )
    if short:
        work.take_in(row, lambda: now)
        row.refresh_from_db()
    return row


def stop(*, actor: Actor, intake_id: int, now: datetime) -> Intake:
    """Stop a file on its way; what is stored stays. Raises ``NotFound``, ``IntakeEnded``."""
    row = access.get_for(actor, intake_id)
    waiting = Intake.objects.filter(pk=row.pk, state__in=_WAITING)
    if not claim(waiting, state=Intake.State.STOPPED, finished_at=now, lease="", leased_until=None):
        raise IntakeEnded
    row.refresh_from_db()
    return row


def resume(*, actor: Actor, intake_id: int) -> Intake:
    """Go on behind the last batch that was stored. Raises ``NotFound``, ``UploadGone``, ``IntakeEnded``, ``TooManyIntakes``."""
    row = access.get_for(actor, intake_id)
    require(actor, catalogue.named(row.kind).permission)
    if not uploads.path_of(row.folder, row.file_name).is_file():
        raise UploadGone
    _require_room(actor)
    ended = Intake.objects.filter(pk=row.pk, state__in=_RESUMABLE)
    if not claim(ended, state=Intake.State.QUEUED, failure="", finished_at=None, lease="", leased_until=None):
        raise IntakeEnded
    row.refresh_from_db()
    return row


def _require_room(actor: Actor) -> None:
    count = access.visible_to(actor).filter(state__in=_WAITING).count()
    if count >= MOST_ACTIVE:
        raise TooManyIntakes(count=count)
