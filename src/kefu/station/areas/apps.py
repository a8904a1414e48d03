"""Django application of this module."""

from django.apps import AppConfig


class AreasConfig(AppConfig):
    """Registers the module's tables under the label areas."""

    name = "kefu.station.areas"
    label = "areas"
