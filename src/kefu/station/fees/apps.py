"""Django application of this module."""

from django.apps import AppConfig


class FeesConfig(AppConfig):
    """Registers the module's tables under the label fees."""

    name = "kefu.station.fees"
    label = "fees"
