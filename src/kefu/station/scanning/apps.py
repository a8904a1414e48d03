"""Django application of this module."""

from django.apps import AppConfig


class ScanningConfig(AppConfig):
    """Registers the module's tables under the label scanning."""

    name = "kefu.station.scanning"
    label = "scanning"
