"""What somebody fills in for a claim, as plain values."""

from dataclasses import dataclass, field
from decimal import Decimal

from kefu.claims.losses import LossFacts
from kefu.claims.vocabulary import Cause, Claimant


@dataclass(frozen=True, slots=True)
class ClaimDraft:
    """A claim to make, or to change: the loss, and who asks to be paid how. ``external_id``: the same claim for ever at its site."""

    facts: LossFacts
    item: str = ""
    cause: str = Cause.OTHER
    carrier: str = ""
    courier: str = ""
    claimant: str = Claimant.SENDER
    claimant_name: str = ""
    claimant_phone: str = ""
    authority: str = ""
    channel: str = ""
    account_name: str = ""
    account: str = ""
    external_id: str | None = None
    papers: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class PaymentResult:
    """What a bank or platform says of a payment: ``outcome`` is paid, failed or returned; ``amount`` is checked when it is named."""

    number: str
    outcome: str
    serial: str = ""
    reason: str = ""
    amount: Decimal | None = None
