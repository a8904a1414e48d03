"""Refusals of conversations."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict, Invalid


class ReasonTooShort(Invalid):
    """Reading personal data needs a reason somebody else can understand."""

    code = "reason_too_short"
    message = _("请写明查看原因，至少 %(length)s 个字。")


class ReceptionEnded(Conflict):
    """The talk is over and its record is made."""

    code = "reception_ended"
    message = _("这次接待已完成，不能再改。需要补充时请在工单里写备注。")


class NeitherPhoneNorWaybill(Invalid):
    """What was typed cannot be read."""

    code = "neither_phone_nor_waybill"
    message = _("看不出是电话还是运单号，请核对后再填；客户不愿说可以留空。")


class HasLines(Conflict):
    """What was said is there already, from another source."""

    code = "conversation_has_lines"
    message = _("这段会话已有文字记录，没有改动。")


class LinesRefused(Invalid):
    """Lines that cannot be kept; ``why`` says what is wrong."""

    code = "lines_refused"
    message = _("这份文字记录不能入库：%(why)s")
