"""Django application of this module."""

from django.apps import AppConfig


class DisputesConfig(AppConfig):
    """Registers the module's tables under the label disputes."""

    name = "kefu.disputes"
    label = "disputes"
