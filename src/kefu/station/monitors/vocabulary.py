"""Words of the monitors as codes."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Result(models.TextChoices):
    """What came of looking into a difference (处理结果)."""

    FOUND = "found", _("已找到，补扫描")
    ON_WAY = "on_way", _("确认在途")
    RESENT = "resent", _("上一站已补发")
    FORWARDED = "forwarded", _("错发，已转出")
    HANDED_OVER = "problem", _("已转问题件")
    ENTERED = "entered", _("已补录运单")
    LOST = "lost", _("确认遗失")
    OTHER = "other", _("其他，见备注")


RESULTS = frozenset(Result.values)


class Way(models.TextChoices):
    """How a difference is taken up with another site."""

    PROBLEM = "problem", _("转问题件")
    URGE = "urge", _("催上一站")


class Work(models.TextChoices):
    """How far somebody is with a difference, as a filter."""

    NEW = "new", _("未跟进")
    TAKEN = "taken", _("跟进中")
    DONE = "done", _("已有结果")
    MINE = "mine", _("我跟进的")
    LOST = "lost", _("疑似遗失")
