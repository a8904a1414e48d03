"""Django application of this module."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Registers the module's tables under the label console."""

    name = "kefu.console"
    label = "console"
