"""Django application of this module."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """Registers the module's tables under the label intake."""

    name = "kefu.intake"
    label = "intake"
