"""Django application of this module."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Registers the module's tables under the label desk."""

    name = "kefu.desk"
    label = "desk"
