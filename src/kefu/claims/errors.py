"""Refusals of claims, each with what to do about it (CASE6)."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict, Denied, Message

REASONS: dict[str, Message] = {
    "bad_amount": _("金额须是 0 到 9999999.99 之间的数字，最多两位小数，如 128.50。"),
    "unknown_loss": _("请选择损失类型。"),
    "unknown_excuse": _("请从列表中选择免责原因。"),
    "unknown_basis": _("请选择按民事法律还是按合同约定计算。"),
    "bad_part": _("比例须在 0 到 100 之间。"),
    "no_part": _("部分损毁或短少，请填写丧失价值的比例。"),
    "no_value": _("没有保价的内件，请先取得价值证明并填写实际价值。"),
    "bad_proposal": _("赔偿金额须大于 0，最多两位小数；不予赔偿的请选“免赔”并写明理由。"),
    "over_reckoning": _("赔偿金额不能超过计算结果，请核对计算的依据。"),
    "less_reason": _("金额低于计算结果，请写明理由（例如客户同意）。"),
    "over_limits": _("金额超过手册规定的最高审批额度，请核对金额，或由总部调整额度条款。"),
    "no_reason": _("请填写理由，客户和审批人都会看到。"),
    "no_claimant": _("请填写索赔人姓名。"),
    "not_right_holder": _("索赔人不是寄件人时，请写明权利如何转让（例如寄件人的书面同意）。"),
    "unknown_claimant": _("请从列表中选择索赔人身份。"),
    "unknown_channel": _("请选择付款方式。"),
    "no_account": _("请填写收款账号。"),
    "long_text": _("内容过长，请缩短。"),
    "bad_phone": _("电话格式不正确，请填写手机号或带区号的座机号。"),
    "unknown_paper": _("没有这种材料，请从清单中选择。"),
    "unknown_cause": _("请从列表中选择原因。"),
    "unknown_choice": _("请选择客户的决定：收回快件或保留赔款。"),
    "bad_back": _("退回的金额须大于 0，且不超过已付的赔款。"),
}

RESULT_REASONS: dict[str, Message] = {
    "unknown_payment": _("没有这个付款编号，或不在您的权限范围内；编号形如 P00000012。"),
    "unknown_outcome": _("付款结果须是：已付款、失败或被退回。"),
    "other_amount": _("金额与付款单不一致，请核对后再导入。"),
    "other_state": _("付款单已是其他结果，不能这样更改。"),
    "no_result_reason": _("失败或被退回的，请写明原因。"),
    "serial_used": _("这个流水号已用于另一笔付款，请核对。"),
}


class WrongState(Conflict):
    """The step does not belong where the claim stands."""

    code = "claim.wrong_state"
    message = _("理赔处于“%(state)s”，不能进行这一步；请刷新后查看当前进度。")


class LossClaimed(Conflict):
    """This loss has a claim that lives; it is not paid twice."""

    code = "claim.loss_claimed"
    message = _("这一损失已有理赔 %(number)s，同一损失只赔一次；请在原理赔上处理。如是同一运单的另一件商品，请填写商品。")


class FeeWaived(Conflict):
    """The fee of this waybill has been waived in another claim."""

    code = "claim.fee_waived"
    message = _("这一运单的运费已在理赔 %(number)s 中免除，请把运费填为 0 再计算。")


class OwnClaim(Denied):
    """Who proposed a claim, or agreed to it on another rung, does not decide it."""

    code = "claim.own"
    message = _("提出人和已审批过的人不能再审批这笔理赔，请另一位有权限的同事审批。")


class RungTooHigh(Denied):
    """The rung whose turn it is stands above the reader."""

    code = "claim.rung_too_high"
    message = _("当前轮到“%(rung)s”，您的岗位不能代为审批。")


class PapersMissing(Conflict):
    """Papers the handbook asks for have not come."""

    code = "claim.papers_missing"
    message = _("还缺材料：%(papers)s。收齐后再继续。")


class PaidAlready(Conflict):
    """A payment of this claim lives."""

    code = "claim.paid_already"
    message = _("这笔理赔已有进行中或已完成的付款 %(number)s，不能再付一次。")


class Found(Conflict):
    """The parcel turned up; nobody is paid for it before somebody has looked."""

    code = "claim.found"
    message = _("快件在 %(time)s 又有扫描，可能已找到。请先核实：已找到的撤回理赔，确未找到的确认后再付款。")


class NoLiability(Conflict):
    """Money is not paid before somebody bears it."""

    code = "claim.no_liability"
    message = _("付款前请先填写责任分摊，合计须为 100%。")
