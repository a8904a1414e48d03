"""Django application of this module."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Registers the module's tables under the label notices."""

    name = "kefu.notices"
    label = "notices"
