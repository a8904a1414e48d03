"""Django application of this module."""

from django.apps import AppConfig


class ReactionsConfig(AppConfig):
    """Registers the module's tables under the label reactions."""

    name = "kefu.reactions"
    label = "reactions"
