"""Django application of this module."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """Registers the module's tables under the label orders."""

    name = "kefu.orders"
    label = "orders"
