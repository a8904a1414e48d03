"""Django application of this module."""

from django.apps import AppConfig


class CoachingConfig(AppConfig):
    """Registers the module's tables under the label coaching."""

    name = "kefu.coaching"
    label = "coaching"
