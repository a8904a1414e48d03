"""The handbook in force at a moment, by the key of a site's."""

from datetime import datetime

from kefu.handbook import queries as handbooks
from kefu.handbook.errors import NotInForce
from kefu.handbook.schema import Handbook
from kefu.station.tracking.boxes import BookOf


def books_at(now: datetime) -> BookOf:
    """What finds it; ``None`` where none is in force: nothing is judged then."""

    def book_of(key: str) -> Handbook | None:
        try:
            return handbooks.book_at(key, now)
        except NotInForce:
            return None

    return book_of
