"""Django application of this module."""

from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    """Registers the module's tables under the label conversations."""

    name = "kefu.conversations"
    label = "conversations"
