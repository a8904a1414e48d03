"""Django application of this module."""

from django.apps import AppConfig


class BatchesConfig(AppConfig):
    """Registers the module's tables under the label batches, and what can be done in bulk."""

    name = "kefu.batches"
    label = "batches"

    def ready(self) -> None:
        """The works of this module; other modules may add theirs with ``kinds.register``."""
        from kefu.batches import case_kinds, kinds

        for kind in case_kinds.KINDS:
            kinds.register(kind)
