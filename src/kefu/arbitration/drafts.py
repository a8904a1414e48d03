"""What is handed in: filings, verdicts, files. Plain values; checked by the actions that take them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Upload:
    """A file: its name and content."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class FilingDraft:
    """A filing to make (fields of O6). ``kind`` is the key of a type; amounts in yuan; ``pieces`` none: those of the waybill."""

    waybill: str
    kind: str
    accused: Sequence[int]
    reason: str
    claimed: Decimal
    site_id: int | None = None
    case_id: int | None = None
    complainant: str = ""
    phone: str = ""
    proof: str = ""
    proof_amount: Decimal | None = None
    pieces: int | None = None
    abnormal: int = 1
    packing: str = ""
    files: Sequence[Upload] = ()


@dataclass(frozen=True, slots=True)
class ShareDraft:
    """What one site is to bear: percent of the compensation, and a fine in yuan."""

    site_id: int
    percent: Decimal
    fine: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Ruling:
    """A verdict to propose."""

    outcome: str
    awarded: Decimal
    reason: str
    shares: Sequence[ShareDraft] = ()
