"""States, stages and refusals in words, at read time."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Message
from kefu.recordings.errors import FAILURES
from kefu.sound.errors import REASONS

METADATA: Mapping[str, Message] = {
    "site": _("站点不存在，或不在您的权限范围内。"),
    "started_at": _("缺少通话开始时间（started_at，带时区）。"),
    "sides": _("声道说明应为 agent 和 customer 各一个；单声道不用填。"),
    "json": _("JSON 文件读不出来，请检查格式。"),
    "alone": _("录音和通话信息（同名 .json）没有成对，等了一天。"),
    "field": _("字段不认识或类型不对。"),
}
"""What is wrong with what is told of a call."""

PURPOSES: Mapping[str, Message] = {
    "own": _("本人回听"),
    "inspection": _("质检"),
    "supervision": _("班组管理"),
    "training": _("培训"),
    "download": _("下载"),
    "api": _("接口下载"),
}
SIDES: Mapping[str, Message] = {"agent": _("客服"), "customer": _("客户"), "both": _("双方（单声道）")}
REMOVED: Mapping[str, Message] = {"time_over": _("保存期已过"), "by_hand": _("人工删除")}
STAGES: Mapping[str, Message] = {"stored": _("存入"), "measured": _("分析"), "transcribed": _("转写")}


def failure(code: str) -> str:
    """Why the work failed, in words; empty for none."""
    return str(FAILURES.get(code) or REASONS.get(code) or FAILURES["error"]) if code else ""
