"""What a clock shows: its state in a word, the remaining time, an icon; never colour alone (CASE4)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.utils import timezone

from kefu.console import times
from kefu.console.spoken import text as _


class ClockLike(Protocol):
    """The fields of a clock that can be seen."""

    @property
    def state(self) -> str: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def warn_at(self) -> datetime | None: ...
    @property
    def breached_at(self) -> datetime | None: ...
    @property
    def met_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class ClockFace:
    """``state`` is one of running, warn, breached, paused, met, late (met after the limit), cancelled; ``ticks`` while time counts."""

    state: str
    word: str
    text: str
    icon: str
    ticks: bool


def clock_face(clock: ClockLike, now: datetime | None = None) -> ClockFace:
    """The face of a clock at a moment."""
    now = now or timezone.now()
    if clock.state == "paused":
        return ClockFace("paused", _("已暂停"), _("已暂停"), "pause", ticks=False)
    if clock.state == "met":
        if clock.breached_at is not None or (clock.met_at is not None and clock.met_at > clock.due_at):
            return ClockFace("late", _("超时完成"), _("超时完成"), "clock-late", ticks=False)
        return ClockFace("met", _("按时完成"), _("按时完成"), "check-circle", ticks=False)
    if clock.state != "running":
        return ClockFace("cancelled", _("已停止"), _("已停止"), "close", ticks=False)
    left = times.duration(clock.due_at - now)
    if now >= clock.due_at:
        return ClockFace("breached", _("已超时"), _("超 %(time)s") % {"time": left}, "clock-late", ticks=True)
    text = _("剩 %(time)s") % {"time": left}
    if clock.warn_at is not None and now >= clock.warn_at:
        return ClockFace("warn", _("即将超时"), text, "time", ticks=True)
    return ClockFace("running", _("计时中"), text, "clock", ticks=True)
