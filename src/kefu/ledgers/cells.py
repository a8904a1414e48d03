"""Cells as text: one way of writing each value, so that a file and the screen can be compared letter by letter. Pure."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.kernel.cells import BadCell, amount_of, code_of, flag_of, moment_of
from kefu.kernel.cells import text_of as written
from kefu.kernel.errors import Invalid, Message
from kefu.kernel.exporting import Kind, Value

LONGEST = 500
_LONGEST_CODE = 60
_MOST = Decimal("9999999.99")
KINDS: Mapping[str, Kind] = {
    "text": "text",
    "long_text": "text",
    "bool": "text",
    "number": "number",
    "money": "money",
    "datetime": "moment",
    "waybill": "code",
}
"""How a column of each type is written into a spreadsheet and shown on a list."""
_WRONG: Mapping[str, Message] = {
    "number": gettext_lazy("请填写数字，不小于 0。"),
    "money": gettext_lazy("请填写金额，不小于 0，最多两位小数。"),
    "datetime": gettext_lazy("请填写日期或时间，如 2026-01-31 或 2026-01-31 15:20。"),
    "bool": gettext_lazy("请填写“是”或“否”。"),
    "waybill": gettext_lazy("请填写单号（60 字以内）。"),
}


def shown(value: Value, type_: str, zone: tzinfo) -> str:
    """A value as text. Moments to the minute, which is all people type; numbers without useless zeros; money to the fen."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%Y-%m-%d %H:%M}"
    if isinstance(value, Decimal | int | float):
        return f"{value:.2f}" if type_ == "money" else f"{Decimal(str(value)).normalize():f}"
    return str(value)


def from_file(cell: Any, type_: str, zone: tzinfo) -> str:
    """A cell of somebody's spreadsheet, written the same way; what cannot be read stays as it was typed, and is refused later."""
    try:
        if type_ == "datetime":
            found = moment_of(cell, zone)
            return shown(found, type_, zone) if found else ""
        if type_ in ("money", "number"):
            return shown(amount_of(cell), type_, zone)
        if type_ == "bool":
            text = written(cell).strip()
            return shown(flag_of(cell), type_, zone) if text else ""
        return code_of(cell) if type_ == "waybill" else written(cell).strip().removeprefix("'")
    except BadCell:
        return written(cell).strip()


def stored(text: str, type_: str, zone: tzinfo) -> str:
    """What is kept of words typed into a cell of the type; raises ``Invalid`` with what to type."""
    text = text.strip()
    if not text:
        return ""
    try:
        return _STORED.get(type_, _plain)(text, zone)
    except (BadCell, ValueError) as error:
        raise Invalid(fields={"value": _WRONG.get(type_, gettext_lazy("内容过长，请控制在 500 字以内。"))}) from error


def value_of(kept: str, type_: str) -> Value:
    """What was kept, as a value."""
    if not kept:
        return None if type_ in ("number", "money", "datetime") else ""
    if type_ in ("number", "money"):
        return Decimal(kept)
    if type_ == "datetime":
        return datetime.fromisoformat(kept)
    return kept == "1" if type_ == "bool" else kept


def _plain(text: str, _zone: tzinfo) -> str:
    if len(text) > LONGEST:
        raise ValueError
    return text


def _code(text: str, _zone: tzinfo) -> str:
    if len(text) > _LONGEST_CODE:
        raise ValueError
    return text


def _amount(text: str, _zone: tzinfo) -> str:
    found = amount_of(text)
    if found is None or not 0 <= found <= _MOST or found != round(found, 2):
        raise ValueError
    return f"{found:f}"


def _moment(text: str, zone: tzinfo) -> str:
    found = moment_of(text, zone)
    if found is None:
        raise ValueError
    return found.astimezone(UTC).isoformat()


def _flag(text: str, _zone: tzinfo) -> str:
    return "1" if flag_of(text) else "0"


_STORED: Mapping[str, Callable[[str, tzinfo], str]] = {
    "number": _amount,
    "money": _amount,
    "datetime": _moment,
    "bool": _flag,
    "waybill": _code,
}
