"""What the handbook says about tracking: ``texts.station_tracking`` (O1, O14)."""

from dataclasses import dataclass
from datetime import timedelta

from kefu.handbook.schema import Handbook
from kefu.handbook.settings import setting

_KEY = "station_tracking"


@dataclass(frozen=True, slots=True)
class TrackingRules:
    """``within``: carriers' lines this near to another of the same meaning are the same event. ``quiet_after``: nothing heard for so
    long is worth asking; ``None`` when the handbook does not say. ``clause`` is where it stands."""

    within: timedelta = timedelta(0)
    quiet_after: timedelta | None = None
    clause: str = ""


def rules_of(book: Handbook | None) -> TrackingRules:
    """The rules in force; without a handbook lines are told apart by the second and nothing counts as quiet."""
    if book is None:
        return TrackingRules()
    same = setting(book, _KEY, "same_minutes")
    quiet = setting(book, _KEY, "quiet_hours")
    return TrackingRules(
        same.span(timedelta(minutes=1)) if same else timedelta(0),
        quiet.span(timedelta(hours=1)) if quiet else None,
        quiet.clause if quiet else "",
    )
