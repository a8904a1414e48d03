"""What a handbook states about signing: ``texts.station_signing`` (O10, R11) and ``texts.station_false_sign``."""

from dataclasses import dataclass

from kefu.handbook.schema import Handbook
from kefu.handbook.settings import Setting, setting

SIGN, FALSE = "station_signing", "station_false_sign"


@dataclass(frozen=True, slots=True)
class Limits:
    """Each with its clause; ``None``: the handbook does not state it, the check is not made."""

    consent: Setting | None = None
    delivery_first: Setting | None = None
    courier_matches: Setting | None = None
    paid_first: Setting | None = None
    rate_cutoff_hour: Setting | None = None


@dataclass(frozen=True, slots=True)
class Signs:
    """When a signature looks false; each with its clause."""

    no_delivery: Setting | None = None
    night_from: Setting | None = None
    night_to: Setting | None = None
    night_least: Setting | None = None
    typed_back_hours: Setting | None = None
    burst_minutes: Setting | None = None
    burst_least: Setting | None = None
    load_most: Setting | None = None
    consent: Setting | None = None


def limits_of(book: Handbook) -> Limits:
    """The checks of a sign-off in force."""
    return Limits(**{name: _on(book, name) for name in Limits.__dataclass_fields__})


def _on(book: Handbook, name: str) -> Setting | None:
    found = setting(book, SIGN, name)
    return found if found is not None and found.value not in (False, 0) else None


def signs_of(book: Handbook) -> Signs:
    """The patterns in force."""
    found = {name: setting(book, FALSE, name) for name in Signs.__dataclass_fields__}
    return Signs(**{name: one if one is not None and one.value is not False else None for name, one in found.items()})
