"""What a form of the station says: texts, numbers, amounts, days; and how a refusal is shown beside the fields it concerns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from kefu.console.routes import ConsoleRequest
from kefu.kernel.errors import Invalid, KefuError


@dataclass(frozen=True, slots=True)
class Refusal:
    """Which form of a page was refused, with words by field; the empty field is the form itself."""

    form: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


def refusal(request: ConsoleRequest, form: str, error: KefuError) -> Refusal:
    """A refusal as its form shows it, with what was typed."""
    fields = {name: str(words) for name, words in error.fields.items()} if isinstance(error, Invalid) else {}
    return Refusal(form, fields or {"": str(error)}, request.POST.dict(), error.status)


def text(request: ConsoleRequest, name: str, most: int = 4000) -> str:
    """A text of the form."""
    return request.POST.get(name, "").replace("\0", "").strip()[:most]


def whole(request: ConsoleRequest, name: str, default: int = -1) -> int:
    """A whole number, or the default."""
    value = text(request, name, 20)
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else default


def amount(request: ConsoleRequest, name: str) -> Decimal | None:
    """A number; nothing when the field is empty, one that no rule takes when it cannot be read."""
    value = text(request, name, 40)
    if not value:
        return None
    try:
        return Decimal(value)
    except InvalidOperation:
        return Decimal("NaN")


def day(value: str) -> date | None:
    """A day, or nothing."""
    try:
        found = date.fromisoformat(value.strip())
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2999 else None


def month(value: str) -> date | None:
    """The first day of a month written as 2026-10, or nothing."""
    return day(f"{value.strip()[:7]}-01")
