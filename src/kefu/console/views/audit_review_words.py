"""Words for what the audit trail records of sampling, scoring, disputes and calibration."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

ACTIONS: dict[str, str | Promise] = {
    "quality.ruled": _("人工改判评分项"),
    "review.plan_made": _("新建抽检计划"),
    "review.plan_changed": _("修改抽检计划"),
    "review.plan_paused": _("暂停抽检计划"),
    "review.plan_resumed": _("恢复抽检计划"),
    "review.drawn": _("抽取质检样本"),
    "review.spot": _("自选会话评分"),
    "review.taken": _("领取评分任务"),
    "review.released": _("放回评分任务"),
    "review.reassigned": _("改派评分任务"),
    "review.dropped": _("评分任务不再检查"),
    "review.scored": _("提交人工评分"),
    "dispute.filed": _("提出质检申诉"),
    "dispute.commented": _("为质检申诉写组长意见"),
    "dispute.decided": _("复核质检申诉"),
    "dispute.asked_final": _("申请质检终审"),
    "dispute.final": _("终审质检申诉"),
    "dispute.escalated": _("质检申诉逾期转终审"),
    "dispute.lapsed": _("质检申诉逾期成立"),
    "dispute.closed": _("质检申诉期满终结"),
    "dispute.withdrawn": _("撤回质检申诉"),
    "dispute.file": _("补充质检申诉附件"),
    "dispute.file_read": _("查看质检申诉附件"),
    "calibration.opened": _("发起评分校准"),
    "calibration.handed_in": _("提交校准评分"),
    "calibration.revealed": _("公布校准评分"),
    "calibration.agreed": _("写明校准一致结论"),
    "calibration.closed": _("结束评分校准"),
}
FIELDS: dict[str, str | Promise] = {
    "inspector": pgettext_lazy("audit", "质检员"),
    "auto": pgettext_lazy("audit", "自动得分"),
    "score": pgettext_lazy("audit", "得分"),
    "changed": pgettext_lazy("audit", "改判项数"),
    "verdicts": pgettext_lazy("audit", "各项结论"),
    "outcome": pgettext_lazy("audit", "结果"),
    "talks": pgettext_lazy("audit", "会话数"),
    "members": pgettext_lazy("audit", "人数"),
    "alpha": pgettext_lazy("audit", "一致性 α"),
    "method": pgettext_lazy("audit", "抽取方式"),
    "percent": pgettext_lazy("audit", "比例"),
    "tasks": pgettext_lazy("audit", "任务数"),
    "period": pgettext_lazy("audit", "周期"),
    "of": pgettext_lazy("audit", "总数"),
    "conversation": pgettext_lazy("audit", "会话"),
    "item": pgettext_lazy("audit", "评分项"),
}
SUBJECTS: dict[str, str | Promise] = {
    "review_plan": _("抽检计划"),
    "review_task": _("评分任务"),
    "dispute": _("质检申诉"),
    "calibration": _("评分校准"),
}
