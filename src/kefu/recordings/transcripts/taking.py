"""Takes a transcript made elsewhere as what was said in a recorded call; what was wrong with it is said, not hidden (QA3)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.conversations import access as conversation_access
from kefu.conversations import actions as conversations
from kefu.conversations.lines import Line, Side
from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.errors import Message
from kefu.people import access as people
from kefu.people.permissions import Permission
from kefu.recordings import actions
from kefu.recordings.errors import TranscriptRefused
from kefu.recordings.events import RecordingHeard
from kefu.recordings.models import Recording
from kefu.recordings.transcripts.shapes import Sentence, Unreadable, read

SIZE_LIMIT = 20 * 1024 * 1024
REASONS: Mapping[str, Message] = {
    "size": gettext_lazy("文件超过 20 MB。"),
    "empty": gettext_lazy("文件是空的。"),
    "json": gettext_lazy("不是 JSON，请检查导出格式和编码（UTF-8）。"),
    "shape": gettext_lazy("认不出格式。支持阿里云、腾讯云、讯飞、whisper 的结果和本系统的 lines。"),
    "field": gettext_lazy("有句子的字段不对，没有导入任何内容。"),
    "nothing": gettext_lazy("没有任何文字。"),
}
_AGENT = frozenset({"agent", "客服", "坐席", "座席", "service", "0", "a", "speaker_0", "left"})
_CUSTOMER = frozenset({"customer", "客户", "用户", "user", "client", "1", "b", "speaker_1", "right"})
# How far sentences of both sides may cover each other before somebody is told.
_MUCH = 10.0


@dataclass(frozen=True, slots=True)
class Taken:
    """Lines stored, the shape they came in, and what was put right or looks odd, in words."""

    lines: int
    shape: str
    notes: tuple[str, ...]


def take(*, actor: Actor, conversation_id: int, content: bytes, now: datetime) -> Taken:
    """Store the words of a call in reach. Raises ``TranscriptRefused``, ``HasLines``."""
    people.require(actor, Permission.CONVERSATION_IMPORT)
    conversation = conversation_access.get_for(actor, conversation_id)
    row = Recording.objects.filter(conversation_id=conversation.pk, removed_at=None).first()
    shape, sentences = _read(content)
    lines, notes = lines_of(sentences, row.sides if row else ())
    if not lines:
        raise TranscriptRefused(why=REASONS["nothing"])
    replaces = row is not None and row.words_from == "engine"
    with transaction.atomic():
        conversations.set_lines(actor=actor, conversation_id=conversation.pk, lines=lines, now=now, replace_lines=replaces)
        if row is not None:
            done = {"state": Recording.State.DONE} if row.measured_at else {}
            Recording.objects.filter(pk=row.pk).update(words_from="import", engine="", failure="", transcribed_at=now, **done)
            row.refresh_from_db()
            actions.tell(row, now)
            outbox.emit(RecordingHeard(recording_id=row.pk, conversation_id=conversation.pk, site_id=row.site_id), now=now)
        audit.record(
            actor,
            "recording.words",
            Ref("conversation", conversation.pk),
            now=now,
            site_id=conversation.site_id,
            data={"shape": shape, "lines": len(lines)},
        )
    return Taken(len(lines), shape, tuple(notes))


def _read(content: bytes) -> tuple[str, list[Sentence]]:
    if not content.strip():
        raise TranscriptRefused(why=REASONS["empty"])
    if len(content) > SIZE_LIMIT:
        raise TranscriptRefused(why=REASONS["size"])
    try:
        plain = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise TranscriptRefused(why=REASONS["json"]) from error
    try:
        return read(
            {"lines": plain} if isinstance(plain, list) and plain and "side" in str(plain[0]) else {"sentences": plain, "all": plain}
        )
    except Unreadable as error:
        raise TranscriptRefused(why=REASONS[error.reason]) from error


def lines_of(sentences: Sequence[Sentence], sides: Sequence[str]) -> tuple[list[Line], list[str]]:
    """Lines in the order of their beginning, and what had to be put right."""
    notes: list[str] = []
    given = [one for one in sentences if one.text.strip()]
    backwards = sum(one.start is not None and one.end is not None and one.end < one.start for one in given)
    if backwards:
        notes.append(_("有 %(count)s 句结束早于开始，已按开始时间处理。") % {"count": backwards})
    negative = sum((one.start or 0) < 0 for one in given)
    if negative:
        notes.append(_("有 %(count)s 句开始时间为负数，已改为 0。") % {"count": negative})
    starts = [one.start for one in given if one.start is not None]
    unsorted = sum(second < first for first, second in pairwise(starts))
    if unsorted:
        notes.append(_("有 %(count)s 处时间倒退，已按开始时间重新排序。") % {"count": unsorted})
    side_of = _sides(given, sides, notes)
    ordered = sorted(given, key=lambda one: one.start or 0.0) if len(starts) == len(given) else list(given)
    lines = [_line(one, side_of[one.speaker]) for one in ordered]
    over = _overlapping(lines)
    if over >= _MUCH:
        notes.append(_("同一方的句子互相重叠共 %(seconds)s 秒，可能是分轨有误，语速不按这些句子计算。") % {"seconds": f"{over:.0f}"})
    return lines, notes


def _line(one: Sentence, side: Side) -> Line:
    start = None if one.start is None else round(max(0.0, one.start), 3)
    end = None if one.end is None or start is None else round(max(start, one.end), 3)
    confidence = None if one.confidence is None else round(one.confidence, 3)
    return Line(0, side, one.text.strip(), start, end, confidence)


def _sides(given: Sequence[Sentence], sides: Sequence[str], notes: list[str]) -> dict[str, Side]:
    """Who every speaker of the file is: by name, by the recording's channels, else in the order they begin to speak (the agent answers)."""
    speakers = list(dict.fromkeys(one.speaker for one in given))
    out: dict[str, Side] = {}
    channels = [one for one in speakers if one.isdecimal()]
    if channels:
        order = sides if len(sides) == 2 else ("agent", "customer")
        first = min(int(one) for one in channels)
        for one in channels:
            side = order[min(int(one) - first, 1)] if len(channels) > 1 else order[min(int(one), 1)]
            out[one] = "customer" if side == "customer" else "agent"
    for one in speakers:
        if one not in out and one in _AGENT:
            out[one] = "agent"
        elif one not in out and one in _CUSTOMER:
            out[one] = "customer"
    unknown = [one for one in speakers if one not in out]
    if unknown:
        if len(speakers) == 2 and len(unknown) == 2:
            out |= {unknown[0]: "agent", unknown[1]: "customer"}
            notes.append(_("文件没有说明谁是客服，已把先开口的一方当作客服，请核对。"))
        else:
            out |= dict.fromkeys(unknown, "system")
            notes.append(_("有句子分不清是谁说的，不按人判定。"))
    return out


def _overlapping(lines: Sequence[Line]) -> float:
    """Seconds in which sentences of the same side cover each other."""
    until: dict[str, float] = {}
    total = 0.0
    for line in lines:
        if line.at is None or line.end is None:
            continue
        total += max(0.0, min(until.get(line.side, 0.0), line.end) - line.at)
        until[line.side] = max(until.get(line.side, 0.0), line.end)
    return total
