"""Words of waybill entry as codes."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Source(models.TextChoices):
    """How an entry came in."""

    FORM = "form", _("手工录入")
    FILE = "file", _("文件导入")
    API = "api", _("接口")


SOURCES = tuple(Source.choices)
