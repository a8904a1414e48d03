"""Words of the watch that other rooms and screens name."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Measure(models.TextChoices):
    """What follows when a text breaks a rule, the mildest first."""

    OFF = "off", _("不检查")
    WARN = "warn", _("提醒")
    HOLD = "hold", _("再次确认")
    BLOCK = "block", _("禁止发送")


ORDER = tuple(Measure)


class AlarmKind(models.TextChoices):
    """Why a lead is alarmed."""

    AGENT_INSULT = "agent", _("客服言语不当")
    CUSTOMER_INSULT = "abuse", _("客户辱骂")
    CUSTOMER_ANGRY = "anger", _("客户情绪激烈")


class AlarmState(models.TextChoices):
    """What came of an alarm."""

    NEW = "new", pgettext_lazy("alarm", "未处理")
    SEEN = "seen", pgettext_lazy("alarm", "已看过")
    MUTED = "muted", _("静音中")
