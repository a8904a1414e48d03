"""Reads of claims and payments for screens, files and programs (CASE6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from kefu.cases import access as cases
from kefu.claims import access, rules, terms
from kefu.claims.approving import rank_of
from kefu.claims.bearing import suggested_share
from kefu.claims.drafts import ClaimDraft
from kefu.claims.filing import reckoned
from kefu.claims.liability import Share
from kefu.claims.losses import LossFacts, Reckoning
from kefu.claims.models import Approval, Claim, LiabilityShare, Payment, Recovery
from kefu.claims.vocabulary import OPEN, STEPS, Choice, Loss, State
from kefu.kernel.actor import Actor
from kefu.kernel.masking import mask_account, mask_name, mask_phone
from kefu.kernel.models import AuditEntry
from kefu.kernel.moment import on_days
from kefu.kernel.paging import CappedCount, Order, Page, capped_count, keyset_page
from kefu.parcels.lookups import cards_of, waybills_of
from kefu.parcels.waybills import clean_waybill
from kefu.people import access as people_access
from kefu.people import queries as people
from kefu.people.permissions import Permission


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which claims. ``mine``: the rung whose turn it is may be decided by this reader; ``paid_from``/``paid_to`` are days of payment."""

    state: str = ""
    open_only: bool = False
    rung: str = ""
    loss: str = ""
    cause: str = ""
    carrier: str = ""
    courier: str = ""
    party: str = ""
    site_id: int | None = None
    case_id: int | None = None
    waybills: Sequence[str] = ()
    found: bool = False
    paid_from: date | None = None
    paid_to: date | None = None
    item: str = ""
    # One of ``BLANKS``: claims where it was not filled in.
    without: str = ""


BLANKS = ("carrier", "courier", "item")


def rows(actor: Actor, wanted: Wanted) -> QuerySet[Claim]:
    """Claims in reach, narrowed."""
    found = access.visible_to(actor)
    exact: dict[str, Any] = {
        "state": wanted.state, "loss": wanted.loss, "cause": wanted.cause, "carrier": wanted.carrier, "courier": wanted.courier,
        "site_id": wanted.site_id, "case_id": wanted.case_id, "item": wanted.item,
    }  # fmt: skip
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if wanted.open_only:
        found = found.filter(state__in=[one.value for one in OPEN])
    if wanted.rung:
        found = found.filter(state=State.APPROVING, rung=wanted.rung)
    if wanted.waybills:
        found = found.filter(waybill__in=[clean_waybill(one) for one in wanted.waybills])
    if wanted.party:
        found = found.filter(pk__in=LiabilityShare.objects.filter(party=wanted.party).values("claim_id"))
    if wanted.found:
        found = found.filter(found_at__isnull=False, found_cleared_at=None)
    if wanted.without in BLANKS:
        found = found.filter(**{wanted.without: ""})
    return found.filter(**on_days("paid_at", wanted.paid_from, wanted.paid_to))


def page(actor: Actor, wanted: Wanted, *, cursor: str | None = None, size: int = 50) -> Page[Claim]:
    """A page of claims, newest first. The encrypted columns stay where they are."""
    people_access.require(actor, Permission.CLAIM_VIEW)
    found = rows(actor, wanted).select_related("site").defer("reason", "authority", "account", "account_name", "claimant_phone", "lines")
    return keyset_page(found, [Order("pk", descending=True)], size=size, cursor=cursor)


def count(actor: Actor, wanted: Wanted) -> CappedCount:
    """How many, capped."""
    return capped_count(rows(actor, wanted))


def of_case(actor: Actor, case_id: int) -> list[Claim]:
    """Claims of a case, for its page; none for who may not see claims."""
    return list(access.visible_to(actor).filter(case_id=case_id).order_by("-pk").defer("lines", "reason", "authority")[:20])


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything the page of a claim shows. Personal data masked unless ``clear``."""

    claim: Claim
    claimant_name: str
    claimant_phone: str
    account_name: str
    account: str
    approvals: Sequence[Approval]
    payments: Sequence[Payment]
    shares: Sequence[LiabilityShare]
    recovery: Recovery | None
    suggested: Share | None
    papers: terms.Wanted
    missing: tuple[str, ...]
    history: Sequence[AuditEntry]
    can: frozenset[str]


def detail(actor: Actor, claim_id: int, *, now: datetime, clear: bool = False) -> Detail:
    """One claim in reach, in a fixed number of queries."""
    row = access.get_for(actor, claim_id)
    if clear:
        people_access.require(actor, Permission.PERSONAL_UNMASK)
    wanted = terms.papers_of(terms.book_at(row.site_id, now), row.loss, row.amount)
    recovery = Recovery.objects.filter(claim=row).first()
    approvals = list(row.approvals.order_by("pk"))
    shares = list(row.shares.order_by("place").select_related("site"))
    return Detail(
        claim=row,
        claimant_name=row.claimant_name if clear else mask_name(row.claimant_name),
        claimant_phone=row.claimant_phone if clear else mask_phone(row.claimant_phone),
        account_name=row.account_name if clear else mask_name(row.account_name),
        account=row.account if clear else mask_account(row.account),
        approvals=approvals,
        payments=list(row.payments.order_by("-pk")),
        shares=shares,
        recovery=recovery,
        suggested=suggested_share(row, now),
        papers=wanted,
        missing=rules.missing_papers(wanted.papers, row.papers),
        history=list(AuditEntry.objects.filter(subject_kind="claim", subject_id=row.pk).order_by("pk")[:100]),
        can=_offered(actor, row, approvals, recovery, shared=bool(shares)),
    )


def _offered(actor: Actor, row: Claim, approvals: Sequence[Approval], recovery: Recovery | None, *, shared: bool) -> frozenset[str]:
    """What this reader may do with the claim as it stands; the actions ask again."""
    works, decides, pays = (actor.may(one) for one in (Permission.CLAIM_WORK, Permission.CLAIM_APPROVE, Permission.CLAIM_PAY))
    fits = {step for step, (before, _after) in STEPS.items() if row.state in before}
    mine = actor.staff_id is not None and actor.staff_id in (row.proposed_by_id, row.made_by_id)
    signed = any(one.round == row.round and one.by_id == actor.staff_id for one in approvals)
    turn = row.state == State.APPROVING and decides and rank_of(actor) >= rules.RANKS.index(row.rung)
    clear = row.found_at is None or row.found_cleared_at is not None
    return frozenset(
        name
        for name, offered in {
            "revise": works and "revise" in fits,
            "propose": works and "propose" in fits and row.reckoned > 0,
            "decide": turn and not mine and not signed,
            "exempt": decides and "exempt" in fits and row.made_by_id != actor.staff_id,
            "agree": works and "agree" in fits,
            "pay": pays and "pay" in fits and shared and clear,
            "withdraw": works and "withdraw" in fits,
            "acknowledge": works and "withdraw" in fits and row.acknowledged_at is None,
            "papers": works and "withdraw" in fits,
            "share": works and row.amount > 0 and row.state not in (State.EXEMPTED, State.WITHDRAWN, State.RECOVERED),
            "found": works and row.loss == Loss.LOST and row.found_at is None and (row.state in OPEN or row.state == State.PAID),
            "clear_found": decides and not clear and (row.state in OPEN or row.state == State.PAID),
            "choose": works and recovery is not None and not recovery.choice and row.state == State.PAID,
            "recover": pays and recovery is not None and recovery.choice == Choice.TAKE_BACK and row.state == State.PAID,
        }.items()
        if offered
    )


def known_of_case(actor: Actor, case_id: int) -> tuple[LossFacts, Mapping[str, str]]:
    """What the parcel of a case in reach says already, for the form: fee, sum insured, carrier, courier, waybill, order."""
    case = cases.get_for(actor, case_id)
    waybill = waybills_of([case.waybill]).get(case.waybill, "") if case.waybill else ""
    card = cards_of([waybill]).get(waybill) if waybill else None
    facts = LossFacts(Loss.LOST, fee=card.fee_amount if card else Decimal(0), insured=card.insured_amount if card else Decimal(0))
    known = {
        "waybill": waybill,
        "order_no": case.order_no,
        "carrier": card.carrier if card else "",
        "courier": card.collected_by if card else "",
    }
    return facts, known


def draft_of(row: Claim) -> ClaimDraft:
    """What was filled in, in the clear: only for who changes it."""
    names = ("loss", "fee", "value", "insured", "part", "value_destroyed", "shipper_part", "salvage", "excuse", "basis")
    facts = LossFacts(**{name: getattr(row, name) for name in names})
    return ClaimDraft(
        facts, row.item, row.cause, row.carrier, row.courier, row.claimant, row.claimant_name, row.claimant_phone, row.authority,
        row.channel, row.account_name, row.account,
    )  # fmt: skip


def reckon_for(actor: Actor, case_id: int, facts: LossFacts, *, now: datetime) -> Reckoning:
    """The calculator: what a loss on this case would be worth; nothing is stored. Raises ``Invalid``, ``NotFound``."""
    people_access.require(actor, Permission.CLAIM_VIEW)
    case = cases.get_for(actor, case_id)
    waybill = waybills_of([case.waybill]).get(case.waybill, "") if case.waybill else ""
    return reckoned(case.site_id, waybill, "", facts, now)


@dataclass(frozen=True, slots=True)
class PaymentWanted:
    """Which payments."""

    state: str = ""
    channel: str = ""
    batch: str = ""
    site_id: int | None = None
    number: str = ""


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A payment in a list; the payee is masked unless asked for in the clear."""

    id: int
    number: str
    claim_id: int
    claim: str
    waybill: str
    site: str
    amount: Decimal
    channel: str
    account_name: str
    account: str
    state: str
    batch: str
    serial: str
    reason: str
    made_by: str
    made_at: datetime
    sent_at: datetime | None
    done_at: datetime | None


def payment_rows(actor: Actor, wanted: PaymentWanted) -> QuerySet[Payment]:
    """Payments in reach, narrowed."""
    found = access.payments(actor)
    exact: dict[str, Any] = {"state": wanted.state, "channel": wanted.channel, "batch": wanted.batch, "site_id": wanted.site_id}
    if wanted.number:
        digits = wanted.number.strip().upper().removeprefix("P")
        exact["pk"] = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 15 else -1
    return found.filter(**{name: value for name, value in exact.items() if value})


def payment_page(
    actor: Actor, wanted: PaymentWanted, *, cursor: str | None = None, size: int = 50, clear: bool = False
) -> Page[PaymentRow]:
    """A page of payments, newest first. ``clear``: accounts unmasked, for the file the bank gets (who may)."""
    people_access.require(actor, Permission.CLAIM_VIEW)
    if clear:
        people_access.require(actor, Permission.PERSONAL_UNMASK)
    found = keyset_page(
        payment_rows(actor, wanted).select_related("claim", "site"), [Order("pk", descending=True)], size=size, cursor=cursor
    )
    return Page([_payment(one, clear=clear) for one in found.rows], found.next, found.previous)


def payment_count(actor: Actor, wanted: PaymentWanted) -> CappedCount:
    """How many, capped."""
    return capped_count(payment_rows(actor, wanted))


def _payment(row: Payment, *, clear: bool) -> PaymentRow:
    return PaymentRow(
        id=row.pk,
        number=row.number,
        claim_id=row.claim_id,
        claim=row.claim.number,
        waybill=row.claim.waybill,
        site=row.site.name,
        amount=row.amount,
        channel=row.channel,
        account_name=row.account_name if clear else mask_name(row.account_name),
        account=row.account if clear else mask_account(row.account),
        state=row.state,
        batch=row.batch,
        serial=row.serial,
        reason=row.reason,
        made_by=row.made_by,
        made_at=row.made_at,
        sent_at=row.sent_at,
        done_at=row.done_at,
    )


def name_of_site(site_id: int | None) -> str:
    """What a site is called."""
    site = people.sites_by_id().get(site_id or 0)
    return site.name if site else ""
