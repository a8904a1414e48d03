"""Refusals of problem parcels, each with what to do about it (O15)."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict, Denied, Message

REASONS: dict[str, Message] = {
    "bad_waybill": _("运单号格式不正确。"),
    "no_kinds": _("您的网点所用的手册没有问题件类型，请在手册中加入后再录入。"),
    "unknown_kind": _("没有这个问题类型，请从类型表中选择。"),
    "no_site": _("请选择登记网点，且须在您的权限范围内。"),
    "no_receiver": _("没有可用的默认接收网点，请选择接收网点。"),
    "own_receiver": _("接收网点不能是登记网点自己，请另选。"),
    "closed_receiver": _("接收网点已停用，请另选。"),
    "no_description": _("请填写问题描述，或选择一条常用语。"),
    "long_description": _("描述过长，请缩短到规定字数以内（条款 station_problems）。"),
    "many_phones": _("电话过多，请只留最需要的几个（条款 station_problems）。"),
    "bad_phone": _("电话格式不正确，请填写手机号或带区号的座机号。"),
    "many_images": _("图片过多，请删去一些（条款 station_problems）。"),
    "not_image": _("只能上传 JPG、PNG 或 WebP 图片。"),
    "many_numbers": _("一次录入的运单过多，请分批录入（条款 station_problems）。"),
    "long_field": _("收款账号或业务员工号过长。"),
    "already_signed": _("快件已签收，只能登记破损、短少等签收后仍可登记的类型。"),
    "open_already": _("此运单已有同类型的未结问题件，请在原问题件中回复。"),
    "E23101": _("拦截被拒 E23101：快件已签收，请改走退货流程。"),
    "E23102": _("拦截被拒 E23102：运单不存在，请核对单号。"),
    "E23108": _("拦截被拒 E23108：拦截方式无效，请选择退回网点、退回发件人或改地址。"),
    "E23111": _("拦截被拒 E23111：时效件不能拦截，请联系派件网点人工处理。"),
    "E23112": _("拦截被拒 E23112：快件已进驿站或快递柜，请联系驿站处理。"),
    "E23113": _("拦截被拒 E23113：快件已转单，请用新单号申请。"),
    "E23114": _("拦截被拒 E23114：到付件不能拦截，请联系派件网点。"),
    "E23115": _("拦截被拒 E23115：代收货款件不能拦截，请联系派件网点。"),
    "E23116": _("拦截被拒 E23116：此运单的拦截次数已达上限。"),
    "E23118": _("拦截被拒 E23118：此渠道不能申请拦截，请由网点在系统内申请。"),
    "E23119": _("拦截被拒 E23119：快件还没有任何轨迹，请等揽收后再申请，或直接取消寄件。"),
    "E23120": _("拦截被拒 E23120：快件已有派件扫描，请直接联系派件员。"),
    "E23121": _("拦截被拒 E23121：此运单已有处理中的拦截，请在原申请中跟进。"),
    "E23122": _("拦截被拒 E23122：派件网点已停发，请联系分拨中心。"),
    "E23123": _("拦截被拒 E23123：快件已退回或改地址，不能再拦截。"),
    "E23124": _("拦截被拒 E23124：轨迹异常，请先核实快件位置。"),
}


class Ended(Conflict):
    """Nothing more is written to a problem that has ended."""

    code = "problem.ended"
    message = _("问题件已结束，不能再回复；如有新情况，请重新登记。")


class NotTheirs(Denied):
    """Only the reporting site takes its report back."""

    code = "problem.not_reporter"
    message = _("只有登记网点可以撤销问题件；接收网点请填写处理结果来完成。")
