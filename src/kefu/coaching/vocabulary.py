"""Words of coaching that other rooms and screens name."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class NoteState(models.TextChoices):
    """Where a coaching note stands."""

    OPEN = "open", pgettext_lazy("coaching", "待客服回应")
    ANSWERED = "answered", pgettext_lazy("coaching", "已回应")
    DONE = "done", pgettext_lazy("coaching", "已完成")


class ClipState(models.TextChoices):
    """Where a passage stands."""

    NOMINATED = "nominated", _("已推荐")
    PUBLISHED = "published", _("已发布")
    WITHDRAWN = "withdrawn", pgettext_lazy("clip", "已撤下")
