"""Since when a verdict is known, and who judged: what windows of dispute and the choice of a second judge rest on (QA7)."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Max

from kefu.quality.models import Inspection, Ruling

__all__ = ["CardPlace", "Inspection", "known_since", "place_of", "scorers"]
_PLACE = ("subject_kind", "subject_id", "handbook", "version", "scorecard")


class CardPlace(NamedTuple):
    """A card by what stays when it is judged again and its row is replaced."""

    subject_kind: str
    subject_id: int
    handbook: str
    version: int
    scorecard: str


def place_of(row: Inspection) -> CardPlace:
    """Where a card stands."""
    return CardPlace(*(getattr(row, name) for name in _PLACE))


def known_since(rows: Sequence[Inspection]) -> dict[int, datetime]:
    """By inspection: when its verdict came, by the machine or by the last person who scored the card. One query for all."""
    found: dict[CardPlace, datetime] = {}
    if rows:
        scored = Ruling.objects.filter(
            subject_kind__in={row.subject_kind for row in rows},
            subject_id__in=[row.subject_id for row in rows],
            source=Ruling.Source.REVIEW,
        )
        for *place, at in scored.values_list(*_PLACE).annotate(last=Max("at")).order_by():
            found[CardPlace(*place)] = at
    return {row.pk: max(row.inspected_at, found.get(place_of(row), row.inspected_at)) for row in rows}


def scorers(row: Inspection, items: Collection[str]) -> set[int]:
    """People whose word an item of these rests on: who scored the card, or ruled on one of them before."""
    rulings = Ruling.objects.filter(**_of(row)).exclude(staff=None)
    return {
        staff_id
        for staff_id, source, item in rulings.values_list("staff_id", "source", "item_key")
        if staff_id is not None and (source == Ruling.Source.REVIEW or item in items)
    }


def _of(row: Inspection) -> dict[str, Any]:
    return place_of(row)._asdict()
