"""What happens to problem parcels."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class ProblemChanged(Event):
    """A problem of a site, reported by it or to it, was reported, answered or ended. One event for each of its two sites."""

    type: ClassVar[str] = "problem.changed"
    problem_id: int
    # Whose people are to hear of it.
    site_id: int
    what: str
    # Whether the other site did it, so that this one has something to look at.
    news: bool

    @property
    def subject(self) -> tuple[str, int]:
        """The problem."""
        return "problem", self.problem_id
