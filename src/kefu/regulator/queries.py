"""Reads of appeals for screens; every opening of a file is recorded, personal data is masked unless asked for (R27, SEC1, SEC3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from kefu.cases import access as cases
from kefu.clocks import queries as clock_queries
from kefu.handbook import queries as handbooks
from kefu.handbook.reader.words import english
from kefu.kernel import audit
from kefu.kernel.actor import Actor
from kefu.kernel.masking import mask_name, mask_phone, mask_text
from kefu.kernel.models import AuditEntry
from kefu.kernel.moment import on_days
from kefu.kernel.paging import CappedCount, Order, Page, capped_count, keyset_page
from kefu.people import access as people_access
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.regulator import access, rules
from kefu.regulator.disposing import kept_until
from kefu.regulator.models import Answer, Appeal
from kefu.regulator.moving import ref
from kefu.regulator.rules import Check
from kefu.regulator.terms import AppealKind, Terms, terms_at, terms_of
from kefu.regulator.vocabulary import STEPS, AnswerState, Party, State

__all__ = [
    "AppealPage", "AppealRow", "Check", "Threat", "Wanted", "count", "kinds_here", "open_file", "page", "rows", "threat",
]  # fmt: skip

CLOCKS = ("regulator_accept", "regulator_answer", "regulator_centre", "mediation_feedback")
_OPEN = tuple(one.value for one in State if one != State.CLOSED)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which appeals. ``open_only``: not closed; ``waits`` "approval": an answer waits; days are those of receipt."""

    state: str = ""
    kind: str = ""
    verdict: str = ""
    open_only: bool = False
    waits: str = ""
    site_id: int | None = None
    number: str = ""
    waybill: str = ""
    day_from: date | None = None
    day_to: date | None = None


@dataclass(frozen=True, slots=True)
class AppealRow:
    """An appeal in a list: nothing personal. ``due_at`` is the nearest deadline of its case's clocks for the company."""

    id: int
    number: str
    waybill: str
    kind: str
    kind_title: str
    clause: str
    site_id: int
    site: str
    state: str
    verdict: str
    received_at: datetime
    answered_at: datetime | None
    closed_at: datetime | None
    due_at: datetime | None
    case_id: int
    complaint_id: int | None
    filed_by: str
    version: int


def rows(actor: Actor, wanted: Wanted) -> QuerySet[Appeal]:
    """Appeals of a filter, in reach."""
    found = access.visible_to(actor)
    if wanted.open_only:
        found = found.filter(state__in=_OPEN)
    if wanted.waits == "approval":
        found = found.filter(pk__in=Answer.objects.filter(state=AnswerState.WAITING).values("appeal_id"))
    exact = {
        "state": wanted.state, "kind": wanted.kind, "verdict": wanted.verdict, "site_id": wanted.site_id, "number": wanted.number,
        "waybill": wanted.waybill,
    }  # fmt: skip
    found = found.filter(**{name: value for name, value in exact.items() if value})
    return found.filter(**on_days("received_at", wanted.day_from, wanted.day_to))


def page(actor: Actor, wanted: Wanted, *, cursor: str | None = None, size: int = 50) -> Page[AppealRow]:
    """A page of appeals, the newest first."""
    people_access.require(actor, Permission.REGULATOR_VIEW)
    found = keyset_page(rows(actor, wanted), [Order("pk", descending=True)], size=size, cursor=cursor)
    return Page(_listed(found.rows), found.next, found.previous)


def count(actor: Actor, wanted: Wanted) -> CappedCount:
    """How many, capped."""
    return capped_count(rows(actor, wanted))


def _listed(found: Sequence[Appeal]) -> list[AppealRow]:
    due = clock_queries.nearest_due("case", [one.case_id for one in found if one.state != State.CLOSED])
    sites = people.sites_by_id()
    return [
        AppealRow(
            one.pk, one.number, one.waybill, one.kind, _kind_title(one), one.clause, one.site_id, sites[one.site_id].name, one.state,
            one.verdict, one.received_at, one.answered_at, one.closed_at, due.get(one.case_id), one.case_id, one.complaint_id,
            one.filed_by, one.version,
        )
        for one in found
    ]  # fmt: skip


def _kind_title(one: Appeal) -> str:
    found = terms_of(handbooks.book_of(one.clause)).kinds.get(one.kind)
    return found.name() if found else one.kind


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file of an answer."""

    id: int
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """A version of our answer."""

    number: int
    text: str
    state: str
    written_by: str
    written_at: datetime
    decided_by: str
    decided_at: datetime | None
    note: str
    files: Sequence[FileRow]


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of the law on this appeal: its clock, whether it was met."""

    key: str
    title: str
    clause: str
    state: str
    due_at: datetime
    met_at: datetime | None


@dataclass(frozen=True, slots=True)
class Change:
    """Something done to it; ``by`` is empty for what the product did."""

    at: datetime
    by: str
    action: str


@dataclass(frozen=True, slots=True)
class AppealPage:
    """The file of an appeal with its limits, the checks of R25, and what this reader may do now (``may``)."""

    row: AppealRow
    appellant: str
    phone: str
    party: str
    statement: str
    demand: str
    posted_on: date | None
    complained_at: datetime | None
    accepted_at: datetime | None
    opinion: str
    opinion_at: datetime | None
    feedback: str
    feedback_at: datetime | None
    verdict_reason: str
    answers: Sequence[AnswerRow]
    limits: Sequence[Limit]
    checks: Sequence[Check]
    rules_clause: str
    kept_until: datetime | None
    kept_clause: str
    own_answer: bool
    history: Sequence[Change]
    may: frozenset[str]


def open_file(actor: Actor, appeal_id: int, *, now: datetime, clear: bool = False) -> AppealPage:
    """Open a file; who opened it is written to the audit log (R27). ``clear``: names and phone unmasked, for who may."""
    row = access.get_for(actor, appeal_id)
    if clear:
        people_access.require(actor, Permission.PERSONAL_UNMASK)
    audit.record(actor, "appeal.unmasked" if clear else "appeal.opened", ref(row), now=now, site_id=row.site_id)
    terms = terms_at(row.site.handbook, now)
    answers = list(row.answers.prefetch_related("files").order_by("-number"))
    waiting = next((one for one in answers if one.state == AnswerState.WAITING), None)
    mine = waiting is not None and waiting.written_by_id is not None and waiting.written_by_id == actor.staff_id
    return AppealPage(
        row=_listed([row])[0],
        appellant=row.appellant if clear else mask_name(row.appellant),
        phone=row.phone if clear else mask_phone(row.phone),
        party=row.party,
        statement=row.statement if clear else mask_text(row.statement),
        demand=row.demand if clear else mask_text(row.demand),
        posted_on=row.posted_on,
        complained_at=row.complained_at,
        accepted_at=row.accepted_at,
        opinion=mask_text(row.opinion),
        opinion_at=row.opinion_at,
        feedback=mask_text(row.feedback),
        feedback_at=row.feedback_at,
        verdict_reason=mask_text(row.verdict_reason),
        answers=[_answer(one) for one in answers],
        limits=_limits(row, now),
        checks=_checks(row, terms),
        rules_clause=terms.clause,
        kept_until=kept_until(row, now),
        kept_clause=terms.kept_clause,
        own_answer=mine,
        history=_history(row),
        may=_may(actor, row, waiting=waiting is not None, mine=mine),
    )


def _answer(one: Answer) -> AnswerRow:
    handed = [FileRow(file.pk, file.name, file.size) for file in one.files.all()]
    return AnswerRow(
        one.number,
        mask_text(one.text),
        one.state,
        one.written_by,
        one.written_at,
        one.decided_by,
        one.decided_at,
        mask_text(one.note),
        handed,
    )


def _limits(row: Appeal, now: datetime) -> list[Limit]:
    found = [one for one in clock_queries.of_subject("case", row.case_id, now=now) if one.key in CLOCKS]
    language = "en" if english() else "zh"
    ordered = sorted(found, key=lambda one: CLOCKS.index(one.key))
    return [Limit(one.key, one.clause.name(language), one.clause_ref, one.level, one.due_at, one.met_at) for one in ordered]


def _checks(row: Appeal, terms: Terms) -> list[Check]:
    """R25 as it stood when the appeal was received: what an answer may object to."""
    earlier = Appeal.objects.filter(waybill=row.waybill, received_at__lt=row.received_at).exclude(pk=row.pk).exists()
    asked = rules.Asked(row.complained_at, row.posted_on, False, row.party != Party.OTHER, earlier)
    zone = timezone.get_default_timezone()
    return rules.checks(asked, complaint_for=terms.complaint_for, within=terms.appeal_within, now=row.received_at, zone=zone)


def _may(actor: Actor, row: Appeal, *, waiting: bool, mine: bool) -> frozenset[str]:
    works, approves = actor.may(Permission.REGULATOR_WORK), actor.may(Permission.REGULATOR_APPROVE)
    here = {step for step, (states, _to) in STEPS.items() if row.state in states}
    allowed = {
        "accepted": works, "written": works and not waiting, "answered": approves and waiting and not mine,
        "returned": approves and waiting and not mine, "opinion": works, "fed_back": works and row.feedback_at is None,
        "closed": works and (row.state != State.MEDIATION or row.feedback_at is not None), "withdrawn": works,
    }  # fmt: skip
    found = {step for step in here if allowed[step]}
    return frozenset(found | ({"dispose"} if approves and row.state == State.CLOSED else set()))


def _history(row: Appeal) -> list[Change]:
    entries = AuditEntry.objects.filter(subject_kind="appeal", subject_id=row.pk).order_by("-pk")[:60]
    return [Change(one.at, "" if one.actor_kind == "system" else one.actor_name, one.action) for one in entries]


@dataclass(frozen=True, slots=True)
class Threat:
    """Whether a complaint may go to the authority now (R25), from when it may by time alone, each condition, and the clause."""

    may: bool | None
    opens_at: datetime | None
    appealed: bool
    checks: Sequence[Check]
    clause: str


def threat(actor: Actor, case_id: int, *, now: datetime) -> Threat | None:
    """What R25 says of a complaint in reach; ``None`` where it does not apply. It names nobody, so who sees the case may read it."""
    return threat_of(cases.get_for(actor, case_id), now=now)


def threat_of(case: Any, *, now: datetime) -> Threat | None:
    """The same of a case its reader has before them; one query, and none where it does not apply."""
    book = handbooks.book(case.handbook)
    kind = book.kinds.get(case.kind)
    terms = terms_of(book)
    if kind is None or kind.family != "complaint" or not terms.kinds:
        return None
    appealed = bool(case.waybill) and Appeal.objects.filter(waybill=case.waybill).exists()
    asked = rules.Asked(case.opened_at, None, case.reopen_count > 0 or case.repeat_count > 0, True, appealed)
    zone = timezone.get_default_timezone()
    found = rules.checks(asked, complaint_for=terms.complaint_for, within=None, now=now, zone=zone)
    opens_at = next((one.at for one in found if one.key == "complained"), None)
    return Threat(rules.may_appeal(found), opens_at, appealed, found, terms.clause)


def kinds_here(actor: Actor, *, now: datetime) -> Sequence[AppealKind]:
    """Kinds the handbooks of the sites in reach state now, for forms and filters."""
    keys = {site.handbook for pk, site in people.sites_by_id().items() if actor.reaches(pk)}
    found = {kind.key: kind for key in keys for kind in terms_at(key, now).kinds.values()}
    return sorted(found.values(), key=lambda kind: kind.place)
