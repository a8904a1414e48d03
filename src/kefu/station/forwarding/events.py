"""What happens to requests to forward."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class ForwardChanged(Event):
    """A request came into another state. One event for each of the two sites."""

    type: ClassVar[str] = "forward.changed"
    forward_id: int
    site_id: int
    state: str

    @property
    def subject(self) -> tuple[str, int]:
        """The request."""
        return "forward", self.forward_id
