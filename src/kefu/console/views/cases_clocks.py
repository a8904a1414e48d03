"""Clocks of a case as cards, and the reckoning of one spelled out: why it is due then (CASE4, HB4)."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kefu.clocks.explanation import RUNS, Step
from kefu.clocks.queries import ClockView, Explanation
from kefu.console import times
from kefu.console.views import cases_words as words
from kefu.handbook.posts import may_act_as, titles_of
from kefu.handbook.schema import Handbook
from kefu.kernel.actor import Actor
from kefu.kernel.wording import listed
from kefu.people.permissions import Permission


@dataclass(frozen=True, slots=True)
class ClockCard:
    """A clock with its words and what the reader may do about it."""

    view: ClockView
    title: str
    family: str
    law: bool
    target: str
    source: str
    clause_url: str
    reasons: tuple[tuple[str, str], ...]
    may_resume: bool
    pause_roles: str
    pausing: str


def card(view: ClockView, book: Handbook, actor: Actor, *, is_open: bool) -> ClockCard:
    """One clock. Pausing is offered to those the handbook names only."""
    clause = view.clause
    allowed = is_open and clause.pause is not None and actor.may(Permission.CLOCK_PAUSE) and may_act_as(book, clause.pause.who, actor.role)
    reasons = tuple((one.id, words.name(one)) for one in clause.pause.reasons) if clause.pause and allowed and view.may_pause else ()
    return ClockCard(
        view=view,
        title=words.name(clause),
        family=str(words.CLOCK_FAMILIES.get(view.family, view.family)),
        law=view.family == "law",
        target=times.duration(view.target_seconds),
        source=clause.source,
        clause_url=words.clause_url(view.clause_ref, actor),
        reasons=reasons,
        may_resume=allowed and view.state == "paused",
        pause_roles=titles_of(book, clause.pause.who) if clause.pause else "",
        pausing=_pausing(view, book) if view.open else "",
    )


def _pausing(view: ClockView, book: Handbook) -> str:
    """Who may let it stand still, and how long at most; the law's never does."""
    pause = view.clause.pause
    if pause is None:
        return _("不可暂停")
    cap = times.duration(int(pause.cap.total_seconds()))
    return _("%(who)s可暂停，合计至多 %(cap)s") % {"who": titles_of(book, pause.who), "cap": cap}


@dataclass(frozen=True, slots=True)
class Reckoning:
    """A line of the explanation: when, what, and how much time of which kind."""

    span: str
    words: str
    seconds: int
    runs: bool
    paused: bool


@dataclass(frozen=True, slots=True)
class Why:
    """The explanation of one clock in words."""

    card: ClockCard
    lines: tuple[Reckoning, ...]
    calendar: str
    calendar_note: str
    sums: str


def why(found: Explanation, book: Handbook, actor: Actor, *, is_open: bool) -> Why:
    """Steps in words; the running ones add up to the target."""
    calendar = book.calendars.get(found.clock.clause.calendar)
    return Why(
        card=card(found.clock, book, actor, is_open=is_open),
        lines=tuple(_line(step, found) for step in found.steps if step.code != "due"),
        calendar=words.name(calendar) if calendar else found.calendar_name,
        calendar_note=calendar.note if calendar and words.language() == "zh" else "",
        sums=_sums(found.elapsed_seconds, found.clock.target_seconds - found.elapsed_seconds, found.paused_seconds),
    )


def _sums(elapsed: int, left: int, paused: int) -> str:
    parts = [_("已用 %(time)s") % {"time": times.duration(elapsed)}]
    if left > 0:
        parts.append(_("还剩 %(time)s") % {"time": times.duration(left)})
    if paused:
        parts.append(_("暂停 %(time)s 不计") % {"time": times.duration(paused)})
    return listed(parts, "，") + _("。")


def _line(step: Step, found: Explanation) -> Reckoning:
    runs = step.kind in RUNS
    return Reckoning(_span(step.start, step.end), _words(step, found), step.seconds, runs, step.kind.value == "pause")


def _span(start: datetime, end: datetime) -> str:
    low, high = timezone.localtime(start), timezone.localtime(end)
    today = timezone.localtime()
    first = f"{times.calendar_day(low, today)} {low:%H:%M}"
    if low.date() == high.date():
        return f"{first}–{high:%H:%M}"
    if (high.hour, high.minute) == (0, 0) and (high - low).total_seconds() <= 86400:
        return f"{first}–24:00"
    return f"{first} – {times.calendar_day(high, today)} {high:%H:%M}"


def _words(step: Step, found: Explanation) -> str:
    days = step.days
    plain = {
        "window": _("工作时间，计时"),
        "special_day": _("特殊工作日，计时"),
        "makeup_day": _("调休上班，计时"),
        "holiday": _("节假日，不计时"),
        "break": _("午休或中间休息，不计时"),
        "off_hours": _("下班时间，不计时"),
        "rest_days": _("休息日，不计时"),
    }
    if step.code == "whole_days":
        return ngettext("%(count)s 个整天，计时", "%(count)s 个整天，计时", days) % {"count": days}
    if step.code == "condensed":
        return _("中间 %(count)s 段合并显示") % {"count": step.params.get("steps", "")}
    if step.code in ("pause", "pause_capped"):
        reasons = {one.id: words.name(one) for one in found.clock.clause.pause.reasons} if found.clock.clause.pause else {}
        named = listed(reasons.get(code, code) for code in str(step.params.get("reason", "")).split(",") if code)
        if step.code == "pause":
            return _("暂停（%(reason)s），不计时") % {"reason": named}
        return _("暂停已达上限（%(reason)s），继续计时") % {"reason": named}
    return plain.get(step.code, step.code)
