"""Django application of this module."""

from django.apps import AppConfig


class PenaltiesConfig(AppConfig):
    """Registers the module's tables under the label penalties."""

    name = "kefu.penalties"
    label = "penalties"
