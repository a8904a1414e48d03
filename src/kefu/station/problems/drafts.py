"""What is handed in: problems to report. Plain values; checked when they are reported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture: its name and content."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class ProblemDraft:
    """A problem to report. ``kind``: key, code (``PR211``) or title of a type. ``receiver_site_id`` none: the default of O15.

    ``external_id``: the same id is the same problem. ``way`` and ``channel`` are for intercepts. ``scan``: a 问题件 scan is recorded too.
    """

    waybill: str
    kind: str
    site_id: int | None = None
    receiver_site_id: int | None = None
    description: str = ""
    phones: Sequence[str] = ()
    account: str = ""
    courier: str = ""
    images: Sequence[Upload] = ()
    external_id: str | None = None
    way: str = ""
    channel: str = "console"
    scan: bool = True


@dataclass(frozen=True, slots=True)
class Reported:
    """Outcome: new problems by place in the batch, places whose problem was there already (with its id), and refusals by place.

    A refusal is a code of ``errors.REASONS``.
    """

    stored: Mapping[int, int] = field(default_factory=dict)
    present: Mapping[int, int] = field(default_factory=dict)
    refused: Mapping[int, str] = field(default_factory=dict)
