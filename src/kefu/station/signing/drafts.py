"""What is handed in: a sign-off, and a taking out of store. Plain values; checked in ``rules``."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kefu.station.signing.words import Signer, Situation


@dataclass(frozen=True, slots=True)
class SignDraft:
    """A sign-off to record. Amounts in yuan, as collected; ``pieces`` are those of a partial one, 0: all.

    ``place`` is the name of the locker, station or shop; ``consent_by`` who agreed (收件人张女士), ``consent_how`` a code of ``Consent``.
    """

    waybill: str
    site_id: int
    signed_at: datetime
    signer: str = Signer.SELF.value
    signer_name: str = ""
    relation: str = ""
    courier: str = ""
    situation: str = Situation.NORMAL.value
    pieces: int = 0
    place: str = ""
    consent_by: str = ""
    consent_how: str = ""
    cod_collected: Decimal = Decimal(0)
    freight_collected: Decimal = Decimal(0)
    note: str = ""
    source: str = "own"
