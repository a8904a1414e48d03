"""Django application of this module."""

from django.apps import AppConfig


class ArbitrationConfig(AppConfig):
    """Registers the module's tables, and what it answers when a guard of a case asks."""

    name = "kefu.arbitration"
    label = "arbitration"

    def ready(self) -> None:
        """Guards of procedures may ask whether a waybill was filed before (O6)."""
        from kefu.arbitration.facts import filed_before
        from kefu.cases import fact_sources

        fact_sources.register("arbitration.", filed_before)
