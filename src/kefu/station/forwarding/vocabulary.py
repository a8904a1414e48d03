"""Words of out-of-area forwarding as codes (O7)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where a request stands."""

    REQUESTED = "requested", _("待审核")
    APPROVED = "approved", _("已同意，待转出")
    FORWARDED = "forwarded", _("已转出")
    SIGNED = "signed", _("承接方已签收")
    SETTLED = "settled", _("已结算")
    REFUSED = "refused", _("已驳回")
    WITHDRAWN = "withdrawn", _("已撤销")


OPEN_STATES = (State.REQUESTED, State.APPROVED, State.FORWARDED)


class Way(models.TextChoices):
    """How the parcel goes on."""

    SITE = "site", _("转网内网点")
    OUTSIDE = "outside", _("转外部快递")
    SELF = "self", _("收件人自提")


class Reason(models.TextChoices):
    """Why; the handbook gives each its number (转件原因, 超区 is 1)."""

    OUT_OF_AREA = "out_of_area", _("超区")
    ADDRESS_CHANGED = "address_changed", _("收件人改地址")
    MISSENT = "missent", _("错发")
    SITE_CLOSED = "site_closed", _("网点停业")
    RECEIVER_ASKED = "receiver_asked", _("收件人要求")
    OTHER = "other", _("其他")


class Payer(models.TextChoices):
    """Who bears the fee."""

    OWN = "own", _("本网点")
    ORIGIN = "origin", _("发件网点")
    SENDER = "sender", _("寄件人（收寄时已约定）")
    RECEIVER = "receiver", _("收件人")


class Contact(models.TextChoices):
    """How the receiver was asked."""

    CALL = "call", _("电话")
    MESSAGE = "message", _("短信")
    CHAT = "chat", _("在线沟通")
    IN_PERSON = "in_person", _("当面")


class Step(models.TextChoices):
    """Steps of a request in order, for the drawing."""

    REQUEST = "request", _("申请")
    APPROVE = "approve", _("审核")
    FORWARD = "forward", _("转出")
    SIGN = "sign", _("签收")
    SETTLE = "settle", _("结算")


OUTSIDE_COMPANIES = (("ems", "EMS"), ("post", _("中国邮政")), ("sf", _("顺丰速运")), ("jd", _("京东快递")), ("other", _("其他公司")))
