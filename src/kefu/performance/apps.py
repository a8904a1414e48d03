"""Django application of this module."""

from django.apps import AppConfig


class PerformanceConfig(AppConfig):
    """Registers the module's tables under the label performance."""

    name = "kefu.performance"
    label = "performance"
