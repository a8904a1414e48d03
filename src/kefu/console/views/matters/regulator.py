"""What an appeal to the postal authority writes into the timeline of its case, in words: steps and numbers only (R27)."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from kefu.console.views.matters.said import Said, Says
from kefu.handbook.schema import Handbook


def _plain(words: str, icon: str, tone: str = "accent") -> Says:
    def says(data: Mapping[str, Any], book: Handbook) -> Said:  # noqa: ARG001
        return Said(_(words) % {"number": data.get("number", ""), "by": data.get("by", "")}, icon, tone)

    return says


SAYS: Mapping[str, Says] = {
    "appeal.filed": _plain(gettext_noop("%(by)s 登记了邮政申诉 %(number)s"), "alert", "bad"),
    "appeal.accepted": _plain(gettext_noop("申诉中心已受理申诉 %(number)s"), "accept"),
    "appeal.written": _plain(gettext_noop("%(by)s 写了申诉 %(number)s 的答复，等待审批"), "edit"),
    "appeal.returned": _plain(gettext_noop("%(by)s 退回了申诉 %(number)s 的答复"), "undo", "warn"),
    "appeal.answered": _plain(gettext_noop("%(by)s 批准了申诉 %(number)s 的答复，已发出"), "send", "good"),
    "appeal.opinion": _plain(gettext_noop("收到申诉 %(number)s 的调解意见"), "reply", "warn"),
    "appeal.fed_back": _plain(gettext_noop("已反馈申诉 %(number)s 的调解意见"), "send", "good"),
    "appeal.closed": _plain(gettext_noop("申诉 %(number)s 已办结"), "check-circle", "good"),
    "appeal.withdrawn": _plain(gettext_noop("申诉 %(number)s 已撤回"), "undo", "quiet"),
}
