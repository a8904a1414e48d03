"""Names that handbooks may use and code knows: events, base roles, variables, stages."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kefu.kernel.errors import Message


class Event(StrEnum):
    """What starts and stops clocks. The first part says what it happens to."""

    CASE_OPENED = "case.opened"
    CASE_ASSIGNED = "case.assigned"
    CASE_FIRST_RESPONSE = "case.first_response"
    CASE_ESCALATED = "case.escalated"
    CASE_REOPENED = "case.reopened"
    CASE_SOLVED = "case.solved"
    CASE_CLOSED = "case.closed"
    CUSTOMER_CONTACTED = "customer.contacted"
    CUSTOMER_SOOTHED = "customer.soothed"
    CUSTOMER_CALLED_BACK = "customer.called_back"
    CUSTOMER_INFORMED = "customer.informed"
    CUSTOMER_AGREED = "customer.agreed"
    PLAN_GIVEN = "plan.given"
    RESULT_RECORDED = "result.recorded"
    CARRIER_ASKED = "carrier.asked"
    CARRIER_REPLIED = "carrier.replied"
    PROBLEM_REPORTED = "problem.reported"
    CLAIM_FILED = "claim.filed"
    CLAIM_ACKNOWLEDGED = "claim.acknowledged"
    CLAIM_DECIDED = "claim.decided"
    CLAIM_AGREED = "claim.agreed"
    CLAIM_PAID = "claim.paid"
    ARBITRATION_FILED = "arbitration.filed"
    ARBITRATION_ACCEPTED = "arbitration.accepted"
    ARBITRATION_REPLIED = "arbitration.replied"
    ARBITRATION_DECIDED = "arbitration.decided"
    ARBITRATION_APPEALED = "arbitration.appealed"
    REGULATOR_RECEIVED = "regulator.received"
    REGULATOR_ACCEPTED = "regulator.accepted"
    REGULATOR_ANSWERED = "regulator.answered"
    REGULATOR_CLOSED = "regulator.closed"
    MEDIATION_RECEIVED = "mediation.received"
    MEDIATION_ANSWERED = "mediation.answered"
    ORDER_ASSIGNED = "order.assigned"
    ORDER_ACCEPTED = "order.accepted"
    ORDER_REFUSED = "order.refused"
    ORDER_COLLECTED = "order.collected"
    TRANSFER_REQUESTED = "transfer.requested"
    TRANSFER_APPROVED = "transfer.approved"
    TRANSFER_SENT = "transfer.sent"
    REFUND_REQUESTED = "refund.requested"
    REFUND_DONE = "refund.done"
    GOODS_RETURNED = "goods.returned"
    GOODS_SENT = "goods.sent"
    CONVERSATION_STARTED = "conversation.started"
    CONVERSATION_ANSWERED = "conversation.answered"
    DATA_REQUESTED = "data.requested"
    DATA_ANSWERED = "data.answered"
    TASK_ASKED = "task.asked"
    TASK_ANSWERED = "task.answered"
    TASK_RETURNED = "task.returned"


EVENT_TITLES: dict[str, Message] = {
    "case.opened": pgettext_lazy("event", "受理"),
    "case.assigned": _("分派"),
    "case.first_response": _("首次响应"),
    "case.escalated": _("升级处理"),
    "case.reopened": pgettext_lazy("event", "重新打开"),
    "case.solved": _("解决"),
    "case.closed": pgettext_lazy("event", "结案"),
    "customer.contacted": _("联系客户"),
    "customer.soothed": _("安抚客户"),
    "customer.called_back": _("回电客户"),
    "customer.informed": _("告知客户结果"),
    "customer.agreed": _("客户认可"),
    "plan.given": _("给出初步方案"),
    "result.recorded": _("结果录入系统"),
    "carrier.asked": _("联系快递"),
    "carrier.replied": _("快递答复"),
    "problem.reported": _("登记问题件"),
    "claim.filed": _("提出索赔"),
    "claim.acknowledged": _("确认收到索赔"),
    "claim.decided": _("作出赔偿决定"),
    "claim.agreed": _("赔偿达成一致"),
    "claim.paid": _("赔款支付"),
    "arbitration.filed": _("仲裁申报"),
    "arbitration.accepted": _("仲裁受理"),
    "arbitration.replied": _("对方举证"),
    "arbitration.decided": _("仲裁裁决"),
    "arbitration.appealed": _("仲裁复议"),
    "regulator.received": _("收到邮政申诉"),
    "regulator.accepted": _("申诉中心受理"),
    "regulator.answered": _("答复邮政申诉"),
    "regulator.closed": _("申诉办结"),
    "mediation.received": _("收到调解意见"),
    "mediation.answered": _("反馈调解意见"),
    "order.assigned": _("订单分配到网点"),
    "order.accepted": _("网点接单"),
    "order.refused": _("网点拒单"),
    "order.collected": _("揽收完成"),
    "transfer.requested": _("申请转件"),
    "transfer.approved": _("同意转件"),
    "transfer.sent": _("转件发出"),
    "refund.requested": _("申请退款"),
    "refund.done": _("退款完成"),
    "goods.returned": _("收到退货"),
    "goods.sent": _("换货或补发发出"),
    "conversation.started": _("会话开始"),
    "conversation.answered": _("会话应答"),
    "data.requested": _("收到个人信息请求"),
    "data.answered": _("答复个人信息请求"),
    "task.asked": _("请部门协作"),
    "task.answered": _("部门答复"),
    "task.returned": _("部门退回"),
}

# Roles of the sign-in system that roles of a handbook act as; ``outside`` works elsewhere and never signs in.
BASE_ROLES = ("agent", "lead", "inspector", "trainer", "clerk", "manager", "admin", "customer", "outside")

# Stages of the six-step complaint [C]; a procedure may name its own.
STAGES: dict[str, Message] = {
    "receive": _("接收"),
    "classify": _("登记分类"),
    "investigate": _("调查分析"),
    "solution": _("制定方案"),
    "feedback": _("反馈沟通"),
    "follow_up": _("跟踪改进"),
}

VARIABLES: dict[str, Message] = {
    "company": _("公司名称"),
    "site_name": _("站点名称"),
    "staff_no": _("工号"),
    "staff_name": _("客服姓名"),
    "customer_name": _("客户称呼"),
    "waybill": _("运单号"),
    "order_no": _("订单编号"),
    "shop_name": _("店铺名称"),
    "case_no": _("工单号"),
    "promised_time": _("承诺时间"),
    "last_scan": _("最新轨迹"),
    "product": _("商品名称"),
    "amount": _("金额"),
}


# What a notice to the customer can say of a case (CASE5).
NOTICE_VARIABLES: dict[str, Message] = {
    "customer_name": VARIABLES["customer_name"],
    "site_name": VARIABLES["site_name"],
    "case_no": VARIABLES["case_no"],
    "waybill": VARIABLES["waybill"],
    "order_no": VARIABLES["order_no"],
    "subject": _("运单号、订单编号或工单号"),
    "kind": _("工单类型"),
    "promised_time": VARIABLES["promised_time"],
    "amount": VARIABLES["amount"],
}


def known_event(name: str) -> bool:
    """Whether clocks know the event."""
    return name in EVENT_TITLES
