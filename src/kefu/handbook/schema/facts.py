"""Facts that conditions may ask about: name, type, title. Step data (``data.<field>``) are checked against the procedure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Message

FactType: TypeAlias = Literal["bool", "number", "text"]


@dataclass(frozen=True, slots=True)
class Fact:
    """A thing that can be asked: ``unit`` follows numbers, ``choices`` (when given) are the only texts it takes, ``names`` their words."""

    type: FactType
    title: Message
    unit: Message = ""
    choices: tuple[str, ...] = ()
    names: Mapping[str, Message] = field(default_factory=dict)


# Where a delayed parcel stands (O3), and between which two scans a lost one went missing (O5).
POSITIONS = ("not_sent", "not_arrived", "not_out", "not_signed", "missent", "stuck", "held")
LINKS = ("collected_not_in", "in_not_sent", "sent_not_arrived", "arrived_not_handed", "handed_not_delivered", "after_delivery")

FACTS: dict[str, Fact] = {
    "case.kind": Fact("text", _("工单类型")),
    "case.level": Fact("text", _("工单级别")),
    "case.tier": Fact("text", _("客户等级")),
    "case.channel": Fact("text", _("来源渠道"), choices=("call", "chat", "email", "form", "platform", "hq", "regulator", "walk_in")),
    "case.status": Fact("text", _("工单状态"), choices=("open", "waiting_customer", "waiting_other", "solved", "closed")),
    "case.complaint": Fact("bool", _("属于投诉")),
    "case.transferred": Fact("bool", _("由总部或 LCS 客服转来")),
    "case.regulator": Fact("bool", _("来自邮政管理部门")),
    "case.repeat_count": Fact("number", _("重复投诉次数"), _("次")),
    "case.urge_count": Fact("number", _("催单次数"), _("次")),
    "case.reopen_count": Fact("number", _("重新打开次数"), _("次")),
    "case.age_hours": Fact("number", _("受理至今"), _("小时")),
    "case.breached_clocks": Fact("number", _("已超时的时限"), _("个")),
    "case.has_waybill": Fact("bool", _("有运单号")),
    "case.has_attachment": Fact("bool", _("有附件")),
    "case.open_tasks": Fact("number", _("未完成的协作任务"), _("个")),
    "parcel.known": Fact("bool", _("系统中有此运单")),
    "parcel.carrier": Fact("text", _("承运公司")),
    "parcel.collected": Fact("bool", _("已揽收")),
    "parcel.arrived": Fact("bool", _("已到本站")),
    "parcel.out_for_delivery": Fact("bool", _("已派件")),
    "parcel.signed": Fact("bool", _("已签收")),
    "parcel.problem_open": Fact("bool", _("有未结问题件")),
    "parcel.forwarded": Fact("bool", _("已转件")),
    "parcel.returned": Fact("bool", _("已退件")),
    "parcel.in_area": Fact("bool", _("收件地址在派送范围内")),
    "parcel.insured": Fact("bool", _("已保价")),
    "parcel.insured_amount": Fact("number", _("保价金额"), _("元")),
    "parcel.postal": Fact("bool", _("由邮政承运")),
    "parcel.cod": Fact("bool", _("到付或代收货款")),
    "parcel.pieces": Fact("number", _("件数"), _("件")),
    "parcel.attempts": Fact("number", _("派送次数"), _("次")),
    "parcel.hours_since_scan": Fact("number", _("距上次扫描"), _("小时")),
    "parcel.late": Fact("bool", _("已超过承诺时限")),
    "parcel.hours_late": Fact("number", _("超时时长"), _("小时")),
    "parcel.presumed_lost": Fact("bool", _("已达彻底延误")),
    "parcel.position": Fact("text", _("停留环节"), choices=POSITIONS),
    "parcel.link": Fact("text", _("丢失环节"), choices=LINKS),
    "parcel.link_site": Fact("text", _("停留站点")),
    "parcel.weight_loss": Fact("number", _("途中少重"), _("公斤")),
    "parcel.weight_short": Fact("bool", _("途中少重超过允许误差")),
    "customer.known": Fact("bool", _("客户已建档")),
    "customer.identity_checked": Fact("bool", _("已核对身份")),
    "customer.contract": Fact("bool", _("签约客户")),
    "customer.parcels_30d": Fact("number", _("近 30 天件量"), _("件")),
    "customer.orders_90d": Fact("number", _("近 90 天订单"), _("单")),
    "customer.spend_90d": Fact("number", _("近 90 天消费"), _("元")),
    "customer.complaints_30d": Fact("number", _("近 30 天投诉"), _("次")),
    "customer.marked_vip": Fact("bool", _("人工标记为 VIP")),
    "order.paid": Fact("bool", _("订单已付款")),
    "order.shipped": Fact("bool", _("订单已发货")),
    "order.hours_since_paid": Fact("number", _("付款至今"), _("小时")),
    "order.refund_amount": Fact("number", _("退款金额"), _("元")),
    "claim.filed": Fact("bool", _("已提出理赔")),
    "claim.open": Fact("bool", _("有未结的理赔")),
    "claim.decided": Fact("bool", _("理赔已有决定")),
    "claim.agreed": Fact("bool", _("客户已同意赔偿")),
    "claim.paid": Fact("bool", _("赔款已支付")),
    "claim.exempted": Fact("bool", _("理赔已免赔")),
    "claim.amount": Fact("number", _("理赔金额"), _("元")),
    "arbitration.filed_before": Fact("bool", _("此运单已申报过仲裁")),
}

_FIELD_TYPES: dict[str, FactType] = {"number": "number", "money": "number", "bool": "bool"}


def fact_of_field(field_type: str, title: Message, names: Mapping[str, Message]) -> Fact:
    """The fact that a filled-in field of a step is; ``names`` are its choices by id."""
    return Fact(_FIELD_TYPES.get(field_type, "text"), title, choices=tuple(names), names=names)
