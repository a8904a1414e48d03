"""What every clause has, and the small value types handbooks use."""

import re
from datetime import date, timedelta
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer
from pydantic_core import PydanticCustomError

KEY_PATTERN = r"^[a-z][a-z0-9_]*$"
Channel: TypeAlias = Literal["call", "chat", "email", "form"]
ALL_CHANNELS: tuple[Channel, ...] = ("call", "chat", "email", "form")

_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))


def parse_duration(value: Any) -> timedelta:
    """``2h``, ``48h``, ``7d``, ``5s``, ``1h30m`` to a time span; anything else is a problem with code ``duration``."""
    if isinstance(value, timedelta):
        return value
    found = _DURATION.fullmatch(value) if isinstance(value, str) and value else None
    if not found or len(value) > 12:
        raise PydanticCustomError("duration", "duration", {"given": str(value)})
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def format_duration(span: timedelta) -> str:
    """Back to the short form; whole days only when they divide and are more than two (``48h`` stays ``48h``)."""
    seconds = int(span.total_seconds())
    if seconds % 86400 == 0 and seconds > 2 * 86400:
        return f"{seconds // 86400}d"
    parts = []
    for unit, size in _UNITS[1:]:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


Duration = Annotated[timedelta, BeforeValidator(parse_duration), PlainSerializer(format_duration, return_type=str)]
Key = Annotated[str, Field(pattern=KEY_PATTERN, max_length=60)]
Words = Annotated[str, Field(min_length=1, max_length=8000)]
Title = Annotated[str, Field(min_length=1, max_length=200)]


class Model(BaseModel):
    """Base of all handbook values: closed, frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, coerce_numbers_to_str=True)


class Titled(Model):
    """Something with a name in both languages."""

    title: Title
    title_en: str = ""

    def name(self, language: str) -> str:
        """Title in the reader's language, Chinese when there is no English."""
        return self.title_en if language.startswith("en") and self.title_en else self.title


class Clause(Titled):
    """A numbered statement of the handbook: ``section.key``. ``source`` says where it is from, ``since`` dates a setting of our own."""

    source: str = Field(min_length=1, max_length=200)
    since: date | None = None
    note: str = ""
    note_en: str = ""
