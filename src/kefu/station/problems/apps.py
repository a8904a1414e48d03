"""Django application of this module."""

from django.apps import AppConfig


class ProblemsConfig(AppConfig):
    """Registers the module's tables under the label problems, and its word on what may be scanned."""

    name = "kefu.station.problems"
    label = "problems"

    def ready(self) -> None:
        """Who judges a scan hears of open problems."""
        from kefu.parcels import bars
        from kefu.station.problems.barring import bars_of

        bars.register("problems", bars_of)
