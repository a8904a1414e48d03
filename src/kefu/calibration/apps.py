"""Django application of this module."""

from django.apps import AppConfig


class CalibrationConfig(AppConfig):
    """Registers the module's tables under the label calibration."""

    name = "kefu.calibration"
    label = "calibration"
