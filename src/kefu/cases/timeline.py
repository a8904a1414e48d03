"""Writes the record of a case: entry, audit and event together, in the caller's transaction."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kefu.cases.events import CaseChanged
from kefu.cases.models import Case, Entry
from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.rows import insert_all, insert_together


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to a case. ``text`` is encrypted at rest; ``data`` holds codes only."""

    kind: Entry.Kind
    text: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    clause: str = ""


def ref(case: Case) -> Ref:
    """How other records point at a case."""
    return Ref("case", case.pk, case.number)


def entry(actor: Actor, case: Case, happening: Happening, *, now: datetime) -> Entry:
    """An entry not yet written, for bulk writers."""
    return Entry(
        case=case,
        kind=happening.kind,
        at=now,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        text=happening.text,
        data=dict(happening.data),
        clause=happening.clause,
    )


def write(actor: Actor, case: Case, happening: Happening, *, now: datetime) -> Entry:
    """Write the entry, its audit row and its event."""
    row = entry(actor, case, happening, now=now)
    traced = audit.entry(
        actor, f"case.{happening.kind}", ref(case), now=now, site_id=case.site_id, clause=happening.clause, data=dict(happening.data)
    )
    event = outbox.row(CaseChanged(case_id=case.pk, site_id=case.site_id, what=str(happening.kind)), now=now)
    insert_together([row, traced, event])
    return row


def write_many(actor: Actor, happened: Sequence[tuple[Case, Happening]], *, now: datetime) -> None:
    """The same for many cases at once, in three statements."""
    insert_all([entry(actor, case, one, now=now) for case, one in happened])
    audit.record_many(
        [
            audit.entry(actor, f"case.{one.kind}", ref(case), now=now, site_id=case.site_id, clause=one.clause, data=dict(one.data))
            for case, one in happened
        ]
    )
    outbox.emit_many([CaseChanged(case_id=case.pk, site_id=case.site_id, what=str(one.kind)) for case, one in happened], now=now)


def as_text(values: Mapping[str, Any]) -> str:
    """Answers of a step as text to be encrypted."""
    return json.dumps(dict(values), ensure_ascii=False, separators=(",", ":"))
