"""Asking to forward parcels, one or many at a time: checks, who pays, whether the claim of 超区 is right (OPS10, O7, R19)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.errors import Invalid, Stale
from kefu.parcels.journeys import Journey, in_sight, journeys
from kefu.parcels.waybills import clean_waybill, is_waybill
from kefu.people import queries as people
from kefu.people.access import require
from kefu.people.permissions import Permission
from kefu.station.areas.queries import claim_check
from kefu.station.forwarding import rules
from kefu.station.forwarding.chains import chains
from kefu.station.forwarding.drafts import ForwardDraft, Requested
from kefu.station.forwarding.errors import REASONS
from kefu.station.forwarding.events import ForwardChanged
from kefu.station.forwarding.models import Forward
from kefu.station.forwarding.rules import Asked, Chain, Terms
from kefu.station.forwarding.terms import terms_at
from kefu.station.forwarding.vocabulary import OPEN_STATES, Reason, State, Way

_TRIES = 3
_FIELDS = {
    "no_site": "site", "unknown_reason": "reason", "unknown_way": "way", "no_to_site": "to_site", "own_to_site": "to_site",
    "closed_to_site": "to_site", "back_again": "to_site", "no_company": "company", "bad_fee": "fee", "high_fee": "fee",
    "unknown_payer": "payer", "receiver_pays": "payer", "sender_not_told": "payer", "wrong_claim_payer": "payer",
    "outside_collect": "way", "outside_cod": "way", "bad_contact": "confirmed_at", "long_field": "note",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Claim:
    """What the served areas say of a claim of 超区; ``wrong`` none when they do not tell or it was not claimed."""

    wrong: bool | None = None
    area: str = ""


class _Around:
    """What requests are checked against, looked up once for all of them."""

    def __init__(self, actor: Actor, drafts: Sequence[ForwardDraft], now: datetime) -> None:
        self.actor, self.now = actor, now
        self.sites = people.sites_by_id()
        numbers = {draft.waybill for draft in drafts}
        self.journeys, self.seen, self.chains = journeys(numbers), in_sight(actor, numbers), chains(numbers)
        self.open = set(Forward.objects.filter(waybill__in=sorted(numbers), state__in=OPEN_STATES).values_list("waybill", flat=True))
        outside = [draft.external_id for draft in drafts if draft.external_id]
        known = Forward.objects.filter(external_id__in=outside).values_list("site_id", "external_id", "pk")
        self.external = {(site_id, str(external_id)): pk for site_id, external_id, pk in known}
        self._terms: dict[int, Terms] = {}

    def site(self, draft: ForwardDraft) -> int | None:
        """The asking site, if the actor reaches it."""
        site_id = draft.site_id if draft.site_id is not None else self.actor.site_id
        return site_id if site_id in self.sites and self.actor.reaches(site_id) else None

    def terms(self, site_id: int) -> Terms:
        """What the handbook of the site says now."""
        if site_id not in self._terms:
            self._terms[site_id] = terms_at(self.sites[site_id].handbook, self.now)
        return self._terms[site_id]

    def journey(self, waybill: str) -> Journey:
        """What the asker may know of the waybill."""
        return self.journeys[waybill] if waybill in self.seen else Journey(waybill)


def request_forward(*, actor: Actor, draft: ForwardDraft, now: datetime) -> Forward:
    """Ask to forward one parcel; the same ``external_id`` gives the request made before.

    Raises ``Invalid`` with the field and a code of ``errors.REASONS``.
    """
    done = request_many(actor=actor, drafts=[draft], now=now)
    if done.refused:
        reason = done.refused[0]
        raise Invalid(REASONS[reason], fields={_FIELDS.get(reason, "waybill"): REASONS[reason]}, code=reason)
    return Forward.objects.get(pk={**done.present, **done.stored}[0])


def request_many(*, actor: Actor, drafts: Sequence[ForwardDraft], now: datetime) -> Requested:
    """Ask for many, each for itself, in one transaction; bad ones are refused by their place."""
    require(actor, Permission.FORWARD_REQUEST)
    drafts = [replace(draft, waybill=clean_waybill(draft.waybill)) for draft in drafts]
    for _try in range(_TRIES):
        try:
            with transaction.atomic():
                return _request(actor, drafts, now)
        except IntegrityError:
            continue  # somebody asked for one of them at the same moment: look again
    raise Stale


def _request(actor: Actor, drafts: Sequence[ForwardDraft], now: datetime) -> Requested:
    around = _Around(actor, drafts, now)
    rows: dict[int, Forward] = {}
    present: dict[int, int] = {}
    refused: dict[int, str] = {}
    for place, draft in enumerate(drafts):
        site_id = around.site(draft)
        known = around.external.get((site_id or 0, draft.external_id or ""))
        if known is not None:
            present[place] = known
            continue
        found = _checked(around, draft, site_id)
        if isinstance(found, str):
            refused[place] = found
        elif draft.waybill in around.open:
            refused[place] = "open_already"
        else:
            around.open.add(draft.waybill)
            rows[place] = found
    _write(actor, list(rows.values()), now)
    return Requested({place: row.pk for place, row in rows.items()}, present, refused)


def _checked(around: _Around, draft: ForwardDraft, site_id: int | None) -> Forward | str:
    """The request as a row, or the code of what is wrong with it."""
    if not is_waybill(draft.waybill):
        return "bad_waybill"
    if site_id is None:
        return "no_site"
    terms, journey = around.terms(site_id), around.journey(draft.waybill)
    chain = around.chains.get(draft.waybill, Chain())
    wrong = rules.request_problem(_asked(around, draft), journey, site_id, chain, terms, around.now)
    if wrong is not None:
        return wrong
    claim = _claim(draft, journey, site_id, around.now)
    wrong = rules.claim_problem(claim.wrong, draft.fee, draft.payer, terms)
    return wrong or _row(around, draft, site_id, terms, claim)


def _asked(around: _Around, draft: ForwardDraft) -> Asked:
    to_site = around.sites.get(draft.to_site_id or 0)
    return Asked(
        reason=draft.reason,
        way=draft.way,
        to_site_id=draft.to_site_id,
        to_site_active=to_site is not None and to_site.is_active,
        company=draft.company,
        fee=draft.fee,
        payer=draft.payer,
        sender_told=draft.sender_told,
        confirmed_at=draft.confirmed_at,
        confirmed_by_way=draft.confirmed_by_way,
        texts=(draft.address, draft.note),
    )


def _claim(draft: ForwardDraft, journey: Journey, site_id: int, now: datetime) -> _Claim:
    """Whether the site's own published areas speak against its claim, on the day it is made."""
    place = draft.address.strip() or journey.destination
    if draft.reason != Reason.OUT_OF_AREA or not place:
        return _Claim()
    said = claim_check(site_id, place, timezone.localdate(now))
    return _Claim(said.wrong, said.answer.area.name[:160] if said.answer.area else "")


def _row(around: _Around, draft: ForwardDraft, site_id: int, terms: Terms, claim: _Claim) -> Forward:
    now = around.now
    return Forward(
        waybill=draft.waybill,
        site_id=site_id,
        reason=draft.reason,
        reason_code=dict(terms.reason_codes).get(draft.reason, 0),
        way=draft.way,
        to_site_id=draft.to_site_id if draft.way == Way.SITE else None,
        company=draft.company.strip() if draft.way == Way.OUTSIDE else "",
        address=draft.address.strip(),
        note=draft.note.strip(),
        fee=draft.fee,
        payer=draft.payer,
        sender_told=draft.sender_told,
        payer_clause=terms.payer_clause,
        confirmed_at=draft.confirmed_at,
        confirmed_by_way=draft.confirmed_by_way,
        wrong_claim=claim.wrong,
        area=claim.area,
        liable_site_id=site_id if claim.wrong and terms.wrong_claim_liable else None,
        due_at=rules.due_after(State.REQUESTED, draft.way, now, terms),
        clause=terms.clause,
        requested_by=around.actor.name[:80],
        requested_by_id=around.actor.staff_id,
        requested_at=now,
        updated_at=now,
        external_id=draft.external_id or None,
    )


def ref(row: Forward) -> Ref:
    """How other records point at a request."""
    return Ref("forward", row.pk, row.waybill)


def told(row: Forward) -> list[ForwardChanged]:
    """The event for each of its sites."""
    sites = [row.site_id] + ([row.to_site_id] if row.to_site_id else [])
    return [ForwardChanged(forward_id=row.pk, site_id=site, state=str(row.state)) for site in sites]


def _write(actor: Actor, rows: list[Forward], now: datetime) -> None:
    if not rows:
        return
    Forward.objects.bulk_create(rows)
    entries = [
        audit.entry(
            actor, "forward.requested", ref(row), now=now, site_id=row.site_id, clause=row.clause,
            data={"way": row.way, "reason": row.reason, "payer": row.payer, "wrong_claim": row.wrong_claim},
        )
        for row in rows
    ]  # fmt: skip
    audit.record_many(entries)
    outbox.emit_many([event for row in rows for event in told(row)], now=now)
