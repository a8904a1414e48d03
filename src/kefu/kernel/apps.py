"""Django application of this module."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """Registers the module's tables under the label kernel."""

    name = "kefu.kernel"
    label = "kernel"
