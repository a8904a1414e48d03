"""Which rate card applies on a day to a place. Pure (O11)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from kefu.station.fees.rates import Rates


@dataclass(frozen=True, slots=True)
class Card:
    """A card with what it is for. ``site_id``: it applies there and at every site below; empty area or product: any."""

    id: int
    title: str
    site_id: int
    area: str
    product: str
    first: date
    last: date | None
    rates: Rates
    source: str = ""

    def covers(self, day: date) -> bool:
        """Whether it is in force on the day."""
        return self.first <= day and (self.last is None or day <= self.last)

    def meets(self, first: date, last: date | None) -> bool:
        """Whether it is in force on any of the days."""
        return (last is None or self.first <= last) and (self.last is None or first <= self.last)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a delivery was: sites from the root of the tree to the one that signed, the destination's words, the product."""

    line: Sequence[int]
    destination: str = ""
    product: str = ""


def candidates(cards: Iterable[Card], place: Place, day: date) -> list[Card]:
    """Cards that apply, the one that counts first: the nearest site, then the longest place name, then a card for the product."""
    near = {site_id: depth for depth, site_id in enumerate(place.line)}
    fitting = [
        card
        for card in cards
        if card.site_id in near
        and card.covers(day)
        and (not card.area or card.area in place.destination)
        and (not card.product or card.product == place.product)
    ]
    return sorted(fitting, key=lambda card: (-near[card.site_id], -len(card.area), not card.product, card.id))


def choose(cards: Iterable[Card], place: Place, day: date) -> Card | None:
    """The card that counts, if any does."""
    found = candidates(cards, place, day)
    return found[0] if found else None


Dated = TypeVar("Dated", bound=Card)


def clash(cards: Iterable[Dated], first: date, last: date | None) -> Dated | None:
    """The first card of the same key that covers any of the days."""
    return next((card for card in cards if card.meets(first, last)), None)


def day_before(day: date) -> date:
    """The last day of a card that another follows."""
    return day - timedelta(days=1)
