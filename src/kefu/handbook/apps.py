"""Django application of this module."""

from django.apps import AppConfig


class HandbookConfig(AppConfig):
    """Registers the module's tables under the label handbook."""

    name = "kefu.handbook"
    label = "handbook"
