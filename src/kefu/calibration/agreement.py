"""Agreement between people who marked the same things: Krippendorff's alpha, Cohen's kappa, plain agreement (QA7). Pure.

Marks are nominal (breached, passed, not applicable: three values, none between two others). A mark somebody did not give is left out;
a thing fewer than two people marked says nothing and is left out too (Krippendorff, Content Analysis, ch. 11; Cohen 1960).
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from typing import TypeAlias

Unit: TypeAlias = Mapping[int, Hashable]
"""What was said of one thing, by person."""


def alpha(units: Sequence[Unit]) -> float | None:
    """Krippendorff's alpha for nominal marks: 1 full agreement, 0 no better than chance; ``None`` without two marks of anything.

    Everybody said the same of everything: 1 by convention here, since there was nothing to disagree about (the ratio itself is 0/0).
    """
    pairable = [list(unit.values()) for unit in units if len(unit) >= 2]
    totals: Counter[Hashable] = Counter(value for marks in pairable for value in marks)
    n = totals.total()
    if n < 2:
        return None
    observed = sum((_disagreements(Counter(marks)) / Fraction(len(marks) - 1) for marks in pairable), Fraction(0))
    expected = Fraction(_disagreements(totals), n - 1)
    if expected == 0:
        return 1.0
    return float(1 - observed / expected)


def _disagreements(counts: Counter[Hashable]) -> int:
    """Ordered pairs of unlike marks."""
    total = counts.total()
    return total * total - sum(count * count for count in counts.values())


def kappa(units: Sequence[Unit], one: int, other: int) -> float | None:
    """Cohen's kappa of two people over what both marked; ``None`` when there is nothing, 1 when both said one and the same throughout."""
    pairs = [(unit[one], unit[other]) for unit in units if one in unit and other in unit]
    if not pairs:
        return None
    n = len(pairs)
    agreed = Fraction(sum(a == b for a, b in pairs), n)
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    chance = sum((Fraction(first[value] * second[value], n * n) for value in first), Fraction(0))
    if chance == 1:
        return 1.0
    return float((agreed - chance) / (1 - chance))


def mean_kappa(units: Sequence[Unit]) -> float | None:
    """The mean of all pairs' kappas (Light's kappa)."""
    people = sorted({person for unit in units for person in unit})
    found = [value for one, other in combinations(people, 2) if (value := kappa(units, one, other)) is not None]
    return sum(found) / len(found) if found else None


def agreed(units: Sequence[Unit]) -> float | None:
    """Share of pairs of marks that are alike (Q19: 85 to 90 per cent is usual)."""
    same = both = 0
    for unit in units:
        for one, other in combinations(unit.values(), 2):
            both += 1
            same += one == other
    return same / both if both else None


def reading(value: float | None) -> str:
    """How an alpha or a kappa is to be taken: ``good`` from 0.8, ``fair`` from 2/3, ``talk`` from 0.4, else ``poor``; or ``none``.

    0.8 and 0.667 are Krippendorff's own; below, it is the words of the rule that have to be talked about.
    """
    if value is None:
        return "none"
    if value >= 0.8:
        return "good"
    if value >= 2 / 3:
        return "fair"
    return "talk" if value >= 0.4 else "poor"


def unlike(unit: Unit) -> bool:
    """Whether people said different things of it."""
    return len(set(unit.values())) > 1
