"""Words of calibration that other rooms and screens name."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class State(models.TextChoices):
    """Where a session stands."""

    OPEN = "open", pgettext_lazy("calibration", "评分中")
    TALK = "talk", pgettext_lazy("calibration", "讨论中")
    CLOSED = "closed", pgettext_lazy("calibration", "已结束")


READINGS = {
    "good": _("一致，可以放心使用"),
    "fair": _("基本一致，个别条目需讨论"),
    "talk": _("尚可，需讨论"),
    "poor": _("不一致，须修改规则的文字"),
    "none": _("评分太少，无法计算"),
}
"""What a value of alpha or kappa means for the work."""
