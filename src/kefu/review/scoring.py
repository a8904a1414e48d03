"""Scoring by a person, beside the machine: a draft kept while they mark, then verdicts on every item at once (QA6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.conversations import access as conversation_access
from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor
from kefu.kernel.claims import claim, save_claimed
from kefu.kernel.errors import Invalid, Message, Stale
from kefu.kernel.moment import midnight
from kefu.people.access import require
from kefu.people.permissions import Permission
from kefu.quality import overruling
from kefu.quality import queries as quality
from kefu.quality.known import Inspection
from kefu.quality.overruling import Mark
from kefu.review import access
from kefu.review.assigning import check, may_score, ref
from kefu.review.errors import AlreadyOpen, NotAble, NotInspected, NotYours, PersonOnly
from kefu.review.events import Scored
from kefu.review.models import Task
from kefu.review.vocabulary import State, Why

VERDICTS = ("breached", "passed", "not_applicable")
_LONGEST, _REASON = 2000, 500
_MOST_SECONDS = 4 * 3600
_DUE_DAYS = 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person says of one item; ``line`` (from 0) is where they saw it, for what the machine did not see."""

    verdict: str
    reason: str = ""
    line: int | None = None


def start_spot_check(*, actor: Actor, conversation_id: int, now: datetime) -> Task:
    """An inspector chooses a conversation by themselves: a task in their own hands.

    Raises ``AlreadyOpen``, ``NotInspected``, ``NotAble``, ``NotFound``.
    """
    require(actor, Permission.REVIEW_WORK)
    talk = conversation_access.get_for(actor, conversation_id)
    if actor.staff_id is None:
        raise PersonOnly
    if quality.findings_of(actor, talk.pk) is None:
        raise NotInspected
    row = Task(
        conversation_id=talk.pk, site_id=talk.site_id, staff_id=talk.staff_id, channel=talk.channel, at=talk.started_at,
        day=timezone.localtime(talk.started_at).date(), why=[{"code": Why.BY_HAND.value, "number": None}], state=State.ASSIGNED,
        inspector_id=actor.staff_id, drawn_at=now,
        due_at=midnight(timezone.localtime(now).date() + timedelta(days=_DUE_DAYS + 1)),
    )  # fmt: skip
    if not may_score(actor, row):
        raise NotAble
    try:
        with transaction.atomic():
            row.save()
            audit.record(actor, "review.spot", ref(row), now=now, site_id=row.site_id, data={"conversation": talk.pk})
    except IntegrityError as error:
        raise AlreadyOpen from error
    return row


def note_opened(*, actor: Actor, row: Task, now: datetime) -> None:
    """When its inspector first looked at it, for the time scoring takes; looking again changes nothing."""
    if row.inspector_id == actor.own_id and row.state == State.ASSIGNED and row.opened_at is None:
        claim(Task.objects.filter(pk=row.pk, opened_at=None), opened_at=now)
        row.opened_at = now


def _own(actor: Actor, task_id: int, expected_version: int | None) -> Task:
    require(actor, Permission.REVIEW_WORK)
    row = access.get_task(actor, task_id)
    if actor.staff_id is None:
        raise PersonOnly
    check(row, expected_version, (State.ASSIGNED,))
    if row.inspector_id != actor.staff_id:
        raise NotYours
    if not may_score(actor, row):
        raise NotAble
    return row


def save_draft(
    *, actor: Actor, task_id: int, verdicts: Mapping[str, Verdict], comment: str, now: datetime, expected_version: int | None = None
) -> Task:
    """Keep what is marked so far; nothing follows from it."""
    row = _own(actor, task_id, expected_version)
    kept = {
        key[:60]: {"verdict": one.verdict if one.verdict in VERDICTS else "", "reason": one.reason.strip()[:_REASON], "line": one.line}
        for key, one in list(verdicts.items())[:200]
    }
    save_claimed(row, draft=kept, comment=comment.strip()[:_LONGEST], opened_at=row.opened_at or now)
    return row


def submit(
    *, actor: Actor, task_id: int, inspection_id: int, verdicts: Mapping[str, Verdict], comment: str, now: datetime,
    expected_version: int | None = None,
) -> Task:  # fmt: skip
    """Score the conversation: a verdict on every item, a reason wherever it differs from the machine's.

    Items a dispute has decided stay as decided. Raises ``Invalid`` with a message per item, ``Stale`` when somebody was first or the
    conversation was judged anew meanwhile, ``NotYours``, ``TaskClosed``, ``NotAble``.
    """
    row = _own(actor, task_id, expected_version)
    card = quality.findings_of(actor, row.conversation_id)
    if card is None:
        raise NotInspected
    if card.inspection.pk != inspection_id:
        raise Stale
    said = overruling.automatic(card.inspection)
    open_items = open_to_score(actor, card.inspection, said)
    _check(card, said, open_items, verdicts, comment)
    marks = [_mark(key, verdicts[key]) for key in open_items]
    with transaction.atomic():
        after = overruling.rule(actor=actor, inspection_id=inspection_id, marks=marks, source="review", now=now)
        changed = sum(said[key] != verdicts[key].verdict for key in open_items)
        save_claimed(
            row, state=State.DONE, done_at=now, seconds=_seconds(row, now), comment=comment.strip(), draft=_kept(open_items, verdicts),
            auto_score=after.auto_score, score=after.score, changed_items=changed, judged_items=len(open_items),
        )  # fmt: skip
        data = {"auto": str(after.auto_score), "score": str(after.score), "changed": changed}
        audit.record(actor, "review.scored", ref(row), now=now, site_id=row.site_id, data=data)
        outbox.emit(_scored(row, after), now=now)
    return row


def open_to_score(actor: Actor, inspection: Inspection, said: Mapping[str, str]) -> list[str]:
    """Items a person may judge here: all but those a dispute has decided already."""
    decided = {one.item_key for one in quality.rulings_of(actor, inspection.pk) if one.standing and one.source != "review"}
    return [key for key in said if key not in decided]


def _check(card: quality.Card, said: Mapping[str, str], open_items: list[str], verdicts: Mapping[str, Verdict], comment: str) -> None:
    wrong: dict[str, Message] = {}
    titles = {item.key: item.title for item in card.items}
    for key in open_items:
        one = verdicts.get(key)
        if one is None or one.verdict not in VERDICTS:
            wrong[f"verdict-{key}"] = _("请为“%(item)s”选择结论。") % {"item": titles.get(key, key)}
        elif one.verdict != said[key] and said[key] in VERDICTS and len(one.reason.strip()) < 2:
            wrong[f"reason-{key}"] = _("“%(item)s”与自动判定不同，请写明理由。") % {"item": titles.get(key, key)}
        elif len(one.reason) > _REASON:
            wrong[f"reason-{key}"] = _("内容过长。")
    if len(comment) > _LONGEST:
        wrong["comment"] = _("内容过长。")
    if wrong:
        raise Invalid(fields=wrong, code="review_incomplete")


def _mark(key: str, one: Verdict) -> Mark:
    return Mark(key, one.verdict, one.reason.strip(), line=one.line if one.verdict == "breached" else None)


def _kept(open_items: list[str], verdicts: Mapping[str, Verdict]) -> dict[str, Any]:
    return {
        key: {"verdict": verdicts[key].verdict, "reason": verdicts[key].reason.strip(), "line": verdicts[key].line} for key in open_items
    }


def _seconds(row: Task, now: datetime) -> int | None:
    return min(_MOST_SECONDS, max(0, int((now - row.opened_at).total_seconds()))) if row.opened_at else None


def _scored(row: Task, after: Inspection) -> Scored:
    return Scored(
        task_id=row.pk, conversation_id=row.conversation_id, inspection_id=after.pk, site_id=row.site_id, staff_id=row.staff_id,
        inspector_id=row.inspector_id or 0, auto_score=str(after.auto_score), score=str(after.score), changed_items=row.changed_items,
    )  # fmt: skip
