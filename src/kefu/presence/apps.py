"""Django application of this module."""

from django.apps import AppConfig


class PresenceConfig(AppConfig):
    """Registers the module's table under the label presence."""

    name = "kefu.presence"
    label = "presence"
