"""Call data and case facts a rule may ask for (QA2). What is not known makes the rule not applicable."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from kefu.handbook.schema.facts import FACTS, Fact

CONVERSATION_FACTS: Mapping[str, Fact] = {
    "conversation.channel": Fact("text", _("渠道"), choices=("call", "chat", "email", "form")),
    "conversation.direction": Fact("text", _("呼叫方向"), choices=("inbound", "outbound")),
    "conversation.queue": Fact("text", _("排队队列")),
    "conversation.duration": Fact("number", _("会话时长"), _("秒")),
    "conversation.wait": Fact("number", _("排队等待"), _("秒")),
    "conversation.lines": Fact("number", _("句数"), _("句")),
    "conversation.agent_lines": Fact("number", _("客服句数"), _("句")),
    "conversation.customer_lines": Fact("number", _("客户句数"), _("句")),
    "conversation.tier": Fact("text", _("客户等级")),
    "conversation.rating": Fact("number", _("客户评分"), _("分")),
    "conversation.disposition": Fact("text", _("接待结果")),
    "conversation.hour": Fact("number", _("开始的钟点"), _("点")),
    "conversation.site": Fact("text", _("站点编号")),
    "conversation.ended_by": Fact("text", _("谁先结束"), choices=("agent", "customer", "system")),
    "conversation.transferred_in": Fact("bool", _("由他人转来")),
    "conversation.transferred_out": Fact("bool", _("转给了他人")),
    "conversation.recorded": Fact("bool", _("有录音")),
    "conversation.has_waybill": Fact("bool", _("有运单号")),
}

RULE_FACTS: Mapping[str, Fact] = {**CONVERSATION_FACTS, **{name: fact for name, fact in FACTS.items() if name.startswith("case.")}}
