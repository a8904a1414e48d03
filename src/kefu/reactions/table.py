"""When X happened in A, do Y in B: the whole list."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from kefu.bench import actions as bench
from kefu.cases import access as case_access
from kefu.cases import queries as cases
from kefu.cases import replies, tasks
from kefu.cases.events import WORDLESS
from kefu.cases.fired import note_fired
from kefu.cases.receptions import link_matched
from kefu.claims import actions as claims
from kefu.clocks.events import ClocksFired
from kefu.conversations import matching
from kefu.conversations import queries as conversations
from kefu.disputes.events import DisputeDecided, DisputeFiled
from kefu.kernel import search
from kefu.kernel.actor import Actor
from kefu.kernel.models import OutboxEvent
from kefu.notices.events import NoticeChanged
from kefu.orders.events import RefundsStored
from kefu.parcels.events import ParcelEdited, ParcelsMoved
from kefu.penalties import actions as penalties
from kefu.performance import facts as day_facts
from kefu.quality import actions as quality
from kefu.quality import verdicts
from kefu.reactions import customers_told, problems_of_differences
from kefu.reactions.reaction import Reaction
from kefu.recordings import actions as recordings
from kefu.recordings.events import RecordingHeard
from kefu.shop import sales
from kefu.station.fees import actions as fees
from kefu.station.fees.events import RatesChanged
from kefu.station.forwarding import actions as forwarding
from kefu.station.monitors import upkeep as monitors
from kefu.station.monitors.events import DifferencesReported
from kefu.station.pickups import upkeep as pickups
from kefu.station.problems import actions as problems
from kefu.station.receipts import actions as receipts
from kefu.watch import actions as watch
from kefu.watch.actions import Said, Talk

_INSPECTOR = Actor.system("inspector")
_MATCHER = Actor.system("matcher")
_STATION = Actor.system("station")
_WATCH = Actor.system("watch")
_FRESH = timedelta(minutes=10)


def _subjects(events: Sequence[OutboxEvent]) -> list[int]:
    return list(dict.fromkeys(event.subject_id for event in events))


def _clocks_to_cases(events: Sequence[OutboxEvent], now: datetime) -> None:
    items = [item for event in events for item in ClocksFired.model_validate(event.payload).items]
    note_fired(items, now=now)
    tasks.note_fired_tasks(items, now=now)


def _index_cases(events: Sequence[OutboxEvent], now: datetime) -> None:  # noqa: ARG001
    spoken = [event for event in events if event.type != "case.changed" or event.payload["what"] not in WORDLESS]
    search.index("case", cases.search_documents(_subjects(spoken)))


def _conversation_ids(events: Sequence[OutboxEvent]) -> list[int]:
    return list(dict.fromkeys(one for event in events for one in event.payload["conversation_ids"]))


def _index_conversations(events: Sequence[OutboxEvent], now: datetime) -> None:  # noqa: ARG001
    search.index("conversation", conversations.search_documents(_conversation_ids(events)))


def _inspect_conversations(events: Sequence[OutboxEvent], now: datetime) -> None:
    quality.inspect(actor=_INSPECTOR, conversation_ids=_conversation_ids(events), now=now)


def _inspect_heard(events: Sequence[OutboxEvent], now: datetime) -> None:
    """What was measured or written down of a recording may change the verdict on its call."""
    quality.inspect(actor=_INSPECTOR, conversation_ids=[event.payload["conversation_id"] for event in events], now=now, again=True)


def _hold_recordings(events: Sequence[OutboxEvent], now: datetime) -> None:
    """A call whose verdict is disputed keeps its recording until the dispute is final (CONV4, QA7)."""
    for event in events:
        told = event.payload
        if told["inspected_kind"] != "conversation":
            continue
        about = {"conversation_id": told["inspected_id"], "kind": "dispute", "object_id": told["dispute_id"]}
        if event.type == DisputeFiled.type:
            recordings.hold(actor=_INSPECTOR, reason=f"dispute {told['dispute_id']}", now=now, **about)
        elif told["final"]:
            recordings.release(actor=_INSPECTOR, now=now, **about)


def _inspect_cases(events: Sequence[OutboxEvent], now: datetime) -> None:
    quality.inspect_cases(actor=_INSPECTOR, case_ids=_subjects(events), now=now)


def _match_receptions(events: Sequence[OutboxEvent], now: datetime) -> None:
    link_matched(matching.match(actor=_MATCHER, conversation_ids=_conversation_ids(events), now=now))


_OCCASIONS = {"final": "appeal"}


def _labels_follow(events: Sequence[OutboxEvent], now: datetime) -> None:
    """What people decided in reviews and appeals becomes labels of the rule bench (QA10)."""
    for kind, subject_id in dict.fromkeys((event.payload["subject_kind"], event.payload["subject_id"]) for event in events):
        for one in verdicts.of_people(kind, subject_id):
            bench.collect(
                actor=_INSPECTOR,
                subject_kind=kind,
                subject_id=subject_id,
                item_key=one.item,
                breached=one.breached,
                source=_OCCASIONS.get(one.source, one.source),
                line=one.line,
                by_staff_id=one.staff_id,
                now=now,
            )


def _penalties_follow(events: Sequence[OutboxEvent], now: datetime) -> None:
    touched: dict[str, list[int]] = {}
    for event in events:
        given = event.payload
        kind, pk = ("inspected_kind", "inspected_id") if event.type == DisputeDecided.type else ("subject_kind", "subject_id")
        touched.setdefault(given[kind], []).append(given[pk])
    for kind, ids in touched.items():
        penalties.note(subject_kind=kind, subject_ids=ids, now=now)


def _listen_to_cases(events: Sequence[OutboxEvent], now: datetime) -> None:
    """What a customer just said in a case. Old words, taken in late, alarm nobody."""
    spoken = [event for event in events if event.payload["what"] == "said"]
    rows = {row.pk: row for row in case_access.visible_to(_WATCH).filter(pk__in=_subjects(spoken))}
    for event in spoken:
        row = rows.get(event.subject_id)
        if row is None or now - event.at > _FRESH:
            continue
        last = next((one for one in reversed(replies.talk(row, limit=5)) if not one.ours and one.at <= event.at), None)
        if last is not None:
            talk = Talk(row.site_id, row.assignee_id, "case", row.pk)
            watch.hear(actor=_WATCH, talk=talk, lines=[Said("customer", last.text)], now=now)


def _mark_days(events: Sequence[OutboxEvent], now: datetime) -> None:
    day_facts.mark(events, now=now)


def _moves(events: Sequence[OutboxEvent]) -> list[tuple[int, str]]:
    """Parcels with the state they came into last."""
    found = {move[0]: move[2] for event in events for move in ParcelsMoved.model_validate(event.payload).moves}
    return list(found.items())


def _touched(events: Sequence[OutboxEvent]) -> dict[int, frozenset[int]]:
    """Parcels that moved, or of which something registered was changed, with the sites that deliver them."""
    found: dict[int, frozenset[int]] = {}
    for event in events:
        if event.type == ParcelEdited.type:
            edited = ParcelEdited.model_validate(event.payload)
            told = [(edited.parcel_id, frozenset(edited.sites))]
        else:
            told = [(move[0], frozenset({move[1]})) for move in ParcelsMoved.model_validate(event.payload).moves]
        for parcel_id, sites in told:
            found[parcel_id] = found.get(parcel_id, frozenset()) | sites
    return found


def _forwards_signed(events: Sequence[OutboxEvent], now: datetime) -> None:
    forwarding.follow_moves(actor=_STATION, moves=_moves(events), now=now)


def _pickups_follow(events: Sequence[OutboxEvent], now: datetime) -> None:
    pickups.follow(_moves(events), now=now)


def _problems_follow(events: Sequence[OutboxEvent], now: datetime) -> None:
    problems.follow_moves(actor=_STATION, moves=_moves(events), now=now)


def _claims_follow(events: Sequence[OutboxEvent], now: datetime) -> None:
    claims.follow_moves(actor=_STATION, moves=_moves(events), now=now)


def _fees_follow(events: Sequence[OutboxEvent], now: datetime) -> None:
    fees.refresh(actor=_STATION, parcel_ids=list(_touched(events)), now=now)


def _fees_follow_rates(events: Sequence[OutboxEvent], now: datetime) -> None:
    for event in events:
        changed = RatesChanged.model_validate(event.payload)
        fees.follow_rates(actor=_STATION, card_id=changed.card_id, after=changed.after, now=now)


def _receipts_follow(events: Sequence[OutboxEvent], now: datetime) -> None:
    receipts.follow(actor=_STATION, parcel_ids=list(_touched(events)), now=now)


def _settle_differences(events: Sequence[OutboxEvent], now: datetime) -> None:
    touched = _touched(events)
    monitors.close_moved(touched.keys(), now=now)
    monitors.mark_days(frozenset().union(*touched.values()), now=now)


def _report_differences(events: Sequence[OutboxEvent], now: datetime) -> None:
    for event in events:
        problems_of_differences.report(DifferencesReported.model_validate(event.payload), seq=event.pk, now=now)


def _tell_of_losses(events: Sequence[OutboxEvent], now: datetime) -> None:
    monitors.tell_leads(events, now=now)


def _sales_follow(events: Sequence[OutboxEvent], now: datetime) -> None:
    ids = {pk for event in events for pk in RefundsStored.model_validate(event.payload).refund_ids}
    sales.follow(refund_ids=ids, now=now)


REACTIONS: tuple[Reaction, ...] = (
    Reaction("clocks-to-cases", ("clocks.fired",), _clocks_to_cases, batch=10),
    Reaction("customers-told", ("case.opened", "case.changed"), customers_told.tell, batch=100),
    Reaction("notices-noted", (NoticeChanged.type,), customers_told.note, batch=50),
    Reaction("search-cases", ("case.opened", "case.changed", "case.merged"), _index_cases),
    # Before the inspection, which judges with what the agent noted.
    Reaction("match-receptions", ("conversations.stored",), _match_receptions, batch=2),
    Reaction("search-conversations", ("conversations.stored",), _index_conversations, batch=5),
    Reaction("inspect-conversations", ("conversations.stored",), _inspect_conversations, batch=2),
    Reaction("recordings-held", (DisputeFiled.type, DisputeDecided.type), _hold_recordings, batch=20),
    Reaction("inspect-heard", (RecordingHeard.type,), _inspect_heard, batch=20),
    Reaction("inspect-cases", ("case.closed",), _inspect_cases),
    Reaction("labels-follow", ("quality.ruled",), _labels_follow, batch=50),
    Reaction("listen-to-cases", ("case.changed",), _listen_to_cases, batch=50),
    Reaction("penalties-follow", ("quality.inspected", "quality.ruled", DisputeDecided.type), _penalties_follow, batch=100),
    Reaction("forwards-signed", (ParcelsMoved.type,), _forwards_signed, batch=20),
    Reaction("pickups-follow", (ParcelsMoved.type,), _pickups_follow, batch=20),
    Reaction("problems-follow", (ParcelsMoved.type,), _problems_follow, batch=20),
    Reaction("claims-found", (ParcelsMoved.type,), _claims_follow, batch=20),
    Reaction("sales-follow", (RefundsStored.type,), _sales_follow, batch=5),
    Reaction("fees-follow", (ParcelsMoved.type, ParcelEdited.type), _fees_follow, batch=20),
    Reaction("fees-follow-rates", (RatesChanged.type,), _fees_follow_rates, batch=1),
    Reaction("receipts-follow", (ParcelsMoved.type, ParcelEdited.type), _receipts_follow, batch=20),
    Reaction("settle-differences", (ParcelsMoved.type, ParcelEdited.type), _settle_differences, batch=20),
    Reaction("problems-of-differences", (DifferencesReported.type,), _report_differences, batch=5),
    Reaction("loss-notices", ("differences.loss_suspected",), _tell_of_losses),
    Reaction("day-facts", day_facts.TYPES, _mark_days, batch=500),
)
