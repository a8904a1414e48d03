"""Pure decisions about notices: what a text says, when it may be sent, when it is tried again."""

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta

_VARIABLE = re.compile(r"\{(\w+)\}")


def fill(text: str, values: Mapping[str, str]) -> tuple[str, list[str]]:
    """The text with its variables filled in, and the names of those that have no value."""
    blanks = [name for name in dict.fromkeys(_VARIABLE.findall(text)) if not values.get(name)]
    return _VARIABLE.sub(lambda match: values.get(match[1]) or f"【{match[1]}】", text), blanks


def allowed_at(local: datetime, quiet_from: int | None, quiet_to: int | None) -> datetime:
    """The earliest moment at or after ``local`` outside the quiet hours, which may run past midnight; hours 0–24 of the local day."""
    if quiet_from is None or quiet_to is None or quiet_from == quiet_to:
        return local
    hour = local.hour + local.minute / 60
    if quiet_from < quiet_to:
        quiet, tomorrow = quiet_from <= hour < quiet_to, False
    else:
        quiet, tomorrow = hour >= quiet_from or hour < quiet_to, hour >= quiet_from
    if not quiet:
        return local
    day = local.date() + timedelta(days=1 if tomorrow else 0)
    if quiet_to >= 24:
        return datetime.combine(day + timedelta(days=1), time.min, local.tzinfo)
    return datetime.combine(day, time(quiet_to), local.tzinfo)


def pause_before_next(tries: int, first: timedelta, most: int) -> timedelta | None:
    """How long to wait after so many failed tries, doubling each time; ``None``: it is given up."""
    return None if tries >= most else first * 2 ** (tries - 1)
