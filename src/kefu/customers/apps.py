"""Django application of this module."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Registers the module's tables under the label customers."""

    name = "kefu.customers"
    label = "customers"
