"""Django application of this module."""

from django.apps import AppConfig


class BenchConfig(AppConfig):
    """Registers the module's tables under the label bench."""

    name = "kefu.bench"
    label = "bench"
