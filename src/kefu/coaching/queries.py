"""Reads of notes, passages, and an agent's own page (QA2, QA8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from kefu.coaching import access
from kefu.coaching.models import Clip, Note
from kefu.conversations import queries as conversations
from kefu.kernel.actor import Actor
from kefu.kernel.masking import mask_text
from kefu.kernel.paging import CappedCount, Order, Page, capped_count, keyset_page
from kefu.people.permissions import Permission
from kefu.quality import queries as quality
from kefu.quality import wording

_ORDER = (Order("pk", descending=True),)


@dataclass(frozen=True, slots=True)
class NotesWanted:
    """Which notes; ``late``: not done although the agreed day is past."""

    state: str = ""
    staff_id: int | None = None
    site_id: int | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A note with its names."""

    id: int
    staff_id: int
    staff: str
    author: str
    author_id: int
    site_id: int
    site: str
    conversation_id: int | None
    line: int | None
    item_key: str
    text: str
    next_step: str
    due_on: date | None
    state: str
    at: datetime
    answer: str
    answered_at: datetime | None
    done_by: str
    done_at: datetime | None
    version: int


def notes(actor: Actor, wanted: NotesWanted, *, today: date) -> QuerySet[Note]:
    """Notes of a filter the actor may see."""
    exact = {"state": wanted.state, "staff_id": wanted.staff_id, "site_id": wanted.site_id}
    found = access.visible_notes(actor).filter(**{name: value for name, value in exact.items() if value})
    return found.filter(due_on__lt=today).exclude(state="done") if wanted.late else found


def notes_page(actor: Actor, wanted: NotesWanted, *, today: date, cursor: str | None = None, size: int = 50) -> Page[NoteRow]:
    """A page of notes, the newest first."""
    rows = notes(actor, wanted, today=today).select_related("staff", "author", "site")
    found = keyset_page(rows, _ORDER, size=size, cursor=cursor)
    return Page([_note(one) for one in found.rows], found.next, found.previous)


def notes_count(actor: Actor, wanted: NotesWanted, *, today: date) -> CappedCount:
    """How many, capped."""
    return capped_count(notes(actor, wanted, today=today))


def note(actor: Actor, note_id: int) -> NoteRow:
    """One note, or ``NotFound``."""
    return _note(access.get_note(actor, note_id))


def _note(one: Note) -> NoteRow:
    names = (
        "staff_id", "author_id", "site_id", "conversation_id", "line", "item_key", "text", "next_step", "due_on", "state", "at", "answer",
        "answered_at", "done_by", "done_at", "version",
    )  # fmt: skip
    plain: dict[str, Any] = {name: getattr(one, name) for name in names}
    return NoteRow(id=one.pk, staff=one.staff.name, author=one.author.name, site=one.site.name, **plain)


@dataclass(frozen=True, slots=True)
class ClipsWanted:
    """Which passages; ``text`` is looked for in title, reason and tag."""

    state: str = ""
    item: str = ""
    text: str = ""
    site_id: int | None = None


@dataclass(frozen=True, slots=True)
class ClipRow:
    """A passage in a list; lines are counted from 0."""

    id: int
    title: str
    why: str
    item_key: str
    tag: str
    state: str
    conversation_id: int
    first: int
    last: int
    site_id: int
    site: str
    nominated_by: str
    at: datetime
    decided_by: str
    version: int


def clips(actor: Actor, wanted: ClipsWanted) -> QuerySet[Clip]:
    """Passages of a filter the actor may see."""
    exact = {"state": wanted.state, "item_key": wanted.item, "site_id": wanted.site_id}
    found = access.visible_clips(actor).filter(**{name: value for name, value in exact.items() if value})
    for word in wanted.text.split()[:5]:
        found = found.filter(Q(title__icontains=word) | Q(why__icontains=word) | Q(tag__icontains=word))
    return found


def clips_page(actor: Actor, wanted: ClipsWanted, *, cursor: str | None = None, size: int = 50) -> Page[ClipRow]:
    """A page of passages, the newest first."""
    found = keyset_page(clips(actor, wanted).select_related("site"), _ORDER, size=size, cursor=cursor)
    return Page([_clip(one) for one in found.rows], found.next, found.previous)


def clips_count(actor: Actor, wanted: ClipsWanted) -> CappedCount:
    """How many, capped."""
    return capped_count(clips(actor, wanted))


def _clip(one: Clip) -> ClipRow:
    names = (
        "title", "why", "item_key", "tag", "state", "conversation_id", "first", "last", "site_id", "nominated_by", "at", "decided_by",
        "version",
    )  # fmt: skip
    plain: dict[str, Any] = {name: getattr(one, name) for name in names}
    return ClipRow(id=one.pk, site=one.site.name, **plain)


@dataclass(frozen=True, slots=True)
class ClipLine:
    """A line of a passage, masked."""

    number: int
    side: str
    text: str


def clip(actor: Actor, clip_id: int) -> tuple[ClipRow, tuple[ClipLine, ...]]:
    """One passage with its lines, masked; ``NotFound``."""
    found = access.get_clip(actor, clip_id)
    lines = conversations.transcript(found.conversation_id)[found.first : found.last + 1]
    return _clip(found), tuple(ClipLine(one.index, one.side, mask_text(one.text)) for one in lines)


@dataclass(frozen=True, slots=True)
class Learnt:
    """A finding about oneself: the sentence as it was said (masked), what was seen, the better phrase."""

    finding: Any
    sentence: str
    said: str
    better: str


def findings(actor: Actor, staff_id: int, *, since: date, until: date, size: int = 20) -> list[Learnt]:
    """The newest findings about a person with their sentences, in two queries."""
    wanted = quality.Filters(staff_id=staff_id, day_from=since, day_to=until)
    rows = [one for one in quality.findings_page(actor, wanted, size=size).rows if one.state != "dismissed"]
    talks = {one.subject_id for one in rows if one.subject_kind == "conversation" and one.line is not None}
    texts: Mapping[int, Sequence[Any]] = conversations.transcripts(talks) if talks else {}
    return [
        Learnt(one, _sentence(one, texts), wording.explained(one.item, one.code, one.detail), wording.better(one.detail)) for one in rows
    ]


def _sentence(one: Any, texts: Mapping[int, Sequence[Any]]) -> str:
    lines = texts.get(one.subject_id, ()) if one.subject_kind == "conversation" else ()
    return mask_text(lines[one.line].text)[:300] if one.line is not None and one.line < len(lines) else ""


def may_open(actor: Actor, staff_id: int) -> bool:
    """Whether the actor may open a person's page: their own, or of people they coach."""
    own = staff_id == actor.staff_id and actor.may(Permission.QUALITY_OWN)
    return own or (actor.may(Permission.COACHING_WRITE) and actor.may(Permission.QUALITY_VIEW))
