"""Django application of this module."""

from django.apps import AppConfig


class QualityConfig(AppConfig):
    """Registers the module's tables under the label quality."""

    name = "kefu.quality"
    label = "quality"
