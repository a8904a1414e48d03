"""Words for what the schema refuses."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from kefu.handbook.problems import Problem
from kefu.kernel.errors import Message

# Names of the types that only exist inside the schema and are no part of a path in the file.
_INTERNAL = ("function-", "tagged-union", "constrained-")

_WORDS: dict[str, Message] = {
    "missing": _("缺少“%(name)s”。"),
    "extra_forbidden": _("不认识的名字“%(name)s”。"),
    "string_type": _("这里应是文字。"),
    "string_too_short": _("这里不能为空。"),
    "string_too_long": _("文字太长，最多 %(max_length)s 个字。"),
    "string_pattern_mismatch": _("名字“%(given)s”只能用小写英文字母、数字和下划线，并以字母开头。"),
    "int_type": _("这里应是整数。"),
    "int_parsing": _("这里应是整数。"),
    "int_from_float": _("这里应是整数。"),
    "float_type": _("这里应是数字。"),
    "float_parsing": _("这里应是数字。"),
    "decimal_type": _("这里应是数字。"),
    "decimal_parsing": _("这里应是数字。"),
    "bool_type": _("这里应是 true 或 false。"),
    "bool_parsing": _("这里应是 true 或 false。"),
    "literal_error": _("“%(given)s”不可用，可以是：%(expected)s。"),
    "dict_type": _("这里应是“名字: 内容”的形式。"),
    "model_type": _("这里应是“名字: 内容”的形式。"),
    "model_attributes_type": _("这里应是“名字: 内容”的形式。"),
    "tuple_type": _("这里应是列表，每项前加“- ”。"),
    "too_short": _("这里至少要有 %(min_length)s 项。"),
    "date_type": _("日期应写成 2024-05-01 的形式。"),
    "date_parsing": _("日期应写成 2024-05-01 的形式。"),
    "date_from_datetime_parsing": _("日期应写成 2024-05-01 的形式。"),
    "date_from_datetime_inexact": _("日期应写成 2024-05-01 的形式。"),
    "greater_than": _("应大于 %(gt)s。"),
    "greater_than_equal": _("不能小于 %(ge)s。"),
    "less_than_equal": _("不能大于 %(le)s。"),
    "duration": _("“%(given)s”不是时长。时长写成 5s、30m、2h、48h、7d 或 1h30m。"),
    "condition_form": _("条件应是 all、any、not 之一，或一个 fact 加一个比较（is、in、at_least…）。"),
    "slot_form": _("每个要点用 any_of、variable、pattern 之一说明怎样算说到。"),
    "notice_form": _("告知模板要写明何时告知：upon（事件）或 steps（流程.步骤）。"),
    "window": _("“%(given)s”不是时间段。时间段写成 08:30-12:00；24 小时写成 00:00-24:00。"),
    "calendar_empty": _("日历里没有任何工作时间。"),
    "windows_overlap": _("日历里的时间段有重叠。"),
    "rung": _("“%(given)s”不可用。at 写 warn（预警时）、breach（超时时）或 +4h（超时后 4 小时）。"),
    "target_zero": _("时限应大于零。"),
    "warn_too_early": _("预警提前量应短于时限本身。"),
    "law_pause": _("法定时限不能暂停。"),
    "end_form": _("结束步骤（end: true）的状态应是 closed，并且没有下一步。"),
    "choices_form": _("选择题（choice、multi）要列出 choices，其他类型不要。"),
}


def _path(location: tuple[Any, ...]) -> str:
    parts = [str(part) for part in location if not (isinstance(part, str) and part.startswith(_INTERNAL))]
    return ".".join(part for part in parts if part != "[key]")


def from_pydantic(error: Any) -> Problem:
    """The problem that a validation error is; its code is the schema's type of error."""
    kind, location = error["type"], error["loc"]
    params = {key: value for key, value in error.get("ctx", {}).items() if isinstance(value, str | int | float | Decimal)}
    given = error.get("input")
    params.setdefault("given", str(given)[:60] if isinstance(given, str | int | float | bool) else "")
    params["name"] = str(location[-1]) if location else ""
    if "expected" in params:
        params["expected"] = str(params["expected"]).replace("'", "").replace(" or ", ", ")
    code = "key_form" if location and location[-1] == "[key]" else kind
    return Problem(_path(location), code, _WORDS.get(kind, _("这里的内容不对。")), params)
