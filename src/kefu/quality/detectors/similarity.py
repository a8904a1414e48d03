"""How alike two short texts are, by their pairs of characters."""

from operator import add


def bigrams_of(text: str) -> frozenset[str]:
    """Pairs of neighbouring characters."""
    return frozenset(map(add, text, text[1:]))


def alike(one: frozenset[str], other: frozenset[str], threshold: float) -> bool:
    """Whether the Dice coefficient reaches the threshold."""
    total = len(one) + len(other)
    if not total or 2 * min(len(one), len(other)) < threshold * total:
        return False
    return 2 * len(one & other) >= threshold * total
