"""Who bears a claim: suggested from its cause, changed only with a reason, always whole (E21, O17)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from kefu.claims import access, terms
from kefu.claims.errors import REASONS
from kefu.claims.liability import REASONS as SHARE_REASONS
from kefu.claims.liability import Share, split
from kefu.claims.models import Claim, LiabilityShare
from kefu.claims.moving import move, reason_given
from kefu.claims.share_columns import columns_of
from kefu.claims.vocabulary import ENDED
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Conflict, Invalid, Stale
from kefu.parcels.lookups import cards_of
from kefu.people import queries as people
from kefu.people.access import require
from kefu.people.permissions import Permission


def suggested_share(row: Claim, now: datetime) -> Share | None:
    """What the handbook's rule of thumb says of the claim's cause; ``None`` when it says nothing."""
    card = cards_of([row.waybill]).get(row.waybill) if row.waybill else None
    held_by = (card.last_scan_site_id if card else None) or row.site_id
    return terms.suggested(terms.book_at(row.site_id, now), row.cause, held_by, people.sites_by_id())


def share_out(
    *, actor: Actor, claim_id: int, shares: Sequence[Share], reason: str, now: datetime, expected_version: int | None = None
) -> Claim:
    """Write who bears the claim's amount. What differs from the suggestion, or from what stands, wants a reason.

    Raises ``Invalid`` (code ``liability.…``) when the shares are not exactly 100 %, ``Conflict`` once the claim has ended, ``Stale``.
    """
    require(actor, Permission.CLAIM_WORK)
    row = access.get_for(actor, claim_id)
    if expected_version is not None and row.version != expected_version:
        raise Stale
    if row.state in ENDED:
        raise Conflict(REASONS["bad_proposal"], code="claim.ended")
    known = people.sites_by_id()
    if any(share.site_id is not None and share.site_id not in known for share in shares):
        raise Invalid(fields={"shares": SHARE_REASONS["no_liable_site"]}, code="liability.no_liable_site")
    portions = split(row.amount, shares)
    usual = suggested_share(row, now)
    as_suggested = usual is not None and [one.bearer for one in shares] == [usual.bearer]
    if not as_suggested or row.shares.exists():
        reason = reason_given(reason, "reason")
    cited = usual.clause if usual and as_suggested else ""
    rows = [LiabilityShare(claim=row, **columns_of(one, place)) for place, one in enumerate(portions)]
    for one in rows:
        one.clause = cited
    with transaction.atomic():
        data = {"shares": [[one.party, one.site_id, str(one.percent), str(one.amount)] for one in rows]}
        move(actor, row, "shared", {}, now=now, text=reason.strip(), clause=cited, data=data)
        row.shares.all().delete()
        LiabilityShare.objects.bulk_create(rows)
    return row
