"""Inspect conversations and cases; nothing here is a penalty yet (QA2, QA4, QA8)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from kefu.conversations import access as conversation_access
from kefu.handbook.schema import Handbook
from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.errors import Stale
from kefu.kernel.masking import mask_text
from kefu.people.permissions import Permission
from kefu.quality import overruling, subjects
from kefu.quality.access import require
from kefu.quality.events import Inspected as InspectedEvent
from kefu.quality.inspector import ENGINE, Inspector, Inspectors
from kefu.quality.models import Finding, Inspection, SubjectKind
from kefu.quality.results import Hit, Inspected, ItemResult
from kefu.quality.subjects import Subject

_BATCH = 200
_TRIES = 3
_MATCHED = 80
_Key = tuple[int, str, int, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did: newly ``inspected``, ``already`` judged under that version, ``skipped`` (no card or no handbook), ``unknown`` ids."""

    read: int = 0
    inspected: int = 0
    already: int = 0
    skipped: int = 0
    unknown: int = 0
    findings: int = 0
    reviews: int = 0

    def plus(self, other: "Outcome") -> "Outcome":
        """Both together."""
        return Outcome(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


def inspect(*, actor: Actor, conversation_ids: Iterable[int], now: datetime, again: bool = False) -> Outcome:
    """Inspect conversations under the handbook in force at their site at their time.

    Safe to repeat: what is judged under that version stays as it is, unless ``again``, which replaces it in one transaction and keeps
    what people have done with findings that come out the same. Ids out of reach count as unknown.
    """
    require(actor, Permission.QUALITY_INSPECT)
    total = Outcome()
    ids = list(dict.fromkeys(conversation_ids))
    for start in range(0, len(ids), _BATCH):
        part = ids[start : start + _BATCH]
        found = subjects.conversations(actor, part)
        total = total.plus(_inspect(actor, found, len(part), now, again=again))
    return total


def inspect_cases(*, actor: Actor, case_ids: Iterable[int], now: datetime, again: bool = False) -> Outcome:
    """Inspect cases under the handbook they were opened with, from their facts (QA4)."""
    require(actor, Permission.QUALITY_INSPECT)
    total = Outcome()
    ids = list(dict.fromkeys(case_ids))
    for start in range(0, len(ids), _BATCH):
        part = ids[start : start + _BATCH]
        total = total.plus(_inspect(actor, subjects.cases(actor, part, now=now), len(part), now, again=again))
    return total


def inspect_pending(
    *, actor: Actor, now: datetime, limit: int = 10_000, progress: Callable[[int], None] = lambda _: None, site_id: int | None = None
) -> Outcome:
    """Inspect conversations in reach that no card has judged yet, oldest first, at most ``limit``.

    Killed in between, the next run goes on from there.
    """
    require(actor, Permission.QUALITY_INSPECT)
    judged = Inspection.objects.filter(subject_kind=SubjectKind.CONVERSATION, subject_id=OuterRef("pk"))
    waiting = conversation_access.visible_to(actor).filter(~Exists(judged)).order_by("pk")
    if site_id is not None:
        waiting = waiting.filter(site_id=site_id)
    total, after = Outcome(), 0
    while total.read < limit:
        ids = list(waiting.filter(pk__gt=after).values_list("pk", flat=True)[: min(_BATCH, limit - total.read)])
        if not ids:
            break
        after = ids[-1]
        total = total.plus(inspect(actor=actor, conversation_ids=ids, now=now))
        progress(len(ids))
    return total


def _inspect(actor: Actor, found: Sequence[Subject], asked: int, now: datetime, *, again: bool) -> Outcome:
    inspectors = Inspectors()
    judged = [(subject, one) for subject in found if (one := inspectors.of(subject.book, subject.channel)) is not None]
    base = Outcome(read=asked, unknown=asked - len(found), skipped=len(found) - len(judged))
    for _try in range(_TRIES):
        known = _known(judged)
        fresh = judged if again else [pair for pair in judged if _key(*pair) not in known]
        results = [(subject, inspector, _judge(subject, inspector)) for subject, inspector in fresh]
        try:
            with transaction.atomic():
                findings, reviews = _write(actor, results, now, again=again)
        except IntegrityError:
            continue  # somebody judged one of them meanwhile: look again
        return replace(base, inspected=len(fresh), already=len(judged) - len(fresh), findings=findings, reviews=reviews)
    raise Stale


def _judge(subject: Subject, inspector: Inspector) -> Inspected:
    return inspector.inspect(subject.dialogue) if subject.kind == "conversation" else inspector.inspect_case(subject.dialogue.facts)


def _key(subject: Subject, inspector: Inspector) -> _Key:
    return subject.id, inspector.handbook, inspector.version, inspector.key


def _known(judged: Sequence[tuple[Subject, Inspector]]) -> set[_Key]:
    if not judged:
        return set()
    rows = Inspection.objects.filter(subject_kind=judged[0][0].kind, subject_id__in=[subject.id for subject, _ in judged])
    return set(rows.values_list("subject_id", "handbook", "version", "scorecard"))


def _write(actor: Actor, results: Sequence[tuple[Subject, Inspector, Inspected]], now: datetime, *, again: bool) -> tuple[int, int]:
    if not results:
        return 0, 0
    kind = results[0][0].kind
    earlier = Inspection.objects.filter(subject_kind=kind, subject_id__in=[subject.id for subject, _, _ in results])
    handled = _handled(earlier) if again else {}
    if again:
        keys = {_key(subject, inspector) for subject, inspector, _ in results}
        same = [row.pk for row in earlier if (row.subject_id, row.handbook, row.version, row.scorecard) in keys]
        Inspection.objects.filter(pk__in=same).delete()
    Finding.objects.filter(inspection__in=earlier, current=True).update(current=False)
    earlier.filter(current=True).update(current=False)
    rows = Inspection.objects.bulk_create([_row(*result, now) for result in results], batch_size=_BATCH)
    findings = [
        finding for row, (subject, _, result) in zip(rows, results, strict=True) for finding in _findings(row, subject, result, handled)
    ]
    Finding.objects.bulk_create(findings, batch_size=500)
    if again:
        overruling.reapply(rows)
    _tell(actor, rows, len(findings), now, again=again)
    return len(findings), sum(row.review_count for row in rows)


def _handled(earlier: Any) -> Mapping[tuple[Any, ...], str]:
    """What people have done with findings, by what they point at."""
    rows = Finding.objects.filter(inspection__in=earlier).exclude(state=Finding.State.OPEN)
    return {(f.subject_id, f.item_key, f.code, f.line, f.start, f.end): f.state for f in rows}


def _row(subject: Subject, inspector: Inspector, result: Inspected, now: datetime) -> Inspection:
    reviews = sum(hit.mode == "review" for _, hit in result.hits)
    return Inspection(
        subject_kind=subject.kind,
        subject_id=subject.id,
        site_id=subject.site_id,
        staff_id=subject.staff_id,
        channel=subject.channel,
        at=subject.at,
        day=timezone.localtime(subject.at).date(),
        handbook=inspector.handbook,
        version=inspector.version,
        scorecard=inspector.key,
        score=result.score,
        passed=result.score >= inspector.card.pass_score and not result.fatal,
        fatal=result.fatal,
        points=result.points,
        money=result.money,
        finding_count=len(result.hits),
        review_count=reviews,
        states=result.states,
        results={"why": {item.item: item.why for item in result.items if item.why}},
        cut=result.cut,
        engine=ENGINE,
        inspected_at=now,
    )


def _findings(row: Inspection, subject: Subject, result: Inspected, handled: Mapping[tuple[Any, ...], str]) -> Iterable[Finding]:
    book: Handbook | None = subject.book
    assert book is not None
    for item in result.items:
        priced = False
        for hit in item.hits:
            costs = hit.mode == "auto" and not priced
            priced = priced or costs
            yield _finding(row, str(book.ref(item.clause)), item, hit, handled, costs=costs)


def _finding(row: Inspection, ref: str, item: ItemResult, hit: Hit, handled: Mapping[tuple[Any, ...], str], *, costs: bool) -> Finding:
    place = (row.subject_id, item.item, hit.code, hit.line, hit.start, hit.end)
    return Finding(
        inspection=row,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        site_id=row.site_id,
        staff_id=row.staff_id,
        at=row.at,
        day=row.day,
        item=ref,
        item_key=item.item,
        detector=hit.detector,
        code=hit.code,
        mode=hit.mode,
        line=hit.line,
        start=hit.start,
        end=hit.end,
        matched=mask_text(hit.text[:200])[:_MATCHED],
        points=item.points if costs else Decimal(0),
        money=item.money if costs else Decimal(0),
        confidence=hit.confidence,
        detail=dict(hit.params),
        state=handled.get(place, Finding.State.OPEN),
    )


def _tell(actor: Actor, rows: Sequence[Inspection], findings: int, now: datetime, *, again: bool) -> None:
    sites = {row.site_id for row in rows}
    data = {"inspected": len(rows), "findings": findings, "again": again, "first": rows[0].subject_id, "last": rows[-1].subject_id}
    audit.record(
        actor,
        "quality.inspected",
        Ref(str(rows[0].subject_kind), rows[0].subject_id),
        now=now,
        site_id=next(iter(sites)) if len(sites) == 1 else None,
        clause=f"{rows[0].handbook}@{rows[0].version}#scorecards.{rows[0].scorecard}",
        data=data,
    )
    events = [
        InspectedEvent(
            subject_kind=str(row.subject_kind),
            subject_id=row.subject_id,
            inspection_id=row.pk,
            site_id=row.site_id,
            staff_id=row.staff_id,
            day=row.day,
            finding_count=row.finding_count,
            review_count=row.review_count,
            fatal=row.fatal,
        )
        for row in rows
    ]
    outbox.emit_many(events, now=now)
