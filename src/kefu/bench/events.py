"""Events of the rule bench."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class Labelled(Event):
    """A person's finding about an item of a subject was stored."""

    type: ClassVar[str] = "bench.labelled"
    subject_kind: str
    subject_id: int
    site_id: int
    item_key: str
    breached: bool
    source: str

    @property
    def subject(self) -> tuple[str, int]:
        """What was labelled."""
        return self.subject_kind, self.subject_id


class TrialEnded(Event):
    """A trial came to its end: ``done``, ``stopped`` or ``failed``."""

    type: ClassVar[str] = "bench.trial_ended"
    trial_id: int
    site_id: int | None
    state: str

    @property
    def subject(self) -> tuple[str, int]:
        """The trial."""
        return "bench_trial", self.trial_id
