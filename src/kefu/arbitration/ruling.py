"""Verdicts: proposed by one arbiter, confirmed or sent back by another, final in money (O6)."""

from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from kefu.arbitration import access, rules
from kefu.arbitration.drafts import Ruling
from kefu.arbitration.errors import REASONS, SamePerson
from kefu.arbitration.ledger import book
from kefu.arbitration.models import Filing, Share, Verdict
from kefu.arbitration.recording import move, standing, words
from kefu.arbitration.terms import terms_at
from kefu.arbitration.vocabulary import WAITING_FOR_AUDIT, State, Step
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid, Stale
from kefu.people.access import require
from kefu.people.permissions import Permission

_FIELDS = {
    "no_outcome": "outcome", "no_text": "reason", "long_text": "reason", "bad_awarded": "awarded", "over_claimed": "awarded",
    "nobody_awarded": "awarded", "outcome_shares": "outcome", "bad_fine": "shares", "high_fine": "shares",
}  # fmt: skip


def _judge(actor: Actor, filing_id: int) -> Filing:
    require(actor, Permission.ARBITRATION_DECIDE)
    row = access.get_for(actor, filing_id)
    access.require_judge(actor, row)
    return row


def rule(*, actor: Actor, filing_id: int, ruling: Ruling, now: datetime, expected_version: int | None = None) -> Verdict:
    """Propose a verdict; it counts once somebody else confirms it. On an appeal it is the second and last.

    Raises ``Invalid`` with a code of ``errors.REASONS``, ``Party``, ``WrongState``, ``Stale``.
    """
    row = _judge(actor, filing_id)
    target = standing(row, Step.RULE, expected_version)
    terms = terms_at(row.site.handbook, now)
    wrong = rules.verdict_problem(ruling, row.site_id, [one.site_id for one in row.accused.all()], row.claimed, terms)
    if wrong is not None:
        raise Invalid(REASONS[wrong], fields={_FIELDS.get(wrong, "shares"): REASONS[wrong]}, code=wrong)
    try:
        with transaction.atomic():
            made = Verdict.objects.create(
                filing=row,
                round=2 if target == State.REVIEWING else 1,
                outcome=ruling.outcome,
                awarded=ruling.awarded,
                reason=ruling.reason.strip(),
                clause=terms.clause or row.clause,
                ruled_by=actor.name[:80],
                ruled_by_id=actor.staff_id,
                ruled_at=now,
            )
            shares = [
                Share(verdict=made, site_id=one.site_id, percent=one.percent, amount=amount, fine=one.fine)
                for one, amount in zip(ruling.shares, rules.portions(ruling), strict=True)
            ]
            Share.objects.bulk_create(shares)
            data = {"round": made.round, "outcome": made.outcome, "awarded": str(made.awarded)}
            move(actor, row, Step.RULE, {"state": target, "arbiter_id": row.arbiter_id or actor.staff_id}, now=now, data=data)
    except IntegrityError as error:
        # Another arbiter ruled at the same moment.
        raise Stale from error
    return made


def _ruled(actor: Actor, made: Verdict) -> bool:
    """Whether it is this person's, or this machine's, own verdict."""
    return made.ruled_by_id == actor.staff_id and (actor.staff_id is not None or made.ruled_by == actor.name[:80])


def _proposed(actor: Actor, filing_id: int, step: Step, expected_version: int | None) -> tuple[Filing, State, Verdict]:
    row = _judge(actor, filing_id)
    target = standing(row, step, expected_version)
    made = Verdict.objects.prefetch_related("shares").get(filing=row, confirmed=None)
    if _ruled(actor, made):
        raise SamePerson
    return row, target, made


def confirm(*, actor: Actor, filing_id: int, now: datetime, expected_version: int | None = None) -> Filing:
    """Confirm a verdict; somebody else than who ruled. The first opens the window for the appeal; the second is final and moves money.

    Raises ``SamePerson``, ``Party``, ``WrongState``, ``Stale``.
    """
    row, target, made = _proposed(actor, filing_id, Step.CONFIRM, expected_version)
    terms = terms_at(row.site.handbook, now)
    final = target == State.FINAL or not terms.appeal_within
    changes = {
        "state": State.FINAL if final else target,
        "due_at": None if final or not terms.appeal_within else now + terms.appeal_within,
        "due_clause": terms.clause,
        "ended_at": now if final else None,
    }
    fines = sum((one.fine for one in made.shares.all()), Decimal(0))
    data = {"round": made.round, "outcome": made.outcome, "awarded": str(made.awarded), "fines": str(fines)}
    with transaction.atomic():
        move(actor, row, Step.CONFIRM, changes, now=now, data=data, events=["arbitration.decided"])
        _audited(actor, made, confirmed=True, note="", now=now)
        if final:
            book(row, made, now=now)
    return row


def send_back(*, actor: Actor, filing_id: int, text: str, now: datetime, expected_version: int | None = None) -> Filing:
    """Send a verdict back with what is wrong; it must be ruled again. Raises ``SamePerson``, ``Invalid``, ``WrongState``, ``Stale``."""
    row, target, made = _proposed(actor, filing_id, Step.SEND_BACK, expected_version)
    note = words(text, _("请填写退回原因，裁决人要知道怎样改。"), terms_at(row.site.handbook, now).text_most)
    with transaction.atomic():
        move(actor, row, Step.SEND_BACK, {"state": target}, now=now, data={"round": made.round})
        _audited(actor, made, confirmed=False, note=note, now=now)
    return row


def _audited(actor: Actor, made: Verdict, *, confirmed: bool, note: str, now: datetime) -> None:
    made.confirmed, made.audit_note, made.audited_by, made.audited_at = confirmed, note, actor.name[:80], now
    made.save(update_fields=["confirmed", "audit_note", "audited_by", "audited_at"])


def awaits_audit_of(row: Filing, staff_id: int | None) -> bool:
    """Whether a verdict of this person waits for somebody else."""
    return row.state in WAITING_FOR_AUDIT and Verdict.objects.filter(filing=row, confirmed=None, ruled_by_id=staff_id).exists()
