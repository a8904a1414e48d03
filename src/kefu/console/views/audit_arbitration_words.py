"""Words for what the audit trail records of arbitration."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

ACTIONS: dict[str, str | Promise] = {
    "arbitration.filed": _("申报仲裁"),
    "arbitration.accept": _("受理仲裁"),
    "arbitration.refuse": _("不予受理仲裁"),
    "arbitration.withdraw": _("撤回仲裁"),
    "arbitration.reply": _("为仲裁举证"),
    "arbitration.forward": _("仲裁逾期未举证，自动转总部"),
    "arbitration.rule": _("拟仲裁裁决"),
    "arbitration.confirm": _("复核通过仲裁裁决"),
    "arbitration.send_back": _("退回仲裁裁决"),
    "arbitration.appeal": _("申请仲裁复议"),
    "arbitration.finish": _("仲裁终局，款项入账"),
    "arbitration.assigned": _("换仲裁员"),
    "arbitration.evidence": _("补充仲裁附件"),
    "arbitration.evidence_read": _("查看仲裁附件"),
    "arbitration.unmasked": _("查看仲裁明文"),
    "arbitration.arbiter_set": _("设定仲裁分工"),
    "arbitration.arbiter_dropped": _("移出仲裁分工"),
    "arbitration.month_locked": _("锁定仲裁账单"),
}
FIELDS: dict[str, str | Promise] = {
    "arbiter": pgettext_lazy("audit", "仲裁员"),
    "awarded": pgettext_lazy("audit", "裁决金额"),
    "evidence": pgettext_lazy("audit", "附件"),
    "files": pgettext_lazy("audit", "附件"),
    "fines": pgettext_lazy("audit", "罚款"),
    "kinds": pgettext_lazy("audit", "仲裁类型"),
    "month": pgettext_lazy("audit", "月份"),
    "outcome": pgettext_lazy("audit", "结果"),
    "region": pgettext_lazy("audit", "区域"),
    "round": pgettext_lazy("audit", "轮次"),
    "side": pgettext_lazy("audit", "哪一方"),
    "waybill": pgettext_lazy("audit", "运单号"),
    "weight": pgettext_lazy("audit", "分案权重"),
    "what": pgettext_lazy("audit", "事项"),
}
