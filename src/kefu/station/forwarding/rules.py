"""Decisions about forwarding on plain values (O7, R19, R19a). Pure: no tables, no clock."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from kefu.parcels.journeys import Journey
from kefu.parcels.vocabulary import StateCode
from kefu.station.forwarding.vocabulary import OPEN_STATES, Contact, Payer, Reason, State, Way

_BAD_STATES = {
    StateCode.SIGNED: "signed",
    StateCode.RETURNING: "returning",
    StateCode.RETURNED: "returning",
    StateCode.INTERCEPTED: "intercepted",
}
_LONGEST_COMPANY, _LONGEST_TEXT = 40, 500


@dataclass(frozen=True, slots=True)
class Terms:
    """What the handbook in force says; ``None`` or false: that rule is not in force."""

    outside_cod: bool | None = None
    chain_most: int | None = None
    fee_most: Decimal | None = None
    receiver_pays: bool | None = None
    sender_must_be_told: bool = False
    wrong_claim_liable: bool = False
    approve_within: timedelta | None = None
    forward_within: timedelta | None = None
    sign_within: timedelta | None = None
    outside_sign_within: timedelta | None = None
    collect_within: timedelta | None = None
    reason_codes: tuple[tuple[str, int], ...] = ()
    # Kind of the case a request becomes.
    case: str = ""
    clause: str = ""
    payer_clause: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says."""

    reason: str
    way: str
    to_site_id: int | None
    to_site_active: bool
    company: str
    fee: Decimal
    payer: str
    sender_told: bool
    confirmed_at: datetime | None
    confirmed_by_way: str
    texts: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Chain:
    """Where the parcel has been handed on already: sites that had it under any of its numbers, and how often it was forwarded."""

    sites: Collection[int] = ()
    length: int = 0


def parcel_problem(journey: Journey, site_id: int) -> str | None:
    """Code of why this parcel cannot be forwarded by this site."""
    if not journey.known:
        return "unknown_waybill"
    if journey.cancelled:
        return "cancelled"
    if site_id not in (*journey.sites, journey.site_id):
        return "not_at_site"
    return next((code for state, code in _BAD_STATES.items() if journey.state == state), None)


def request_problem(asked: Asked, journey: Journey, site_id: int, chain: Chain, terms: Terms, now: datetime) -> str | None:
    """Code of the first thing wrong with a request."""
    return (
        parcel_problem(journey, site_id)
        or _way_problem(asked, site_id)
        or _money_problem(asked, journey, terms)
        or _chain_problem(asked, chain, terms)
        or _contact_problem(asked, now)
    )


def _way_problem(asked: Asked, site_id: int) -> str | None:
    if asked.reason not in Reason.values:
        return "unknown_reason"
    if asked.way not in Way.values:
        return "unknown_way"
    if len(asked.company) > _LONGEST_COMPANY or any(len(text) > _LONGEST_TEXT for text in asked.texts):
        return "long_field"
    if asked.way == Way.SITE:
        if asked.to_site_id is None:
            return "no_to_site"
        if asked.to_site_id == site_id:
            return "own_to_site"
        return None if asked.to_site_active else "closed_to_site"
    return "no_company" if asked.way == Way.OUTSIDE and not asked.company.strip() else None


def _money_problem(asked: Asked, journey: Journey, terms: Terms) -> str | None:
    if asked.way == Way.OUTSIDE and terms.outside_cod is False:
        if journey.freight_collect:
            return "outside_collect"
        if journey.cod:
            return "outside_cod"
    return payer_problem(asked.fee, asked.payer, asked.sender_told, terms)


def payer_problem(fee: Decimal, payer: str, sender_told: bool, terms: Terms) -> str | None:
    """Code of why this fee cannot be borne so (R19: the sender must have been told; R19a: nothing is asked of the receiver afterwards)."""
    if not fee.is_finite() or fee < 0 or fee != round(fee, 2):
        return "bad_fee"
    if terms.fee_most is not None and fee > terms.fee_most:
        return "high_fee"
    if payer not in Payer.values:
        return "unknown_payer"
    if fee == 0:
        return None
    if payer == Payer.RECEIVER and terms.receiver_pays is False:
        return "receiver_pays"
    return "sender_not_told" if payer == Payer.SENDER and terms.sender_must_be_told and not sender_told else None


def _chain_problem(asked: Asked, chain: Chain, terms: Terms) -> str | None:
    if asked.way == Way.SITE and asked.to_site_id in chain.sites:
        return "back_again"
    return "chain_long" if terms.chain_most is not None and chain.length >= terms.chain_most else None


def _contact_problem(asked: Asked, now: datetime) -> str | None:
    if asked.confirmed_at is None and not asked.confirmed_by_way:
        return None
    if asked.confirmed_at is None or asked.confirmed_at > now or asked.confirmed_by_way not in Contact.values:
        return "bad_contact"
    return None


def claim_problem(wrong: bool | None, fee: Decimal, payer: str, terms: Terms) -> str | None:
    """A wrong 超区 claim is paid by the site that made it (O7)."""
    return "wrong_claim_payer" if wrong and terms.wrong_claim_liable and fee > 0 and payer != Payer.OWN else None


def due_after(state: str, way: str, at: datetime, terms: Terms) -> datetime | None:
    """By when the next step is due once a request stands so; none when the handbook does not say."""
    span: timedelta | None = None
    if state == State.REQUESTED:
        span = terms.approve_within
    elif state == State.APPROVED:
        span = terms.forward_within
    elif state == State.FORWARDED:
        span = {Way.OUTSIDE: terms.outside_sign_within, Way.SELF: terms.collect_within}.get(Way(way), terms.sign_within)
    return at + span if span else None


def late(state: str, due_at: datetime | None, now: datetime) -> bool:
    """Whether an open request is behind its limit."""
    return state in OPEN_STATES and due_at is not None and due_at <= now
