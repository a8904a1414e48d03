"""What agents and leads do about a dispute: file, add files, comment, ask for the final instance, withdraw (QA7, Q18).

Who decides is in ``deciding``, what the clock does in ``lapsing``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from kefu.disputes import access, rules
from kefu.disputes.deciding import decide
from kefu.disputes.errors import AlreadyDisputed, NotBreached, PersonOnly, WindowClosed
from kefu.disputes.lapsing import sweep
from kefu.disputes.models import Dispute, DisputedItem, DisputeFile
from kefu.disputes.recording import check, move, note, ref, tell_changed, tell_filed, words
from kefu.disputes.terms import Terms, terms_of
from kefu.disputes.vocabulary import OPEN, State, StepKind
from kefu.kernel import audit, files
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid, Message, NotFound
from kefu.people.access import require
from kefu.people.permissions import Permission
from kefu.quality import access as quality_access
from kefu.quality import known
from kefu.quality import queries as quality

__all__ = ["Upload", "add_files", "ask_final", "comment", "decide", "file", "read_file", "sweep", "withdraw"]
MOST_FILES = 5
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file: its name and content."""

    name: str
    content: bytes


def file(*, actor: Actor, inspection_id: int, items: Sequence[str], reason: str, now: datetime, uploads: Sequence[Upload] = ()) -> Dispute:
    """Dispute items of a verdict about oneself, once each, while the window is open.

    Raises ``NotFound`` for what is not about oneself, ``WindowClosed``, ``NotBreached``, ``AlreadyDisputed``, ``Invalid``.
    """
    require(actor, Permission.DISPUTE_FILE)
    row = quality_access.get_inspection(actor, inspection_id)
    if actor.staff_id is None:
        raise PersonOnly
    if row.staff_id != actor.staff_id or not row.current:
        raise NotFound
    terms = terms_of(row.handbook, row.version)
    since = known.known_since([row])[row.pk]
    until = rules.ends(since, terms.appeal_days)
    if not terms.clause or now >= until:
        raise WindowClosed(day=rules.last_day(since, terms.appeal_days).isoformat())
    said = words(reason, least=terms.reason_least, field="reason")
    if len(uploads) > MOST_FILES:
        raise Invalid(fields={"files": _too_many()}, code="many_files")
    card = quality.card_of(actor, row.subject_kind, row.subject_id)
    wanted = list(dict.fromkeys(items))
    costs = {item.key: (item.points, item.money) for item in card.items if item.state == "breached"} if card else {}
    if not wanted or any(key not in costs for key in wanted):
        raise NotBreached(fields={"items": NotBreached.message})
    place = known.place_of(row)
    with transaction.atomic():
        made = Dispute.objects.create(
            site_id=row.site_id, staff_id=actor.staff_id, subject_kind=place.subject_kind, subject_id=place.subject_id,
            handbook=place.handbook, version_judged=place.version, scorecard=place.scorecard, day=row.day, reason=said,
            clause=terms.clause, ways=terms.ways, review_days=terms.review_days, final_days=terms.final_days,
            overdue_review=terms.overdue_review, overdue_final=terms.overdue_final, filed_at=now,
            due_at=rules.ends(now, terms.review_days), scored_by=sorted(known.scorers(row, wanted)), before_score=row.score,
        )  # fmt: skip
        try:
            with transaction.atomic():
                DisputedItem.objects.bulk_create([_item(made, key, costs[key]) for key in wanted])
        except IntegrityError as error:
            raise AlreadyDisputed from error
        note(actor, made, StepKind.FILED, now=now, text=said, data={"items": wanted})
        _keep(actor, made, uploads, now)
        tell_filed(made, tuple(wanted), now)
    return made


def _item(row: Dispute, key: str, cost: tuple[Decimal, Decimal]) -> DisputedItem:
    return DisputedItem(
        dispute=row, subject_kind=row.subject_kind, subject_id=row.subject_id, handbook=row.handbook, version_judged=row.version_judged,
        scorecard=row.scorecard, item_key=key, points=cost[0], money=cost[1],
    )  # fmt: skip


def _too_many() -> Message:
    return _("最多附 %(count)s 个文件。") % {"count": MOST_FILES}


def _keep(actor: Actor, row: Dispute, uploads: Sequence[Upload], now: datetime) -> int:
    made = 0
    for upload in uploads:
        kept = files.keep(upload.name, upload.content)
        _file, new = DisputeFile.objects.get_or_create(
            dispute=row, sha256=kept.sha256,
            defaults={"name": kept.name, "size": kept.size, "stored_as": kept.stored_as, "added_by": actor.name[:80], "added_at": now},
        )  # fmt: skip
        made += new
    return made


def _own(actor: Actor, dispute_id: int) -> Dispute:
    """One's own dispute; those of others are not found."""
    require(actor, Permission.DISPUTE_FILE)
    row = access.get_for(actor, dispute_id)
    if row.staff_id != actor.own_id:
        raise NotFound
    return row


def add_files(*, actor: Actor, dispute_id: int, uploads: Sequence[Upload], now: datetime) -> Dispute:
    """Hand in more files while it is open. Raises ``WrongState``, ``Invalid`` beyond the limit."""
    row = _own(actor, dispute_id)
    check(row, OPEN, None)
    if row.files.count() + len(uploads) > MOST_FILES:
        raise Invalid(fields={"files": _too_many()}, code="many_files")
    with transaction.atomic():
        count = _keep(actor, row, uploads, now)
        move(actor, row, StepKind.FILE, now=now, data={"files": count})
        tell_changed(row, StepKind.FILE, now)
    return row


def read_file(*, actor: Actor, dispute_id: int, file_id: int, now: datetime) -> files.Download:
    """One file of a dispute in reach; the look is recorded."""
    row = access.get_for(actor, dispute_id)
    found = DisputeFile.objects.filter(pk=file_id, dispute=row).first()
    if found is None:
        raise NotFound
    content = files.load(found.stored_as, found.sha256)
    audit.record(actor, "dispute.file_read", ref(row), now=now, site_id=row.site_id, data={"file": found.pk})
    return files.Download(found.name, content)


def comment(*, actor: Actor, dispute_id: int, text: str, now: datetime, expected_version: int | None = None) -> Dispute:
    """The lead's word before somebody decides; it decides nothing. Not on one's own dispute."""
    require(actor, Permission.DISPUTE_COMMENT)
    row = access.get_for(actor, dispute_id)
    if row.staff_id == actor.own_id:
        raise NotFound
    check(row, (State.REVIEW, State.FINAL), expected_version)
    said = words(text)
    with transaction.atomic():
        move(actor, row, StepKind.COMMENTED, now=now, text=said)
        tell_changed(row, StepKind.COMMENTED, now)
    return row


def ask_final(*, actor: Actor, dispute_id: int, reason: str, now: datetime, expected_version: int | None = None) -> Dispute:
    """Go to the final judge with what was upheld, once, while that window is open. Raises ``WindowClosed``, ``WrongState``, ``Stale``."""
    row = _own(actor, dispute_id)
    check(row, (State.DECIDED,), expected_version)
    if row.due_at is not None and now >= row.due_at:
        raise WindowClosed(day=_last_day(row))
    said = words(reason, field="reason")
    with transaction.atomic():
        move(actor, row, StepKind.ASKED_FINAL, now=now, text=said, state=State.FINAL, due_at=rules.ends(now, row.review_days))
        tell_changed(row, StepKind.ASKED_FINAL, now)
    return row


def _last_day(row: Dispute) -> str:
    return rules.last_day(row.due_at - _SECOND, 0).isoformat() if row.due_at else ""


def withdraw(*, actor: Actor, dispute_id: int, now: datetime, expected_version: int | None = None) -> Dispute:
    """Take it back before somebody decides. In the final instance the re-review then stands; else the items are free again."""
    row = _own(actor, dispute_id)
    check(row, (State.REVIEW, State.FINAL), expected_version)
    reviewed = row.reviewed_at is not None
    state = State.CLOSED if reviewed else State.WITHDRAWN
    with transaction.atomic():
        move(actor, row, StepKind.WITHDRAWN, now=now, state=state, due_at=None, closed_at=now)
        if not reviewed:
            row.items.update(live=False)
        tell_changed(row, StepKind.WITHDRAWN, now)
    return row


def terms_for(handbook: str, version: int) -> Terms:
    """Windows of the version that judged, for screens."""
    return terms_of(handbook, version)
