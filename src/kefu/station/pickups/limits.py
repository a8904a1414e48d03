"""Settings of pick-up orders, from the handbook of the site (``texts.station_pickups``)."""

from dataclasses import dataclass

from kefu.handbook.schema import Handbook
from kefu.handbook.settings import Setting, setting

KEY = "station_pickups"


@dataclass(frozen=True, slots=True)
class Limits:
    """What the handbook allows; what it does not state does not hold."""

    transfers: Setting | None
    future_minutes: Setting | None


def limits_of(book: Handbook | None) -> Limits:
    """Read them; none at all for a site without a handbook in force."""
    if book is None:
        return Limits(None, None)
    return Limits(setting(book, KEY, "transfers_most"), setting(book, KEY, "future_minutes"))
