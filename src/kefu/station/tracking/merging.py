"""Own scans and carriers' traces as one trace (O14). Pure: sorted, what means the same within minutes told once, each source named."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from kefu.station.tracking.vocabulary import OTHER, TRANSIT

OWN: Final = "own"
# Told apart by one source, the same to another.
_SAME: Final = {"agent_sign": "sign", "out_store": "sign"}
# Of these one kind says nothing about another line.
_VAGUE: Final = frozenset({TRANSIT, OTHER})


@dataclass(frozen=True, slots=True)
class Line:
    """One event. ``source`` is ``own`` or a vendor; ``sources`` are all who told of it, after merging. ``own`` is the own scan's place
    in the list it came from, for what only own scans hold."""

    at: datetime
    code: str
    source: str
    place: str = ""
    text: str = ""
    own: int | None = None
    sources: tuple[str, ...] = field(default=())


def merged(lines: Iterable[Line], within: timedelta) -> list[Line]:
    """In the order they happened. Own scans stand as they are: two of them are two. A carrier's line that means the same as one within
    ``within`` before or after it falls in with it; an own scan is kept rather than a carrier's line, the earlier rather than the later."""
    ordered = sorted(lines, key=lambda line: (line.at, line.source != OWN, line.source, line.code, line.text))
    kept: list[Line] = [replace(line, sources=(OWN,)) for line in ordered if line.source == OWN]
    for line in (one for one in ordered if one.source != OWN):
        place = _twin(kept, line, within)
        if place is None:
            kept.append(replace(line, sources=(line.source,)))
        else:
            twin = kept[place]
            kept[place] = replace(
                twin,
                sources=twin.sources if line.source in twin.sources else (*twin.sources, line.source),
                place=twin.place or line.place,
                text=twin.text or line.text,
            )
    return sorted(kept, key=lambda line: (line.at, line.source != OWN, line.source, line.code, line.text))


def _twin(kept: Sequence[Line], line: Line, within: timedelta) -> int | None:
    """The nearest line that means the same; of vague ones only the very same words."""
    meaning = _SAME.get(line.code, line.code)
    best: tuple[timedelta, int] | None = None
    for place, other in enumerate(kept):
        apart = abs(other.at - line.at)
        if apart > within or _SAME.get(other.code, other.code) != meaning:
            continue
        if (line.code in _VAGUE or other.source == line.source) and other.text != line.text:
            continue
        if best is None or apart < best[0]:
            best = apart, place
    return best[1] if best else None


@dataclass(frozen=True, slots=True)
class Moments:
    """Where a number stands by one source."""

    state: str = ""
    collected_at: datetime | None = None
    first_attempt_at: datetime | None = None
    signed_at: datetime | None = None
    last_at: datetime | None = None
    last_code: str = ""
    settled: bool = False


def together(own: Moments | None, theirs: Moments | None, within: timedelta) -> Moments | None:
    """Where it stands by both. Own scans decide, unless the carrier knows of something later and the parcel is not settled here;
    moments nobody scanned here come from the carrier."""
    if own is None or own.last_at is None:
        return theirs if theirs is not None and theirs.last_at is not None else own
    if theirs is None or theirs.last_at is None:
        return own
    ahead = theirs if theirs.last_at > own.last_at + within and not own.settled else own
    return Moments(
        state=ahead.state,
        collected_at=_first(own.collected_at, theirs.collected_at),
        first_attempt_at=_first(own.first_attempt_at, theirs.first_attempt_at),
        signed_at=ahead.signed_at,
        last_at=max(own.last_at, theirs.last_at),
        last_code=theirs.last_code if theirs.last_at > own.last_at else own.last_code,
        settled=ahead.settled,
    )


def _first(own: datetime | None, theirs: datetime | None) -> datetime | None:
    return own or theirs


def quiet_for(moments: Moments | None, now: datetime, after: timedelta | None) -> timedelta | None:
    """How long nothing was heard of a parcel still under way, once that is longer than ``after``; without a setting never (O1)."""
    if after is None or moments is None or moments.last_at is None or moments.settled or now - moments.last_at <= after:
        return None
    return now - moments.last_at
