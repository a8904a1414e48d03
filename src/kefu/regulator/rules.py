"""Pure decisions about appeals: may this complaint go to the authority, and from when (R25); how long a file is kept (R27)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of the matter. ``refused``: the customer was answered and is not satisfied; ``party``: of the parcel."""

    complained_at: datetime | None
    posted_on: date | None
    refused: bool
    direct_party: bool
    appealed_before: bool


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of R25: whether it holds (``None``: unknown), and from or until when, where it has a moment."""

    key: str
    holds: bool | None
    at: datetime | None = None


def checks(asked: Asked, *, complaint_for: timedelta | None, within: timedelta | None, now: datetime, zone: tzinfo) -> list[Check]:
    """The conditions of R25 one by one."""
    found = []
    if complaint_for is not None:
        opens = asked.complained_at + complaint_for if asked.complained_at else None
        waited = opens is not None and now >= opens
        found.append(Check("complained", None if opens is None else waited or asked.refused, opens))
    if within is not None:
        ends = datetime.combine(asked.posted_on, time.min, zone) + within if asked.posted_on else None
        found.append(Check("in_time", None if ends is None else now <= ends, ends))
    found.append(Check("direct_party", asked.direct_party))
    found.append(Check("not_appealed", not asked.appealed_before))
    return found


def may_appeal(found: list[Check]) -> bool | None:
    """Whether all hold; ``None`` when that is not known."""
    if any(one.holds is False for one in found):
        return False
    return None if any(one.holds is None for one in found) else True


def kept_until(closed_at: datetime, kept_for: timedelta | None) -> datetime | None:
    """Until when the file is kept; ``None``: for ever, where no handbook says how long."""
    return None if kept_for is None else closed_at + kept_for


def per_million(appeals: int, parcels: int) -> float | None:
    """申诉率: appeals per million parcels (R30); ``None`` without parcels."""
    return appeals * 1_000_000 / parcels if parcels else None
