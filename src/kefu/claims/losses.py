"""A loss as rules, forms and programs hand it about, and its reckoning line by line (R34–R41). Value types only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from kefu.claims.liability import WHOLE
from kefu.claims.vocabulary import WHOLE_LOSSES, Harm, Loss

_ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class LossFacts:
    """What is known of a loss. Amounts in yuan, parts in per cent.

    ``fee`` is the fee of this service without insurance and other extras. ``value`` is the proven market value of the contents at the
    place of delivery, ``None`` when nobody has proven one. ``insured`` is the sum insured, 0 without insurance. ``part`` is the share of
    the value lost in a partial loss. ``value_destroyed``: a delay that left the contents worthless (R34). ``shipper_part``: what the
    sender bears (bad packing, wrong declaration). ``salvage`` is what the remains are worth when the customer keeps them.
    """

    loss: str
    fee: Decimal = _ZERO
    value: Decimal | None = None
    insured: Decimal = _ZERO
    part: Decimal = WHOLE
    value_destroyed: bool = False
    shipper_part: Decimal = _ZERO
    salvage: Decimal = _ZERO
    excuse: str = ""
    basis: str = ""

    @property
    def whole(self) -> bool:
        """Whether the contents count as lost altogether."""
        return self.loss in WHOLE_LOSSES or (self.loss == Loss.DELAY and self.value_destroyed)

    @property
    def harm(self) -> str:
        """What of the parcel was lost."""
        return Harm.TIME if self.loss == Loss.DELAY and not self.value_destroyed else Harm.GOODS


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the reckoning: which rule, under which clause, with which figures, and what it adds or takes (yuan)."""

    key: str
    clause: str
    amount: Decimal
    figures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reckoning:
    """The lines, their sum, and how much of it is the waived fee."""

    lines: tuple[Line, ...]
    amount: Decimal
    fee: Decimal
