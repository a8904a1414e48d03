"""Django application of this module."""

from django.apps import AppConfig


class EntryConfig(AppConfig):
    """Registers the module's tables under the label entry."""

    name = "kefu.station.entry"
    label = "entry"
