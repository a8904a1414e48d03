"""The clocks of an order: accept it, then collect it, on the calendar of the station's handbook (O2, R12).

Outside its hours a calendar stands still, so an order placed in the evening is due next morning. A slot agreed with the customer replaces
the time limit of the collection by its own end.
"""

from datetime import datetime

from kefu.clocks import actions as clocks
from kefu.clocks.actions import Subject
from kefu.handbook import queries as handbooks
from kefu.handbook.errors import NotInForce
from kefu.handbook.schema import Clock, Handbook
from kefu.people import queries as people
from kefu.station.pickups.models import PickupOrder

ACCEPT, COLLECT = "order_accept", "order_collect"
# A clock runs once unless the subject is opened again: an order that comes to another site is.
_AGAIN = "case.reopened"


def book_at(site_id: int | None, now: datetime) -> Handbook | None:
    """The handbook in force at a site; ``None`` for no site, or one without a handbook."""
    site = people.sites_by_id().get(site_id or 0)
    try:
        return handbooks.book_at(site.handbook, now) if site else None
    except NotInForce:
        return None


def _clauses(book: Handbook, order: PickupOrder, at: datetime) -> dict[str, Clock]:
    found = {key: book.clocks[key] for key in (ACCEPT, COLLECT) if key in book.clocks}
    if COLLECT in found and order.slot_to is not None and order.slot_to > at and "natural" in book.calendars:
        slot = {"target": order.slot_to - at, "calendar": "natural", "warn_before": None}
        found[COLLECT] = found[COLLECT].model_copy(update=slot)
    return found


def run(order: PickupOrder, site_id: int, event: str, now: datetime) -> datetime | None:
    """Let an event of the order meet and start clocks; returns the nearest deadline afterwards.

    ``event``: ``case.opened`` when a site gets the order, ``order.accepted``, ``order.collected``.
    """
    book = book_at(site_id, now)
    if book is None:
        return None
    at = now.replace(microsecond=0)
    subject = Subject("pickup", order.pk, site_id)
    events = [event, _AGAIN] if event == "case.opened" else [event]
    left = clocks.apply_events(subject=subject, events=events, clauses=_clauses(book, order, at), book=book, at=at)
    return left[0].due_at if left else None


def stop(order: PickupOrder, now: datetime) -> None:
    """The order is no longer with the site: what still runs ends, unmet."""
    if order.site_id is not None:
        clocks.stop_all(subject=Subject("pickup", order.pk, order.site_id), at=now.replace(microsecond=0))
