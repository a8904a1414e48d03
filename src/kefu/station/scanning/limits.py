"""The limits of scanning a handbook states: ``texts.station_delivery_scan`` (O8) and ``texts.station_redelivery`` (R10)."""

from dataclasses import dataclass

from kefu.handbook.schema import Handbook
from kefu.handbook.settings import Setting, setting

SCAN, AGAIN = "station_delivery_scan", "station_redelivery"


@dataclass(frozen=True, slots=True)
class Limits:
    """Each with its clause; ``None``: the handbook does not state it, the check is not made."""

    repeat_minutes: Setting | None = None
    future_minutes: Setting | None = None
    oldest_hours: Setting | None = None
    daily_load_most: Setting | None = None
    undo_minutes: Setting | None = None
    second_attempt_hours: Setting | None = None
    hours_from: Setting | None = None
    hours_to: Setting | None = None
    attempts_least: Setting | None = None


def limits_of(book: Handbook) -> Limits:
    """What the handbook states."""
    return Limits(
        repeat_minutes=setting(book, SCAN, "repeat_minutes"),
        future_minutes=setting(book, SCAN, "future_minutes"),
        oldest_hours=setting(book, SCAN, "oldest_hours"),
        daily_load_most=setting(book, SCAN, "daily_load_most"),
        undo_minutes=setting(book, SCAN, "undo_minutes"),
        second_attempt_hours=setting(book, AGAIN, "second_attempt_hours"),
        hours_from=setting(book, AGAIN, "hours_from"),
        hours_to=setting(book, AGAIN, "hours_to"),
        attempts_least=setting(book, AGAIN, "attempts_least"),
    )
