"""Django application of this module."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Registers the module's tables under the label people."""

    name = "kefu.people"
    label = "people"
