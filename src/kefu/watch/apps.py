"""Django application of this module."""

from django.apps import AppConfig


class WatchConfig(AppConfig):
    """Registers the module's tables under the label watch."""

    name = "kefu.watch"
    label = "watch"
