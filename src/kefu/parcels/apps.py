"""Django application of this module."""

from django.apps import AppConfig


class ParcelsConfig(AppConfig):
    """Registers the module's tables under the label parcels."""

    name = "kefu.parcels"
    label = "parcels"
