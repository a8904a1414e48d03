"""Django application of this module."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """Registers the module's tables under the label review."""

    name = "kefu.review"
    label = "review"
