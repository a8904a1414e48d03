"""When X happened in A, do Y in B: the whole list."""

from collections.abc import Sequence
from datetime import datetime

from kefu.cases import queries as cases
from kefu.cases.events import WORDLESS
from kefu.cases.fired import note_fired
from kefu.cases.receptions import link_matched
from kefu.clocks.events import ClocksFired
from kefu.conversations import matching
from kefu.conversations import queries as conversations
from kefu.kernel import search
from kefu.kernel.actor import Actor
from kefu.kernel.models import OutboxEvent
from kefu.performance import facts as day_facts
from kefu.quality import actions as quality
from kefu.reactions.reaction import Reaction

_INSPECTOR = Actor.system("inspector")
_MATCHER = Actor.system("matcher")


def _subjects(events: Sequence[OutboxEvent]) -> list[int]:
    return list(dict.fromkeys(event.subject_id for event in events))


def _clocks_to_cases(events: Sequence[OutboxEvent], now: datetime) -> None:
    note_fired([item for event in events for item in ClocksFired.model_validate(event.payload).items], now=now)


def _index_cases(events: Sequence[OutboxEvent], now: datetime) -> None:  # noqa: ARG001
    spoken = [event for event in events if event.type != "case.changed" or event.payload["what"] not in WORDLESS]
    search.index("case", cases.search_documents(_subjects(spoken)))


def _conversation_ids(events: Sequence[OutboxEvent]) -> list[int]:
    return list(dict.fromkeys(one for event in events for one in event.payload["conversation_ids"]))


def _index_conversations(events: Sequence[OutboxEvent], now: datetime) -> None:  # noqa: ARG001
    search.index("conversation", conversations.search_documents(_conversation_ids(events)))


def _inspect_conversations(events: Sequence[OutboxEvent], now: datetime) -> None:
    quality.inspect(actor=_INSPECTOR, conversation_ids=_conversation_ids(events), now=now)


def _inspect_cases(events: Sequence[OutboxEvent], now: datetime) -> None:
    quality.inspect_cases(actor=_INSPECTOR, case_ids=_subjects(events), now=now)


def _match_receptions(events: Sequence[OutboxEvent], now: datetime) -> None:
    link_matched(matching.match(actor=_MATCHER, conversation_ids=_conversation_ids(events), now=now))


def _mark_days(events: Sequence[OutboxEvent], now: datetime) -> None:
    day_facts.mark(events, now=now)


REACTIONS: tuple[Reaction, ...] = (
    Reaction("clocks-to-cases", ("clocks.fired",), _clocks_to_cases, batch=10),
    Reaction("search-cases", ("case.opened", "case.changed", "case.merged"), _index_cases),
    # Before the inspection, which judges with what the agent noted.
    Reaction("match-receptions", ("conversations.stored",), _match_receptions, batch=2),
    Reaction("search-conversations", ("conversations.stored",), _index_conversations, batch=5),
    Reaction("inspect-conversations", ("conversations.stored",), _inspect_conversations, batch=2),
    Reaction("inspect-cases", ("case.closed",), _inspect_cases),
    Reaction("day-facts", day_facts.TYPES, _mark_days, batch=500),
)
