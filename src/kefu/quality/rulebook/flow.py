"""Stages of a conversation and their order: opening → identity → need → solution → confirmation → closing (QA2, CONV1)."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

Place: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Walked:
    """For each stage the index of its place in the longest ordered walk; ``None``: not in it."""

    chosen: tuple[int | None, ...]


def walk(stages: Sequence[Sequence[Place]]) -> Walked:
    """The walk through as many stages as possible, each behind the one before, as early as possible.

    ``best[n]`` is the earliest end of a walk of ``n`` stages: stages × stages bisections.
    """
    best: list[tuple[Place, tuple[tuple[int, int], ...]]] = [((-1, -1), ())]
    for number, places in enumerate(stages):
        for length in range(len(best) - 1, -1, -1):
            end, path = best[length]
            index = bisect_left(places, (end[0], end[1] + 1)) if path else 0
            if index >= len(places):
                continue
            longer = (places[index], (*path, (number, index)))
            if length + 1 == len(best):
                best.append(longer)
            elif longer[0] < best[length + 1][0]:
                best[length + 1] = longer
    taken = dict(best[-1][1])
    return Walked(tuple(taken.get(number) for number in range(len(stages))))
