"""Making a filing: its checks on form, parcel and window, and to whom it goes (O6)."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils import timezone

from kefu.arbitration import rules
from kefu.arbitration.drafts import FilingDraft
from kefu.arbitration.errors import REASONS
from kefu.arbitration.evidence import keep_files
from kefu.arbitration.models import Accused, Arbiter, Filing
from kefu.arbitration.recording import write
from kefu.arbitration.terms import FilingType, Terms, terms_at
from kefu.arbitration.vocabulary import ENDED, MAY_FILE_AGAIN, Side
from kefu.cases import access as cases
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid, NotFound
from kefu.parcels.journeys import Journey, in_sight, journeys
from kefu.parcels.lookups import cards_of
from kefu.parcels.vocabulary import ScanCode
from kefu.parcels.waybills import clean_waybill, is_waybill
from kefu.people import queries as people
from kefu.people.access import require
from kefu.people.permissions import Permission

_FIELDS = {
    "bad_waybill": "waybill", "unknown_waybill": "waybill", "filed_before": "waybill", "no_site": "site", "no_types": "kind",
    "unknown_type": "kind", "signed_error": "kind", "too_early": "kind", "too_late": "kind", "no_scans": "kind",
    "no_accused": "accused", "many_accused": "accused", "own_accused": "accused", "unknown_accused": "accused", "closed_accused": "accused",
    "no_reason": "reason", "long_text": "reason", "no_complainant": "complainant", "bad_phone": "phone", "bad_amount": "claimed",
    "no_proof": "proof", "over_proof": "claimed", "bad_pieces": "abnormal", "abnormal_over_pieces": "abnormal", "many_files": "files",
}  # fmt: skip


def refused(reason: str) -> Invalid:
    """The refusal of a filing, on its field."""
    return Invalid(REASONS[reason], fields={_FIELDS.get(reason, "waybill"): REASONS[reason]}, code=reason)


def file_arbitration(*, actor: Actor, draft: FilingDraft, now: datetime) -> Filing:
    """File a waybill against one or several sites.

    Raises ``Invalid`` with a code of ``errors.REASONS``, ``NotFound`` for a site or case out of reach.
    """
    require(actor, Permission.ARBITRATION_FILE)
    draft = replace(draft, waybill=clean_waybill(draft.waybill), accused=tuple(dict.fromkeys(draft.accused)))
    sites = people.sites_by_id()
    site_id = draft.site_id or actor.site_id
    if site_id is None:
        raise refused("no_site")
    if site_id not in sites or not actor.reaches(site_id):
        raise NotFound
    if not is_waybill(draft.waybill):
        raise refused("bad_waybill")
    if draft.waybill not in in_sight(actor, [draft.waybill]):
        raise refused("unknown_waybill")
    if draft.case_id is not None:
        cases.get_for(actor, draft.case_id)
    terms = terms_at(sites[site_id].handbook, now)
    kind = terms.types.get(draft.kind)
    if kind is None:
        raise refused("unknown_type" if terms.types else "no_types")
    accused = [rules.Site(one.pk, one.is_active) if (one := sites.get(pk)) else None for pk in draft.accused]
    journey = journeys([draft.waybill])[draft.waybill]
    card = cards_of([draft.waybill]).get(draft.waybill)
    pieces = draft.pieces if draft.pieces is not None else card.pieces if card else 1
    wrong = (
        rules.filing_problem(draft, site_id, kind, terms, accused)
        or rules.pieces_problem(pieces, draft.abnormal)
        or rules.parcel_problem(kind, journey, now)
    )
    if wrong is None and Filing.objects.filter(waybill=draft.waybill).exclude(state__in=MAY_FILE_AGAIN).exists():
        wrong = "filed_before"
    if wrong is not None:
        raise refused(wrong)
    try:
        with transaction.atomic():
            return _write(actor, replace(draft, site_id=site_id, pieces=pieces), kind, terms, journey, now)
    except IntegrityError as error:
        # Somebody filed the same waybill at the same moment.
        raise refused("filed_before") from error


def _write(actor: Actor, draft: FilingDraft, kind: FilingType, terms: Terms, journey: Journey, now: datetime) -> Filing:
    site_id = draft.site_id or 0
    collected = [node.at for node in journey.nodes if node.code == ScanCode.COLLECT]
    row = Filing.objects.create(
        number=_number(now),
        waybill=draft.waybill,
        kind=kind.key,
        clause=kind.clause,
        site_id=site_id,
        case_id=draft.case_id,
        reason=draft.reason.strip(),
        complainant=draft.complainant.strip(),
        phone=draft.phone.strip(),
        proof=draft.proof.strip(),
        proof_amount=draft.proof_amount,
        claimed=draft.claimed,
        pieces=draft.pieces or 1,
        abnormal=draft.abnormal,
        packing=draft.packing.strip(),
        parcel_state=journey.state,
        product=journey.product,
        collected_at=collected[0] if collected else None,
        counted_from=rules.counted_from(kind, journey) if kind.counts_from else None,
        arbiter_id=_arbiter_for(site_id, kind.key, draft.accused),
        filed_by=actor.name[:80],
        filed_by_id=actor.staff_id,
        filed_at=now,
        updated_at=now,
    )
    Accused.objects.bulk_create([Accused(filing=row, site_id=one) for one in draft.accused])
    keep_files(actor, row, draft.files, side=Side.APPLICANT, site_id=site_id, most=terms.files_most, now=now)
    data = {"kind": kind.key, "accused": list(draft.accused), "claimed": str(draft.claimed), "arbiter": row.arbiter_id}
    write(actor, row, "filed", now=now, data=data, events=["arbitration.filed"])
    return row


def _number(now: datetime) -> str:
    """The number as the trade writes it: the moment, a letter, five random digits (O6)."""
    return f"{timezone.localtime(now):%y%m%d%H%M%S}c{secrets.randbelow(100_000):05d}"


def _arbiter_for(site_id: int, kind: str, accused: Sequence[int]) -> int | None:
    """Who gets it by the division of work; nobody who belongs to one of the sites."""
    involved = {site_id, *accused}
    rows = [one for one in Arbiter.objects.select_related("staff") if one.staff.is_active and one.staff.site_id not in involved]
    load = Filing.objects.filter(arbiter_id__in=[one.staff_id for one in rows]).exclude(state__in=ENDED)
    open_now = dict(load.order_by().values_list("arbiter_id").annotate(Count("pk")))
    found = [rules.Candidate(one.staff_id, one.region_id, frozenset(one.kinds), one.weight, open_now.get(one.staff_id, 0)) for one in rows]
    return rules.choose_arbiter(found, people.line_of(site_id), kind)
