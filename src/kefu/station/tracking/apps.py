"""Django application of this module."""

from django.apps import AppConfig


class TrackingConfig(AppConfig):
    """Registers the module's tables under the label tracking."""

    name = "kefu.station.tracking"
    label = "tracking"
