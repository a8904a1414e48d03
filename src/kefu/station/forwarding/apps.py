"""Django application of this module."""

from django.apps import AppConfig


class ForwardingConfig(AppConfig):
    """Registers the module's tables under the label forwarding."""

    name = "kefu.station.forwarding"
    label = "forwarding"
