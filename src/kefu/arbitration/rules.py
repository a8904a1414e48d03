"""Decisions of arbitration on plain values (O6, O17). Pure: no tables, no clock."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kefu.arbitration.drafts import FilingDraft, Ruling
from kefu.arbitration.terms import FilingType, Terms
from kefu.arbitration.vocabulary import CountsFrom, MoveKind, Outcome
from kefu.claims.liability import Party, Share, amounts, shares_problem
from kefu.kernel.masking import phone_key
from kefu.parcels.journeys import Journey
from kefu.parcels.vocabulary import ScanCode, StateCode

_CENT = Decimal("0.01")
_MOST = Decimal("99999999.99")
_LONGEST_PACKING = 60


def is_amount(value: Decimal | None) -> bool:
    """Whether it is money a table holds: finite, not negative, whole cents."""
    return value is not None and value.is_finite() and 0 <= value <= _MOST and value == value.quantize(_CENT)


@dataclass(frozen=True, slots=True)
class Site:
    """A site as far as filings care: whether it works, its key."""

    id: int
    is_active: bool


def filing_problem(draft: FilingDraft, site_id: int, kind: FilingType, terms: Terms, accused: Sequence[Site | None]) -> str | None:
    """Code of the first thing wrong with what was filled in; the parcel is another question (``parcel_problem``)."""
    return _accused_problem(site_id, terms, accused) or _form_problem(draft, kind, terms)


def _accused_problem(site_id: int, terms: Terms, accused: Sequence[Site | None]) -> str | None:
    if not accused:
        return "no_accused"
    if terms.accused_most is not None and len(accused) > terms.accused_most:
        return "many_accused"
    for one in accused:
        if one is None:
            return "unknown_accused"
        if one.id == site_id:
            return "own_accused"
        if not one.is_active:
            return "closed_accused"
    return None


def _form_problem(draft: FilingDraft, kind: FilingType, terms: Terms) -> str | None:
    if not draft.reason.strip():
        return "no_reason"
    texts = (draft.reason, draft.complainant, draft.proof)
    if (terms.text_most is not None and max(map(len, texts)) > terms.text_most) or len(draft.packing) > _LONGEST_PACKING:
        return "long_text"
    if not draft.complainant.strip() or not draft.phone.strip():
        return "no_complainant"
    if phone_key(draft.phone) is None:
        return "bad_phone"
    if terms.files_most is not None and len(draft.files) > terms.files_most:
        return "many_files"
    return _amount_problem(draft, kind)


def _amount_problem(draft: FilingDraft, kind: FilingType) -> str | None:
    if not is_amount(draft.claimed) or draft.claimed == 0:
        return "bad_amount"
    given = draft.proof_amount is not None
    if given and not is_amount(draft.proof_amount):
        return "bad_amount"
    if kind.proof and (not given or not draft.proof.strip()):
        return "no_proof"
    return "over_proof" if draft.proof_amount is not None and draft.claimed > draft.proof_amount else None


def pieces_problem(pieces: int, abnormal: int) -> str | None:
    """异常数 ≤ 件数 (O6)."""
    if not 1 <= pieces <= 100_000 or abnormal < 1:
        return "bad_pieces"
    return "abnormal_over_pieces" if abnormal > pieces else None


def counted_from(kind: FilingType, journey: Journey) -> datetime | None:
    """The moment the type's window counts from; ``None`` when it has not come."""
    signed = [node.at for node in journey.nodes if node.code == ScanCode.SIGN]
    arrived = [node.at for node in journey.nodes if node.code == ScanCode.ARRIVE]
    if kind.counts_from == CountsFrom.SIGNED:
        return signed[-1] if signed else None
    if kind.counts_from == CountsFrom.ARRIVED:
        return max(signed + arrived, default=None)
    return max((node.at for node in journey.nodes), default=None)


def parcel_problem(kind: FilingType, journey: Journey, now: datetime) -> str | None:
    """Code of why this type cannot be filed of a parcel that stands so, now (O6: signed is no 差错; windows)."""
    if journey.state == StateCode.SIGNED and not kind.after_sign:
        return "signed_error"
    if not kind.counts_from:
        return None
    start = counted_from(kind, journey)
    if start is None:
        # What counts from the signature is open as long as there is none.
        return None if kind.counts_from == CountsFrom.SIGNED and journey.nodes else "no_scans"
    if kind.opens_after is not None and now < start + kind.opens_after:
        return "too_early"
    return "too_late" if kind.closes_after is not None and now > start + kind.closes_after else None


def verdict_problem(ruling: Ruling, applicant: int, accused: Collection[int], claimed: Decimal, terms: Terms) -> str | None:
    """Code of the first thing wrong with a verdict; those of the shares are ``claims.liability``'s, written ``liability.<code>``."""
    if ruling.outcome not in Outcome.values:
        return "no_outcome"
    if not ruling.reason.strip():
        return "no_text"
    if terms.text_most is not None and len(ruling.reason) > terms.text_most:
        return "long_text"
    if not is_amount(ruling.awarded):
        return "bad_awarded"
    if ruling.awarded > claimed:
        return "over_claimed"
    return _shares_problem(ruling, applicant, accused) or _fines_problem(ruling, terms)


def _shares_problem(ruling: Ruling, applicant: int, accused: Collection[int]) -> str | None:
    liable = {one.site_id for one in ruling.shares}
    if ruling.outcome == Outcome.NOBODY:
        return "outcome_shares" if liable else "nobody_awarded" if ruling.awarded else None
    if not liable <= {applicant, *accused}:
        return "unknown_party"
    if wrong := shares_problem([Share(Party.SITE, one.percent, one.site_id) for one in ruling.shares]):
        return f"liability.{wrong}"
    fits = {
        Outcome.ACCUSED: applicant not in liable,
        Outcome.SHARED: len(liable) > 1,
        Outcome.APPLICANT: liable == {applicant},
    }
    if not fits[Outcome(ruling.outcome)]:
        return "outcome_shares"
    return "nobody_awarded" if ruling.outcome == Outcome.APPLICANT and ruling.awarded else None


def _fines_problem(ruling: Ruling, terms: Terms) -> str | None:
    if any(not is_amount(one.fine) for one in ruling.shares):
        return "bad_fine"
    over = terms.fine_most is not None and any(one.fine > terms.fine_most for one in ruling.shares)
    return "high_fine" if over else None


def portions(ruling: Ruling) -> list[Decimal]:
    """What each share bears of the sum, in the order of the shares; together the sum, to the cent."""
    return amounts(ruling.awarded, [one.percent for one in ruling.shares])


@dataclass(frozen=True, slots=True)
class Borne:
    """A share of a confirmed verdict: the liable site, its part of the compensation, its fine."""

    site_id: int
    amount: Decimal
    fine: Decimal


@dataclass(frozen=True, slots=True)
class Booking:
    """Money on one account; ``site_id`` none is headquarters, ``for_site`` the closed site another pays for."""

    site_id: int | None
    kind: str
    amount: Decimal
    for_site: int | None = None


def bookings(applicant: int, shares: Sequence[Borne], payers: Mapping[int, int]) -> list[Booking]:
    """The moves of a verdict; they add up to nothing. What the applicant bears itself moves nowhere.

    ``payers``: who pays for a site that is closed.
    """
    found = []
    for one in shares:
        payer = payers.get(one.site_id, one.site_id)
        for_site = one.site_id if payer != one.site_id else None
        if one.amount and one.site_id != applicant:
            found.append(Booking(payer, MoveKind.COMPENSATION, -one.amount, for_site))
        if one.fine:
            found.append(Booking(payer, MoveKind.FINE, -one.fine, for_site))
    received = -sum((one.amount for one in found if one.kind == MoveKind.COMPENSATION), Decimal(0))
    fined = -sum((one.amount for one in found if one.kind == MoveKind.FINE), Decimal(0))
    if received:
        to = payers.get(applicant, applicant)
        found.append(Booking(to, MoveKind.COMPENSATION, received, applicant if to != applicant else None))
    if fined:
        found.append(Booking(None, MoveKind.FINE, fined))
    return found


@dataclass(frozen=True, slots=True)
class Candidate:
    """An arbiter who might be given a filing: which region, which types, how many are open, at what weight."""

    staff_id: int
    region: int
    kinds: frozenset[str]
    weight: int
    open: int


def choose_arbiter(candidates: Sequence[Candidate], line: Sequence[int], kind: str) -> int | None:
    """Who gets a filing: those of the nearest region above the applicant and of its type; the least loaded for their weight (O6).

    ``line``: ids from the root of the tree down to the applicant.
    """
    fitting = [one for one in candidates if one.region in line and (not one.kinds or kind in one.kinds)]
    if not fitting:
        return None
    nearest = max(line.index(one.region) for one in fitting)
    near = [one for one in fitting if line.index(one.region) == nearest]
    return min(near, key=lambda one: ((one.open + 1) / one.weight, one.staff_id)).staff_id
