"""Which move is allowed from which state, what the gateway answers to one that is not, and the score card. Pure (O2, O16)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from kefu.station.pickups.vocabulary import State

_S = State
# Move: states it is allowed from, state it leads to.
MOVES: dict[str, tuple[tuple[State, ...], State]] = {
    "assign": ((_S.POOL,), _S.ASSIGNED),
    "accept": ((_S.ASSIGNED,), _S.ACCEPTED),
    "refuse": ((_S.ASSIGNED, _S.ACCEPTED, _S.DISPATCHED), _S.POOL),
    "dispatch": ((_S.ACCEPTED, _S.DISPATCHED), _S.DISPATCHED),
    "transfer": ((_S.ASSIGNED, _S.ACCEPTED, _S.DISPATCHED), _S.ASSIGNED),
    "collect": ((_S.ACCEPTED, _S.DISPATCHED), _S.COLLECTED),
    "cancel": ((_S.POOL, _S.ASSIGNED, _S.ACCEPTED, _S.DISPATCHED), _S.CANCELLED),
    "update": ((_S.POOL, _S.ASSIGNED, _S.ACCEPTED, _S.DISPATCHED), _S.POOL),
    "sign": ((_S.COLLECTED, _S.FAILED), _S.DONE),
    "fail": ((_S.COLLECTED,), _S.FAILED),
}
# What the gateway of a carrier calls an order that is past the move (B01–B08 of O2).
_GATEWAY = {
    _S.POOL: "B01",
    _S.ASSIGNED: "B01",
    _S.ACCEPTED: "B02",
    _S.DISPATCHED: "B02",
    _S.COLLECTED: "B04",
    _S.DONE: "B06",
    _S.FAILED: "B07",
    _S.CANCELLED: "B08",
}


def allowed(move: str, state: str) -> bool:
    """Whether the move may be made from the state."""
    return State(state) in MOVES[move][0]


def after(move: str) -> State:
    """The state a move leads to."""
    return MOVES[move][1]


def refusal_code(state: str, *, refused: bool = False) -> str:
    """The gateway's code for an order in this state that a move does not fit; B03 for one that was refused and is in the pool again."""
    if refused and state == State.POOL:
        return "B03"
    return _GATEWAY[State(state)]


@dataclass(frozen=True, slots=True)
class Spell:
    """What happened to an order at one site, for the score card: moments in UTC, none when it did not come to it."""

    assigned_at: datetime
    accept_due_at: datetime | None
    accepted_at: datetime | None
    collect_due_at: datetime | None
    collected_at: datetime | None
    refused_at: datetime | None
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class Score:
    """A site's score card. Rates are shares of 1, none where nothing was counted."""

    orders: int
    accepted: int
    refused: int
    transferred: int
    collected: int
    collected_in_time: int
    late_accept: int
    late_collect: int

    @property
    def accept_rate(self) -> float | None:
        """接单率: accepted of assigned."""
        return self.accepted / self.orders if self.orders else None

    @property
    def refuse_rate(self) -> float | None:
        """拒绝率: refused of assigned."""
        return self.refused / self.orders if self.orders else None

    @property
    def in_time_rate(self) -> float | None:
        """取件及时率: collected in time, of those collected and those that are overdue."""
        due = self.collected_in_time + self.late_collect
        return self.collected_in_time / due if due else None


def late(due: datetime | None, done: datetime | None, left: datetime | None, now: datetime) -> bool:
    """Whether a deadline was broken: done behind it, or not done when it passed while the order was here."""
    return due is not None and (done or left or now) > due


def score(spells: Iterable[Spell], now: datetime) -> Score:
    """Count the spells. A collection counts as late when it came, or is, behind its deadline."""
    found = list(spells)
    late_collect = [one for one in found if one.accepted_at and late(one.collect_due_at, one.collected_at, one.left_at, now)]
    return Score(
        orders=len(found),
        accepted=sum(one.accepted_at is not None for one in found),
        refused=sum(one.refused_at is not None for one in found),
        transferred=sum(one.left_at is not None and one.refused_at is None and one.collected_at is None for one in found),
        collected=sum(one.collected_at is not None for one in found),
        collected_in_time=sum(
            one.collected_at is not None and not late(one.collect_due_at, one.collected_at, one.left_at, now) for one in found
        ),
        late_accept=sum(late(one.accept_due_at, one.accepted_at or one.refused_at, one.left_at, now) for one in found),
        late_collect=len(late_collect),
    )
