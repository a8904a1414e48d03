"""Django application of this module."""

from django.apps import AppConfig


class MonitorsConfig(AppConfig):
    """Registers the module's tables under the label monitors."""

    name = "kefu.station.monitors"
    label = "monitors"
