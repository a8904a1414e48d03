"""What happens to samples and scores."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class SampleDrawn(Event):
    """A plan drew a day."""

    type: ClassVar[str] = "review.drawn"
    plan_id: int
    site_id: int
    tasks: int

    @property
    def subject(self) -> tuple[str, int]:
        """The plan."""
        return "review_plan", self.plan_id


class TaskChanged(Event):
    """A task came into other hands, or was dropped."""

    type: ClassVar[str] = "review.task"
    task_id: int
    site_id: int
    inspector_id: int | None
    state: str

    @property
    def subject(self) -> tuple[str, int]:
        """The task."""
        return "review_task", self.task_id


class Scored(Event):
    """A person scored a conversation; both scores are kept."""

    type: ClassVar[str] = "review.scored"
    task_id: int
    conversation_id: int
    inspection_id: int
    site_id: int
    staff_id: int | None
    inspector_id: int
    auto_score: str
    score: str
    changed_items: int

    @property
    def subject(self) -> tuple[str, int]:
        """The task."""
        return "review_task", self.task_id
