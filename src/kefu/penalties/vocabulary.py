"""Words of the ledger that other rooms and screens name."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Kind(models.TextChoices):
    """What a line of the ledger is."""

    BREACH = "breach", _("扣罚")
    MERIT = "merit", _("奖励")
    REVERSAL = "reversal", pgettext_lazy("ledger", "冲销")


class Cause(models.TextChoices):
    """Why a line was reversed; empty for lines of their own."""

    OBJECTION = "objection", _("异议成立")
    WAIVER = "waiver", _("经理免除")
    RULING = "ruling", _("判定改变")


class ObjectionState(models.TextChoices):
    """Where an objection to a line stands."""

    OPEN = "open", pgettext_lazy("objection", "待答复")
    UPHELD = "upheld", _("异议成立")
    REJECTED = "rejected", pgettext_lazy("objection", "不成立")
