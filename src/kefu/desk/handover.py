"""Hand-over notes of a site for the next shift: a short text, perhaps about a case, that each person takes note of once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from kefu.cases import access as cases
from kefu.desk.models import HandoverAck, HandoverNote
from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.errors import Denied, Invalid, NotFound
from kefu.people.access import require
from kefu.people.permissions import Permission

TEXT_LIMIT = 500
SHOWN_FOR = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Left:
    """A note as people see it; ``case`` is the number of the case it is about."""

    id: int
    author: str
    mine: bool
    text: str
    at: datetime
    case_id: int | None
    case: str
    acknowledged: bool
    acknowledged_by: tuple[str, ...]


def leave(*, actor: Actor, text: str, now: datetime, case_id: int | None = None) -> HandoverNote:
    """Leave a note for the people of one's site."""
    require(actor, Permission.CASE_WORK)
    if actor.staff_id is None or actor.site_id is None:
        raise Denied(_("只有登录的人员可以使用工作台。"), code="person_only")
    if not 0 < len(text.strip()) <= TEXT_LIMIT:
        raise Invalid(fields={"text": _("请填写交接内容（500 字以内）。")})
    case = cases.get_for(actor, case_id) if case_id is not None else None
    with transaction.atomic():
        row = HandoverNote.objects.create(site_id=actor.site_id, author_id=actor.staff_id, case=case, text=text.strip(), at=now)
        audit.record(actor, "handover.left", Ref("handover", row.pk), now=now, site_id=actor.site_id, data={"case": case_id})
    return row


def _visible(actor: Actor) -> QuerySet[HandoverNote]:
    """Notes of one's own site; nobody else's concern."""
    return HandoverNote.objects.filter(site_id=actor.site_id or 0) if actor.may(Permission.CASE_VIEW) else HandoverNote.objects.none()


def notes(actor: Actor, *, now: datetime, open_only: bool = False, limit: int = 50) -> list[Left]:
    """Notes of the last three days at one's site, newest first; ``open_only`` those of others one has not taken note of."""
    mine = HandoverAck.objects.filter(note=OuterRef("pk"), staff_id=actor.own_id)
    rows = _visible(actor).filter(at__gt=now - SHOWN_FOR).annotate(known=Exists(mine))
    if open_only:
        rows = rows.filter(known=False).exclude(author_id=actor.own_id)
    rows = rows.select_related("author", "case").prefetch_related("acks__staff").order_by("-at", "-pk")
    return [_left(row, actor) for row in rows[:limit]]


def _left(row: HandoverNote, actor: Actor) -> Left:
    by = tuple(ack.staff.name for ack in sorted(row.acks.all(), key=lambda ack: ack.pk))
    known = row.known  # type: ignore[attr-defined]
    number = row.case.number if row.case is not None else ""
    return Left(row.pk, row.author.name, row.author_id == actor.own_id, row.text, row.at, row.case_id, number, known, by)


def acknowledge(*, actor: Actor, note_id: int, now: datetime) -> None:
    """Take note; twice is the same."""
    row = _visible(actor).filter(pk=note_id).first()
    if row is None or actor.staff_id is None:
        raise NotFound
    with transaction.atomic():
        _ack, made = HandoverAck.objects.get_or_create(note=row, staff_id=actor.staff_id, defaults={"at": now})
        if made:
            audit.record(actor, "handover.acknowledged", Ref("handover", row.pk), now=now, site_id=row.site_id)


def withdraw(*, actor: Actor, note_id: int, now: datetime) -> None:
    """Take one's own note back."""
    row = _visible(actor).filter(pk=note_id, author_id=actor.own_id).first()
    if row is None:
        raise NotFound
    with transaction.atomic():
        audit.record(actor, "handover.withdrawn", Ref("handover", row.pk), now=now, site_id=row.site_id)
        row.delete()
