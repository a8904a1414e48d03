"""The limits of receipts a handbook states: ``texts.station_receipts`` (O13, GK)."""

from datetime import datetime

from kefu.handbook import queries as handbooks
from kefu.handbook.errors import NotInForce
from kefu.handbook.schema import Handbook
from kefu.handbook.settings import Setting, setting
from kefu.station.receipts.rules import Days

KEY = "station_receipts"


def book_at(handbook: str, when: datetime) -> Handbook | None:
    """The handbook in force, if one is."""
    try:
        return handbooks.book_at(handbook, when)
    except NotInForce:
        return None


def days_of(book: Handbook | None) -> Days:
    """Limits in days; those the handbook does not state are not in force."""
    if book is None:
        return Days()
    found = {name: setting(book, KEY, f"{name}_days") for name in ("register", "return", "transit", "overdue")}
    clause = next((one.clause for one in found.values() if one is not None), "")
    register, back, transit, overdue = (None if one is None else one.number for one in found.values())
    return Days(register, back, transit, overdue, clause)


def image_most(book: Handbook | None) -> Setting | None:
    """How many pictures a receipt may have."""
    return setting(book, KEY, "image_most") if book else None


def case_kind(book: Handbook | None) -> tuple[str, str]:
    """Kind of case a lost receipt becomes and its clause; both empty when the handbook knows none."""
    if book is None:
        return "", ""
    for name in ("case_kind", "case_kind_else"):
        found = setting(book, KEY, name)
        if found is not None and book.procedure_for(str(found.value)) is not None:
            return str(found.value), found.clause
    return "", ""
