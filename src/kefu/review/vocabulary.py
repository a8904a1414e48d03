"""Words of sampling and scoring that other rooms and screens name."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Method(models.TextChoices):
    """How a plan draws."""

    PER_AGENT = "per_agent", _("每名客服每期若干条")
    PERCENT = "percent", _("按比例")
    ALL = "all", _("全部")
    SPOT = "spot", _("随机抽查若干条")
    MUST = "must", _("只抽必检")


class Period(models.TextChoices):
    """What a quota is for."""

    DAY = "day", _("每天")
    WEEK = "week", _("每周")


class Trigger(models.TextChoices):
    """What makes a conversation a must (必检)."""

    WORDS = "words", _("客户说到触发词")
    SILENCE = "silence", _("长时间沉默")
    LOW_RATING = "low_rating", _("评分低")
    COMPLAINT = "complaint", _("关联投诉工单")
    FAILED = "failed", _("自动质检不合格")
    UNSURE = "unsure", _("自动质检待复核")


class Why(models.TextChoices):
    """Why a conversation was drawn."""

    QUOTA = "quota", _("客服的抽检条数")
    NEW_STAFF = "new_staff", _("新员工多抽")
    SHARE = "share", _("按比例抽取")
    ALL = "all", _("全部检查")
    SPOT = "spot", _("随机抽查")
    BY_HAND = "by_hand", _("质检员自选")
    WORDS = "words", Trigger.WORDS.label
    SILENCE = "silence", Trigger.SILENCE.label
    LOW_RATING = "low_rating", Trigger.LOW_RATING.label
    COMPLAINT = "complaint", Trigger.COMPLAINT.label
    FAILED = "failed", Trigger.FAILED.label
    UNSURE = "unsure", Trigger.UNSURE.label


class State(models.TextChoices):
    """Where a task stands."""

    WAITING = "waiting", pgettext_lazy("review", "待领取")
    ASSIGNED = "assigned", pgettext_lazy("review", "待评分")
    DONE = "done", pgettext_lazy("review", "已评分")
    DROPPED = "dropped", pgettext_lazy("review", "不再检查")


OPEN = (State.WAITING, State.ASSIGNED)
