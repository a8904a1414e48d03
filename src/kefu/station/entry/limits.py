"""What the handbook says about entering waybills: ``texts.station_entry`` and its neighbours (O9, R18, R19, R19a)."""

from dataclasses import dataclass
from datetime import datetime

from kefu.handbook import queries as handbooks
from kefu.handbook.errors import NotInForce
from kefu.handbook.schema import Handbook
from kefu.handbook.settings import Setting, setting
from kefu.people import queries as people_queries

ENTRY, AREAS, MONEY, BANNED = "station_entry", "station_entry_areas", "station_entry_money", "station_entry_banned"


@dataclass(frozen=True, slots=True)
class Limits:
    """Settings in force at a site. What the handbook does not state is empty, and that rule is not in force."""

    volume_divisor: Setting | None = None
    weight_step: Setting | None = None
    insured_most: Setting | None = None
    insured_rate: Setting | None = None
    insured_least_fee: Setting | None = None
    cod_most: Setting | None = None
    id_required: Setting | None = None
    late_hours: Setting | None = None
    days_back_most: Setting | None = None
    under_kilograms: Setting | None = None
    under_share: Setting | None = None
    must_be_told: Setting | None = None
    refuse_provinces: Setting | None = None
    scopes: Setting | None = None
    postal: Setting | None = None
    other_carriers: Setting | None = None
    own_carriers: Setting | None = None
    words: Setting | None = None
    allowed: Setting | None = None


_WHERE = {
    **dict.fromkeys(
        (
            "volume_divisor",
            "weight_step",
            "insured_most",
            "insured_rate",
            "insured_least_fee",
            "cod_most",
            "id_required",
            "late_hours",
            "days_back_most",
            "under_kilograms",
            "under_share",
        ),
        ENTRY,
    ),
    **dict.fromkeys(("must_be_told", "refuse_provinces"), AREAS),
    **dict.fromkeys(("scopes", "postal", "other_carriers", "own_carriers"), MONEY),
    **dict.fromkeys(("words", "allowed"), BANNED),
}


def limits_of(book: Handbook) -> Limits:
    """The settings a handbook states."""
    return Limits(**{name: setting(book, key, name) for name, key in _WHERE.items()})


def limits_at(site_id: int, now: datetime) -> Limits:
    """The settings in force at a site at a moment; none where it has no handbook."""
    site = people_queries.sites_by_id().get(site_id)
    if site is None:
        return Limits()
    try:
        return limits_of(handbooks.book_at(site.handbook, now))
    except NotInForce:
        return Limits()


def number(value: Setting | None) -> float | None:
    """A setting as a number, or nothing when it is not stated."""
    return None if value is None else value.number


def words(value: Setting | None) -> tuple[str, ...]:
    """A setting as a list of words."""
    return tuple(str(value.value).split()) if value is not None else ()
