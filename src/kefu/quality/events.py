"""Events of inspections."""

from datetime import date
from typing import ClassVar

from kefu.kernel.outbox import Event


class Inspected(Event):
    """A conversation or case was inspected, for the first time or again."""

    type: ClassVar[str] = "quality.inspected"
    subject_kind: str
    subject_id: int
    inspection_id: int
    site_id: int
    staff_id: int | None
    day: date
    finding_count: int
    review_count: int
    fatal: bool

    @property
    def subject(self) -> tuple[str, int]:
        """What was inspected."""
        return self.subject_kind, self.subject_id


class Ruled(Event):
    """A person decided items of an inspection; its score, its findings and all figures follow."""

    type: ClassVar[str] = "quality.ruled"
    subject_kind: str
    subject_id: int
    inspection_id: int
    site_id: int
    staff_id: int | None
    day: date
    source: str
    items: tuple[str, ...]
    before_score: str
    after_score: str

    @property
    def subject(self) -> tuple[str, int]:
        """What was inspected."""
        return self.subject_kind, self.subject_id
