"""Reads of arbitration for screens, files and programs (CASE7, O6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import QuerySet

from kefu.arbitration import access, flow
from kefu.arbitration.evidence import side_of
from kefu.arbitration.models import Accused, Arbiter, Evidence, Filing, Verdict
from kefu.arbitration.ruling import awaits_audit_of
from kefu.arbitration.terms import FilingType, Terms, terms_at, type_of
from kefu.arbitration.vocabulary import ENDED, WAITING_FOR_AUDIT, WAITING_FOR_DESK, Side, State, Step
from kefu.kernel.actor import Actor
from kefu.kernel.masking import mask_name, mask_phone, mask_text
from kefu.kernel.models import AuditEntry
from kefu.kernel.moment import on_days
from kefu.kernel.paging import CappedCount, Order, Page, capped_count, keyset_page
from kefu.kernel.wording import listed
from kefu.parcels.waybills import clean_waybill
from kefu.people import access as people_access
from kefu.people import queries as people
from kefu.people.permissions import Permission

_NEWEST = [Order("pk", descending=True)]
_SOONEST = [Order("due_at"), Order("pk")]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which filings. ``box``: ``out`` filed by the reader's sites, ``in`` against them. ``waits``: ``desk``, ``audit``, ``reply``."""

    box: str = ""
    state: str = ""
    waits: str = ""
    kind: str = ""
    open_only: bool = False
    mine: bool = False
    unassigned: bool = False
    arbiter_id: int | None = None
    site_id: int | None = None
    waybills: Sequence[str] = ()
    day_from: date | None = None
    day_to: date | None = None


@dataclass(frozen=True, slots=True)
class FilingRow:
    """A filing in a list. Amounts in yuan; ``awarded`` is that of the last confirmed verdict."""

    id: int
    number: str
    waybill: str
    kind: str
    kind_title: str
    clause: str
    site_id: int
    site: str
    accused: str
    state: str
    claimed: Decimal
    awarded: Decimal | None
    arbiter: str
    due_at: datetime | None
    late: bool
    filed_by: str
    filed_at: datetime
    ended_at: datetime | None
    case_id: int | None
    version: int


_WAITS = {"desk": WAITING_FOR_DESK, "audit": WAITING_FOR_AUDIT, "reply": (State.REPLYING,), "appeal": (State.DECIDED,)}


def rows(actor: Actor, wanted: Wanted) -> QuerySet[Filing]:
    """Filings in reach, narrowed."""
    found = access.visible_to(actor)
    if wanted.box == "out":
        found = people_access.in_reach(found, actor)
    if wanted.box == "in":
        found = found.filter(pk__in=people_access.in_reach(Accused.objects.all(), actor).values("filing_id"))
    if wanted.waits:
        found = found.filter(state__in=_WAITS.get(wanted.waits, ()))
    if wanted.open_only:
        found = found.exclude(state__in=ENDED)
    if wanted.mine:
        found = found.filter(arbiter_id=actor.own_id)
    if wanted.unassigned:
        found = found.filter(arbiter_id=None)
    if wanted.arbiter_id is not None:
        found = found.filter(arbiter_id=wanted.arbiter_id)
    if wanted.site_id is not None:
        found = found.filter(pk__in=_of_site(wanted.site_id))
    if wanted.waybills:
        found = found.filter(waybill__in=[clean_waybill(one) for one in wanted.waybills])
    exact = {"state": wanted.state, "kind": wanted.kind}
    found = found.filter(**{name: value for name, value in exact.items() if value})
    return found.filter(**on_days("filed_at", wanted.day_from, wanted.day_to))


def _of_site(site_id: int) -> QuerySet[Filing, int]:
    filed = Filing.objects.filter(site_id=site_id).order_by().values_list("pk", flat=True)
    return filed.union(Accused.objects.filter(site_id=site_id).order_by().values_list("filing_id", flat=True))


def page(actor: Actor, wanted: Wanted, *, now: datetime, cursor: str | None = None, size: int = 50) -> Page[FilingRow]:
    """A page of filings: newest first, those that wait for an answer or appeal by their deadline."""
    people_access.require(actor, Permission.ARBITRATION_VIEW)
    order = _SOONEST if wanted.waits in ("reply", "appeal") else _NEWEST
    narrowed = rows(actor, wanted)
    if order is _SOONEST:
        narrowed = narrowed.filter(due_at__isnull=False)
    found = keyset_page(narrowed.select_related("arbiter").prefetch_related("accused", "verdicts"), order, size=size, cursor=cursor)
    names = _names()
    return Page([_row(row, names, now) for row in found.rows], found.next, found.previous)


def count(actor: Actor, wanted: Wanted) -> CappedCount:
    """How many, capped."""
    return capped_count(rows(actor, wanted))


def _names() -> Mapping[int, str]:
    return {pk: site.name for pk, site in people.sites_by_id().items()}


def _row(row: Filing, names: Mapping[int, str], now: datetime) -> FilingRow:
    kind = type_of(row.clause)
    confirmed = [one for one in row.verdicts.all() if one.confirmed]
    return FilingRow(
        id=row.pk,
        number=row.number,
        waybill=row.waybill,
        kind=row.kind,
        kind_title=kind.name() if kind else row.kind,
        clause=row.clause,
        site_id=row.site_id,
        site=names.get(row.site_id, ""),
        accused=listed(names.get(one.site_id, "") for one in row.accused.all()),
        state=row.state,
        claimed=row.claimed,
        awarded=max(confirmed, key=lambda one: one.round).awarded if confirmed else None,
        arbiter=row.arbiter.name if row.arbiter else "",
        due_at=row.due_at,
        late=row.due_at is not None and row.due_at < now,
        filed_by=row.filed_by,
        filed_at=row.filed_at,
        ended_at=row.ended_at,
        case_id=row.case_id,
        version=row.version,
    )


@dataclass(frozen=True, slots=True)
class File:
    """A file somebody handed in."""

    id: int
    name: str
    size: int
    side: str
    site: str
    added_by: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """An accused site and what it said; ``silent``: it let the time pass."""

    site_id: int
    site: str
    statement: str
    replied_by: str
    replied_at: datetime | None
    silent: bool
    files: Sequence[File]


@dataclass(frozen=True, slots=True)
class ShareRow:
    """What one site bears."""

    site_id: int
    site: str
    percent: Decimal
    amount: Decimal
    fine: Decimal


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """A verdict of round 1 or 2; ``confirmed`` none: it waits for the second person."""

    round: int
    outcome: str
    awarded: Decimal
    reason: str
    clause: str
    ruled_by: str
    ruled_at: datetime
    confirmed: bool | None
    audited_by: str
    audited_at: datetime | None
    audit_note: str
    shares: Sequence[ShareRow]


@dataclass(frozen=True, slots=True)
class AppealRow:
    """The appeal."""

    site: str
    reason: str
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class FilingPage:
    """A filing with both sides' words and evidence, its verdicts, and what this reader may do now (``may``, keys of ``Step``)."""

    row: FilingRow
    reason: str
    complainant: str
    phone: str
    proof: str
    proof_amount: Decimal | None
    pieces: int
    abnormal: int
    packing: str
    product: str
    parcel_state: str
    collected_at: datetime | None
    counted_from: datetime | None
    accepted_by: str
    accepted_at: datetime | None
    due_clause: str
    remark: str
    answers: Sequence[Answer]
    files: Sequence[File]
    verdicts: Sequence[VerdictRow]
    appeal: AppealRow | None
    kind: FilingType | None
    terms: Terms
    may: frozenset[str]
    own_verdict: bool
    involved: bool
    history: Sequence["Change"]
    moved: bool = False


def get(actor: Actor, filing_id: int, *, now: datetime, clear: bool = False) -> FilingPage:
    """One filing in reach. Names and phone are masked unless ``clear`` (who may). A verdict not yet confirmed is the desk's alone."""
    row = access.get_for(actor, filing_id)
    if clear:
        people_access.require(actor, Permission.PERSONAL_UNMASK)
    names = _names()
    handed = [_file(one, names) for one in Evidence.objects.filter(filing=row).order_by("pk")]
    judges = access.judges(actor, row)
    verdicts = [_verdict(one, names) for one in Verdict.objects.prefetch_related("shares").filter(filing=row).order_by("pk")]
    appealed = getattr(row, "appeal", None)
    mine = actor.staff_id is not None and awaits_audit_of(row, actor.staff_id)
    return FilingPage(
        row=_row(row, names, now),
        reason=row.reason if clear else mask_text(row.reason),
        complainant=row.complainant if clear else mask_name(row.complainant),
        phone=row.phone if clear else mask_phone(row.phone),
        proof=row.proof if clear else mask_text(row.proof),
        proof_amount=row.proof_amount,
        pieces=row.pieces,
        abnormal=row.abnormal,
        packing=row.packing,
        product=row.product,
        parcel_state=row.parcel_state,
        collected_at=row.collected_at,
        counted_from=row.counted_from,
        accepted_by=row.accepted_by,
        accepted_at=row.accepted_at,
        due_clause=row.due_clause,
        remark=mask_text(row.remark),
        answers=[_answer(one, names, handed) for one in row.accused.all()],
        files=[one for one in handed if one.side != Side.ACCUSED],
        verdicts=[one for one in verdicts if judges or one.confirmed],
        appeal=AppealRow(names.get(appealed.site_id or 0, ""), mask_text(appealed.reason), appealed.made_by, appealed.made_at)
        if appealed
        else None,
        kind=type_of(row.clause),
        terms=terms_at(row.site.handbook, now),
        may=_may(actor, row, now, judges=judges, mine=mine),
        own_verdict=mine,
        involved=actor.may(Permission.ARBITRATION_DECIDE) and not judges,
        history=_history(row),
        moved=row.moves.exists(),
    )


def _may(actor: Actor, row: Filing, now: datetime, *, judges: bool, mine: bool) -> frozenset[str]:
    """What this reader may do with it as it stands."""
    files = actor.may(Permission.ARBITRATION_FILE)
    side, _site = side_of(actor, row)
    waiting = [one.site_id for one in row.accused.all() if one.replied_at is None]
    allowed = {
        Step.ACCEPT: judges,
        Step.REFUSE: judges,
        Step.RULE: judges,
        Step.CONFIRM: judges and not mine,
        Step.SEND_BACK: judges and not mine,
        Step.WITHDRAW: files and side == Side.APPLICANT,
        Step.REPLY: files and side != Side.DESK and any(actor.reaches(one) for one in waiting),
        Step.APPEAL: files and side != Side.DESK and (row.due_at is None or now <= row.due_at),
    }
    offered = {str(step) for step in flow.steps_in(row.state) if allowed.get(step, False)}
    if row.state not in ENDED:
        offered |= {"evidence"} if files else set()
        offered |= {"assign"} if judges else set()
    return frozenset(offered)


def _file(row: Evidence, names: Mapping[int, str]) -> File:
    return File(row.pk, row.name, row.size, row.side, names.get(row.site_id or 0, ""), row.added_by, row.added_at)


def _answer(row: Accused, names: Mapping[int, str], handed: Sequence[File]) -> Answer:
    site = names.get(row.site_id, "")
    own = [one for one in handed if one.side == Side.ACCUSED and one.site == site]
    return Answer(row.site_id, site, mask_text(row.statement), row.replied_by, row.replied_at, row.silent, own)


def _verdict(row: Verdict, names: Mapping[int, str]) -> VerdictRow:
    shares = [ShareRow(one.site_id, names.get(one.site_id, ""), one.percent, one.amount, one.fine) for one in row.shares.all()]
    return VerdictRow(
        row.round, row.outcome, row.awarded, mask_text(row.reason), row.clause, row.ruled_by, row.ruled_at, row.confirmed,
        row.audited_by, row.audited_at, mask_text(row.audit_note), shares,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """Something done to a filing; ``by`` is empty for what the product did itself."""

    at: datetime
    by: str
    action: str
    clause: str


def _history(row: Filing) -> list[Change]:
    entries = AuditEntry.objects.filter(subject_kind="arbitration", subject_id=row.pk).exclude(action="arbitration.evidence_read")
    return [
        Change(one.at, "" if one.actor_kind == "system" else one.actor_name, one.action, one.clause) for one in entries.order_by("pk")[:100]
    ]


def types_here(actor: Actor, *, now: datetime) -> Sequence[FilingType]:
    """Types the handbooks of the sites in reach state now, for filters."""
    keys = {site.handbook for pk, site in people.sites_by_id().items() if actor.reaches(pk)}
    found = {kind.key: kind for key in keys for kind in terms_at(key, now).types.values()}
    return sorted(found.values(), key=lambda kind: kind.place)


def terms_for(actor: Actor, site_id: int, *, now: datetime) -> Terms:
    """What the handbook of a site in reach says, for the form."""
    people_access.require_site(actor, site_id)
    return terms_at(people.sites_by_id()[site_id].handbook, now)


@dataclass(frozen=True, slots=True)
class ArbiterRow:
    """Somebody in the division of work."""

    id: int
    staff_id: int
    name: str
    region: str
    kinds: Sequence[str]
    weight: int
    open: int
    is_active: bool


def arbiters(actor: Actor) -> list[ArbiterRow]:
    """The division of work in the regions in reach, with what each has open; two statements."""
    people_access.require(actor, Permission.ARBITRATION_VIEW)
    found = people_access.in_reach(Arbiter.objects.select_related("staff", "region"), actor, "region_id").order_by("region__path", "pk")
    rows_ = list(found)
    held: dict[int, int] = {}
    open_ones = Filing.objects.filter(arbiter_id__in=[one.staff_id for one in rows_]).exclude(state__in=ENDED)
    for staff_id in open_ones.values_list("arbiter_id", flat=True):
        held[staff_id or 0] = held.get(staff_id or 0, 0) + 1
    return [
        ArbiterRow(
            one.pk, one.staff_id, one.staff.name, one.region.name, tuple(one.kinds), one.weight, held.get(one.staff_id, 0),
            one.staff.is_active,
        )
        for one in rows_
    ]  # fmt: skip
