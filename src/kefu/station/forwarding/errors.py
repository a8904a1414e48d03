"""Refusals of forwarding, each with what to do about it (O7, R19, R19a)."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict, Denied, Message

REASONS: dict[str, Message] = {
    "bad_waybill": _("运单号格式不正确。"),
    "unknown_waybill": _("没有这张运单，请先录单，或核对单号。"),
    "no_site": _("请选择申请网点，且须在您的权限范围内。"),
    "not_at_site": _("快件没有经过申请网点，不能由该网点申请转件。"),
    "signed": _("快件已签收，不能转件；请先核实签收，或按售后处理。"),
    "returning": _("快件已退回，不能再转件。"),
    "cancelled": _("运单已作废，不能转件。"),
    "intercepted": _("快件已被拦截，请按拦截要求处理，不要转件。"),
    "unknown_reason": _("请选择转件原因。"),
    "unknown_way": _("请选择转件类型：转网内网点、转外部快递或收件人自提。"),
    "no_to_site": _("请选择承接网点。"),
    "own_to_site": _("承接网点不能是申请网点自己。"),
    "closed_to_site": _("承接网点已停用，请另选。"),
    "no_company": _("请填写承接公司。"),
    "outside_collect": _("到付件不能转外部快递（条款 station_forwarding），请转网内网点或请收件人自提。"),
    "outside_cod": _("代收货款件不能转外部快递（条款 station_forwarding），请转网内网点或请收件人自提。"),
    "back_again": _("承接网点已经手过此件，转回去会来回打转（条款 station_forwarding）；请另选承接网点或联系分拨中心。"),
    "chain_long": _("此件的转件次数已达上限（条款 station_forwarding），请退回或联系分拨中心处理。"),
    "bad_fee": _("转件费须是不小于 0 的金额。"),
    "high_fee": _("转件费超过上限（条款 station_forwarding），请核对，或请经理调整手册设定。"),
    "unknown_payer": _("请选择付费方。"),
    "receiver_pays": _("转件费不得事后向收件人收取（条款 station_forwarding_payer，R19a），请改由寄件人（收寄时已约定）或网点承担。"),
    "sender_not_told": _("收寄时没有告知寄件人，不能由寄件人付费（条款 station_forwarding_payer，R19），转件费由网点承担。"),
    "wrong_claim_payer": _("地址在派送范围内，误报超区由申报网点承担费用（条款 station_forwarding），付费方请选本网点。"),
    "bad_contact": _("请选择联系收件人的方式，并填写不晚于现在的时间。"),
    "long_field": _("内容过长，请缩短后再试。"),
    "open_already": _("此运单已有未完成的转件申请，请在原申请中处理。"),
}


class OwnRequest(Denied):
    """Who asks does not decide."""

    code = "forward.own_request"
    message = _("不能审核自己的申请，请由另一位组长或经理审核。")


class WrongState(Conflict):
    """The step does not belong to where the request stands."""

    code = "forward.wrong_state"
    message = _("转件申请现在是“%(state)s”，不能进行此操作，请刷新查看最新进度。")
