"""Refusals of conversations."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Invalid


class ReasonTooShort(Invalid):
    """Reading personal data needs a reason somebody else can understand."""

    code = "reason_too_short"
    message = _("请写明查看原因，至少 %(length)s 个字。")
