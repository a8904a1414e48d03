"""Django application of this module."""

from django.apps import AppConfig


class RecordingsConfig(AppConfig):
    """Registers the module's tables under the label recordings."""

    name = "kefu.recordings"
    label = "recordings"
