"""Every write of waybill entry: entering one or many, changing, void numbers; collection stands in ``collecting`` (O9)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone

from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import KefuError, Stale
from kefu.kernel.rows import insert_all
from kefu.parcels import actions as parcels
from kefu.parcels import amending, lookups
from kefu.parcels.checks import parcel_problem
from kefu.parcels.drafts import ParcelDraft
from kefu.parcels.vocabulary import StateCode
from kefu.parcels.waybills import clean_waybill
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission
from kefu.station.entry import access
from kefu.station.entry.changes import Change, changes
from kefu.station.entry.collecting import collect
from kefu.station.entry.drafts import EntryDraft
from kefu.station.entry.errors import EntryDoubtful, EntryRefused, NotVoidable, ReasonWanted
from kefu.station.entry.findings import Finding
from kefu.station.entry.limits import Limits, limits_at, number
from kefu.station.entry.models import Entry, EntryChange, VoidNumber
from kefu.station.entry.rules import LEAST_REASON, findings, insurance_fee
from kefu.station.entry.standing import Placed, placed
from kefu.station.entry.vocabulary import Source
from kefu.station.entry.weights import weighed

__all__ = ["Checked", "EntryCounts", "WorkedOut", "amend", "check", "collect", "enter", "enter_many", "void_numbers", "worked_out"]

MOST_VOID = 500


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft as it would be saved (delivering site found), what the checks say of it, and the parcel it makes."""

    draft: EntryDraft
    parcel: ParcelDraft | None
    findings: Sequence[Finding]
    placed: Placed


@dataclass(frozen=True, slots=True)
class EntryCounts:
    """Outcome of a bulk entry: new waybills, those entered before, places and codes of those refused, how many have warnings."""

    stored: int
    present: int
    refused: Sequence[tuple[int, str]]
    doubtful: int = 0


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """What follows from a draft's own values: weights in kilograms, the insurance fee in yuan, the divisor they were worked out with."""

    volume: Decimal | None
    billed: Decimal | None
    insurance_fee: Decimal
    divisor: float | None


def worked_out(draft: EntryDraft, *, now: datetime) -> WorkedOut:
    """Weights and fee of a draft by the settings of its site, whether it is right or not."""
    return _worked_out(draft, limits_at(draft.site_id, now))


def _worked_out(draft: EntryDraft, limits: Limits) -> WorkedOut:
    divisor = number(limits.volume_divisor)
    both = weighed(draft.weight, (draft.length, draft.width, draft.height), divisor=divisor, step=number(limits.weight_step))
    fee = draft.insurance_fee if draft.insurance_fee is not None else insurance_fee(draft.insured_amount, limits)
    return WorkedOut(both.volume, both.billed, fee, divisor)


def check(*, actor: Actor, draft: EntryDraft, now: datetime, own: str = "") -> Checked:
    """What saving the draft would say. Writes nothing."""
    people.require(actor, Permission.WAYBILL_ENTER)
    return _checked(actor, [_clean(draft)], now, own)[0]


def enter(*, actor: Actor, draft: EntryDraft, now: datetime, accepted: Collection[str] = (), source: str = Source.FORM) -> Entry:
    """Enter one waybill. Raises ``EntryRefused`` with every refusal, ``EntryDoubtful`` while warnings are not among ``accepted``.

    A waybill that is registered but was not entered (from a manifest) takes on what is entered.
    """
    found = check(actor=actor, draft=draft, now=now)
    _refuse(found.findings)
    if doubts := [one for one in found.findings if one.code not in accepted]:
        raise EntryDoubtful(doubts)
    assert found.parcel is not None
    with transaction.atomic():
        known = lookups.cards_of({found.draft.waybill})
        if known:
            amending.amend_parcel(actor=actor, draft=_kept(found.parcel, amending.draft_of(actor, found.draft.waybill)), now=now)
        else:
            done = parcels.register_parcels(actor=actor, drafts=[found.parcel], now=now)
            if done.refused:
                raise EntryRefused([Finding(done.refused[0].reason)])
        return _store(actor, [found], source, now)[0]


def enter_many(*, actor: Actor, drafts: Sequence[EntryDraft], now: datetime, source: str = Source.FILE) -> EntryCounts:
    """Enter many waybills, each by itself: wrong ones are refused with a code, warnings are kept with the entry."""
    people.require(actor, Permission.WAYBILL_ENTER)
    found = _checked(actor, [_clean(draft) for draft in drafts], now, "")
    refused: dict[int, str] = {}
    good: dict[str, int] = {}
    present = 0
    for place, one in enumerate(found):
        refusal = next((finding for finding in one.findings if finding.refuses), None)
        if (refusal is not None and refusal.code == "entry_taken") or one.draft.waybill in good:
            present += 1
        elif refusal is not None:
            refused[place] = refusal.code
        else:
            good[one.draft.waybill] = place
    with transaction.atomic():
        registered = lookups.cards_of(good)
        fresh = [place for waybill, place in good.items() if waybill not in registered]
        done = parcels.register_parcels(actor=actor, drafts=[parcel for place in fresh if (parcel := found[place].parcel)], now=now)
        refused |= {fresh[refusal.place]: refusal.reason for refusal in done.refused}
        for waybill in registered:
            _take_on(actor, found[good[waybill]], good[waybill], refused, now)
        entered = _store(actor, [found[place] for place in good.values() if place not in refused], source, now)
    return EntryCounts(len(entered), present, sorted(refused.items()), sum(bool(one.warnings) for one in entered))


def _take_on(actor: Actor, one: Checked, place: int, refused: dict[int, str], now: datetime) -> None:
    """A registered waybill takes on what was entered, unless it cannot."""
    assert one.parcel is not None
    try:
        with transaction.atomic():
            amending.amend_parcel(actor=actor, draft=_kept(one.parcel, amending.draft_of(actor, one.draft.waybill)), now=now)
    except KefuError as refusal:
        refused[place] = refusal.reason


def _clean(draft: EntryDraft) -> EntryDraft:
    return replace(draft, waybill=clean_waybill(draft.waybill), sub_waybills=tuple(clean_waybill(one) for one in draft.sub_waybills if one))


def _checked(actor: Actor, drafts: Sequence[EntryDraft], now: datetime, own: str) -> list[Checked]:
    by_site: dict[int, Limits] = {}
    today = timezone.localdate(now)
    checked = []
    staff_no = _staff_no(actor)
    for one in placed(drafts, now=now, own=own):
        if one.draft.site_id not in by_site:
            by_site[one.draft.site_id] = limits_at(one.draft.site_id, now)
        limits = by_site[one.draft.site_id]
        found = findings(one.draft, one.standing, limits, now=now, today=today)
        if not actor.reaches(one.draft.site_id):
            found.insert(0, Finding("entry_origin"))
        parcel = None if any(finding.refuses for finding in found) else _parcel(staff_no, one, limits)
        reason = parcel_problem(parcel, actor.reaches) if parcel else None
        if reason is not None:
            found.insert(0, Finding(reason))
        checked.append(Checked(one.draft, parcel, found, one))
    return checked


def _refuse(found: Sequence[Finding]) -> None:
    if any(one.refuses for one in found):
        raise EntryRefused(found)


def _parcel(staff_no: str, one: Placed, limits: Limits) -> ParcelDraft:
    """The parcel an entry makes: weights, insurance fee and destination worked out."""
    draft, answer = one.draft, one.standing.answer
    worked = _worked_out(draft, limits)
    return ParcelDraft(
        waybill=draft.waybill,
        site_id=draft.deliver_site_id or draft.site_id,
        origin_site_id=draft.site_id,
        carrier=draft.carrier,
        scope=draft.scope,
        sender=draft.sender,
        receiver=draft.receiver,
        pieces=draft.pieces,
        weight=draft.weight,
        cod_amount=draft.cod_amount,
        freight_amount=draft.freight_amount,
        insured_amount=draft.insured_amount,
        product=draft.product,
        promised_at=draft.promised_at,
        postal=draft.postal,
        in_area=answer.served if answer else None,
        volume_weight=worked.volume,
        billing_weight=worked.billed,
        hub_weight=one.standing.hub_weight,
        length=draft.length,
        width=draft.width,
        height=draft.height,
        goods=draft.goods.strip(),
        packaging=draft.packaging,
        payment=draft.payment,
        fee_amount=draft.fee_amount,
        insurance_fee=worked.insurance_fee,
        receipt_kind=draft.receipt_kind,
        collected_by=draft.collector.strip(),
        entered_by=staff_no,
        id_verified=draft.id_verified,
        destination=answer.region.path[:120] if answer else "",
        remark=draft.remark.strip(),
        sub_waybills=draft.sub_waybills,
    )


def _kept(entered: ParcelDraft, known: ParcelDraft) -> ParcelDraft:
    """What was entered, over what was registered: the carrier and the promise stay when the entry does not name them."""
    return replace(
        entered,
        carrier=entered.carrier or known.carrier,
        promised_at=entered.promised_at or known.promised_at,
        hub_weight=known.hub_weight,
        entered_by=known.entered_by or entered.entered_by,
    )


def _store(actor: Actor, found: Sequence[Checked], source: str, now: datetime) -> list[Entry]:
    """The entries of checked drafts whose parcels are registered."""
    ids = {waybill: card.id for waybill, card in lookups.cards_of({one.draft.waybill for one in found}).items()}
    rows = [_entry(actor, one, ids[one.draft.waybill], source, now) for one in found]
    try:
        with transaction.atomic():
            insert_all(rows)
    except IntegrityError as error:
        raise Stale from error
    stored = {row.waybill: row for row in Entry.objects.filter(waybill__in=[row.waybill for row in rows])}
    audit.record_many(
        [audit.entry(actor, "waybill.entered", _ref(row), now=now, site_id=row.site_id, data={"source": source}) for row in stored.values()]
    )
    return [stored[row.waybill] for row in rows]


def _entry(actor: Actor, one: Checked, parcel_id: int, source: str, now: datetime) -> Entry:
    answer = one.placed.standing.answer
    return Entry(
        parcel_id=parcel_id,
        waybill=one.draft.waybill,
        site_id=one.draft.site_id,
        sent_on=one.draft.sent_on,
        source=source,
        receipt_no=one.draft.receipt_no.strip()[:40],
        told=one.draft.told,
        area_verdict=answer.verdict if answer else "",
        area_id=answer.area.id if answer and answer.area else None,
        warnings=" ".join(finding.code for finding in one.findings)[:200],
        entered_by_id=actor.staff_id,
        entered_by=actor.name[:80],
        entered_at=now,
    )


def _ref(row: Entry) -> Ref:
    return Ref("parcel", row.parcel_id, row.waybill)


def amend(
    *, actor: Actor, draft: EntryDraft, version: int, now: datetime, reason: str = "", accepted: Collection[str] = ()
) -> list[Change]:
    """Change an entered waybill; gives what changed. After it was sent a reason is wanted; every field is kept in the history.

    ``version`` is the entry's, as the page showed it. Raises what ``enter`` raises, ``ReasonWanted``, ``Stale``.
    """
    people.require(actor, Permission.WAYBILL_ENTER)
    draft = _clean(draft)
    row = access.get_for(actor, draft.waybill)
    if row.version != version:
        raise Stale
    card = lookups.cards_of({draft.waybill})[draft.waybill]
    if _has_left(card.state) and len(reason.strip()) < LEAST_REASON:
        raise ReasonWanted
    found = check(actor=actor, draft=draft, now=now, own=draft.waybill)
    _refuse(found.findings)
    if doubts := [one for one in found.findings if one.code not in {*accepted, *row.warnings.split()}]:
        raise EntryDoubtful(doubts)
    assert found.parcel is not None
    with transaction.atomic():
        before = amending.draft_of(actor, draft.waybill)
        done = amending.amend_parcel(actor=actor, draft=_kept(found.parcel, before), now=now)
        told = [*changes(done.before, done.after), *_own_changes(row, found.draft)]
        if told:
            _keep_changes(actor, row, found, told, reason, now)
    return told


def _has_left(state: str) -> bool:
    """Whether the parcel was sent on or is further still."""
    return state not in (StateCode.ORDERED, StateCode.COLLECTED)


def _own_changes(row: Entry, draft: EntryDraft) -> list[Change]:
    pairs = (
        ("sent_on", f"{row.sent_on}", f"{draft.sent_on}"),
        ("receipt_no", row.receipt_no, draft.receipt_no.strip()[:40]),
        ("told", str(int(row.told)), str(int(draft.told))),
    )
    return [Change(name, old, new) for name, old, new in pairs if old != new]


def _keep_changes(actor: Actor, row: Entry, found: Checked, told: Sequence[Change], reason: str, now: datetime) -> None:
    answer = found.placed.standing.answer
    save_claimed(
        row,
        sent_on=found.draft.sent_on,
        receipt_no=found.draft.receipt_no.strip()[:40],
        told=found.draft.told,
        area_verdict=answer.verdict if answer else "",
        area_id=answer.area.id if answer and answer.area else None,
        warnings=" ".join(one.code for one in found.findings)[:200],
        changed_by=actor.name[:80],
        changed_at=now,
        change_count=row.change_count + len(told),
    )
    words = reason.strip()[:200]
    insert_all(
        [
            EntryChange(entry=row, field=name, old=old, new=new, reason=words, by_id=actor.staff_id, by=actor.name[:80], at=now)
            for name, old, new in told
        ]
    )
    data = {"fields": [one.field for one in told], "reason": words}
    audit.record(actor, "waybill.changed", _ref(row), now=now, site_id=row.site_id, data=data)


def void_numbers(*, actor: Actor, site_id: int, waybills: Sequence[str], reason: str, now: datetime) -> int:
    """Declare numbers void (作废单); gives how many were not so before. One that was scanned is refused, and then none is."""
    people.require(actor, Permission.WAYBILL_ENTER)
    people.require_site(actor, site_id)
    if len(reason.strip()) < LEAST_REASON:
        raise ReasonWanted("entry_void_reason")
    numbers = list(dict.fromkeys(number for given in waybills[:MOST_VOID] if (number := clean_waybill(given))))
    known = set(VoidNumber.objects.filter(waybill__in=numbers).values_list("waybill", flat=True))
    fresh = [number for number in numbers if number not in known]
    scanned = sorted(waybill for waybill, lines in lookups.scans_of(fresh).items() if lines)
    if scanned:
        raise NotVoidable(waybill=scanned[0])
    rows = [VoidNumber(waybill=one, site_id=site_id, reason=reason.strip()[:200], by=actor.name[:80], at=now) for one in fresh]
    with transaction.atomic():
        for waybill in lookups.cards_of(fresh):
            amending.cancel_parcel(actor=actor, waybill=waybill, now=now)
        try:
            with transaction.atomic():
                insert_all(rows)
        except IntegrityError as error:
            raise Stale from error
        data = {"numbers": fresh[:100], "reason": reason.strip()[:200]}
        if fresh:
            audit.record(actor, "waybill.voided", Ref("void_number", 0, fresh[0]), now=now, site_id=site_id, data=data)
    return len(fresh)


def _staff_no(actor: Actor) -> str:
    """工号 of who enters; nothing for machines."""
    person = people_queries.on_duty(actor.own_id) if actor.staff_id else None
    return person.staff_no if person else ""
