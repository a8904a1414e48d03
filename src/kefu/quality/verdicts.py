"""What the machine said of many subjects, item by item and version by version; a person's word over it is left out (QA10)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from kefu.handbook import queries as handbooks
from kefu.kernel.errors import KefuError
from kefu.quality.models import Inspection, Ruling


@dataclass(frozen=True, slots=True)
class Verdict:
    """One item of one judgement: the letter is one of ``results.LETTERS``."""

    subject_kind: str
    subject_id: int
    handbook: str
    version: int
    item: str
    letter: str


def of_machine(kind: str, subject_ids: Collection[int], items: Collection[str] = ()) -> Iterator[Verdict]:
    """Every judgement of these subjects, past versions too; ``items`` narrows it. For mechanisms: the caller has asked who may see them."""
    columns = ("subject_id", "handbook", "version", "scorecard", "states", "auto_states")
    places: dict[tuple[str, int, str], list[str]] = {}
    ids = list(subject_ids)
    for start in range(0, len(ids), 500):
        rows = Inspection.objects.filter(subject_kind=kind, subject_id__in=ids[start : start + 500])
        for subject_id, handbook, version, scorecard, states, auto in rows.values_list(*columns):
            key = (handbook, version, scorecard)
            if key not in places:
                places[key] = _items(*key)
            for item, letter in zip(places[key], auto or states, strict=False):
                if not items or item in items:
                    yield Verdict(kind, subject_id, handbook, version, item, letter)


def _items(handbook: str, version: int, scorecard: str) -> list[str]:
    try:
        card = handbooks.book(f"{handbook}@{version}").scorecards.get(scorecard)
    except KefuError:
        return []
    return [item.id for item in card.items()] if card is not None else []


@dataclass(frozen=True, slots=True)
class Ruled:
    """What a person decided of one item, on which occasion."""

    item: str
    breached: bool
    source: str
    staff_id: int | None
    line: int | None


def of_people(kind: str, subject_id: int) -> list[Ruled]:
    """Standing rulings of one subject, oldest first; items found not applicable say nothing about a breach and are left out."""
    rows = Ruling.objects.filter(subject_kind=kind, subject_id=subject_id, standing=True).exclude(verdict=Ruling.Verdict.NOT_APPLICABLE)
    return [
        Ruled(row.item_key, row.verdict == Ruling.Verdict.BREACHED, row.source, row.staff_id, row.line) for row in rows.order_by("at", "pk")
    ]
