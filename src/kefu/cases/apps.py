"""Django application of this module."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Registers the module's tables under the label cases."""

    name = "kefu.cases"
    label = "cases"
