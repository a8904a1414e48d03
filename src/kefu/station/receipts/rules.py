"""Which way a receipt goes and which step is next. Pure (O13)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kefu.station.receipts.vocabulary import SENT, Kind, State

_ACTS = {
    State.HERE.value: "site",
    State.SENT_BACK.value: "site",
    State.HUB_GOT.value: "hub",
    State.HUB_SENT.value: "hub",
    State.ORIGIN_HUB_GOT.value: "origin_hub",
    State.ORIGIN_HUB_SENT.value: "origin_hub",
    State.DELIVERED.value: "origin",
}


@dataclass(frozen=True, slots=True)
class Way:
    """The sites a receipt passes: delivering station, its hub, the sender's hub, the sender's station; unknown ones are left out."""

    site: int
    hub: int | None
    origin_hub: int | None
    origin: int | None
    electronic: bool = False

    def acting(self, state: int) -> int | None:
        """The site that may note a state; nothing when the way has no such site."""
        return {"site": self.site, "hub": self.hub, "origin_hub": self.origin_hub, "origin": self.origin}[_ACTS[state]]


@dataclass(frozen=True, slots=True)
class Days:
    """Limits in days, those the handbook states, and its clause."""

    register: float | None = None
    back: float | None = None
    transit: float | None = None
    overdue: float | None = None
    clause: str = ""


def chain(way: Way) -> tuple[int, ...]:
    """The states this receipt passes in order. An electronic one is registered and done; one hub for both sides is passed once;
    within one station it goes from hand to hand."""
    if way.electronic:
        return (State.HERE.value, State.DELIVERED.value)
    if way.origin == way.site:
        return (State.HERE.value, State.DELIVERED.value)
    states = [State.HERE.value, State.SENT_BACK.value]
    if way.hub is not None:
        states += [State.HUB_GOT.value, State.HUB_SENT.value]
    if way.origin_hub is not None and way.origin_hub != way.hub:
        states += [State.ORIGIN_HUB_GOT.value, State.ORIGIN_HUB_SENT.value]
    if way.origin is not None:
        states.append(State.DELIVERED.value)
    return tuple(states)


def next_state(way: Way, state: int) -> int | None:
    """The step behind ``state``; nothing at the end of the chain."""
    return next((one for one in chain(way) if one > state), None)


def skipped(way: Way, state: int, wanted: int) -> tuple[int, ...]:
    """Steps between that were not noted; empty when ``wanted`` may be noted now. An electronic receipt may close at once."""
    if way.electronic and wanted == State.DELIVERED.value:
        return ()
    return tuple(one for one in chain(way) if state < one < wanted)


def belongs(way: Way, wanted: int) -> bool:
    """Whether the chain has this step."""
    return wanted in chain(way)


def step_due(state: int, since: datetime | None, days: Days) -> datetime | None:
    """Until when the next step is to be noted, counted from when this one was; nothing when no limit is in force."""
    limit = days.register if state == State.UNREGISTERED else days.back if state == State.HERE else days.transit
    return None if since is None or limit is None else since + timedelta(days=limit)


def whole_due(signed_at: datetime | None, days: Days) -> datetime | None:
    """Until when the sender's station should have it."""
    return None if signed_at is None or days.overdue is None else signed_at + timedelta(days=days.overdue)


def days_over(due: datetime | None, until: datetime) -> int:
    """Days begun since it was due; 0 while it is in time."""
    return 0 if due is None or until <= due else (until - due).days + 1


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the chain as drawn: ``done`` with its moment, ``next``, ``later``, or ``passed`` over by an early end."""

    state: int
    mark: str
    at: datetime | None = None
    by: str = ""
    site_id: int | None = None
    courier_no: str = ""


def steps(way: Way, state: int, noted: Mapping[int, Step], *, closed: bool) -> Sequence[Step]:
    """Every step in order."""
    following = None if closed else next_state(way, state)
    found = []
    for one in chain(way):
        if one in noted:
            found.append(noted[one])
        else:
            mark = "next" if one == following else "passed" if closed or one < state else "later"
            found.append(Step(one, mark, site_id=way.acting(one)))
    return found


def is_sent(state: int) -> bool:
    """Whether it is under way between two sites."""
    return state in SENT


def is_electronic(kind: str) -> bool:
    """Whether nothing of paper goes back."""
    return kind == Kind.ELECTRONIC
