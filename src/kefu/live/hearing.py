"""Pure decisions of the stream: what an event says has changed, and whose ears it is for (SEC2).

A push names a thing and nothing about it. What it is now is asked for with the reader's own permissions.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kefu.cases.events import CaseChanged, CaseMerged, CaseOpened
from kefu.clocks.events import ClocksFired
from kefu.conversations.events import ConversationsStored
from kefu.kernel.actor import Actor
from kefu.parcels.events import ParcelsMoved
from kefu.people.permissions import Permission

# Who may see the thing may know that it changed; kinds that are not here are nobody's.
SEEN_BY: dict[str, Permission] = {
    "case": Permission.CASE_VIEW,
    "conversation": Permission.CONVERSATION_VIEW,
    "customer": Permission.CUSTOMER_VIEW,
    "parcel": Permission.PARCEL_VIEW,
    "waybill": Permission.CASE_VIEW,
    "beside": Permission.CASE_VIEW,
    "staff": Permission.PEOPLE_VIEW,
    "handbook": Permission.HANDBOOK_VIEW,
    "problem": Permission.PROBLEM_VIEW,
    "figure": Permission.PERFORMANCE_VIEW,
    "forward": Permission.FORWARD_VIEW,
    "claim": Permission.CLAIM_VIEW,
    "appeal": Permission.REGULATOR_VIEW,
    "notice": Permission.NOTICE_VIEW,
    "arbitration": Permission.ARBITRATION_VIEW,
    "review_task": Permission.REVIEW_WORK,
    "review_plan": Permission.REVIEW_PLAN,
    "dispute": Permission.QUALITY_OWN,
    "calibration": Permission.REVIEW_WORK,
    "task": Permission.TASK_ANSWER,
    "alarm": Permission.WATCH_ALARM,
    "coaching": Permission.COACHING_WRITE,
    "penalty": Permission.PENALTY_VIEW,
}
# Things of the centre as a whole: whoever may see them hears of them, at every site.
EVERYWHERE = frozenset({"handbook"})
# Changes of a case after which other things stand beside it.
_BESIDE = frozenset({"linked", "field"})
MANY = 0
"""Id of a change that stands for many things of its kind."""
MOST = 200


@dataclass(frozen=True, slots=True)
class Change:
    """A thing changed with the event ``seq``; ``site_id`` is whose people may know, ``None`` for the whole centre."""

    seq: int
    kind: str
    id: int
    site_id: int | None


@dataclass(frozen=True, slots=True)
class Ears:
    """What decides what somebody hears; people who share it are told with the same bytes."""

    permissions: frozenset[str]
    sites: frozenset[int] | None

    @classmethod
    def of(cls, actor: Actor) -> "Ears":
        """The ears of a signed-in person."""
        return cls(actor.permissions, actor.sites)

    def hear(self, change: Change) -> bool:
        """Whether the change may be named to them."""
        needed = SEEN_BY.get(change.kind)
        if needed is None or not (needed in self.permissions or "*" in self.permissions):
            return False
        if self.sites is None or change.kind in EVERYWHERE:
            return True
        return change.site_id is not None and change.site_id in self.sites


def changes(seq: int, type_: str, subject: tuple[str, int], site_id: int | None, payload: Mapping[str, Any]) -> Iterator[Change]:
    """Everything one event changed: each thing, or its kind once per site when the event does not say whose."""
    if type_ == ClocksFired.type:
        seen = {(item["subject_kind"], int(item["subject_id"]), int(item["site_id"])) for item in payload["items"]}
        yield from (Change(seq, kind, id_, site) for kind, id_, site in sorted(seen))
    elif type_ == ParcelsMoved.type:
        yield from (Change(seq, "parcel", int(move[0]), int(move[1])) for move in payload["moves"])
    elif type_ == ConversationsStored.type:
        ids = payload["conversation_ids"]
        for site in sorted({int(day[0]) for day in payload["days"]}):
            yield Change(seq, "conversation", int(ids[0]) if len(ids) == 1 else MANY, site)
            yield from (Change(seq, "waybill", int(topic), site) for topic in payload.get("waybill_topics", ()))
    elif type_ == CaseOpened.type:
        yield Change(seq, subject[0], subject[1], site_id)
        # Pages of the customer and of the waybill show the new case; what was written before these were told has neither.
        if customer_id := payload.get("customer_id"):
            yield Change(seq, "customer", int(customer_id), site_id)
        if topic := payload.get("waybill_topic"):
            yield Change(seq, "waybill", int(topic), site_id)
    else:
        yield Change(seq, subject[0], subject[1], site_id)
        if type_ == CaseMerged.type or (type_ == CaseChanged.type and payload.get("what") in _BESIDE):
            yield Change(seq, "beside", subject[1], site_id)


def message(ears: Ears, found: Sequence[Change], head: int) -> bytes:
    """What one stream is sent of these changes, as one event of the stream whose id is ``head``; empty when none is for these ears."""
    told = [change for change in found if ears.hear(change)]
    return frame({"changes": _few(told)}, id_=head) if told else b""


def _few(told: Sequence[Change]) -> list[dict[str, Any]]:
    """Each by its number; above ``MOST`` of a kind the kind is named instead, with the last number."""
    sizes = Counter(change.kind for change in told)
    out = [{"seq": one.seq, "kind": one.kind, "id": one.id} for one in told if sizes[one.kind] <= MOST]
    last = {one.kind: one.seq for one in told if sizes[one.kind] > MOST}
    return out + [{"seq": seq, "kind": kind, "id": MANY} for kind, seq in last.items()]


def frame(data: Mapping[str, Any], *, event: str = "", id_: int | None = None) -> bytes:
    """One event in the format of a stream."""
    lines = [f"event: {event}"] if event else []
    if id_ is not None:
        lines.append(f"id: {id_}")
    lines.append(f"data: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}")
    return ("\n".join(lines) + "\n\n").encode()
