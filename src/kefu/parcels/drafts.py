"""What is handed in: parcels to register and scans to record. Plain values; checked in ``checks``."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from kefu.parcels.vocabulary import Scope


@dataclass(frozen=True, slots=True)
class Party:
    """Sender or receiver."""

    name: str = ""
    phone: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class ParcelDraft:
    """A waybill to register. Weight in kilograms, amounts in yuan."""

    waybill: str
    site_id: int
    origin_site_id: int | None = None
    carrier: str = ""
    scope: str = Scope.DOMESTIC
    sender: Party = field(default_factory=Party)
    receiver: Party = field(default_factory=Party)
    pieces: int = 1
    weight: Decimal | None = None
    cod_amount: Decimal = Decimal(0)
    freight_amount: Decimal = Decimal(0)
    insured_amount: Decimal = Decimal(0)
    product: str = ""
    promised_at: datetime | None = None
    postal: bool = False
    in_area: bool | None = None


@dataclass(frozen=True, slots=True)
class ScanDraft:
    """A scan to record; ``operator`` and ``courier`` are 工号."""

    waybill: str
    code: str
    site_id: int
    scanned_at: datetime
    operator: str = ""
    courier: str = ""
    previous_site_id: int | None = None
    next_site_id: int | None = None
    device: str = ""
    reason: str = ""
    note: str = ""
    source: str = "own"
    external_id: str = ""


class Refusal(NamedTuple):
    """A row that was not taken: its place in the batch and a code of ``checks.REASONS``."""

    place: int
    reason: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Outcome of a bulk write: new rows, rows that were there already, rows not taken."""

    stored: int
    present: int
    refused: Sequence[Refusal]
