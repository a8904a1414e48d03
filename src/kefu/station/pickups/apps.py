"""Django application of this module."""

from django.apps import AppConfig


class PickupsConfig(AppConfig):
    """Registers the module's tables under the label pickups."""

    name = "kefu.station.pickups"
    label = "pickups"
