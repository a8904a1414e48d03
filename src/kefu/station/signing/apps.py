"""Django application of this module."""

from django.apps import AppConfig


class SigningConfig(AppConfig):
    """Registers the module's tables under the label signing."""

    name = "kefu.station.signing"
    label = "signing"
