"""Words of telling the customer as codes (CASE5)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Channel(models.TextChoices):
    """The way a customer wants to be told."""

    SMS = "sms", _("短信")
    WECHAT = "wechat", _("微信")
    PHONE = "phone", _("电话回访")
    EMAIL = "email", _("邮件")
    PLATFORM = "platform", _("平台消息")


class State(models.TextChoices):
    """What became of a notice."""

    QUEUED = "queued", pgettext_lazy("notice", "待发送")
    SENT = "sent", pgettext_lazy("notice", "已告知")
    FAILED = "failed", pgettext_lazy("notice", "发送失败")
    PERSON = "person", pgettext_lazy("notice", "待人工告知")
    SKIPPED = "skipped", pgettext_lazy("notice", "不发送")


class Reason(models.TextChoices):
    """Why a notice waits for a person, failed, or is not sent."""

    PHONE = "phone", _("客户选择电话告知，请按话术回电")
    NO_ADDRESS = "no_address", _("没有登记这种联系方式，请补登记后重发，或打电话告知")
    NO_CHANNEL = "no_channel", _("本中心没有接通这个渠道，请打电话告知")
    BLANK = "blank", _("告知内容缺少信息，请补全后重发，或打电话告知")
    OPTED_OUT = "opted_out", _("客户不愿接收告知")
    DROPPED = "dropped", _("客服决定不发送")
    UNREACHABLE = "unreachable", _("连不上发送服务")
    REFUSED = "refused", _("发送服务拒绝了这条消息，请核对号码和内容")
    BUSY = "busy", _("发送服务繁忙")


# The kind of contact a channel is sent to.
CONTACT_OF: dict[str, str] = {"sms": "phone", "phone": "phone", "wechat": "wechat", "email": "email", "platform": "platform_id"}
ENDED = (State.SENT, State.SKIPPED)
"""Nothing more is done about these."""
