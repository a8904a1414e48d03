"""Words for what the request schemas refuse: pydantic's error types in the languages of the product."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import lazystr
from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Message

_WORDS: dict[str, Message] = {
    "missing": _("缺少此项。"),
    "extra_forbidden": _("不认识的名称。"),
    "string_type": _("应为文字。"),
    "string_too_short": _("不能少于 %(min_length)s 个字。"),
    "string_too_long": _("不能超过 %(max_length)s 个字。"),
    "string_pattern_mismatch": _("格式不正确。"),
    "int_type": _("应为整数。"),
    "int_parsing": _("应为整数。"),
    "int_from_float": _("应为整数。"),
    "float_type": _("应为数字。"),
    "float_parsing": _("应为数字。"),
    "decimal_type": _("应为数字。"),
    "decimal_parsing": _("应为数字。"),
    "decimal_max_places": _("最多 %(decimal_places)s 位小数。"),
    "bool_type": _("应为 true 或 false。"),
    "bool_parsing": _("应为 true 或 false。"),
    "literal_error": _("只能是：%(expected)s。"),
    "enum": _("只能是：%(expected)s。"),
    "greater_than": _("应大于 %(gt)s。"),
    "greater_than_equal": _("不能小于 %(ge)s。"),
    "less_than": _("应小于 %(lt)s。"),
    "less_than_equal": _("不能大于 %(le)s。"),
    "too_short": _("至少要有 %(min_length)s 项。"),
    "too_long": _("最多 %(max_length)s 项。"),
    "dict_type": _("应为对象。"),
    "model_type": _("应为对象。"),
    "model_attributes_type": _("应为对象。"),
    "list_type": _("应为数组。"),
    "timezone_aware": _("时间要带时区，例如 2026-11-22T10:00:00+08:00。"),
    "datetime_type": _("应为时间，例如 2026-11-22T10:00:00+08:00。"),
    "datetime_parsing": _("应为时间，例如 2026-11-22T10:00:00+08:00。"),
    "datetime_from_date_parsing": _("应为时间，例如 2026-11-22T10:00:00+08:00。"),
    "date_type": _("应为日期，例如 2026-11-22。"),
    "date_parsing": _("应为日期，例如 2026-11-22。"),
    "date_from_datetime_parsing": _("应为日期，例如 2026-11-22。"),
}
_WRONG = _("内容不正确。")


def message_of(error: Mapping[str, Any]) -> Message:
    """What to say about one validation error; filled in when it is read, in the reader's language."""
    context = {key: value for key, value in error.get("ctx", {}).items() if isinstance(value, str | int | float)}
    text = _WORDS.get(str(error["type"]), _WRONG)
    return lazystr(_Filled(text, context)) if context else text


class _Filled:
    def __init__(self, text: Message, values: Mapping[str, Any]) -> None:
        self._text, self._values = text, values

    def __str__(self) -> str:
        try:
            return str(self._text) % self._values
        except (KeyError, TypeError):
            return str(_WRONG)


def path_of(location: Iterable[Any]) -> str:
    """Dotted name of the field without the names the framework adds (``body``, the parameter's own name)."""
    parts = [str(part) for part in location]
    if parts and parts[0] in ("body", "query", "path", "header", "form", "file"):
        parts = parts[1:]
    if len(parts) > 1 and parts[0] in ("body", "wanted"):
        parts = parts[1:]
    return ".".join(parts) or "body"


def fields_of(found: Iterable[Mapping[str, Any]]) -> dict[str, Message]:
    """Field names to messages; the first error of a field wins."""
    fields: dict[str, Message] = {}
    for error in found:
        fields.setdefault(path_of(error["loc"]), message_of(error))
    return fields
