"""Django application of this module."""

from django.apps import AppConfig


class ClocksConfig(AppConfig):
    """Registers the module's tables under the label clocks."""

    name = "kefu.clocks"
    label = "clocks"
