"""What the handbook says about changing an area table (R47)."""

from datetime import datetime

from kefu.handbook import queries as handbooks
from kefu.handbook.errors import NotInForce
from kefu.handbook.schema import Handbook
from kefu.handbook.settings import Setting, setting
from kefu.people import queries as people_queries

CLAUSE = "station_areas"


def book_of(site_id: int, now: datetime) -> Handbook | None:
    """The handbook in force at a site; none where it has none."""
    site = people_queries.sites_by_id().get(site_id)
    if site is None:
        return None
    try:
        return handbooks.book_at(site.handbook, now)
    except NotInForce:
        return None


def notice(site_id: int, now: datetime) -> Setting | None:
    """Days between publishing a change and its first day, with the clause; none when the handbook does not state it."""
    book = book_of(site_id, now)
    return setting(book, CLAUSE, "notice_days") if book else None
