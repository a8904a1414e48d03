"""Django application of this module."""

from django.apps import AppConfig


class LedgersConfig(AppConfig):
    """Registers the module's table under the label ledgers."""

    name = "kefu.ledgers"
    label = "ledgers"
