"""Django application of this module."""

from django.apps import AppConfig


class QualityConfig(AppConfig):
    """Registers the module's tables under the label quality, and its checks of handbooks."""

    name = "kefu.quality"
    label = "quality"

    def ready(self) -> None:
        """No handbook comes into force whose scorecards name detectors or parameters that do not exist (HB3)."""
        from kefu.handbook.check import register
        from kefu.quality.inspector import handbook_problems

        register(handbook_problems)
