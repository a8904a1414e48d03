"""Deciding a dispute: the re-review, and the final instance, each by somebody who had no part in it before (QA7)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.disputes import access, rules
from kefu.disputes.errors import NotTheJudge, PersonOnly, WindowClosed
from kefu.disputes.models import Dispute, DisputedItem
from kefu.disputes.recording import check, move, tell_decided, words
from kefu.disputes.vocabulary import WAITING, State, StepKind
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid
from kefu.people.access import require
from kefu.people.permissions import Permission
from kefu.quality import access as quality_access
from kefu.quality import known, overruling
from kefu.quality.known import Inspection
from kefu.quality.overruling import Mark

VERDICTS = ("breached", "passed", "not_applicable")


def decide(
    *, actor: Actor, dispute_id: int, verdicts: Mapping[str, str], comment: str, now: datetime, expected_version: int | None = None
) -> Dispute:
    """Say of every item still in dispute whether it is a breach, with a comment. The state says which instance this is.

    Raises ``NotTheJudge`` for the agent, the first scorer and whoever decided before; ``WindowClosed`` when the handbook's consequence
    of waiting has come; ``Stale`` when somebody was first; ``WrongState``, ``Invalid``, ``NotFound``.
    """
    row = access.get_for(actor, dispute_id)
    check(row, WAITING, expected_version)
    final = row.state == State.FINAL
    require(actor, Permission.DISPUTE_FINAL if final else Permission.DISPUTE_DECIDE)
    card = card_of(actor, row)
    items = list(row.items.all())
    _check_judge(actor, row, card, items)
    overdue = row.overdue_final if final else row.overdue_review
    if rules.lapsed(row.state, overdue, row.due_at, now):
        assert row.due_at is not None
        raise WindowClosed(day=rules.last_day(row.due_at - timedelta(seconds=1), 0).isoformat())
    said = words(comment)
    asked = [item for item in items if item.review_verdict in ("", "breached")]
    wrong = [item.item_key for item in asked if verdicts.get(item.item_key) not in VERDICTS]
    if wrong:
        raise Invalid(fields={f"item-{wrong[0]}": _("请为每一项选择结论。")}, code="no_verdict")
    with transaction.atomic():
        settle(actor, row, asked, {item.item_key: verdicts[item.item_key] for item in asked}, said, card, now=now)
    return row


def may_decide(actor: Actor, row: Dispute) -> bool:
    """Whether this reader may decide it as it stands, windows aside; for screens that offer it."""
    needed = {State.REVIEW.value: Permission.DISPUTE_DECIDE, State.FINAL.value: Permission.DISPUTE_FINAL}.get(row.state)
    if needed is None or not actor.may(needed) or actor.staff_id is None:
        return False
    items = [item.item_key for item in row.items.all()]
    return rules.may_judge(actor.staff_id, agent_id=row.staff_id, judged=_judged(row, card_of(actor, row), items))


def _check_judge(actor: Actor, row: Dispute, card: Inspection | None, items: list[DisputedItem]) -> None:
    if actor.staff_id is None:
        raise PersonOnly
    judged = _judged(row, card, [item.item_key for item in items])
    if not rules.may_judge(actor.staff_id, agent_id=row.staff_id, judged=judged):
        raise NotTheJudge


def _judged(row: Dispute, card: Inspection | None, items: list[str]) -> set[int]:
    found = {*row.scored_by, *(known.scorers(card, items) if card else ())}
    return found | {one for one in (row.reviewer_id, row.final_judge_id) if one is not None}


def card_of(actor: Actor, row: Dispute) -> Inspection | None:
    """The card in dispute as it stands now, which may be another row than when it was filed."""
    rows = quality_access.visible_inspections(actor).filter(
        subject_kind=row.subject_kind, subject_id=row.subject_id, handbook=row.handbook, version=row.version_judged,
        scorecard=row.scorecard,
    )  # fmt: skip
    return rows.order_by("-pk").first()


def settle(
    actor: Actor, row: Dispute, asked: list[DisputedItem], verdicts: Mapping[str, str], said: str, card: Inspection | None, *,
    now: datetime, lapse: bool = False,
) -> None:  # fmt: skip
    """Write a decision and apply it to the card; in the caller's transaction."""
    final = row.state == State.FINAL or lapse
    everything = {item.item_key: verdicts.get(item.item_key, item.verdict) for item in row.items.all()}
    outcome = rules.outcome_of(everything)
    state = rules.after_decision(outcome, final=final, final_days=row.final_days)
    changes: dict[str, Any] = {"state": state, "outcome": outcome, "by_lapse": lapse, "closed_at": now if state == State.CLOSED else None}
    changes["due_at"] = rules.ends(now, row.final_days or 0) if state == State.DECIDED else None
    if row.state == State.REVIEW and not lapse:
        changes |= {"reviewer_id": actor.staff_id, "reviewed_at": now, "review_outcome": outcome}
    elif not lapse:
        changes |= {"final_judge_id": actor.staff_id, "final_at": now}
    stage = "overdue" if lapse else "final" if row.state == State.FINAL else "appeal"
    kind = {"overdue": StepKind.LAPSED, "final": StepKind.FINAL, "appeal": StepKind.DECIDED}[stage]
    move(actor, row, kind, now=now, text=said, data={"verdicts": dict(verdicts)}, **changes)
    for item in asked:
        item.verdict = verdicts[item.item_key]
        if stage == "appeal":
            item.review_verdict = item.verdict
    DisputedItem.objects.bulk_update(asked, ["verdict", "review_verdict"])
    if card is not None:
        marks = [Mark(key, verdict, said[:1000]) for key, verdict in verdicts.items()]
        after = overruling.rule(actor=actor, inspection_id=card.pk, marks=marks, source="appeal" if stage == "appeal" else "final", now=now)
        Dispute.objects.filter(pk=row.pk).update(after_score=after.score)
        row.after_score = after.score
    tell_decided(row, stage, tuple(verdicts), now)
