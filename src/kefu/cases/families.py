"""Families of kinds: which kinds of case are complaints says the handbook, in one place for lists and figures (PERF1, SHOP8)."""

from collections.abc import Sequence
from datetime import datetime

from kefu.handbook import queries as handbooks
from kefu.handbook.schema import Handbook
from kefu.people import queries as people

FAMILIES = ("enquiry", "complaint", "service", "internal")
COMPLAINT = "complaint"


def books(now: datetime) -> Sequence[Handbook]:
    """The handbooks the sites work by, as they are in force at the moment."""
    return handbooks.books_at({site.handbook for site in people.sites_by_id().values() if site.handbook}, now)


def kinds_of(family: str, now: datetime) -> list[str]:
    """Kinds of a family in any handbook in force, in order."""
    return sorted({key for book in books(now) for key, kind in book.kinds.items() if kind.family == family})
