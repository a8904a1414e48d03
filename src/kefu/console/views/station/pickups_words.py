"""Pick-up orders in words: steps, history, clocks, score cards, figures of the board."""

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.clocks.queries import ClockView
from kefu.console.views import cases_words as words
from kefu.console.views.station.figure import Figure
from kefu.kernel.actor import Actor
from kefu.people import queries as people
from kefu.station.pickups import queries
from kefu.station.pickups.queries import MoveLine, Wanted
from kefu.station.pickups.rules import Score
from kefu.station.pickups.vocabulary import Reason, State, What

_WAY = (State.POOL, State.ASSIGNED, State.ACCEPTED, State.DISPATCHED, State.COLLECTED, State.DONE)
_SAID: dict[str, Promise] = {
    "assign": gettext_lazy("已分配网点。"),
    "accept": gettext_lazy("已接单，取件时限开始计算。"),
    "dispatch": gettext_lazy("已派业务员。"),
    "collect": gettext_lazy("已取件，收件扫描已记录。"),
    "refuse": gettext_lazy("已拒单，订单回到待分配。"),
    "transfer": gettext_lazy("已转给其他网点。"),
    "cancel": gettext_lazy("订单已取消。"),
    "case": gettext_lazy("已转为工单。"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of the way: done, current or ahead."""

    title: str
    state: str


@dataclass(frozen=True, slots=True)
class Line:
    """Something that happened, in words."""

    title: str
    who: str
    at: datetime
    detail: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """A clock with its clause."""

    title: str
    view: ClockView
    clause: str
    clause_url: str


@dataclass(frozen=True, slots=True)
class Card:
    """A score card in words; ``href`` opens the site's orders of these days."""

    site: str
    score: Score
    accept_rate: str
    in_time_rate: str
    refuse_rate: str
    href: str


def done(move: str) -> str:
    """What is said when a move was made."""
    return str(_SAID[move])


def steps(state: str) -> list[Step]:
    """The way of an order with its place on it; one that ended elsewhere has no current step."""
    if state not in [one.value for one in _WAY]:
        return [Step(str(one.label), "ahead") for one in _WAY]
    here = _WAY.index(State(state))
    ended = state == State.DONE
    return [
        Step(str(one.label), "done" if place < here or (ended and place == here) else "current" if place == here else "ahead")
        for place, one in enumerate(_WAY)
    ]


def line(move: MoveLine) -> Line:
    """A move in words."""
    data = move.data
    names = people.sites_by_id()
    parts = []
    if data.get("site") and (site := names.get(data["site"])) is not None:
        parts.append(site.name)
    if data.get("courier"):
        parts.append(_("业务员 %(no)s") % {"no": data["courier"]})
    if data.get("waybill"):
        parts.append(_("运单号 %(no)s") % {"no": data["waybill"]})
    if data.get("reason") in Reason.values:
        parts.append(str(Reason(data["reason"]).label))
    if data.get("note"):
        parts.append(data["note"])
    return Line(str(What(move.what).label), move.actor_name, move.at, " · ".join(parts))


def clock(view: ClockView, actor: Actor) -> Deadline:
    """A clock in words."""
    return Deadline(words.name(view.clause), view, words.clause_title(view.clause_ref), words.clause_url(view.clause_ref, actor))


def _share(value: float | None) -> str:
    return "—" if value is None else f"{value:.1%}"


def _address(**query: object) -> str:
    return f"{reverse('console:station-pickups')}?{urlencode({name: value for name, value in query.items() if value})}"


def score(site: str, site_id: int, found: Score, since: date, until: date) -> Card:
    """A site's card."""
    return Card(
        site,
        found,
        _share(found.accept_rate),
        _share(found.in_time_rate),
        _share(found.refuse_rate),
        _address(site=site_id, **{"from": since.isoformat(), "to": until.isoformat()}),
    )


def figures(actor: Actor, now: datetime) -> list[Figure]:
    """For the board: what is overdue, what waits to be accepted, what is to be collected."""
    late = queries.count(actor, Wanted(late=True), now=now)
    waiting = queries.count(actor, Wanted(state=State.ASSIGNED), now=now)
    pool = queries.pool_count(actor)
    found = [
        Figure(_("已超时"), late, _address(late="1"), "bad" if late.value else ""),
        Figure(_("待接单"), waiting, _address(state="assigned"), "warn" if waiting.value else ""),
        Figure(_("未取件"), queries.count(actor, Wanted(open_only=True), now=now), _address(open="1")),
    ]
    return [*found, Figure(_("待分配"), pool, _address(state="pool"), "warn")] if pool.value else found
