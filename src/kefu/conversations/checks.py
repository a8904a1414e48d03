"""Which conversations cannot be taken, and why. Pure."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from kefu.conversations.drafts import ConversationDraft
from kefu.conversations.lines import Line, in_order
from kefu.kernel.errors import Message
from kefu.parcels.waybills import clean_waybill

CLOCK_DRIFT = timedelta(minutes=5)
MOST_LINES = 20_000
MOST_CHARACTERS = 2_000_000
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LONGEST = timedelta(days=31)
_CHANNELS = frozenset({"call", "chat", "email", "form"})
# What rules may ask of a call besides its text (QA2); the unit of ``wait`` is seconds.
_FACTS: dict[str, type | tuple[type, ...]] = {
    "ended_by": str,
    "transferred_in": bool,
    "transferred_out": bool,
    "direction": str,
    "queue": str,
    "wait": (int, float),
    "rating": (int, float),
}

REASONS: dict[str, Message] = {
    "empty_id": _("缺少会话编号；没有编号的会话无法判断是否已导入。"),
    "no_lines": _("会话没有任何内容。"),
    "unknown_channel": _("渠道应为 call、chat、email 或 form。"),
    "unknown_site": _("站点不存在，或不在您的权限范围内。"),
    "no_time": _("缺少开始时间或时区。"),
    "future": _("开始时间晚于当前时间。"),
    "too_old": _("开始时间早于 2000 年。"),
    "ends_before_start": _("结束时间早于开始时间。"),
    "time_out_of_range": _("某句话的时间早于会话开始，或超出会话 31 天。"),
    "too_long": _("会话过长，最多 2 万句、200 万字。"),
    "field_too_long": _("编号、工号、运单号等内容超过字段长度。"),
    "id_in_use": _("此编号已有另一段内容不同的会话。"),
}


def tidy(draft: ConversationDraft) -> ConversationDraft:
    """The draft with clean ids, its lines in order and its end worked out from the last line."""
    lines = in_order(draft.lines)
    ended = draft.ended_at
    last = max((moment for line in lines for moment in (line.at, line.end) if moment is not None), default=0.0)
    if ended is None and 0 < last < _LONGEST.total_seconds() and draft.started_at.year < 9999:
        ended = draft.started_at + timedelta(seconds=last)
    return replace(
        draft,
        source=_token(draft.source),
        external_id=_token(draft.external_id),
        staff_no=_token(draft.staff_no),
        waybill=clean_waybill(draft.waybill),
        disposition=_token(draft.disposition),
        lines=_forwards(lines),
        ended_at=ended,
        facts={name: draft.facts[name] for name, kind in _FACTS.items() if isinstance(draft.facts.get(name), kind)},
    )


def tidy_lines(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Lines as they are kept: without empty ones, in order, none ending before it begins."""
    return _forwards(in_order(lines))


def _forwards(lines: Sequence[Line]) -> tuple[Line, ...]:
    return tuple(replace(line, end=line.at) if _backwards(line) else line for line in lines)


def lines_problem(lines: Sequence[Line]) -> str | None:
    """Code of the first thing wrong with tidy lines."""
    longest = _LONGEST.total_seconds()
    times = [moment for line in lines for moment in (line.at, line.end) if moment is not None]
    if not all(0 <= moment <= longest for moment in times):
        return "time_out_of_range"
    return "too_long" if len(lines) > MOST_LINES or sum(len(line.text) for line in lines) > MOST_CHARACTERS else None


def _token(text: str) -> str:
    """Without what cannot be seen: control and format characters, which would make two ids look alike."""
    return "".join(character for character in text if unicodedata.category(character) not in ("Cc", "Cf", "Cs")).strip()


def _backwards(line: Line) -> bool:
    return line.at is not None and line.end is not None and line.end < line.at


def problem(draft: ConversationDraft, now: datetime, reaches: Callable[[int], bool]) -> str | None:
    """Code of the first thing wrong with a tidy draft."""
    if not draft.external_id or not draft.source:
        return "empty_id"
    if not reaches(draft.site_id):
        return "unknown_site"
    if draft.channel not in _CHANNELS:
        return "unknown_channel"
    return _time_problem(draft, now) or _size_problem(draft)


def _time_problem(draft: ConversationDraft, now: datetime) -> str | None:
    if draft.started_at.tzinfo is None or (draft.ended_at is not None and draft.ended_at.tzinfo is None):
        return "no_time"
    if draft.started_at > now + CLOCK_DRIFT:
        return "future"
    if draft.started_at < _EARLIEST:
        return "too_old"
    if draft.ended_at is not None and draft.ended_at < draft.started_at:
        return "ends_before_start"
    return None


def _size_problem(draft: ConversationDraft) -> str | None:
    # What was said in a recorded call may be found later.
    if not draft.lines and not (draft.recording and draft.channel == "call"):
        return "no_lines"
    if reason := lines_problem(draft.lines):
        return reason
    limits = (
        (draft.source, 40),
        (draft.external_id, 120),
        (draft.staff_no, 20),
        (draft.waybill, 40),
        (draft.disposition, 40),
        (draft.language, 10),
        (draft.recording, 200),
    )
    return "field_too_long" if any(len(text) > limit for text, limit in limits) else None
