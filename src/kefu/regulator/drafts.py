"""What is handed in: appeals and files. Plain values; checked by the actions that take them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Upload:
    """A file: its name and content."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class AppealDraft:
    """An appeal to file. ``number`` is the authority's, ``kind`` a key of R31; ``site_id`` none: one's own."""

    number: str
    waybill: str
    kind: str
    appellant: str
    statement: str
    received_at: datetime
    phone: str = ""
    party: str = "recipient"
    demand: str = ""
    posted_on: date | None = None
    complained_at: datetime | None = None
    site_id: int | None = None


Uploads = Sequence[Upload]
