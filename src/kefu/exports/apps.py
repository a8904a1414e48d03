"""Django application of this module."""

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    """Registers the module's tables under the label exports."""

    name = "kefu.exports"
    label = "exports"
