"""A waybill as a clerk enters it. Plain values; checked in ``rules``."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from kefu.parcels.drafts import Party
from kefu.parcels.vocabulary import Payment, Scope


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """Everything of O9. Weights in kilograms, lengths in centimetres, amounts in yuan; ``collector`` is a 工号.

    ``deliver_site_id`` empty: found from the served areas. ``told``: the sender was told that the place is not served, is served to a
    station only, or costs extra (R19). ``sub_waybills`` as many as ``pieces``, or none.
    """

    waybill: str
    site_id: int
    sent_on: date
    collector: str = ""
    sender: Party = field(default_factory=Party)
    receiver: Party = field(default_factory=Party)
    deliver_site_id: int | None = None
    carrier: str = ""
    scope: str = Scope.DOMESTIC.value
    goods: str = ""
    pieces: int = 1
    weight: Decimal | None = None
    length: Decimal | None = None
    width: Decimal | None = None
    height: Decimal | None = None
    packaging: str = ""
    payment: str = Payment.SENDER.value
    fee_amount: Decimal = Decimal(0)
    freight_amount: Decimal = Decimal(0)
    cod_amount: Decimal = Decimal(0)
    insured_amount: Decimal = Decimal(0)
    insurance_fee: Decimal | None = None
    receipt_kind: str = ""
    receipt_no: str = ""
    sub_waybills: tuple[str, ...] = ()
    product: str = ""
    promised_at: datetime | None = None
    postal: bool = False
    id_verified: bool = False
    told: bool = False
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Collected:
    """A parcel taken over at collection (收件录入): its number and what the scale said."""

    waybill: str
    weight: Decimal | None = None
