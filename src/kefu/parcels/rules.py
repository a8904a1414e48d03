"""Where a parcel stands, from its scans. Pure: the same scans in any order give the same state (OPS7, V1)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from kefu.parcels.vocabulary import ScanCode, StateCode
from kefu.parcels.waybills import pieces_in

_C, _S = ScanCode, StateCode

# Order of scans that bear the same time: the order of the trade.
_TRADE_ORDER = (
    (_C.COLLECT, _C.BAG, _C.LOAD, _C.SEND, _C.ARRIVE, _C.UNBAG),
    (_C.HOLD, _C.PROBLEM, _C.INTERCEPT, _C.SELF, _C.DELIVER, _C.IN_STORE),
    (_C.OUT_STORE, _C.AGENT_SIGN, _C.SIGN, _C.REFUSE, _C.TRANSFER, _C.RETURN),
)
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
# Plain texts where every scan is compared with them: an enumeration's member hashes five times slower.
_COLLECT, _ARRIVE, _DELIVER, _SIGNED = _C.COLLECT.value, _C.ARRIVE.value, _C.DELIVER.value, _S.SIGNED.value
_SIGNS = frozenset({_C.SIGN.value, _C.AGENT_SIGN.value, _C.OUT_STORE.value})
_ATTEMPTS = _SIGNS | {_DELIVER, _C.IN_STORE.value, _C.SELF.value, _C.REFUSE.value}
# Where a parcel is on its way to be signed for; with some pieces signed for it is partly signed wherever the others are.
_ON_ITS_WAY = frozenset({_S.COLLECTED, _S.IN_TRANSIT, _S.ARRIVED, _S.STORED, _S.OUT_FOR_DELIVERY, _S.SIGNED})
_HARD_SIGNS = frozenset({_C.SIGN, _C.AGENT_SIGN})
# What may still undo a signature; other scans behind one are stragglers of wrong device clocks.
_UNDO_SIGN = frozenset({_C.REFUSE.value, _C.RETURN.value, _C.INTERCEPT.value})
# A courier who takes an overdue parcel out of a locker scans it out too: any further handling undoes that.
_UNDO_PICKUP = _UNDO_SIGN | {_C.HOLD, _C.DELIVER, _C.ARRIVE, _C.IN_STORE, _C.PROBLEM, _C.SEND}
_SETTLES_PROBLEM = frozenset({_C.DELIVER, _C.SIGN, _C.AGENT_SIGN, _C.OUT_STORE, _C.IN_STORE, _C.SEND, _C.RETURN, _C.TRANSFER})
# Pieces of one parcel are scanned out one after the other within this time.
_ONE_GOING = timedelta(hours=1)
_AFTER_RETURN = {_S.SIGNED: _S.RETURNED, _S.PROBLEM: _S.PROBLEM, _S.HELD: _S.HELD}


class Event(NamedTuple):
    """What counts of a scan for the state: when, what, where. ``operator`` and ``piece`` only tell scans apart."""

    at: datetime
    code: str
    site_id: int
    operator: str = ""
    piece: str = ""


class ParcelState(NamedTuple):
    """Where a parcel stands and the moments that decide things about it."""

    state: str = _S.ORDERED.value
    collected_at: datetime | None = None
    first_attempt_at: datetime | None = None
    signed_at: datetime | None = None
    last_at: datetime | None = None
    last_code: str = ""
    last_site_id: int | None = None
    attempts: int = 0
    # Some of its pieces are signed for, but not all.
    partly: bool = False
    arrived: bool = False
    problem_open: bool = False
    forwarded: bool = False
    returned: bool = False
    # Signed by being taken out of a locker or a shop, which any further handling undoes.
    picked_up: bool = False

    @property
    def signed(self) -> bool:
        """Delivered and still so."""
        return self.state == _S.SIGNED


def in_order(events: Iterable[Event]) -> list[Event]:
    """Distinct events in the order they happened; same times in the order of the trade."""
    listed = list(events)
    if len(listed) < 2:
        return listed
    return sorted(set(listed), key=lambda event: (event.at, _RANK[event.code], event.site_id, event.operator, event.piece))


def state_of(events: Iterable[Event], *, site_id: int | None = None, pieces: int = 1, after: ParcelState | None = None) -> ParcelState:
    """The state after all events. ``site_id`` is the delivering site, which tells an arrival there from one on the way; ``pieces`` is
    how many there are of it: signatures of some make it partly signed, of all signed (O10).

    ``after``: the state that the events before led to, when all of these are later than all of those and it ``can_go_on``.
    """
    state = after or ParcelState()
    phase = _Phase(state.state, *state[9:14])
    _state, collected, attempted, signed_at, last_at, last_code, last_site, *_rest = state
    attempts = state.attempts
    signed: set[str] = set()
    for event in in_order(events):
        at, code, here, _operator, piece = event
        if code in _ATTEMPTS:
            attempted = attempted or at
            # A further piece of the parcel that goes out with the one before it is one attempt, not two (R9).
            if code == _DELIVER and not (piece and last_at is not None and last_code == _DELIVER and at - last_at < _ONE_GOING):
                attempts += 1
        elif code == _COLLECT:
            collected = collected or at
        if pieces > 1 and code in _SIGNS:
            signed = signed | {piece} if piece else set()
        before = phase.state
        part = bool(signed) and sum(map(pieces_in, signed)) < pieces
        phase, counts = _step(phase, code, code == _ARRIVE and here == site_id, part)
        if counts:
            signed_at = at if phase.state == _SIGNED else None
            if signed and phase.state != _SIGNED and (before == _SIGNED or code in _UNDO_SIGN):
                signed = signed - {piece} if piece else set()
        last_at, last_code, last_site = at, code, here
    partly = bool(signed) and phase.state != _SIGNED and sum(map(pieces_in, signed)) < pieces
    return ParcelState(phase.state, collected, attempted, signed_at, last_at, last_code, last_site, attempts, partly, *phase[1:])


class _Phase(NamedTuple):
    """What of a state decides what the next scan makes of it."""

    state: str
    arrived: bool
    problem_open: bool
    forwarded: bool
    returned: bool
    picked_up: bool


@cache
def _step(phase: _Phase, code: str, here: bool, part: bool) -> tuple[_Phase, bool]:
    """What a scan makes of a phase, and whether the state follows it. ``here``: an arrival at the delivering site; ``part``: some pieces
    are signed for, but not all."""
    problem_open = code == _C.PROBLEM or (phase.problem_open and code not in _SETTLES_PROBLEM)
    phase = phase._replace(
        arrived=phase.arrived or here,
        problem_open=problem_open,
        forwarded=phase.forwarded or code == _C.TRANSFER,
        returned=phase.returned or code == _C.RETURN,
    )
    if _stands_against(phase, code):
        return phase, False
    led = _S.ARRIVED if here else _LEADS_TO[_C(code)]
    if part and led in _ON_ITS_WAY:
        led = _S.PART_SIGNED
    state = _AFTER_RETURN.get(led, _S.RETURNING) if phase.returned else led
    return phase._replace(state=state.value, picked_up=state is _S.SIGNED and code not in _HARD_SIGNS), True


def _stands_against(phase: _Phase, code: str) -> bool:
    """Whether the state stays in spite of this scan."""
    if phase.state == _S.RETURNED:
        return True
    if phase.state != _S.SIGNED:
        return False
    if phase.picked_up:
        return code not in _UNDO_PICKUP and code not in _HARD_SIGNS
    return code not in _UNDO_SIGN


def can_go_on(after: ParcelState, events: Iterable[Event]) -> bool:
    """Whether new events can be told from the state alone: all are later than those that led to it, and it is not in pieces, of which a
    state does not say which are signed for."""
    last = after.last_at
    for event in events:
        if event.piece or (last is not None and event.at <= last):
            return False
    return not after.partly


# The last five of a state, by the number they make.
_FLAGS = tuple(tuple(bool(number >> place & 1) for place in range(5)) for number in range(32))
_NUMBER = {flags: number for number, flags in enumerate(_FLAGS)}
_MOST_ATTEMPTS = 1000


def marks_of(state: ParcelState) -> int | None:
    """What of a state does not stand in the columns it is kept in, as a number; ``None`` when it does not fit."""
    return None if state.partly or state.attempts >= _MOST_ATTEMPTS else _NUMBER[state[9:]] + 32 * state.attempts


def kept_state(columns: Sequence[Any], marks: int | None) -> ParcelState:
    """A state as it is kept: its first seven columns, and ``marks_of`` it."""
    return ParcelState(*columns) if marks is None else ParcelState._make((*columns, marks >> 5, False, *_FLAGS[marks & 31]))


class Link(NamedTuple):
    """A waybill goes on under another number."""

    kind: str
    from_waybill: str
    to_waybill: str


# Kind of link: states of the old number that stand whatever becomes of the new one, and what a signature of the new one makes of the old.
_ENDS = {
    "forward": (frozenset({_S.SIGNED, _S.RETURNING, _S.RETURNED, _S.REFUSED, _S.INTERCEPTED}), _S.SIGNED),
    "return": (frozenset({_S.SIGNED, _S.RETURNED, _S.FORWARDED}), _S.RETURNED),
}


def onward(waybill: str, links: Iterable[Link]) -> dict[str, Link]:
    """Numbers a waybill goes on under, near ones first, each with the link that leads to it; a ring of links is walked once."""
    by_start: dict[str, list[Link]] = {}
    for link in links:
        by_start.setdefault(link.from_waybill, []).append(link)
    found: dict[str, Link] = {}
    edge = [waybill]
    while edge:
        fresh = {link.to_waybill: link for number in edge for link in sorted(by_start.get(number, ())) if link.to_waybill != waybill}
        edge = [number for number in fresh if number not in found]
        found |= {number: fresh[number] for number in edge}
    return found


def makes_loop(link: Link, links: Iterable[Link]) -> bool:
    """Whether a waybill would come back to itself by the new link (O7: second forwarding loops)."""
    return link.from_waybill == link.to_waybill or link.from_waybill in onward(link.to_waybill, links)


def through_links(waybill: str, links: Sequence[Link], states: Mapping[str, ParcelState]) -> ParcelState:
    """The state of a waybill that goes on under other numbers: forwarded and signed there is signed, sent back and signed there is
    returned (O7).

    ``states`` are those of its own scans and of the numbers it leads to. A number that nobody scanned says nothing.
    """
    return _through(waybill, links, states, frozenset())


def _through(waybill: str, links: Sequence[Link], states: Mapping[str, ParcelState], seen: frozenset[str]) -> ParcelState:
    own = states.get(waybill, ParcelState())
    ends = []
    for link in links:
        if link.from_waybill != waybill or link.to_waybill in seen or link.kind not in _ENDS or own.state in _ENDS[link.kind][0]:
            continue
        there = _through(link.to_waybill, links, states, seen | {waybill})
        if there.signed and there.signed_at is not None:
            ends.append((there.signed_at, _ENDS[link.kind][1]))
    if not ends:
        return own
    at, state = min(ends)
    return own._replace(state=state.value, signed_at=at if state is _S.SIGNED else None, first_attempt_at=own.first_attempt_at or at)


class Packed(NamedTuple):
    """A waybill was put into a bag (集包)."""

    at: datetime
    bag: str
    waybill: str
    piece: str = ""


class BagScan(NamedTuple):
    """A scan of a bag's number."""

    at: datetime
    bag: str
    code: str
    site_id: int
    operator: str = ""


MOVES_BAG = frozenset({_C.SEND.value, _C.ARRIVE.value, _C.LOAD.value, _C.UNBAG.value})


def bag_moves(packed: Iterable[Packed], scans: Iterable[BagScan]) -> set[tuple[Packed, BagScan]]:
    """Which scans of a bag are scans of which pieces in it: those from its packing to the first opening (拆包) after that,
    the opening included.

    A bag's number is used again: what was packed before an opening is no longer in it. The same whatever order things become known in.
    """
    moves: dict[str, list[BagScan]] = {}
    for scan in sorted(set(scans)):
        if scan.code in MOVES_BAG:
            moves.setdefault(scan.bag, []).append(scan)
    found: set[tuple[Packed, BagScan]] = set()
    for one in set(packed):
        later = [scan for scan in moves.get(one.bag, ()) if scan.at >= one.at]
        opened = min((scan.at for scan in later if scan.code == _C.UNBAG), default=None)
        found.update((one, scan) for scan in later if opened is None or scan.at <= opened)
    return found
