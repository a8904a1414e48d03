"""Write, answer and finish coaching notes; nominate, publish and withdraw passages."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from kefu.coaching import access
from kefu.coaching.errors import ClipState as WrongClipState
from kefu.coaching.errors import NoteDone
from kefu.coaching.events import NoteChanged
from kefu.coaching.models import Clip, Note
from kefu.coaching.vocabulary import ClipState, NoteState
from kefu.conversations import access as conversation_access
from kefu.conversations import queries as conversations
from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Conflict, Denied, Invalid, Message, NotFound, Stale
from kefu.people.access import get_staff, require
from kefu.people.permissions import Permission

LONGEST, LONGEST_STEP, LONGEST_TITLE, LONGEST_WHY, MOST_LINES = 2000, 300, 80, 500, 60


@dataclass(frozen=True, slots=True)
class NewNote:
    """A note about a person: what was seen, what is agreed until when; what it is about, if anything particular."""

    staff_id: int
    text: str
    next_step: str = ""
    due_on: date | None = None
    conversation_id: int | None = None
    line: int | None = None
    item_key: str = ""


@dataclass(frozen=True, slots=True)
class NewClip:
    """A passage: lines ``first`` to ``last`` (both included, from 0) of a conversation, and why it is good."""

    conversation_id: int
    first: int
    last: int
    title: str
    why: str
    item_key: str = ""
    tag: str = ""


def _said(text: str, field: str, most: int, wanted: Message) -> str:
    found = text.strip()
    if len(found) < 2:
        raise Invalid(fields={field: wanted}, code="no_text")
    if len(found) > most:
        raise Invalid(fields={field: _("内容过长，请控制在 %(count)s 字以内。") % {"count": most}}, code="long_text")
    return found


def _note_ref(row: Note) -> Ref:
    return Ref("coaching", row.pk)


def _tell(actor: Actor, row: Note, what: str, now: datetime) -> None:
    audit.record(actor, f"coaching.{what}", _note_ref(row), now=now, site_id=row.site_id, data={"state": str(row.state)})
    outbox.emit(NoteChanged(note_id=row.pk, site_id=row.site_id, staff_id=row.staff_id, state=str(row.state)), now=now)


def write_note(*, actor: Actor, new: NewNote, now: datetime) -> Note:
    """Coach somebody in reach, not oneself. Raises ``NotFound``, ``Denied``, ``Invalid``."""
    require(actor, Permission.COACHING_WRITE)
    staff = get_staff(actor, new.staff_id)
    if actor.staff_id is None:
        raise Denied(_("辅导由人来写。"))
    if staff.pk == actor.staff_id:
        raise Denied(_("不能给自己写辅导。"))
    if new.conversation_id is not None and conversation_access.get_for(actor, new.conversation_id).staff_id != staff.pk:
        raise NotFound
    said = _said(new.text, "text", LONGEST, _("请写明看到了什么、怎样更好。"))
    step = new.next_step.strip()
    if len(step) > LONGEST_STEP:
        raise Invalid(fields={"next_step": _("内容过长，请控制在 %(count)s 字以内。") % {"count": LONGEST_STEP}}, code="long_text")
    if bool(step) != (new.due_on is not None):
        raise Invalid(fields={"due_on" if step else "next_step": _("约定的下一步和完成日期要一起填写。")}, code="step_and_day")
    with transaction.atomic():
        row = Note.objects.create(
            site_id=staff.site_id, staff_id=staff.pk, author_id=actor.staff_id, conversation_id=new.conversation_id, line=new.line,
            item_key=new.item_key[:60], text=said, next_step=step, due_on=new.due_on, at=now,
        )  # fmt: skip
        _tell(actor, row, "written", now)
    return row


def answer_note(*, actor: Actor, note_id: int, answer: str, now: datetime, expected_version: int | None = None) -> Note:
    """The agent says what they make of it. Raises ``Denied`` for anybody else, ``NoteDone``, ``Stale``, ``Invalid``."""
    row = access.get_note(actor, note_id)
    if row.staff_id != actor.staff_id:
        raise Denied(_("由被辅导的客服本人回应。"))
    _open(row, expected_version)
    said = _said(answer, "answer", LONGEST, _("请写下您的回应。"))
    with transaction.atomic():
        save_claimed(row, answer=said, answered_at=now, state=NoteState.ANSWERED)
        _tell(actor, row, "answered", now)
    return row


def finish_note(*, actor: Actor, note_id: int, now: datetime, expected_version: int | None = None) -> Note:
    """What was agreed is done, says somebody who coaches. Raises ``NoteDone``, ``Stale``, ``Denied`` on one's own."""
    require(actor, Permission.COACHING_WRITE)
    row = access.get_note(actor, note_id)
    if row.staff_id == actor.staff_id:
        raise Denied(_("不能给自己的辅导标记完成。"))
    _open(row, expected_version)
    with transaction.atomic():
        save_claimed(row, state=NoteState.DONE, done_by=actor.name[:80], done_at=now)
        _tell(actor, row, "done", now)
    return row


def _open(row: Note, expected_version: int | None) -> None:
    if row.state == NoteState.DONE:
        raise NoteDone
    if expected_version is not None and row.version != expected_version:
        raise Stale


def nominate(*, actor: Actor, new: NewClip, now: datetime) -> Clip:
    """Put a passage of a conversation in reach forward; somebody who publishes decides. Raises ``NotFound``, ``Invalid``, ``Conflict``."""
    if not any(map(actor.may, access.READERS)):
        raise NotFound
    conversation = conversation_access.get_for(actor, new.conversation_id)
    lines = len(conversations.transcript(conversation.pk))
    if not 0 <= new.first <= new.last < lines or new.last - new.first >= MOST_LINES:
        message = _("请选择第 1 到第 %(count)s 句之间的一段，最多 %(most)s 句。") % {"count": lines, "most": MOST_LINES}
        raise Invalid(fields={"last": message}, code="bad_lines")
    title = _said(new.title, "title", LONGEST_TITLE, _("请写一个标题。"))
    why = _said(new.why, "why", LONGEST_WHY, _("请写明好在哪里。"))
    try:
        with transaction.atomic():
            row = Clip.objects.create(
                site_id=conversation.site_id, conversation_id=conversation.pk, first=new.first, last=new.last, title=title, why=why,
                item_key=new.item_key[:60], tag=new.tag.strip()[:40], nominated_by=actor.name[:80], nominated_by_id=actor.staff_id, at=now,
            )  # fmt: skip
            audit.record(actor, "clip.nominated", Ref("clip", row.pk), now=now, site_id=row.site_id)
    except IntegrityError as error:
        raise Conflict(_("这一段已经有人推荐过。"), code="clip_twice") from error
    return row


def publish(*, actor: Actor, clip_id: int, now: datetime) -> Clip:
    """Put it into the library. Raises ``ClipState``, ``Stale``."""
    return _decide(actor, clip_id, ClipState.PUBLISHED, (ClipState.NOMINATED, ClipState.WITHDRAWN), "published", now)


def withdraw(*, actor: Actor, clip_id: int, now: datetime) -> Clip:
    """Take it out of the library, or turn the nomination down. Raises ``ClipState``, ``Stale``."""
    return _decide(actor, clip_id, ClipState.WITHDRAWN, (ClipState.NOMINATED, ClipState.PUBLISHED), "withdrawn", now)


def _decide(actor: Actor, clip_id: int, state: ClipState, before: tuple[ClipState, ...], what: str, now: datetime) -> Clip:
    require(actor, Permission.CLIPS_PUBLISH)
    row = access.get_clip(actor, clip_id)
    if row.state not in before:
        raise WrongClipState(state=ClipState(row.state).label)
    with transaction.atomic():
        save_claimed(row, state=state, decided_by=actor.name[:80], decided_at=now)
        audit.record(actor, f"clip.{what}", Ref("clip", row.pk), now=now, site_id=row.site_id)
    return row
