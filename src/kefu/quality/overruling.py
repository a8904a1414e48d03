"""A person's verdict over the machine's: the card is added up again, its findings follow, what the machine said is kept (QA6, QA7).

Every figure reads inspections and findings, so a ruling is seen everywhere at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from kefu.handbook import queries as handbooks
from kefu.handbook.schema import Scorecard, ScoreItem
from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import claim
from kefu.kernel.errors import Stale
from kefu.kernel.masking import mask_text
from kefu.people.permissions import Permission
from kefu.quality import access
from kefu.quality.errors import ReasonNeeded, UnknownItem
from kefu.quality.events import Ruled
from kefu.quality.models import Finding, Inspection, Ruling
from kefu.quality.results import LETTERS, STATES, ItemResult, State
from kefu.quality.rules import ZERO, Score, add_up

_VERDICTS: Mapping[str, State] = {"breached": "breached", "passed": "passed", "not_applicable": "not_applicable"}
_BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True)
class Mark:
    """A verdict on one item: ``breached``, ``passed`` or ``not_applicable``; ``line``, ``start``, ``end``, ``matched`` are its evidence."""

    item_key: str
    verdict: str
    reason: str = ""
    line: int | None = None
    start: int = 0
    end: int = 0
    matched: str = ""


def rule(*, actor: Actor, inspection_id: int, marks: Sequence[Mark], source: str, now: datetime) -> Inspection:
    """Decide items of one inspection. Verdicts that differ from the machine's need a reason (``ReasonNeeded``).

    Only what differs from the standing verdict is written; a ruling that changes nothing is kept all the same, since somebody looked.
    Raises ``UnknownItem``, ``Stale`` when somebody ruled meanwhile, ``NotFound`` out of reach.
    """
    access.require(actor, Permission.QUALITY_REVIEW)
    row = access.get_inspection(actor, inspection_id)
    card = card_of(row)
    _check(row, card, marks)
    before = row.score
    with transaction.atomic():
        _claim(row)
        rulings = [_ruling(row, mark, actor, source, now) for mark in marks]
        for ruling in rulings:
            _same_item(ruling).filter(standing=True).update(standing=False)
        Ruling.objects.bulk_create(rulings)
        _apply(row, card, rulings)
        _tell(actor, row, rulings, before, now)
    return row


def reapply(rows: Iterable[Inspection]) -> None:
    """Apply standing rulings to rows that were judged again under the same version. Inside of the caller's transaction."""
    held = list(rows)
    standing: dict[tuple[Any, ...], list[Ruling]] = {}
    if not held:
        return
    kind = held[0].subject_kind
    for ruling in Ruling.objects.filter(subject_kind=kind, subject_id__in=[row.subject_id for row in held], standing=True):
        standing.setdefault((ruling.subject_id, ruling.handbook, ruling.version, ruling.scorecard), []).append(ruling)
    for row in held:
        rulings = standing.get((row.subject_id, row.handbook, row.version, row.scorecard))
        if rulings:
            _apply(row, card_of(row), rulings)


def card_of(row: Inspection) -> Scorecard:
    """The card of the handbook version that judged."""
    return handbooks.book(f"{row.handbook}@{row.version}").scorecards[row.scorecard]


def automatic(row: Inspection) -> dict[str, str]:
    """What the machine said of each item, by key, ruled over or not."""
    letters = row.auto_states or row.states
    return {item.id: STATES[letter] for item, letter in zip(card_of(row).items(), letters, strict=False)}


def _check(row: Inspection, card: Scorecard, marks: Sequence[Mark]) -> None:
    said = automatic(row)
    for mark in marks:
        item = card.item(mark.item_key)
        if item is None or mark.verdict not in _VERDICTS:
            raise UnknownItem(name=mark.item_key)
        if said.get(item.id) in ("passed", "breached") and said[item.id] != mark.verdict and not mark.reason.strip():
            raise ReasonNeeded(name=item.title)


def _claim(row: Inspection) -> None:
    if not claim(Inspection.objects.filter(pk=row.pk, revision=row.revision), revision=row.revision + 1):
        raise Stale
    row.revision += 1


def _ruling(row: Inspection, mark: Mark, actor: Actor, source: str, now: datetime) -> Ruling:
    return Ruling(
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        handbook=row.handbook,
        version=row.version,
        scorecard=row.scorecard,
        item_key=mark.item_key,
        verdict=mark.verdict,
        reason=mark.reason.strip(),
        source=source,
        staff_id=actor.staff_id,
        at=now,
        line=mark.line,
        start=mark.start,
        end=mark.end,
        matched=mask_text(mark.matched)[:80],
    )


def _same_item(ruling: Ruling) -> Any:
    return Ruling.objects.filter(
        subject_kind=ruling.subject_kind,
        subject_id=ruling.subject_id,
        handbook=ruling.handbook,
        version=ruling.version,
        scorecard=ruling.scorecard,
        item_key=ruling.item_key,
    )


def _apply(row: Inspection, card: Scorecard, rulings: Sequence[Ruling]) -> None:
    """Findings of the items follow their verdicts; then the whole card is added up from its findings."""
    if not row.auto_states:
        row.auto_score, row.auto_points, row.auto_money, row.auto_states = row.score, row.points, row.money, row.states
    letters = dict(zip((item.id for item in card.items()), row.states, strict=False))
    for ruling in rulings:
        item = card.item(ruling.item_key)
        if item is None:
            continue
        letters[item.id] = LETTERS[_VERDICTS[ruling.verdict]]
        _follow(row, item, ruling)
    row.states = "".join(letters.values())
    total = _total(row, card, letters)
    row.score, row.fatal, row.points, row.money = total.score, total.fatal, total.points, total.money
    row.passed = row.score >= card.pass_score and not row.fatal
    counted = Finding.objects.filter(inspection=row)
    row.finding_count = counted.exclude(state=Finding.State.DISMISSED).count()
    row.review_count = (
        counted.filter(mode=Finding.Mode.REVIEW).exclude(state__in=(Finding.State.DISMISSED, Finding.State.CONFIRMED)).count()
    )
    row.save()


def _follow(row: Inspection, item: ScoreItem, ruling: Ruling) -> None:
    found = Finding.objects.filter(inspection=row, item_key=item.id)
    if ruling.verdict != Ruling.Verdict.BREACHED:
        found.filter(mode=Finding.Mode.HAND).delete()
        found.update(state=Finding.State.DISMISSED, points=ZERO, money=ZERO)
        return
    rows = list(found.order_by("-points", "line", "start", "pk"))
    points, money = _price(item, rows)
    if not rows:
        Finding.objects.create(**_by_hand(row, item, ruling), points=points, money=money)
        return
    found.update(state=Finding.State.CONFIRMED, points=ZERO, money=ZERO)
    Finding.objects.filter(pk=rows[0].pk).update(points=points, money=money)


def _price(item: ScoreItem, rows: Sequence[Finding]) -> tuple[Decimal, Decimal]:
    """As ``rules.price``: once, or once per automatic hit where the card says so."""
    each = item.detector is not None and item.detector.params.get("count") == "each"
    times = max(1, sum(row.mode == Finding.Mode.AUTO for row in rows)) if each else 1
    return item.penalty.points * item.weight * times, item.penalty.money * times


def _by_hand(row: Inspection, item: ScoreItem, ruling: Ruling) -> dict[str, Any]:
    book = handbooks.book(f"{row.handbook}@{row.version}")
    return {
        "inspection": row,
        "subject_kind": row.subject_kind,
        "subject_id": row.subject_id,
        "site_id": row.site_id,
        "staff_id": row.staff_id,
        "at": row.at,
        "day": row.day,
        "item": str(book.ref(f"scorecards.{row.scorecard}.items.{item.id}")),
        "item_key": item.id,
        "detector": _BY_HAND,
        "code": _BY_HAND,
        "mode": Finding.Mode.HAND,
        "line": ruling.line,
        "start": ruling.start,
        "end": ruling.end,
        "matched": ruling.matched,
        "confidence": 1.0,
        "state": Finding.State.CONFIRMED,
        "current": row.current,
    }


def _total(row: Inspection, card: Scorecard, letters: Mapping[str, str]) -> Score:
    costs: dict[str, tuple[Decimal, Decimal]] = {}
    for finding in Finding.objects.filter(inspection=row).exclude(state=Finding.State.DISMISSED):
        points, money = costs.get(finding.item_key, (ZERO, ZERO))
        costs[finding.item_key] = points + finding.points, money + finding.money
    results = []
    for item in card.items():
        points, money = costs.get(item.id, (ZERO, ZERO))
        results.append((item, ItemResult("", item.id, STATES[letters[item.id]], points=points, money=money)))
    return add_up(card.base_score, results)


def _tell(actor: Actor, row: Inspection, rulings: Sequence[Ruling], before: Decimal, now: datetime) -> None:
    data = {"source": rulings[0].source if rulings else "", "items": {r.item_key: r.verdict for r in rulings}}
    clause = f"{row.handbook}@{row.version}#scorecards.{row.scorecard}"
    audit.record(actor, "quality.ruled", Ref(row.subject_kind, row.subject_id), now=now, site_id=row.site_id, clause=clause, data=data)
    outbox.emit_many(
        [
            Ruled(
                subject_kind=row.subject_kind,
                subject_id=row.subject_id,
                inspection_id=row.pk,
                site_id=row.site_id,
                staff_id=row.staff_id,
                day=row.day,
                source=data["source"],
                items=tuple(r.item_key for r in rulings),
                before_score=str(before),
                after_score=str(row.score),
            )
        ],
        now=now,
    )
