"""Where a parcel stands, from its scans. Pure: the same scans in any order give the same state (OPS7, V1)."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from kefu.parcels.vocabulary import ScanCode, StateCode

_C, _S = ScanCode, StateCode

# Order of scans that bear the same time: the order of the trade.
_TRADE_ORDER = (
    (_C.COLLECT, _C.BAG, _C.LOAD, _C.SEND, _C.ARRIVE, _C.UNBAG),
    (_C.HOLD, _C.PROBLEM, _C.INTERCEPT, _C.SELF, _C.DELIVER, _C.IN_STORE),
    (_C.OUT_STORE, _C.AGENT_SIGN, _C.SIGN, _C.REFUSE, _C.TRANSFER, _C.RETURN),
)
_RANK = {code: rank for rank, code in enumerate(code for line in _TRADE_ORDER for code in line)}
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


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """What counts of a scan for the state: when, what, where. ``operator`` only tells scans apart."""

    at: datetime
    code: str
    site_id: int
    operator: str = ""


@dataclass(frozen=True, slots=True)
class ParcelState:
    """Where a parcel stands and the moments that decide things about it."""

    state: str = _S.ORDERED
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
    # Whether the signature in force is only a scan out of a locker or shop.
    picked_up: bool = field(default=False, repr=False)

    @property
    def signed(self) -> bool:
        """Delivered and still so."""
        return self.state == _S.SIGNED


def in_order(events: Iterable[Event]) -> list[Event]:
    """Distinct events in the order they happened; same times in the order of the trade."""
    return sorted(set(events), key=lambda event: (event.at, _RANK.get(ScanCode(event.code), 99), event.site_id, event.operator))


def state_of(events: Iterable[Event], *, site_id: int | None = None) -> ParcelState:
    """The state after all events. ``site_id`` is the delivering site, which tells an arrival there from one on the way."""
    now = ParcelState()
    for event in in_order(events):
        now = _step(now, event, site_id)
    return now


def _step(now: ParcelState, event: Event, site_id: int | None) -> ParcelState:
    code = ScanCode(event.code)
    arrived_here = code == _C.ARRIVE and event.site_id == site_id
    now = replace(
        now,
        collected_at=now.collected_at or (event.at if code == _C.COLLECT else None),
        first_attempt_at=now.first_attempt_at or (event.at if code in _ATTEMPTS else None),
        attempts=now.attempts + (code == _C.DELIVER),
        arrived=now.arrived or arrived_here,
        problem_open=code == _C.PROBLEM or (now.problem_open and code not in _SETTLES_PROBLEM),
        forwarded=now.forwarded or code == _C.TRANSFER,
        returned=now.returned or code == _C.RETURN,
        last_at=event.at,
        last_code=code.value,
        last_site_id=event.site_id,
    )
    if _is_final(now, code):
        return now
    state = _S.ARRIVED if arrived_here else _LEADS_TO[code]
    if now.returned:
        state = _AFTER_RETURN.get(state, _S.RETURNING)
    signed = state == _S.SIGNED
    return replace(now, state=state.value, signed_at=event.at if signed else None, picked_up=signed and code not in _HARD_SIGNS)


def _is_final(now: ParcelState, code: ScanCode) -> bool:
    """Whether the state stands in spite of this scan."""
    if now.state == _S.RETURNED:
        return True
    if now.state != _S.SIGNED:
        return False
    if now.picked_up:
        return code not in _UNDO_PICKUP and code not in _HARD_SIGNS
    return code not in _UNDO_SIGN
