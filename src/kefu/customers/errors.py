"""Refusals of customers."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict, Invalid


class NotAContact(Invalid):
    """The value is no phone number, address or account of its kind."""

    code = "not_a_contact"
    message = _("联系方式无法识别，请检查后重新填写。")


class ContactTaken(Conflict):
    """Another customer of the site has it."""

    code = "contact_taken"
    message = _("此联系方式已属于本站另一位客户，请先查找该客户。")


class ReasonTooShort(Invalid):
    """Reading personal data needs a reason somebody else can understand."""

    code = "reason_too_short"
    message = _("请写明查看原因，至少 %(length)s 个字。")
