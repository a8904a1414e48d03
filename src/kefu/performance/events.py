"""What happens to figures."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class FiguresRenewed(Event):
    """The facts of a day of a site were worked out anew: pages that show them may look again."""

    type: ClassVar[str] = "figures.renewed"
    site_id: int
    # ISO.
    day: str

    @property
    def subject(self) -> tuple[str, int]:
        """The figures of the site."""
        return "figure", self.site_id
