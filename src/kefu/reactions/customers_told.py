"""From what happened to a case to what its customer is told, and back: the case hears what became of a notice (CASE5)."""

from collections.abc import Sequence
from datetime import datetime

from kefu.cases import matters, telling
from kefu.kernel.actor import Actor
from kefu.kernel.models import OutboxEvent
from kefu.notices import actions as notices
from kefu.notices import queries
from kefu.notices.events import NoticeChanged
from kefu.notices.vocabulary import State

_TELLER = Actor.system("customer-notices")


def tell(events: Sequence[OutboxEvent], now: datetime) -> None:
    """Make the notices of entries these events stand for. An entry of the same moment may be seen twice: it is told once."""
    heard = [event for event in events if event.type == "case.opened" or event.payload["what"] in telling.HEARD]
    if heard:
        moments = telling.moments({event.subject_id for event in heard}, min(one.at for one in heard), max(one.at for one in heard))
        notices.tell_of(moments, now=now)


def note(events: Sequence[OutboxEvent], now: datetime) -> None:
    """Write into the case's timeline that its customer was told, or why not; the text is what they read."""
    for event in events:
        changed = NoticeChanged.model_validate(event.payload)
        told = queries.told(changed.notice_id)
        if told is None or changed.state == State.QUEUED:
            continue
        data = {
            "notice": told.id, "channel": told.channel, "reason": told.reason, "template": told.template, "told_by": told.told_by,
            "state": changed.state,
        }  # fmt: skip
        matters.tell(
            actor=_TELLER, case_id=told.case_id, what=f"notice.{changed.state}", now=now, data=data, text=told.text, clause=told.clause
        )
