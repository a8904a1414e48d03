"""What a cell of a table means: a code, a moment, an amount. Knows what Excel does to numbers and dates (PLAT2)."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from unicodedata import normalize

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Message
from kefu.kernel.tabular import Cell

REASONS: dict[str, Message] = {
    "digits_lost": _("长编号被 Excel 变成了科学计数法，末尾数字已丢失；请把该列设为文本后重新导出。"),
    "date_in_code": _("编号被 Excel 变成了日期；请把该列设为文本后重新导出。"),
    "bad_time": _("时间无法识别，请使用 2026-03-01 09:30:00 这样的格式。"),
    "bad_number": _("数字无法识别。"),
}

_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d{1,3}")
_AS_TEXT = re.compile(r'="?([^"]*)"?')
_DAY = r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
_HALF = r"(上午|下午|凌晨|中午|晚上|am|pm)?"
_CLOCK = r"(\d{1,2})\s*[:时点]\s*(\d{1,2})\s*分?(?:\s*:?\s*(\d{1,2})(?:[.,](\d{1,6}))?\s*秒?)?"
_ZONE = r"(z|[+-]\d{2}:?\d{2})?"
_MOMENT = re.compile(rf"{_DAY}(?:[ t]*{_HALF}\s*{_CLOCK}\s*(am|pm)?\s*{_ZONE})?", re.IGNORECASE)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[ t]?(\d{2})(\d{2})(\d{2})?)?", re.IGNORECASE)
_ELAPSED = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2}(?:\.\d+)?)")
_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 (a serial number has no zone; the caller's is put on)
_AFTERNOON = frozenset({"下午", "晚上", "pm"})
_MIDDAY = frozenset({"中午"})


class BadCell(Exception):
    """A cell that cannot mean what its column says; ``reason`` is a key of ``REASONS``."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def text_of(cell: Cell) -> str:
    """The cell as text."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)


def code_of(cell: Cell) -> str:
    """A number that is a name (waybill, 工号, phone): no digit may be missing, leading zeros stay."""
    if isinstance(cell, datetime | date | time | timedelta):
        raise BadCell("date_in_code")
    if isinstance(cell, int | float):
        if abs(cell) >= 1e15 or not float(cell).is_integer():
            raise BadCell("digits_lost")
        return str(int(cell))
    text = (cell or "").strip()
    if shown := _AS_TEXT.fullmatch(text):
        text = shown[1].strip()
    text = text.removeprefix("'")
    return _whole(text) if _SCIENTIFIC.fullmatch(text) else text


def _whole(text: str) -> str:
    """A number in scientific notation when every digit of it is there; Excel keeps fifteen, and shows fewer."""
    mantissa, _mark, exponent = text.upper().partition("E")
    first, _point, decimals = mantissa.partition(".")
    if len(decimals) != int(exponent) or int(exponent) > 14:
        raise BadCell("digits_lost")
    return first + decimals


def moment_of(cell: Cell, zone: tzinfo) -> datetime | None:
    """A moment however it was written; local times are of ``zone``. ``None`` for an empty cell."""
    try:
        if isinstance(cell, str):
            return _written_moment(normalize("NFKC", cell).strip(), zone) if cell.strip() else None
        if isinstance(cell, datetime):
            return cell if cell.tzinfo else cell.replace(tzinfo=zone)
        if isinstance(cell, date):
            return datetime.combine(cell, time.min, zone)
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            return _counted(float(cell), zone)
    except (ValueError, OverflowError) as error:
        raise BadCell("bad_time") from error
    if cell is None:
        return None
    raise BadCell("bad_time")


def _counted(number: float, zone: tzinfo) -> datetime:
    """A serial day number of Excel, or seconds or milliseconds since 1970."""
    if 20_000 <= number < 80_000:
        return (_EXCEL_EPOCH + timedelta(seconds=round(number * 86400))).replace(tzinfo=zone)
    if 1e9 <= number < 1e10:
        return datetime.fromtimestamp(number, UTC)
    if 1e12 <= number < 1e13:
        return datetime.fromtimestamp(number / 1000, UTC)
    raise BadCell("bad_time")


def _written_moment(text: str, zone: tzinfo) -> datetime:
    if found := _MOMENT.fullmatch(text):
        return _read_moment(found, zone)
    if (found := _COMPACT.fullmatch(text)) and 1990 <= int(found[1]) <= 2100:
        return datetime(*(int(part or 0) for part in found.groups()), tzinfo=zone)  # type: ignore[misc,arg-type]
    try:
        return _counted(float(text), zone)
    except ValueError as error:
        raise BadCell("bad_time") from error


def _read_moment(found: re.Match[str], zone: tzinfo) -> datetime:
    year, month, day, half, hour, minute, second, fraction, after, offset = found.groups()
    hours = int(hour or 0)
    word = (half or after or "").lower()
    if (word in _AFTERNOON and hours < 12) or (word in _MIDDAY and hours < 3):
        hours += 12
    elif word and word not in _AFTERNOON | _MIDDAY and hours == 12:
        hours = 0
    micro = int((fraction or "0").ljust(6, "0"))
    plain = datetime(int(year), int(month), int(day), hours, int(minute or 0), int(second or 0), micro, tzinfo=zone)
    if not offset:
        return plain
    return datetime.fromisoformat(plain.replace(tzinfo=None).isoformat() + ("+00:00" if offset in "zZ" else offset))


def seconds_of(cell: Cell) -> float | None:
    """Time since the start: seconds, or ``mm:ss``, ``hh:mm:ss``; ``None`` when the cell is no such thing."""
    if isinstance(cell, timedelta):
        return cell.total_seconds()
    if isinstance(cell, time):
        return timedelta(hours=cell.hour, minutes=cell.minute, seconds=cell.second, microseconds=cell.microsecond).total_seconds()
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell) if 0 <= cell < 20_000 else None
    if not isinstance(cell, str):
        return None
    text = normalize("NFKC", cell).strip()
    if found := _ELAPSED.fullmatch(text):
        return int(found[1] or 0) * 3600 + int(found[2]) * 60 + float(found[3])
    return float(text) if re.fullmatch(r"\d{1,5}(\.\d+)?", text) and float(text) < 20_000 else None


def amount_of(cell: Cell) -> Decimal | None:
    """A number with or without ¥, 元, kg and thousands commas; ``None`` for an empty cell."""
    if cell is None or isinstance(cell, bool):
        return None
    text = re.sub(r"[,¥￥\s]|元|kg|公斤|千克", "", normalize("NFKC", str(cell)), flags=re.IGNORECASE)
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise BadCell("bad_number") from error
    if not number.is_finite():
        raise BadCell("bad_number")
    return number


_TRUE = frozenset({"1", "是", "y", "yes", "true", "有", "√"})
_FALSE = frozenset({"", "0", "否", "n", "no", "false", "无", "×", "-"})


def flag_of(cell: Cell) -> bool:
    """Yes or no in the words tables use; an empty cell is no."""
    text = normalize("NFKC", text_of(cell)).strip().lower()
    if text in _TRUE:
        return True
    if text not in _FALSE:
        raise BadCell("bad_number")
    return False
