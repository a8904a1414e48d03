"""Ranges and anchors: which of an operator's places count (Q8). Places are in reading order, so every look is a bisection."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from kefu.quality.reading import Reading
from kefu.quality.rulebook.operators.base import lines_of
from kefu.quality.rulebook.outcome import Evidence, Unknown
from kefu.quality.rulebook.shape import Anchor, Range, RuleSide


def within(places: Sequence[Evidence], part: Range, side: RuleSide, reading: Reading) -> list[Evidence] | Unknown:
    """Places inside a part of the conversation."""
    if part.first_seconds is not None or part.last_seconds is not None:
        return _seconds(places, part, reading)
    lines = lines_of(reading, side)
    if not lines:
        return []
    low, high = 0, len(lines)
    if part.first is not None:
        high = min(high, part.first)
    if part.last is not None:
        low = max(low, len(lines) - part.last)
    if part.lines is not None:
        low, high = max(low, part.lines[0] - 1), min(high, part.lines[1])
    if low >= high:
        return []
    begin, end = lines[low].turn, lines[high - 1].turn
    return [one for one in places if begin <= one.place[0] <= end]


def _seconds(places: Sequence[Evidence], part: Range, reading: Reading) -> list[Evidence] | Unknown:
    ends = [one.line.end if one.line.end is not None else one.line.at for one in reading.utterances]
    told = [end for end in ends if end is not None]
    if not told:
        return Unknown("no_times")
    low = max(told) - part.last_seconds if part.last_seconds is not None else 0.0
    high = part.first_seconds if part.first_seconds is not None else float("inf")
    return [
        one for one in places if one.utterance is not None and one.utterance.line.at is not None and low <= one.utterance.line.at <= high
    ]


@dataclass(frozen=True, slots=True)
class Kept:
    """Places that stand as the anchor wants, and anchors that have none."""

    places: list[Evidence]
    alone: list[Evidence]


def beside(places: Sequence[Evidence], anchor: Anchor, anchors: Sequence[Evidence]) -> Kept | Unknown:
    """Places seen from the anchor's own places, which are not empty."""
    chosen = sorted(anchors, key=lambda one: one.place)
    if anchor.which == "first":
        chosen = chosen[:1]
    elif anchor.which == "last":
        chosen = chosen[-1:]
    if anchor.within_seconds is not None and any(one.utterance is None or one.utterance.line.at is None for one in chosen):
        return Unknown("no_times")
    spots = [one.place for one in chosen]
    kept = [place for place in places if any(_close(place, chosen[i], anchor) for i in _beside(place, spots, anchor))]
    if anchor.which != "each":
        return Kept(kept, [] if kept else chosen)
    own = [place.place for place in places]
    alone = [one for one in chosen if not any(_close(places[i], one, anchor) for i in _seen_from(one, own, anchor))]
    return Kept(kept, alone)


def _beside(place: Evidence, spots: Sequence[tuple[int, int]], anchor: Anchor) -> list[int]:
    """Anchors that may be near enough: the nearest before, the nearest behind."""
    if anchor.relation == "same_line":
        found = bisect_left(spots, (place.place[0], -1))
        return [found] if found < len(spots) else []
    before, behind = bisect_left(spots, place.place) - 1, bisect_right(spots, place.place)
    near = {"after": (before,), "before": (behind,)}.get(anchor.relation, (before, before + 1, behind))
    return [index for index in near if 0 <= index < len(spots)]


def _seen_from(one: Evidence, own: Sequence[tuple[int, int]], anchor: Anchor) -> list[int]:
    """Places that may be near enough to an anchor."""
    if anchor.relation == "same_line":
        found = bisect_left(own, (one.place[0], -1))
        return [found] if found < len(own) else []
    before, behind = bisect_left(own, one.place) - 1, bisect_right(own, one.place)
    near = {"after": (behind,), "before": (before,)}.get(anchor.relation, (before, before + 1, behind))
    return [index for index in near if 0 <= index < len(own)]


def _close(place: Evidence, one: Evidence, anchor: Anchor) -> bool:
    if place.utterance is None or one.utterance is None:
        return False
    lines = place.utterance.turn - one.utterance.turn
    if anchor.relation == "same_line":
        return lines == 0
    if (anchor.relation == "after" and place.place <= one.place) or (anchor.relation == "before" and place.place >= one.place):
        return False
    if anchor.within_lines is not None and abs(lines) > anchor.within_lines:
        return False
    if anchor.within_seconds is None:
        return True
    at, since = place.utterance.line.at, one.utterance.line.at
    return at is not None and since is not None and abs(at - since) <= anchor.within_seconds
