"""Headquarters' desk: filings are given out, accepted or refused; and the division of work among arbiters (O6)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.arbitration import access
from kefu.arbitration.errors import REASONS, WrongState
from kefu.arbitration.models import Arbiter, Filing
from kefu.arbitration.recording import move, standing, words, write
from kefu.arbitration.terms import terms_at
from kefu.arbitration.vocabulary import ENDED, State, Step
from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Invalid, NotFound, Stale
from kefu.people import access as people
from kefu.people import queries as staff
from kefu.people.access import require
from kefu.people.permissions import Permission

_MOST_WEIGHT = 100


def _to_judge(actor: Actor, filing_id: int) -> Filing:
    require(actor, Permission.ARBITRATION_DECIDE)
    row = access.get_for(actor, filing_id)
    access.require_judge(actor, row)
    return row


def accept(*, actor: Actor, filing_id: int, now: datetime, expected_version: int | None = None) -> Filing:
    """Take a filing up 受理: from now the accused have their time to answer. Whoever accepts a filing without arbiter becomes it.

    Raises ``Party``, ``WrongState``, ``Stale``.
    """
    row = _to_judge(actor, filing_id)
    target = standing(row, Step.ACCEPT, expected_version)
    terms = terms_at(row.site.handbook, now)
    changes = {
        "state": target,
        "accepted_by": actor.name[:80],
        "accepted_at": now,
        "due_at": now + terms.reply_within if terms.reply_within else None,
        "due_clause": terms.clause,
        "arbiter_id": row.arbiter_id or actor.staff_id,
    }
    with transaction.atomic():
        return move(actor, row, Step.ACCEPT, changes, now=now, events=["arbitration.accepted"])


def refuse(*, actor: Actor, filing_id: int, text: str, now: datetime, expected_version: int | None = None) -> Filing:
    """Do not take it up 不予受理, with a reason; the waybill may be filed again.

    Raises ``Party``, ``Invalid``, ``WrongState``, ``Stale``.
    """
    row = _to_judge(actor, filing_id)
    target = standing(row, Step.REFUSE, expected_version)
    reason = words(text, _("请填写不予受理的原因，申报网点要知道怎样改。"), terms_at(row.site.handbook, now).text_most)
    with transaction.atomic():
        return move(actor, row, Step.REFUSE, {"state": target, "remark": reason, "ended_at": now}, now=now)


def assign(*, actor: Actor, filing_id: int, staff_id: int, now: datetime, expected_version: int | None = None) -> Filing:
    """Give an open filing to another arbiter: somebody who may judge and belongs to none of the sites. Raises ``Invalid``, ``Party``."""
    row = _to_judge(actor, filing_id)
    if expected_version is not None and row.version != expected_version:
        raise Stale
    if row.state in ENDED:
        raise WrongState(state=State(row.state).label)
    if not access.judges(_judge(staff_id, now), row):
        raise Invalid(fields={"staff": REASONS["not_staff"]}, code="not_staff")
    with transaction.atomic():
        save_claimed(row, updated_at=now, arbiter_id=staff_id)
        write(actor, row, "assigned", now=now, data={"arbiter": staff_id})
    return row


def _judge(staff_id: int, now: datetime) -> Actor:
    person = people.actor_of("staff", staff_id, now=now)
    if person is None or not person.may(Permission.ARBITRATION_DECIDE):
        raise Invalid(fields={"staff": REASONS["not_staff"]}, code="not_staff")
    return person


def set_arbiter(*, actor: Actor, staff_id: int, region_id: int, kinds: Sequence[str], weight: int, now: datetime) -> Arbiter:
    """Let somebody be given filings of a region and of these types (none: all) by weight; the same pair again changes it.

    Raises ``Invalid`` on the field that is wrong.
    """
    require(actor, Permission.ARBITRATION_DIVIDE)
    if region_id not in staff.sites_by_id() or not actor.reaches(region_id):
        raise Invalid(fields={"region": REASONS["unknown_region"]}, code="unknown_region")
    person = _judge(staff_id, now)
    if not person.reaches(region_id):
        raise Invalid(fields={"staff": REASONS["not_staff"]}, code="not_staff")
    if not 1 <= weight <= _MOST_WEIGHT:
        raise Invalid(fields={"weight": REASONS["bad_weight"]}, code="bad_weight")
    known = terms_at(staff.sites_by_id()[region_id].handbook, now).types
    if not set(kinds) <= set(known):
        raise Invalid(fields={"kinds": REASONS["unknown_type"]}, code="unknown_type")
    with transaction.atomic():
        row, _made = Arbiter.objects.update_or_create(
            staff_id=staff_id, region_id=region_id, defaults={"kinds": sorted(set(kinds)), "weight": weight}
        )
        data = {"region": region_id, "kinds": row.kinds, "weight": weight}
        audit.record(actor, "arbitration.arbiter_set", Ref("staff", staff_id, person.name), now=now, site_id=region_id, data=data)
    return row


def drop_arbiter(*, actor: Actor, arbiter_id: int, now: datetime) -> None:
    """Take somebody out of the division; what they have stays theirs."""
    require(actor, Permission.ARBITRATION_DIVIDE)
    row = Arbiter.objects.select_related("staff").filter(pk=arbiter_id).first()
    if row is None or not actor.reaches(row.region_id):
        raise NotFound
    with transaction.atomic():
        audit.record(
            actor, "arbitration.arbiter_dropped", Ref("staff", row.staff_id, row.staff.name), now=now, site_id=row.region_id,
            data={"region": row.region_id},
        )  # fmt: skip
        row.delete()
