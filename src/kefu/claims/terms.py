"""What the handbook says of compensation, limits, papers and liability, with its clauses (R34–R41, E21)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kefu.claims.liability import WHOLE, Party, Share
from kefu.claims.rules import Limits, Terms
from kefu.claims.vocabulary import Basis, Paper
from kefu.handbook import queries as handbooks
from kefu.handbook.errors import NotInForce
from kefu.handbook.schema import Handbook
from kefu.handbook.settings import setting
from kefu.people import queries as people

_UNINSURED, _CAPS, _LIMITS, _PAPERS, _LIABILITY = (
    "compensation_uninsured",
    "compensation_caps",
    "claim_approval",
    "claim_papers",
    "claim_liability",
)


def book_at(site_id: int, when: datetime) -> Handbook | None:
    """The handbook in force at a site at a moment; ``None`` when none is."""
    site = people.sites_by_id().get(site_id)
    try:
        return handbooks.book_at(site.handbook, when) if site else None
    except NotInForce:
        return None


def book_of_parcel(site_id: int, accepted_at: datetime | None, now: datetime) -> Handbook | None:
    """The handbook that was in force when the parcel was accepted: what was agreed then holds; else today's."""
    return (book_at(site_id, accepted_at) if accepted_at else None) or book_at(site_id, now)


def terms_of(book: Handbook | None, carrier: str) -> Terms:
    """The terms for a carrier's parcel. Without a handbook the law alone decides."""
    if book is None:
        return Terms()
    cap = setting(book, _CAPS, carrier) or setting(book, _CAPS, "other")
    basis = setting(book, _UNINSURED, "basis")
    return Terms(
        basis=str(basis.value) if basis else Basis.CIVIL,
        cap_multiple=Decimal(str(cap.value)) if cap else None,
        delay_clause=_clause(book, "delay_remedy"),
        loss_clause=_clause(book, "loss_remedy"),
        insured_clause=_clause(book, "compensation_insured"),
        civil_clause=_clause(book, _UNINSURED),
        cap_clause=_clause(book, _CAPS),
        no_cap_clause=_clause(book, "no_three_times"),
        excuse_clause=_clause(book, "compensation_excuses"),
        salvage_clause=_clause(book, "compensation_salvage"),
    )


def _clause(book: Handbook, key: str) -> str:
    return str(book.ref(f"texts.{key}")) if key in book.texts else ""


def limits_of(book: Handbook | None) -> Limits:
    """Who may agree to how much. A post without a figure decides nothing; headquarters without one has no limit."""
    if book is None:
        return Limits()
    agent, lead, manager = (
        Decimal(str(found.value)) if (found := setting(book, _LIMITS, name)) else Decimal(0) for name in ("agent", "lead", "manager")
    )
    top = setting(book, _LIMITS, "hq")
    return Limits((agent, lead, manager, Decimal(str(top.value)) if top else None), _clause(book, _LIMITS))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Papers that must have come before a claim is proposed, and the clause."""

    papers: tuple[str, ...] = ()
    clause: str = ""


def papers_of(book: Handbook | None, loss: str, amount: Decimal) -> Wanted:
    """Papers for a loss of this kind and amount: identity is asked for from an amount on."""
    found = setting(book, _PAPERS, loss) if book else None
    if book is None or found is None:
        return Wanted()
    papers = [one for one in str(found.value).split() if one in Paper.values]
    start = setting(book, _PAPERS, "identity_from")
    if start is not None and amount >= Decimal(str(start.value)):
        papers.append(Paper.IDENTITY)
    return Wanted(tuple(papers), found.clause)


def suggested(book: Handbook | None, cause: str, site_id: int, sites: Collection[int]) -> Share | None:
    """The party E21's rule of thumb names for a cause, all of it. A site's share is that of the site that held the parcel last."""
    found = setting(book, _LIABILITY, cause) if book else None
    if found is None or found.value not in Party.values:
        return None
    party = str(found.value)
    if party != Party.SITE:
        return Share(party, WHOLE, None, found.clause)
    return Share(party, WHOLE, site_id, found.clause) if site_id in sites else None
