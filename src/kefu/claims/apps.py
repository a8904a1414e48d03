"""Django application of this module."""

from django.apps import AppConfig


class ClaimsConfig(AppConfig):
    """Registers the module's tables under the label claims, and what it answers when a guard of a case asks."""

    name = "kefu.claims"
    label = "claims"

    def ready(self) -> None:
        """Answer the facts whose names begin with ``claim.``."""
        from kefu.cases.fact_sources import register
        from kefu.claims.answers import facts

        register("claim.", facts)
