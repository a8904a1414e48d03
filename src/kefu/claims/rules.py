"""What a loss is worth, line by line, and who must agree to it (R34–R41). Pure: no tables, no clock, money in yuan to the fen."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from kefu.claims.liability import FEN, WHOLE
from kefu.claims.losses import Line, LossFacts, Reckoning
from kefu.claims.vocabulary import PARTIAL_LOSSES, Basis, Excuse, Harm, Loss, Rung

_ZERO = Decimal("0.00")
MOST = Decimal("9999999.99")


@dataclass(frozen=True, slots=True)
class Terms:
    """What the handbook in force when the parcel was accepted says; ``cap_multiple`` of the carrier's contract, ``None`` without one."""

    basis: str = Basis.CIVIL
    cap_multiple: Decimal | None = None
    delay_clause: str = ""
    loss_clause: str = ""
    insured_clause: str = ""
    civil_clause: str = ""
    cap_clause: str = ""
    no_cap_clause: str = ""
    excuse_clause: str = ""
    salvage_clause: str = ""


def loss_problem(facts: LossFacts) -> tuple[str, str] | None:
    """Field and code (of ``REASONS``) of the first thing that cannot be; ``None`` when it can be reckoned."""
    amounts = {"fee": facts.fee, "value": facts.value, "insured": facts.insured, "salvage": facts.salvage}
    for name, amount in amounts.items():
        if amount is not None and not _is_amount(amount):
            return name, "bad_amount"
    if facts.loss not in Loss.values:
        return "loss", "unknown_loss"
    if facts.excuse and facts.excuse not in Excuse.values:
        return "excuse", "unknown_excuse"
    if facts.basis and facts.basis not in Basis.values:
        return "basis", "unknown_basis"
    for name, part in (("part", facts.part), ("shipper_part", facts.shipper_part)):
        if not (part.is_finite() and _ZERO <= part <= WHOLE):
            return name, "bad_part"
    if facts.loss in PARTIAL_LOSSES and not facts.part:
        return "part", "no_part"
    if facts.harm == Harm.GOODS and facts.value is None and not facts.insured and not facts.excuse:
        return "value", "no_value"
    return None


def _is_amount(value: Decimal) -> bool:
    return value.is_finite() and _ZERO <= value <= MOST and value == value.quantize(FEN)


def _fen(value: Decimal) -> Decimal:
    return value.quantize(FEN, ROUND_HALF_UP)


def reckon(facts: LossFacts, terms: Terms) -> Reckoning:
    """The compensation written out. The facts must have passed ``loss_problem``.

    Never negative; what is paid for contents never exceeds their real value, the sum insured or the cap that applies. The postal
    "three times the fee" is no rule here (R38): a cap only ever comes from a contract the handbook dates and cites.
    """
    if facts.excuse:
        return Reckoning((Line("excused", terms.excuse_clause, _ZERO, {"excuse": facts.excuse}),), _ZERO, _ZERO)
    lines: list[Line] = []
    fee = facts.fee if facts.loss == Loss.DELAY or facts.whole else _ZERO
    if fee:
        lines.append(Line("fee", terms.delay_clause if facts.loss == Loss.DELAY else terms.loss_clause, fee))
    if facts.harm == Harm.GOODS:
        _goods(facts, terms, lines)
    return Reckoning(tuple(lines), sum((line.amount for line in lines), _ZERO), fee)


def _goods(facts: LossFacts, terms: Terms, lines: list[Line]) -> None:
    """Lines for the contents: what they are worth, then what limits it, what the sender bears, what the customer kept."""
    part = WHOLE if facts.whole else facts.part
    amount = _insured(facts, terms, part, lines) if facts.insured else _uninsured(facts, terms, part, lines)
    if facts.shipper_part and amount:
        off = _fen(amount * facts.shipper_part / WHOLE)
        lines.append(Line("shipper", terms.excuse_clause, -off, {"part": str(facts.shipper_part)}))
        amount -= off
    if facts.salvage and amount:
        off = min(_fen(facts.salvage), amount)
        lines.append(Line("salvage", terms.salvage_clause, -off, {"salvage": str(facts.salvage)}))


def _insured(facts: LossFacts, terms: Terms, part: Decimal, lines: list[Line]) -> Decimal:
    """The sum insured by the part lost, at most what was really lost (R41)."""
    amount = _fen(facts.insured * part / WHOLE)
    lines.append(Line("insured", terms.insured_clause, amount, {"insured": str(facts.insured), "part": str(part)}))
    if facts.value is None:
        return amount
    real = _fen(facts.value * part / WHOLE)
    if amount > real:
        lines.append(Line("real_value", terms.insured_clause, real - amount, {"value": str(facts.value), "real": str(real)}))
    return min(amount, real)


def _uninsured(facts: LossFacts, terms: Terms, part: Decimal, lines: list[Line]) -> Decimal:
    """The real loss (R39); under a contract at most its multiple of the fee (R40), else with no cap at all (R38)."""
    value = facts.value if facts.value is not None else _ZERO
    amount = _fen(value * part / WHOLE)
    lines.append(Line("real_loss", terms.civil_clause, amount, {"value": str(value), "part": str(part)}))
    if (facts.basis or terms.basis) != Basis.CONTRACT or terms.cap_multiple is None:
        lines.append(Line("no_cap", terms.no_cap_clause, _ZERO))
        return amount
    cap = _fen(terms.cap_multiple * facts.fee)
    if amount > cap:
        figures = {"multiple": str(terms.cap_multiple), "fee": str(facts.fee), "cap": str(cap)}
        lines.append(Line("cap", terms.cap_clause, cap - amount, figures))
    return min(amount, cap)


RANKS: Sequence[str] = ("agent", Rung.LEAD, Rung.MANAGER, Rung.HQ)


def rank(role: str, *, at_headquarters: bool) -> int:
    """How high somebody stands in the approval chain: 0 proposes only, 1 lead, 2 manager, 3 headquarters."""
    if role == "admin" or (role == "manager" and at_headquarters):
        return 3
    return {"lead": 1, "manager": 2}.get(role, 0)


@dataclass(frozen=True, slots=True)
class Limits:
    """Up to which amount each rung decides alone (yuan, ``None``: any amount), by ``RANKS``; without a handbook nobody but the top does."""

    most: tuple[Decimal | None, Decimal | None, Decimal | None, Decimal | None] = (_ZERO, _ZERO, _ZERO, None)
    clause: str = ""


def chain(amount: Decimal, proposer: int, limits: Limits) -> tuple[str, ...] | None:
    """Rungs that must agree, lowest first: none within the proposer's own limit; ``None`` when no rung may decide so much."""
    if _within(amount, limits.most[proposer]):
        return ()
    above = range(proposer + 1, len(RANKS))
    enough = next((one for one in above if _within(amount, limits.most[one])), None)
    return None if enough is None else tuple(RANKS[proposer + 1 : enough + 1])


def _within(amount: Decimal, most: Decimal | None) -> bool:
    return most is None or amount <= most


def missing_papers(required: Sequence[str], held: Sequence[str]) -> tuple[str, ...]:
    """Papers still to come, in the order they are asked for."""
    return tuple(one for one in required if one not in held)


def proposal_problem(amount: Decimal, reckoned: Decimal) -> str | None:
    """Code of why this amount cannot be proposed: one may settle for less than the reckoning, never for more."""
    if not _is_amount(amount) or amount <= 0:
        return "bad_proposal"
    return "over_reckoning" if amount > reckoned else None
