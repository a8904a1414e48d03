"""Django application of this module."""

from django.apps import AppConfig


class ReceiptsConfig(AppConfig):
    """Registers the module's tables under the label receipts."""

    name = "kefu.station.receipts"
    label = "receipts"
