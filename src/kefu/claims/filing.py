"""Making a claim on a case and changing what it is about; the reckoning is done again each time (CASE6, R34–R41)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from kefu.cases import access as cases
from kefu.cases.actions import require_open
from kefu.claims import rules, terms
from kefu.claims.drafts import ClaimDraft
from kefu.claims.errors import REASONS, FeeWaived, LossClaimed
from kefu.claims.losses import LossFacts, Reckoning
from kefu.claims.models import Claim
from kefu.claims.moving import move, reason_given, standing, told
from kefu.claims.vocabulary import ENDED, Cause, Channel, Claimant, Paper, State
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Conflict, Invalid
from kefu.kernel.masking import phone_key
from kefu.parcels.lookups import cards_of, waybills_of
from kefu.people.access import require
from kefu.people.permissions import Permission

_LONGEST_NAME, _LONGEST_ITEM, _LONGEST_ACCOUNT = 60, 80, 100


def file_claim(*, actor: Actor, case_id: int, draft: ClaimDraft, now: datetime) -> Claim:
    """Make a claim for the loss the case is about; it starts as a draft with its reckoning, and the case's claim clocks run.

    The same ``external_id`` at a site gives the claim it made before. Raises ``Invalid``, ``LossClaimed``, ``FeeWaived``, ``NotFound``.
    """
    require(actor, Permission.CLAIM_WORK)
    case = cases.get_for(actor, case_id)
    if draft.external_id and (known := Claim.objects.filter(site_id=case.site_id, external_id=draft.external_id).first()):
        return known
    require_open(case)
    waybill = waybills_of([case.waybill]).get(case.waybill, "") if case.waybill else ""
    row = Claim(
        case_id=case.pk,
        site_id=case.site_id,
        waybill=waybill,
        order_no=case.order_no,
        made_by=actor.name[:80],
        made_by_id=actor.staff_id,
        made_at=now,
        updated_at=now,
        external_id=draft.external_id or None,
    )
    for name, value in _columns(row, draft, now).items():
        setattr(row, name, value)
    with _once(row), transaction.atomic():
        row.save(force_insert=True)
        told(actor, row, "filed", now=now, data={"loss": row.loss})
    return row


def revise(*, actor: Actor, claim_id: int, draft: ClaimDraft, now: datetime, expected_version: int | None = None) -> Claim:
    """Change what a claim is about; it is reckoned again and must be proposed again. Not once the customer has agreed.

    Raises ``Invalid``, ``WrongState``, ``Stale``, ``LossClaimed``, ``FeeWaived``.
    """
    require(actor, Permission.CLAIM_WORK)
    row = standing(actor, claim_id, "revise", expected_version)
    changes = {**_columns(row, draft, now), "state": State.DRAFT, "rung": "", "rungs": [], "reason": ""}
    with _once(row), transaction.atomic():
        return move(actor, row, "revised", changes, now=now)


def withdraw(*, actor: Actor, claim_id: int, reason: str, now: datetime, expected_version: int | None = None) -> Claim:
    """Take a claim back with a reason, before money is on its way; its loss may then be claimed again."""
    require(actor, Permission.CLAIM_WORK)
    row = standing(actor, claim_id, "withdraw", expected_version)
    reason = reason_given(reason)
    with transaction.atomic():
        return move(actor, row, "withdrawn", {"state": State.WITHDRAWN, "reason": reason, "rung": ""}, now=now, text=reason)


def acknowledge(*, actor: Actor, claim_id: int, now: datetime, expected_version: int | None = None) -> Claim:
    """Note that the claimant was told their claim has come (within 24 h, R32); once."""
    require(actor, Permission.CLAIM_WORK)
    row = standing(actor, claim_id, "withdraw", expected_version)
    if row.acknowledged_at is not None:
        return row
    with transaction.atomic():
        return move(actor, row, "acknowledged", {"acknowledged_at": now}, now=now)


def hold_papers(*, actor: Actor, claim_id: int, papers: list[str], now: datetime, expected_version: int | None = None) -> Claim:
    """Tick which papers have come. Raises ``Invalid`` for one that does not exist."""
    require(actor, Permission.CLAIM_WORK)
    row = standing(actor, claim_id, "withdraw", expected_version)
    with transaction.atomic():
        return move(actor, row, "papers", {"papers": _papers(papers)}, now=now, data={"papers": _papers(papers)})


def _papers(given: Any) -> list[str]:
    if any(one not in Paper.values for one in given):
        raise Invalid(fields={"papers": REASONS["unknown_paper"]}, code="unknown_paper")
    return [one for one in Paper.values if one in set(given)]


def reckoned(site_id: int, waybill: str, carrier: str, facts: LossFacts, now: datetime) -> Reckoning:
    """The reckoning of a loss under the handbook that was in force when the parcel was accepted. Raises ``Invalid``."""
    wrong = rules.loss_problem(facts)
    if wrong is not None:
        field, code = wrong
        raise Invalid(fields={field: REASONS[code]}, code=code)
    card = cards_of([waybill]).get(waybill) if waybill else None
    accepted = (card.collected_at or card.created_at) if card else None
    book = terms.book_of_parcel(site_id, accepted, now)
    return rules.reckon(facts, terms.terms_of(book, carrier or (card.carrier if card else "")))


def _columns(row: Claim, draft: ClaimDraft, now: datetime) -> dict[str, Any]:
    """Everything of the row that follows from the draft. Raises ``Invalid`` with a message per field."""
    _check_people(draft)
    card = cards_of([row.waybill]).get(row.waybill) if row.waybill else None
    carrier = draft.carrier or (card.carrier if card else "")
    done = reckoned(row.site_id, row.waybill, carrier, draft.facts, now)
    facts = asdict(draft.facts)
    facts["basis"] = draft.facts.basis or _basis(row, now)
    return {
        **facts,
        "harm": draft.facts.harm,
        "item": " ".join(draft.item.split())[:_LONGEST_ITEM],
        "cause": draft.cause,
        "carrier": carrier[:20],
        "courier": draft.courier.strip()[:20] or (card.collected_by[:20] if card else ""),
        "claimant": draft.claimant,
        "claimant_name": draft.claimant_name.strip(),
        "claimant_phone": draft.claimant_phone.strip(),
        "authority": draft.authority.strip(),
        "channel": draft.channel,
        "account_name": draft.account_name.strip(),
        "account": draft.account.strip(),
        "papers": _papers(draft.papers) if draft.papers else row.papers,
        "lines": [[one.key, one.clause, dict(one.figures), str(one.amount)] for one in done.lines],
        "reckoned": done.amount,
        "fee_waived": done.fee,
        "amount": done.amount,
    }


def _basis(row: Claim, now: datetime) -> str:
    return terms.terms_of(terms.book_at(row.site_id, now), "").basis


def _check_people(draft: ClaimDraft) -> None:
    """Refuse what cannot be of the claimant, the cause and the account."""
    wrong: dict[str, str] = {}
    if draft.cause not in Cause.values:
        wrong["cause"] = "unknown_cause"
    if draft.claimant not in Claimant.values:
        wrong["claimant"] = "unknown_claimant"
    elif not draft.claimant_name.strip():
        wrong["claimant_name"] = "no_claimant"
    elif draft.claimant != Claimant.SENDER and not draft.authority.strip():
        wrong["authority"] = "not_right_holder"
    if draft.claimant_phone.strip() and phone_key(draft.claimant_phone) is None:
        wrong["claimant_phone"] = "bad_phone"
    if draft.channel and draft.channel not in Channel.values:
        wrong["channel"] = "unknown_channel"
    lengths = {"claimant_name": _LONGEST_NAME, "account_name": _LONGEST_NAME, "account": _LONGEST_ACCOUNT, "authority": 500, "item": 80}
    wrong |= {name: "long_text" for name, most in lengths.items() if len(getattr(draft, name)) > most}
    if wrong:
        raise Invalid(fields={name: REASONS[code] for name, code in wrong.items()}, code=next(iter(wrong.values())))


@contextmanager
def _once(row: Claim) -> Iterator[None]:
    """Turn the refusal of a constraint into words that name the claim that holds the loss, or the waived fee."""
    try:
        yield
    except IntegrityError as error:
        raise _holder(row) or Conflict from error


def _holder(row: Claim) -> Conflict | None:
    live = Claim.objects.exclude(pk=row.pk).exclude(state__in=[one.value for one in ENDED])
    same = live.filter(item=row.item, harm=row.harm)
    for found in (
        same.filter(waybill=row.waybill).first() if row.waybill else None,
        same.filter(order_no=row.order_no).first() if row.order_no else None,
        same.filter(case_id=row.case_id).first(),
    ):
        if found is not None:
            return LossClaimed(number=found.number)
    fee = live.filter(waybill=row.waybill, fee_waived__gt=Decimal(0)).first() if row.waybill else None
    return FeeWaived(number=fee.number) if fee else None
