"""Django application of this module."""

from django.apps import AppConfig


class RegulatorConfig(AppConfig):
    """Registers the module's tables under the label regulator."""

    name = "kefu.regulator"
    label = "regulator"
