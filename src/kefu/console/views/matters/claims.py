"""What a claim writes into the timeline of its case, in words."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from kefu.claims.vocabulary import Rung
from kefu.console import times
from kefu.console.views.matters.said import Said, Says
from kefu.handbook.schema import Handbook

_RUNGS = dict(Rung.choices)


def _plain(words: str, icon: str = "money", tone: str = "accent") -> Says:
    def says(data: Mapping[str, Any], book: Handbook) -> Said:  # noqa: ARG001
        values = {
            "number": data.get("number", ""),
            "amount": times.money(data.get("amount")),
            "rung": _RUNGS.get(data.get("rung", ""), ""),
            "payment": data.get("payment", ""),
            "back": times.money(data.get("back")),
        }
        return Said(_(words) % values, icon, tone)

    return says


SAYS: Mapping[str, Says] = {
    "claim.filed": _plain(gettext_noop("登记理赔 %(number)s，计算金额 %(amount)s")),
    "claim.revised": _plain(gettext_noop("修改理赔 %(number)s，计算金额 %(amount)s"), "edit"),
    "claim.acknowledged": _plain(gettext_noop("已告知客户收到索赔 %(number)s"), "reply", "good"),
    "claim.papers": _plain(gettext_noop("更新理赔 %(number)s 的材料"), "attach", "quiet"),
    "claim.proposed": _plain(gettext_noop("理赔 %(number)s 提交 %(amount)s，等待%(rung)s"), "send"),
    "claim.agreed_on_rung": _plain(gettext_noop("理赔 %(number)s：%(rung)s通过"), "accept", "good"),
    "claim.approved": _plain(gettext_noop("理赔 %(number)s 审批通过，赔 %(amount)s"), "check-circle", "good"),
    "claim.rejected": _plain(gettext_noop("理赔 %(number)s 被驳回"), "close", "bad"),
    "claim.exempted": _plain(gettext_noop("理赔 %(number)s 决定免赔"), "denied", "warn"),
    "claim.agreed": _plain(gettext_noop("客户同意理赔 %(number)s 赔 %(amount)s"), "accept", "good"),
    "claim.shared": _plain(gettext_noop("填写理赔 %(number)s 的责任分摊"), "split"),
    "claim.paying": _plain(gettext_noop("理赔 %(number)s 提交付款 %(payment)s：%(amount)s")),
    "claim.paid": _plain(gettext_noop("理赔 %(number)s 已付款 %(amount)s"), "money", "good"),
    "claim.failed": _plain(gettext_noop("理赔 %(number)s 付款失败"), "error", "bad"),
    "claim.returned": _plain(gettext_noop("理赔 %(number)s 的付款被退回"), "undo", "bad"),
    "claim.withdrawn": _plain(gettext_noop("撤回理赔 %(number)s"), "undo", "quiet"),
    "claim.found": _plain(gettext_noop("快件可能已找到，理赔 %(number)s 暂停付款"), "box", "warn"),
    "claim.found_after_paid": _plain(gettext_noop("快件赔付后又找到，理赔 %(number)s 转追回"), "box", "bad"),
    "claim.not_found_after_all": _plain(gettext_noop("已核实快件未找到，理赔 %(number)s 继续"), "accept"),
    "claim.recovery_chosen": _plain(gettext_noop("客户对找回的快件作出选择（理赔 %(number)s）"), "reply"),
    "claim.recovered": _plain(gettext_noop("理赔 %(number)s 追回赔款 %(back)s"), "money", "good"),
}
