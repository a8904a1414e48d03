"""A parcel's trace in words: progress, events, and whether it is late by which clause."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.console import times
from kefu.console.views import cases_words as words
from kefu.console.views.cases_words import Badge
from kefu.handbook import queries as handbooks
from kefu.handbook.errors import NotInForce
from kefu.handbook.schema import Handbook
from kefu.kernel.actor import Actor
from kefu.lists import parcel_words
from kefu.parcels import queries
from kefu.parcels.delay import Judgement
from kefu.parcels.queries import Trace, TraceLine
from kefu.parcels.vocabulary import ScanCode, ScanReason, Scope

_MARKS = {
    "collect": ("box", "accent"),
    "arrive": ("site", "quiet"),
    "deliver": ("truck", "accent"),
    "sign": ("check-circle", "good"),
    "agent_sign": ("check-circle", "good"),
    "out_store": ("check-circle", "good"),
    "problem": ("alert", "bad"),
    "refuse": ("close", "bad"),
    "hold": ("pause", "warn"),
    "return": ("undo", "warn"),
    "transfer": ("split", "warn"),
    "intercept": ("denied", "bad"),
    "in_store": ("site", "accent"),
    "self": ("person", "accent"),
}


@dataclass(frozen=True, slots=True)
class Stop:
    """A stage of the way: ``state`` is done, current or ahead."""

    title: str
    place: str
    at: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class Event:
    """A scan in words."""

    title: str
    icon: str
    tone: str
    who: str
    detail: str
    at: datetime
    late: bool
    sources: tuple[str, ...] = ()
    """Who told of it besides the own scan, by name."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement in words, with the clauses it stands on."""

    text: str
    tone: str
    basis: str
    clauses: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Tracked:
    """A waybill as pages show it."""

    trace: Trace
    state: Badge
    carrier: str
    scope: str
    stops: tuple[Stop, ...]
    events: tuple[Event, ...]
    verdict: Verdict | None
    last: Event | None


def state_badge(state: str) -> Badge:
    """Where a parcel stands."""
    return Badge(str(parcel_words.state_title(state)), parcel_words.state_tone(state))


def tracked(actor: Actor, waybill: str, *, now: datetime, follows: bool = False) -> Tracked:
    """The trace, judged by the handbook of the delivering site. Who asked is logged by the module, unless an open page only follows."""
    found = queries.trace(actor, waybill, now=now, book=lambda key: _book(key, now), follows=follows)
    events = tuple(event_of(line) for line in reversed(found.lines))
    header = found.header
    guess = found.guesses[0].carrier if found.guesses and not (header and header.carrier) else ""
    carrier = str(parcel_words.carrier_title(header.carrier)) if header and header.carrier else ""
    return Tracked(
        trace=found,
        state=state_badge(found.state.state),
        carrier=carrier or (_("可能是%(carrier)s") % {"carrier": parcel_words.carrier_title(guess)} if guess else ""),
        scope=str(Scope(header.scope).label) if header and header.scope in Scope.values else "",
        stops=_stops(found),
        events=events,
        verdict=verdict_of(found.judgement, actor),
        last=events[0] if events else None,
    )


def marks_of(code: str) -> tuple[str, str]:
    """Icon and tone of an event."""
    return _MARKS.get(code, ("scan", "quiet"))


def _book(key: str, now: datetime) -> Handbook | None:
    try:
        return handbooks.book_at(key, now)
    except NotInForce:
        return None


def event_of(line: TraceLine) -> Event:
    """A scan in words."""
    icon, tone = _MARKS.get(line.code, ("scan", "quiet"))
    title = str(ScanCode(line.code).label) if line.code in ScanCode.values else line.code
    parts = []
    if line.previous_site:
        parts.append(_("上一站 %(site)s") % {"site": line.previous_site})
    if line.next_site:
        parts.append(_("下一站 %(site)s") % {"site": line.next_site})
    if line.courier:
        parts.append(_("派件员 %(no)s") % {"no": line.courier})
    if line.reason:
        reason = ScanReason(line.reason).label if line.reason in ScanReason.values else line.reason
        parts.append(_("原因 %(reason)s") % {"reason": reason})
    if line.note:
        parts.append(line.note)
    late = (line.received_at - line.at).total_seconds() > 2 * 3600
    who = " ".join(part for part in (line.site, line.operator) if part)
    return Event(title, icon, tone, who, " · ".join(parts), line.at, late)


_COLLECTED, _MOVING, _HERE, _OUT, _SIGNED, _BACK = (
    gettext_lazy("收件"),
    gettext_lazy("运输"),
    gettext_lazy("到达派件网点"),
    gettext_lazy("派件"),
    gettext_lazy("签收"),
    gettext_lazy("退回"),
)
_STAGES: tuple[tuple[Promise, tuple[str, ...]], ...] = (
    (_COLLECTED, ("collect",)),
    (_MOVING, ("load", "send", "bag", "unbag", "arrive")),
    (_HERE, ()),
    (_OUT, ("deliver", "in_store", "self")),
    (_SIGNED, ("sign", "agent_sign", "out_store")),
)


def _first(lines: Iterable[TraceLine], codes: tuple[str, ...], site_id: int | None = None) -> TraceLine | None:
    return next((line for line in lines if line.code in codes and (site_id is None or line.site_id == site_id)), None)


def _stops(found: Trace) -> tuple[Stop, ...]:
    """The usual way of a parcel with the moments this one reached its stages; a return stands at the end."""
    site_id = found.header.site_id if found.header else None
    reached: list[tuple[str, TraceLine | None]] = []
    for name, codes in _STAGES:
        line = _first(found.lines, codes) if codes else _first(found.lines, ("arrive",), site_id) if site_id else None
        reached.append((str(name), line))
    if found.state.returned:
        reached[-1] = (str(_BACK), _first(found.lines, ("return",)))
    last = max((index for index, (_name, line) in enumerate(reached) if line is not None), default=-1)
    ended = found.state.state in ("signed", "returned")
    return tuple(
        Stop(
            title,
            line.site if line else "",
            line.at if line else None,
            "done" if index < last or (index == last and ended) else "current" if index == last else "ahead",
        )
        for index, (title, line) in enumerate(reached)
    )


def verdict_of(judged: Judgement | None, actor: Actor) -> Verdict | None:
    """A judgement in words."""
    if judged is None:
        return None
    late = times.duration(judged.late_by)
    said = {
        "not_collected": (_("尚未收件，时限未起算"), "quiet"),
        "no_limit": (_("手册没有规定这类快件的时限"), "quiet"),
        "on_time": (_("在时限内"), "good"),
        "attempted_on_time": (_("首次派送未超时"), "good"),
        "attempted_late": (_("首次派送已超时 %(time)s") % {"time": late}, "bad"),
        "late": (_("已延误 %(time)s") % {"time": late}, "bad"),
        "presumed_lost": (_("已达彻底延误，可按遗失处理（超时 %(time)s）") % {"time": late}, "bad"),
    }[judged.verdict.value]
    basis = ""
    if judged.due_at is not None:
        promised = judged.basis == "promised"
        basis = (_("承诺送达 %(time)s") if promised else _("应在 %(time)s 前首次派送")) % {"time": times.exact(judged.due_at)[:16]}
    clauses = tuple((words.clause_title(ref), words.clause_url(ref, actor)) for ref in judged.clauses)
    return Verdict(said[0], said[1], basis, clauses)
