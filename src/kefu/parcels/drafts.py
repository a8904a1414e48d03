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
    company: str = ""


@dataclass(frozen=True, slots=True)
class ParcelDraft:
    """A waybill to register. Weights in kilograms, lengths in centimetres, amounts in yuan; the names are those of ``Parcel``.

    ``sub_waybills`` are the numbers of the pieces, as many as ``pieces`` or none (O9).
    """

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
    volume_weight: Decimal | None = None
    billing_weight: Decimal | None = None
    hub_weight: Decimal | None = None
    length: Decimal | None = None
    width: Decimal | None = None
    height: Decimal | None = None
    goods: str = ""
    packaging: str = ""
    payment: str = ""
    fee_amount: Decimal = Decimal(0)
    insurance_fee: Decimal = Decimal(0)
    receipt_kind: str = ""
    collected_by: str = ""
    entered_by: str = ""
    id_verified: bool = False
    destination: str = ""
    remark: str = ""
    sub_waybills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScanDraft:
    """A scan to record; ``operator`` and ``courier`` are 工号.

    ``waybill`` may be the number of a piece (子单), which makes it a scan of its waybill with that ``piece``; a 集包 scan with a ``bag``
    puts the waybill into it, and a scan of the bag's number is one of everything in it. ``piece`` is given for ``some_pieces`` alone.
    """

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
    bag: str = ""
    truck: str = ""
    piece: str = ""


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
