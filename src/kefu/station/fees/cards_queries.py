"""Reads of rate cards: versions by key, which card applies on a day, what a delivery would earn (O11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from kefu.kernel.actor import Actor
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission
from kefu.station.fees import access, limits
from kefu.station.fees.cards import plain
from kefu.station.fees.choosing import Card, Place, candidates
from kefu.station.fees.queries import book_of
from kefu.station.fees.reckoning import Facts, Reckoned, fee_of


@dataclass(frozen=True, slots=True)
class CardRow:
    """A card in the list of versions. ``state``: coming, in_force, ended or withdrawn."""

    card: Card
    site: str
    state: str
    made_by: str
    made_at: datetime
    changeable: bool
    version: int


@dataclass(frozen=True, slots=True)
class Trial:
    """What a delivery would earn, by which card, and the cards that stood behind it; no card: nothing applies."""

    chosen: Card | None
    others: Sequence[Card]
    reckoned: Reckoned | None
    differs: bool


def _state(card: Card, today: date) -> str:
    if card.first > today:
        return "coming"
    return "in_force" if card.covers(today) else "ended"


def card_rows(actor: Actor, *, today: date, withdrawn: bool = False) -> list[CardRow]:
    """Cards in reach by site, place and product, the newest first: one query, at most 500."""
    people.require(actor, Permission.FEE_VIEW)
    rows = access.cards(actor) if withdrawn else access.cards(actor).filter(withdrawn_at=None)
    ordered = rows.order_by("key__site__path", "key__area", "key__product", "-valid_from", "-pk")[:500]
    may = actor.may(Permission.FEE_SETTLE)
    found = []
    for row in ordered:
        card = plain(row)
        state = "withdrawn" if row.withdrawn_at else _state(card, today)
        changeable = may and actor.reaches(card.site_id) and row.withdrawn_at is None
        found.append(CardRow(card, row.key.site.name, state, row.made_by, row.made_at, changeable, row.version))
    return found


def card_row(actor: Actor, card_id: int, *, today: date) -> CardRow:
    """One card in reach, or ``NotFound``."""
    row = access.card_for(actor, card_id)
    card = plain(row)
    state = "withdrawn" if row.withdrawn_at else _state(card, today)
    changeable = actor.may(Permission.FEE_SETTLE) and actor.reaches(card.site_id) and row.withdrawn_at is None
    return CardRow(card, row.key.site.name, state, row.made_by, row.made_at, changeable, row.version)


def what_if(actor: Actor, *, site_id: int, day: date, facts: Facts, destination: str = "", product: str = "", now: datetime) -> Trial:
    """What a delivery of a site in reach on a day would earn, with the sum written out."""
    people.require(actor, Permission.FEE_VIEW)
    people.require_site(actor, site_id)
    line = people_queries.line_of(site_id)
    cards = [plain(row) for row in access.cards(actor).filter(withdrawn_at=None, key__site_id__in=line)]
    found = candidates(cards, Place(line, destination, product), day)
    if not found:
        return Trial(None, (), None, False)
    book = book_of(site_id, now)
    told = Facts(
        facts.own, facts.hub, facts.pieces, facts.receipt, facts.round_trip, facts.floors, limits.weight_tolerance(book) if book else None
    )
    reckoned = fee_of(told, found[0].rates) if told.billed is not None else None
    return Trial(found[0], found[1:], reckoned, told.differs)
