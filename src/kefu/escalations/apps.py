"""Django application of this module."""

from django.apps import AppConfig


class EscalationsConfig(AppConfig):
    """Registers the module's tables under the label escalations."""

    name = "kefu.escalations"
    label = "escalations"
