"""Refusals of arbitration, each with what to do about it (O6)."""

from django.utils.translation import gettext_lazy as _

from kefu.claims import liability
from kefu.kernel.errors import Conflict, Denied, Message

REASONS: dict[str, Message] = {
    "bad_waybill": _("运单号格式不正确。"),
    "unknown_waybill": _("没有这张运单，或不在您的权限范围内，请核对单号。"),
    "no_site": _("请选择申报网点。"),
    "no_types": _("您的网点所用的手册没有仲裁类型，请在手册中加入后再申报。"),
    "unknown_type": _("请选择仲裁类型。"),
    "filed_before": _("此运单已申报过仲裁，不能重复申报；不予受理的才能重新申报。"),
    "no_accused": _("请至少选择一个责任网点或分拨。"),
    "many_accused": _("责任网点过多，请只选确有责任的（条款 arbitration_desk）。"),
    "own_accused": _("责任网点不能是申报网点自己；自己有责的不用申报。"),
    "unknown_accused": _("责任网点不存在，请另选。"),
    "closed_accused": _("责任网点已停用，请改选其上级分拨。"),
    "no_reason": _("请填写申请原因。"),
    "long_text": _("内容过长，请缩短到规定字数以内（条款 arbitration_desk）。"),
    "no_complainant": _("请填写投诉人和电话，总部要能核实。"),
    "bad_phone": _("电话格式不正确，请填写手机号或带区号的座机号。"),
    "bad_amount": _("索赔金额须大于 0，最多两位小数。"),
    "no_proof": _("这一类须说明价值证明（订单页、发票等）和证明的金额（条款见类型）。"),
    "over_proof": _("索赔金额超过价值证明的金额，请核对。"),
    "bad_pieces": _("件数和异常件数须是不小于 1 的整数。"),
    "abnormal_over_pieces": _("异常件数不能超过总件数。"),
    "signed_error": _("快件已签收，不能按这一类申报；签收有疑问的请先按虚假签收核查。"),
    "no_scans": _("快件没有任何扫描，无法计算申报期限，请先核实揽收。"),
    "too_early": _("还没有到申报期限的起点，请先查找和催件（条款见类型）。"),
    "too_late": _("已过申报期限，不能再申报（条款见类型）。"),
    "no_text": _("请填写说明。"),
    "no_outcome": _("请选择裁决结论。"),
    "unknown_party": _("只能裁定申报网点和被申报网点的责任。"),
    "outcome_shares": _("结论与责任比例不符：对方有责时申报方没有比例，自责时只有申报方，共同责任时至少两方，无责时没有比例。"),
    "nobody_awarded": _("无责或自责时没有赔款，金额须为 0。"),
    "bad_awarded": _("裁定金额须不小于 0，最多两位小数。"),
    "over_claimed": _("裁定金额不能超过索赔金额。"),
    "bad_fine": _("罚款须不小于 0，最多两位小数，并且只能罚有责任的网点。"),
    "high_fine": _("罚款超过上限（条款 arbitration_desk），请核对。"),
    "many_files": _("附件过多，请删去一些（条款 arbitration_desk）。"),
    "not_staff": _("仲裁员须是能看到所分区域、有裁决权限的在职人员。"),
    "bad_weight": _("权重须是 1 到 100 的整数。"),
    "unknown_region": _("请选择区域，且须在您的权限范围内。"),
}


REASONS |= {f"liability.{code}": words for code, words in liability.REASONS.items()}


class WrongState(Conflict):
    """The step does not belong to where the filing stands."""

    code = "arbitration.wrong_state"
    message = _("仲裁现在是“%(state)s”，不能进行此操作，请刷新查看最新进度。")


class Party(Denied):
    """Who belongs to one of the sites does not judge."""

    code = "arbitration.party"
    message = _("您所在的网点是本案当事方，请由其他仲裁员处理。")


class SamePerson(Denied):
    """Whoever ruled does not audit it."""

    code = "arbitration.same_person"
    message = _("不能复核自己的裁决，请由另一位仲裁员复核。")


class NotAccused(Denied):
    """Only the accused answer, each once."""

    code = "arbitration.not_accused"
    message = _("只有还没有举证的被申报网点可以举证。")


class NotApplicant(Denied):
    """Only the applicant withdraws."""

    code = "arbitration.not_applicant"
    message = _("只有申报网点可以撤回。")


class AppealOver(Conflict):
    """The window has passed."""

    code = "arbitration.appeal_over"
    message = _("复议期限已于 %(time)s 结束，裁决为终局。")


class AppealedBefore(Conflict):
    """There is one appeal."""

    code = "arbitration.appealed_before"
    message = _("每件仲裁只能复议一次。")


class MonthNotOver(Conflict):
    """The month still runs."""

    code = "arbitration.month_not_over"
    message = _("%(month)s 还没有结束，月底之后才能锁账。")


class MonthLocked(Conflict):
    """It is locked already."""

    code = "arbitration.month_locked"
    message = _("%(month)s 的账单已经锁定。")
