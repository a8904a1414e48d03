"""Which label counts, and how right a rule is (QA10). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

STRENGTH = {"appeal": 3, "calibration": 2, "review": 1, "hand": 0}


@dataclass(frozen=True, slots=True)
class Said:
    """One label: what was said of a subject's item, on which occasion and when."""

    subject: tuple[str, int]
    item: str
    breached: bool
    source: str
    at: datetime


@dataclass(slots=True)
class Confusion:
    """What the machine said beside what people found. ``asked_*``: it asked for review; ``none_*``: it did not judge."""

    hit_right: int = 0
    hit_wrong: int = 0
    missed: int = 0
    passed_right: int = 0
    asked_breached: int = 0
    asked_fine: int = 0
    none_breached: int = 0
    none_fine: int = 0

    def add(self, letter: str, *, breached: bool) -> str:
        """Count one subject; returns the name of its cell."""
        name = cell(letter, breached=breached)
        setattr(self, name, getattr(self, name) + 1)
        return name

    @property
    def precision(self) -> float | None:
        """Of the breaches the machine found, the share people find too; ``None`` when it found none."""
        return _share(self.hit_right, self.hit_right + self.hit_wrong)

    @property
    def recall(self) -> float | None:
        """Of the breaches people find, the share the machine found by itself; not judged counts as missed. ``None`` without any."""
        return _share(self.hit_right, self.breached)

    @property
    def reached(self) -> float | None:
        """Of the breaches people find, the share the machine found or asked about."""
        return _share(self.hit_right + self.asked_breached, self.breached)

    @property
    def breached(self) -> int:
        """Breaches by people's word."""
        return self.hit_right + self.missed + self.asked_breached + self.none_breached

    @property
    def total(self) -> int:
        """All subjects."""
        return self.breached + self.hit_wrong + self.passed_right + self.asked_fine + self.none_fine


CELLS = ("hit_right", "hit_wrong", "missed", "passed_right", "asked_breached", "asked_fine", "none_breached", "none_fine")


def cell(letter: str, *, breached: bool) -> str:
    """Cell of a verdict's letter (see ``quality.results``) beside a person's word."""
    right = {"b": ("hit_right", "hit_wrong"), "p": ("missed", "passed_right"), "r": ("asked_breached", "asked_fine")}
    return right.get(letter, ("none_breached", "none_fine"))[not breached]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def truth(labels: Iterable[Said]) -> dict[tuple[tuple[str, int], str], bool]:
    """What counts for each subject and item: the strongest source, of equals the newest; on one occasion a breach anywhere is a breach."""
    best: dict[tuple[tuple[str, int], str], tuple[tuple[int, datetime], bool]] = {}
    for one in labels:
        key, rank = (one.subject, one.item), (STRENGTH.get(one.source, 0), one.at)
        known = best.get(key)
        if known is None or rank > known[0]:
            best[key] = (rank, one.breached)
        elif rank == known[0] and one.breached:
            best[key] = (rank, True)
    return {key: breached for key, (_rank, breached) in best.items()}
