"""Audit: every write, every read of personal data, every export and sign-in, chained by hash (SEC3).

Rows are written in the caller's transaction without a chain link, so writers do not queue behind each other. ``seal``
links committed rows soon after (the worker does it every second, ``verify`` does it first). The head of the chain is also appended
to ``KEFU_HOME/audit-heads.log``, outside the database, so that cutting off the end shows too.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from kefu.kernel.actor import Actor, Ref
from kefu.kernel.bulk import update_rows
from kefu.kernel.models import AuditEntry
from kefu.kernel.rows import insert, insert_all
from kefu.kernel.sequences import exclusive

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the chain does not hold."""

    chain: int
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Outcome of ``verify``: entries checked, the head, and where it breaks."""

    checked: int
    head: str
    breaks: tuple[Break, ...]


def entry(
    actor: Actor,
    action: str,
    subject: Ref,
    *,
    now: datetime,
    site_id: int | None = None,
    clause: str = "",
    data: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """An entry not yet written, for bulk writers."""
    return AuditEntry(
        at=now,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name[:80],
        actor_ip=actor.ip,
        action=action,
        subject_kind=subject.kind,
        subject_id=subject.id,
        subject_text=subject.text[:120],
        site_id=site_id,
        clause=clause,
        data=dict(data or {}),
    )


def record(
    actor: Actor,
    action: str,
    subject: Ref,
    *,
    now: datetime,
    site_id: int | None = None,
    clause: str = "",
    data: Mapping[str, Any] | None = None,
) -> None:
    """Write one entry in the surrounding transaction. ``data`` holds codes and values, never personal data in the clear."""
    insert(entry(actor, action, subject, now=now, site_id=site_id, clause=clause, data=data))


def record_many(entries: list[AuditEntry]) -> None:
    """Write entries in bulk."""
    insert_all(entries)


def digest(row: AuditEntry, previous: str) -> str:
    """Hash of the entry's content and the link before it."""
    content = [
        previous,
        row.chain,
        row.pk,
        row.at.astimezone(UTC).isoformat(),
        row.actor_kind,
        row.actor_id,
        row.actor_name,
        row.actor_ip,
        row.action,
        row.subject_kind,
        row.subject_id,
        row.subject_text,
        row.site_id,
        row.clause,
        row.data,
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _head(chain: int) -> str:
    if chain == 0:
        return GENESIS
    found = AuditEntry.objects.filter(chain=chain).values_list("hash", flat=True).first()
    return found or "missing"


def heads_file() -> Path:
    """File outside the database that remembers heads of the chain."""
    return Path(settings.KEFU_HOME) / "audit-heads.log"


def seal(batch: int = 2000) -> int:
    """Link committed entries that are not yet in the chain; returns how many. Safe to run from several processes."""
    with exclusive("audit-chain") as counter:
        if counter is None:
            return 0
        rows = list(AuditEntry.objects.filter(chain=None).order_by("id")[:batch])
        if not rows:
            return 0
        previous = _head(counter.value)
        for offset, row in enumerate(rows, start=1):
            row.chain = counter.value + offset
            row.hash = previous = digest(row, previous)
        update_rows(AuditEntry, ["chain", "hash"], [(row.pk, row.chain, row.hash) for row in rows])
        counter.value += len(rows)
        head = f"{counter.value} {previous}\n"
    with heads_file().open("a") as file:
        file.write(head)
    return len(rows)


def seal_all() -> int:
    """Link everything that waits."""
    total = 0
    while done := seal():
        total += done
    return total


def _remembered() -> Iterator[tuple[int, str]]:
    if heads_file().exists():
        for line in heads_file().read_text().splitlines():
            number, _, value = line.partition(" ")
            if number.isdigit():
                yield int(number), value


def verify(progress: Callable[[int], None] = lambda _: None) -> Verdict:
    """Walk the whole chain: a changed, missing, inserted or cut-off entry is a break."""
    seal_all()
    previous, expected, breaks = GENESIS, 1, []
    remembered = dict(_remembered())
    for row in AuditEntry.objects.exclude(chain=None).order_by("chain").iterator(2000):
        chain = row.chain or 0
        if chain != expected:
            breaks.append(Break(expected, "missing"))
        if digest(row, previous) != row.hash:
            breaks.append(Break(chain, "changed"))
        if remembered.pop(chain, row.hash) != row.hash:
            breaks.append(Break(chain, "head_differs"))
        previous, expected = row.hash, chain + 1
        progress(1)
    breaks.extend(Break(chain, "cut_off") for chain in sorted(remembered) if chain >= expected)
    return Verdict(expected - 1, previous, tuple(breaks))
