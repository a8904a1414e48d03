"""Repeats, caps and the legal floor as a handbook states them (QA8, PERF3)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kefu.handbook import queries as handbooks
from kefu.handbook.errors import NotInForce
from kefu.handbook.schema import Handbook
from kefu.handbook.settings import setting
from kefu.penalties.rules import FloorTerms, Policy

FLOOR = "wage_floor"


@dataclass(frozen=True, slots=True)
class PolicyTerms:
    """The policy with its clause; empty where the handbook has none."""

    policy: Policy
    clause: str = ""


def policy_of(book: Handbook) -> PolicyTerms:
    """The first penalties clause of a handbook; without one nothing multiplies and nothing is capped."""
    key, found = next(iter(book.penalties.items()), ("", None))
    if found is None:
        return PolicyTerms(Policy())
    policy = Policy(found.repeat_multiplier, found.repeat_window_days, found.monthly_cap_points, found.monthly_cap_money)
    return PolicyTerms(policy, str(book.ref(f"penalties.{key}")))


def caps_at(handbook: str, when: datetime, otherwise: Policy) -> Policy:
    """The caps of a whole month: those in force when it begins, so that they do not change within it."""
    try:
        return policy_of(handbooks.book_at(handbook, when)).policy
    except NotInForce:
        return otherwise


def floor_at(handbook: str, when: datetime) -> tuple[FloorTerms, str]:
    """What the law leaves of a wage, and the clause; nothing where no handbook states it."""
    try:
        book = handbooks.book_at(handbook, when)
    except NotInForce:
        return FloorTerms(), ""
    keep = _number(book, "keep_percent")
    terms = FloorTerms(None if keep is None else 100 - keep, _number(book, "minimum_wage"), _number(book, "warn_over"))
    return terms, str(book.ref(f"texts.{FLOOR}")) if FLOOR in book.texts else ""


def _number(book: Handbook, name: str) -> Decimal | None:
    found = setting(book, FLOOR, name)
    return Decimal(str(found.value)) if found else None
