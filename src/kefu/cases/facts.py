"""What is known of a case when a guard, a branch or a level asks (names: ``handbook.schema.facts``)."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kefu.cases.fact_sources import AskedCase, told_of
from kefu.cases.models import Case
from kefu.clocks import queries as clocks
from kefu.conversations import queries as conversations
from kefu.customers import queries as customers
from kefu.handbook.conditions import evaluate
from kefu.handbook.schema import Handbook, Procedure
from kefu.kernel.actor import Actor
from kefu.orders import queries as orders
from kefu.parcels import queries as parcels

_SYSTEM = Actor.system("procedure-engine")


def answers(case: Case) -> dict[str, Any]:
    """Answers of all steps so far, by field id."""
    found: dict[str, Any] = json.loads(case.data) if case.data else {}
    return found


def of_case(
    case: Case, book: Handbook, *, now: datetime, known: "Known | None" = None, asked: Collection[str] | None = None
) -> dict[str, Any]:
    """All facts: the case's own, its parcel's, its customer's, and the answers as ``data.<field>``.

    With ``asked`` only what these names need is looked up: most steps ask about nothing but the answers.
    """
    facts = {**plain_facts(case, book, now=now), "parcel.known": False}
    if _any(asked, _OWN):
        facts = own_facts(case, book, now=now, known=known)
    if case.waybill and _any(asked, "parcel."):
        facts.update(parcels.facts(case.waybill, book=book, now=now, asked=asked))
    if case.customer_id and _any(asked, "customer."):
        facts.update(customers.facts(case.customer_id, now=now))
    if case.order_no and _any(asked, "order."):
        facts.update(orders.facts(case.site_id, case.order_no, now=now))
    known_above = AskedCase(case.pk or 0, case.site_id, case.waybill, case.order_no, book, now)
    facts.update(told_of(known_above, asked))
    facts.update({f"data.{name}": value for name, value in answers(case).items()})
    return facts


# Facts of the case that do not stand in its row.
_OWN = ("case.breached_clocks", "case.has_attachment", "case.open_tasks")


def _any(asked: Collection[str] | None, beginnings: str | tuple[str, ...]) -> bool:
    return asked is None or any(name.startswith(beginnings) for name in asked)


def asked_by_step(procedure: Procedure, current: str, wanted: str) -> frozenset[str]:
    """Names of the facts that decide whether the step may be taken from the current one, and of those that answer its form."""
    here, step = procedure.step(current) if current else None, procedure.step(wanted)
    conditions = [guard.when for guard in step.guards] if step else []
    conditions += [way.when for way in here.next if way.to == wanted and way.when is not None] if here else []
    answering = {field.computed for field in step.fields if field.computed} if step else set()
    return frozenset({leaf.fact or "" for condition in conditions for leaf in condition.leaves()} | answering)


def asked_by_options(procedure: Procedure, following: Iterable[str]) -> frozenset[str]:
    """Names of the facts that the guards of these steps ask and that answer their forms."""
    steps = [step for name in following if (step := procedure.step(name))]
    answering = {field.computed for step in steps for field in step.fields if field.computed}
    return frozenset({leaf.fact or "" for step in steps for guard in step.guards for leaf in guard.when.leaves()} | answering)


@dataclass(frozen=True, slots=True)
class Known:
    """What a page of the case has read already: how its clocks stand by key, whether it has files, how many tasks are open."""

    levels: Mapping[str, str]
    has_attachment: bool
    open_tasks: int


def plain_facts(case: Case, book: Handbook, *, now: datetime) -> dict[str, Any]:
    """Facts that stand in the case itself; nothing is looked up."""
    kind = book.kinds.get(case.kind)
    return {
        "case.kind": case.kind,
        "case.level": case.level,
        "case.tier": case.tier,
        "case.channel": case.channel,
        "case.status": case.status,
        "case.complaint": kind is not None and kind.family == "complaint",
        "case.transferred": case.channel in ("hq", "regulator"),
        "case.regulator": case.channel == "regulator",
        "case.repeat_count": case.repeat_count,
        "case.urge_count": case.urge_count,
        "case.reopen_count": case.reopen_count,
        "case.age_hours": (now - case.opened_at).total_seconds() / 3600,
        "case.has_waybill": bool(case.waybill),
        "customer.known": case.customer_id is not None,
    }


def own_facts(case: Case, book: Handbook, *, now: datetime, known: Known | None = None) -> dict[str, Any]:
    """Facts of the case alone."""
    facts = {**plain_facts(case, book, now=now), "parcel.known": False}
    if case.pk:
        if known is None:
            levels, tasks = clocks.facts_of("case", case.pk, now=now), case.tasks.filter(state="open").count()
            known = Known(levels, case.attachments.exists(), tasks)
        facts["case.breached_clocks"] = sum(level in ("breached", "late") for level in known.levels.values())
        facts["case.has_attachment"] = known.has_attachment
        facts["case.open_tasks"] = known.open_tasks
    return facts


def record_delay(case: Case, written: Iterable[datetime], *, now: datetime) -> float | None:
    """Seconds from the end of a conversation of this case to what was recorded of it first, the longest of them (QA4 登记及时).

    Recorded while it lasts is at once; of what nothing is recorded yet, it has taken until now. Without conversations nothing is known.
    """
    linked = case.links.filter(target_kind="conversation").values_list("target_id", flat=True)
    records = sorted(written)
    delays = []
    for one in conversations.by_ids(list(linked)).values():
        first = next((at for at in records if at >= one.started_at), now)
        delays.append(max((first - (one.ended_at or one.started_at)).total_seconds(), 0.0))
    return max(delays, default=None)


def highest_level(case: Case, book: Handbook, *, now: datetime) -> tuple[str, int] | None:
    """The highest level above the case's whose condition holds; looks up only what the conditions ask for."""
    above = {key: level for key, level in book.levels.items() if level.rank > case.level_rank and level.raise_when is not None}
    asked = {leaf.fact or "" for level in above.values() if level.raise_when for leaf in level.raise_when.leaves()}
    facts = plain_facts(case, book, now=now)
    if asked - facts.keys():
        facts = of_case(case, book, now=now, asked=asked)
    holding = [(level.rank, key) for key, level in above.items() if level.raise_when and evaluate(level.raise_when, facts)]
    if not holding:
        return None
    rank, key = max(holding)
    return key, rank
