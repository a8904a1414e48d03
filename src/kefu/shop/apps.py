"""Django application of this module."""

from django.apps import AppConfig


class ShopConfig(AppConfig):
    """Registers the module's tables under the label shop."""

    name = "kefu.shop"
    label = "shop"
