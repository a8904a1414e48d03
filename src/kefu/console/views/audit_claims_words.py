"""Words for what the audit trail records of claims."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ACTIONS: dict[str, str | Promise] = {
    "claim.filed": _("登记理赔"),
    "claim.revised": _("修改理赔"),
    "claim.acknowledged": _("告知客户索赔已受理"),
    "claim.papers": _("更新理赔材料"),
    "claim.proposed": _("提交理赔审批"),
    "claim.agreed_on_rung": _("本级同意理赔"),
    "claim.approved": _("理赔审批通过"),
    "claim.rejected": _("驳回理赔"),
    "claim.exempted": _("决定免赔"),
    "claim.agreed": _("客户同意赔偿"),
    "claim.shared": _("填写责任分摊"),
    "claim.paying": _("提交赔款支付"),
    "claim.batch_sent": _("导出付款批次"),
    "claim.paid": _("赔款已支付"),
    "claim.failed": _("赔款支付失败"),
    "claim.returned": _("赔款被退回"),
    "claim.withdrawn": _("撤回理赔"),
    "claim.found": _("赔付前找到快件"),
    "claim.found_after_paid": _("赔付后找到快件"),
    "claim.not_found_after_all": _("核实快件未找到"),
    "claim.recovery_chosen": _("登记客户对找回快件的选择"),
    "claim.recovered": _("追回赔款"),
    "claim.unmasked": _("查看理赔明文"),
}
