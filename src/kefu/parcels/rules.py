"""Where a parcel stands, from its scans. Pure: the same scans in any order give the same state (OPS7, V1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from kefu.parcels.vocabulary import ScanCode, StateCode

_C, _S = ScanCode, StateCode

# Order of scans that bear the same time: the order of the trade.
_TRADE_ORDER = (
    (_C.COLLECT, _C.BAG, _C.LOAD, _C.SEND, _C.ARRIVE, _C.UNBAG),
    (_C.HOLD, _C.PROBLEM, _C.INTERCEPT, _C.SELF, _C.DELIVER, _C.IN_STORE),
    (_C.OUT_STORE, _C.AGENT_SIGN, _C.SIGN, _C.REFUSE, _C.TRANSFER, _C.RETURN),
)
_BY_VALUE = {code.value: code for code in ScanCode}
_RANK = {code.value: rank for rank, code in enumerate(code for line in _TRADE_ORDER for code in line)}
_LEADS_TO = {
    _C.COLLECT: _S.COLLECTED,
    _C.BAG: _S.IN_TRANSIT,
    _C.LOAD: _S.IN_TRANSIT,
    _C.SEND: _S.IN_TRANSIT,
    _C.ARRIVE: _S.IN_TRANSIT,
    _C.UNBAG: _S.IN_TRANSIT,
    _C.IN_STORE: _S.STORED,
    _C.SELF: _S.STORED,
    _C.OUT_STORE: _S.SIGNED,
    _C.DELIVER: _S.OUT_FOR_DELIVERY,
    _C.SIGN: _S.SIGNED,
    _C.AGENT_SIGN: _S.SIGNED,
    _C.PROBLEM: _S.PROBLEM,
    _C.HOLD: _S.HELD,
    _C.REFUSE: _S.REFUSED,
    _C.RETURN: _S.RETURNING,
    _C.TRANSFER: _S.FORWARDED,
    _C.INTERCEPT: _S.INTERCEPTED,
}
_ATTEMPTS = frozenset({_C.DELIVER, _C.IN_STORE, _C.SELF, _C.OUT_STORE, _C.SIGN, _C.AGENT_SIGN, _C.REFUSE})
_HARD_SIGNS = frozenset({_C.SIGN, _C.AGENT_SIGN})
# What may still undo a signature; other scans behind one are stragglers of wrong device clocks.
_UNDO_SIGN = frozenset({_C.REFUSE, _C.RETURN, _C.INTERCEPT})
# A courier who takes an overdue parcel out of a locker scans it out too: any further handling undoes that.
_UNDO_PICKUP = _UNDO_SIGN | {_C.HOLD, _C.DELIVER, _C.ARRIVE, _C.IN_STORE, _C.PROBLEM, _C.SEND}
_SETTLES_PROBLEM = frozenset({_C.DELIVER, _C.SIGN, _C.AGENT_SIGN, _C.OUT_STORE, _C.IN_STORE, _C.SEND, _C.RETURN, _C.TRANSFER})
_AFTER_RETURN = {_S.SIGNED: _S.RETURNED, _S.PROBLEM: _S.PROBLEM, _S.HELD: _S.HELD}


class Event(NamedTuple):
    """What counts of a scan for the state: when, what, where. ``operator`` only tells scans apart."""

    at: datetime
    code: str
    site_id: int
    operator: str = ""


@dataclass(frozen=True, slots=True)
class ParcelState:
    """Where a parcel stands and the moments that decide things about it."""

    state: str = _S.ORDERED.value
    collected_at: datetime | None = None
    first_attempt_at: datetime | None = None
    signed_at: datetime | None = None
    last_at: datetime | None = None
    last_code: str = ""
    last_site_id: int | None = None
    attempts: int = 0
    arrived: bool = False
    problem_open: bool = False
    forwarded: bool = False
    returned: bool = False

    @property
    def signed(self) -> bool:
        """Delivered and still so."""
        return self.state == _S.SIGNED


def in_order(events: Iterable[Event]) -> list[Event]:
    """Distinct events in the order they happened; same times in the order of the trade."""
    return sorted(set(events), key=lambda event: (event.at, _RANK[event.code], event.site_id, event.operator))


def state_of(events: Iterable[Event], *, site_id: int | None = None) -> ParcelState:
    """The state after all events. ``site_id`` is the delivering site, which tells an arrival there from one on the way."""
    walk = _Walk(site_id)
    for event in in_order(events):
        walk.take(event)
    return walk.here()


class _Walk:
    """The state as it grows, event by event in order."""

    def __init__(self, site_id: int | None) -> None:
        self._site_id = site_id
        self._state: StateCode = _S.ORDERED
        self._last: Event | None = None
        self._collected_at: datetime | None = None
        self._first_attempt_at: datetime | None = None
        self._signed_at: datetime | None = None
        self._attempts = 0
        self._arrived = self._problem_open = self._forwarded = self._returned = self._picked_up = False

    def take(self, event: Event) -> None:
        """The next event."""
        code = _BY_VALUE[event.code]
        arrived_here = code is _C.ARRIVE and event.site_id == self._site_id
        if code is _C.COLLECT:
            self._collected_at = self._collected_at or event.at
        if code in _ATTEMPTS:
            self._first_attempt_at = self._first_attempt_at or event.at
        self._attempts += code is _C.DELIVER
        self._arrived |= arrived_here
        self._problem_open = code is _C.PROBLEM or (self._problem_open and code not in _SETTLES_PROBLEM)
        self._forwarded |= code is _C.TRANSFER
        self._returned |= code is _C.RETURN
        self._last = event
        if self._stands_against(code):
            return
        state = _S.ARRIVED if arrived_here else _LEADS_TO[code]
        self._state = _AFTER_RETURN.get(state, _S.RETURNING) if self._returned else state
        signed = self._state is _S.SIGNED
        self._signed_at = event.at if signed else None
        self._picked_up = signed and code not in _HARD_SIGNS

    def _stands_against(self, code: ScanCode) -> bool:
        """Whether the state stays in spite of this scan."""
        if self._state is _S.RETURNED:
            return True
        if self._state is not _S.SIGNED:
            return False
        if self._picked_up:
            return code not in _UNDO_PICKUP and code not in _HARD_SIGNS
        return code not in _UNDO_SIGN

    def here(self) -> ParcelState:
        """The state so far."""
        return ParcelState(
            state=self._state.value,
            collected_at=self._collected_at,
            first_attempt_at=self._first_attempt_at,
            signed_at=self._signed_at,
            last_at=self._last.at if self._last else None,
            last_code=self._last.code if self._last else "",
            last_site_id=self._last.site_id if self._last else None,
            attempts=self._attempts,
            arrived=self._arrived,
            problem_open=self._problem_open,
            forwarded=self._forwarded,
            returned=self._returned,
        )
