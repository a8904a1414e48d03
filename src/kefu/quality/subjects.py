"""What is inspected, read in bulk from the modules below: conversations with their lines, cases with their facts."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, Literal, cast

from django.utils import timezone

from kefu.cases import access as case_access
from kefu.cases import queries as case_queries
from kefu.conversations import queries as conversation_queries
from kefu.handbook import queries as handbooks
from kefu.handbook.schema import Channel, Handbook
from kefu.kernel.actor import Actor
from kefu.kernel.errors import KefuError
from kefu.quality.detectors.case_facts import record_dialogue
from kefu.quality.dialogue import Dialogue
from kefu.quality.hearing import heard
from kefu.recordings import queries as recording_queries


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing to judge; ``book`` is the handbook in force for it, ``None`` when there is none."""

    kind: Literal["conversation", "case"]
    id: int
    site_id: int
    staff_id: int | None
    channel: Channel
    at: datetime
    book: Handbook | None
    dialogue: Dialogue


class Books:
    """Handbooks in force, with few look-ups: between two moments under the same version nothing else was in force."""

    def __init__(self) -> None:
        self._known: dict[str, list[tuple[datetime, Handbook | None]]] = {}

    def at(self, key: str, when: datetime) -> Handbook | None:
        """The handbook in force at a moment, ``None`` when there is none."""
        known = self._known.setdefault(key, [])
        place = bisect_left(known, when, key=itemgetter(0))
        if place < len(known) and (known[place][0] == when or (place and known[place - 1][1] is known[place][1])):
            return known[place][1]
        try:
            book: Handbook | None = handbooks.book_at(key, when)
        except KefuError:
            book = None
        known.insert(place, (when, book))
        return book


def conversations(actor: Actor, ids: Sequence[int], books: Books | None = None) -> list[Subject]:
    """Conversations of the sites in reach, in the order of the ids; the others are left out."""
    known = books or Books()
    rows = conversation_queries.by_ids(ids)
    reached = [rows[pk] for pk in ids if pk in rows and actor.reaches(rows[pk].site_id)]
    said = conversation_queries.transcripts([row.pk for row in reached])
    # Only calls have recordings: a batch of chats asks nothing more.
    sounds = recording_queries.measured_of([row.pk for row in reached if row.channel == "call"])
    for key in {row.site.handbook for row in reached}:
        times = [row.started_at for row in reached if row.site.handbook == key]
        known.at(key, min(times))
        known.at(key, max(times))
    out = []
    for row in reached:
        staff = row.staff
        sound = heard(sounds[row.pk], said.get(row.pk, ())) if row.pk in sounds else None
        dialogue = Dialogue(
            channel=cast(Channel, row.channel),
            lines=said.get(row.pk, ()),
            site_name=row.site.name,
            staff_no=staff.staff_no if staff is not None else row.staff_no,
            staff_name=staff.name if staff is not None else "",
            facts=_facts(row) | (sound.facts() if sound is not None else {}),
            sound=sound,
        )
        book = known.at(row.site.handbook, row.started_at)
        out.append(Subject("conversation", row.pk, row.site_id, row.staff_id, dialogue.channel, row.started_at, book, dialogue))
    return out


def _facts(row: Any) -> dict[str, Any]:
    """What is known of a conversation besides its text; what is not known is left out, so that no rule decides by it."""
    begun = timezone.localtime(row.started_at)
    known = {
        "channel": row.channel,
        "day": begun.date().isoformat(),
        "hour": begun.hour,
        "duration": (row.ended_at - row.started_at).total_seconds() if row.ended_at is not None else None,
        "lines": row.line_count,
        "agent_lines": row.agent_lines,
        "customer_lines": row.customer_lines,
        "tier": row.tier,
        "disposition": row.disposition or None,
        "site": row.site.code,
        "recorded": bool(row.recording),
        "has_waybill": bool(row.waybill),
        **row.facts,
    }
    return {f"conversation.{name}": value for name, value in known.items() if value is not None}


def cases(actor: Actor, ids: Sequence[int], *, now: datetime) -> list[Subject]:
    """Cases in reach, in the order of the ids; the others are left out."""
    rows = case_access.visible_to(actor).in_bulk(list(ids))
    out = []
    for pk in ids:
        row = rows.get(pk)
        if row is None:
            continue
        dialogue = record_dialogue(case_queries.inspection_facts(pk, now=now))
        book = handbooks.book(row.handbook)
        # Cards name channels of conversations: a case is judged by the card for calls.
        out.append(Subject("case", pk, row.site_id, row.assignee_id, "call", row.closed_at or row.opened_at, book, dialogue))
    return out
