"""Imports that resume: a file is read in batches, and the place in it is saved in the transaction of each batch (PLAT2).

Killed at any moment, the next run goes on behind the last committed batch: nothing is lost, nothing comes twice. Refused records go
to a file with the reasons. The same file again counts everything as already there.
"""

import csv
import gc
import hashlib
import io
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Generic, TypeAlias, TypeVar

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from kefu.kernel import audit, statistics
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.errors import Message, Stale
from kefu.kernel.models import ImportRun
from kefu.kernel.tabular import Places, check_file

V = TypeVar("V")
Lines: TypeAlias = Sequence[tuple[int, Sequence[str]]]
BATCH = 500
# A batch also ends when it holds this much text.
_BATCH_CHARACTERS = 8_000_000
# New rows after which the database looks at its tables again.
_MUCH = 5000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_COLLECTS = gc.get_threshold()
_COLLECTS_SELDOM = 2_000_000


@dataclass(frozen=True, slots=True)
class Item(Generic[V]):
    """A record read: its value, and the lines of the file it came from (row number, cells)."""

    value: V
    lines: Lines


@dataclass(frozen=True, slots=True)
class Fault:
    """A record that could not be read: a code of the source's reasons, and what exactly is wrong if that helps."""

    reason: str
    lines: Lines
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What storing a batch gave; ``refused`` are places in the batch with a reason code."""

    stored: int
    present: int
    refused: Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Block:
    """Records read together, by columns, where one by one would cost more than storing them. ``value`` is for ``Bulk.store``.

    ``count`` takes in the ``faults``; ``lines`` tells where in the file a record stands that the store refused.
    """

    value: Any
    count: int
    faults: Sequence[Fault]
    lines: Callable[[int], Lines]


@dataclass(frozen=True, slots=True)
class Bulk:
    """A second way to run an import: ``blocks`` reads from the record with that number on, beside the storing of the block before."""

    blocks: Callable[[int], Iterator[Block]]
    store: Callable[[Any], Outcome]


@dataclass(frozen=True, slots=True)
class Change:
    """What a record would change in something that is there: the field's name, before, after, and why it cannot (empty when it can)."""

    title: str
    before: str
    after: str
    refused: str = ""


@dataclass(frozen=True)
class Source(Generic[V]):
    """A file to import and what to do with it.

    ``records`` reads it from the start, always in the same order. ``store`` writes a batch in the surrounding transaction and may be
    given records that are there already. ``check`` tells for the preview what ``store`` would refuse, ``changes`` what a record changes in
    what is there. With ``bulk`` a run reads and stores by blocks, to the same end.
    """

    kind: str
    path: Path
    records: Callable[[], Iterator[Item[V] | Fault]]
    store: Callable[[Sequence[V], int], Outcome]
    reasons: Mapping[str, Message]
    headings: Sequence[str] = ("内容",)
    columns: Places = field(default_factory=Places)
    check: Callable[[V], str | None] = lambda _value: None
    options: Mapping[str, Any] = field(default_factory=dict)
    bulk: Bulk | None = None
    changes: Callable[[V], Sequence[Change]] | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A record that would be refused: its first row and the words for it."""

    row: int
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Preview(Generic[V]):
    """A look at the beginning of a file. ``complete`` when that was all of it; ``unknown`` are headings nothing is read from; ``titles``
    what the fields of ``columns`` are called; ``changed`` the first rows that change something, with what they change, if the source tells.
    """

    headings: Sequence[str]
    columns: Mapping[str, str]
    titles: Mapping[str, Message]
    unknown: Sequence[str]
    rows: Sequence[Sequence[str]]
    values: Sequence[V]
    problems: Sequence[Problem]
    read: int
    good: int
    complete: bool
    changed: Sequence[tuple[int, Sequence[Change]]] = ()


def words(source: Source[Any], reason: str, detail: str = "") -> str:
    """The reason in the reader's language."""
    text = str(source.reasons.get(reason, reason))
    return f"{text} {detail}".strip()


def preview(source: Source[V], *, show: int = 20, look: int = 1000) -> Preview[V]:
    """Read the first ``look`` records without storing anything."""
    rows: list[Sequence[str]] = []
    values: list[V] = []
    problems: list[Problem] = []
    changed: list[tuple[int, Sequence[Change]]] = []
    read = good = 0
    records = source.records()
    for record in islice(records, look):
        read += 1
        rows.extend(cells for _number, cells in record.lines[: show - len(rows)])
        reason = record.reason if isinstance(record, Fault) else source.check(record.value)
        if reason is None and isinstance(record, Item):
            good += 1
            values.extend([record.value] if len(values) < show else [])
        if source.changes and isinstance(record, Item) and len(changed) < 200 and (found := source.changes(record.value)):
            changed.append((record.lines[0][0] if record.lines else 0, found))
        if reason is not None and len(problems) < 50:
            detail = record.detail if isinstance(record, Fault) else ""
            problems.append(Problem(record.lines[0][0] if record.lines else 0, reason, words(source, reason, detail)))
    used = set(source.columns.values())
    return Preview(
        headings=source.headings,
        columns={name: source.headings[place] for name, place in source.columns.items()},
        titles=source.columns.titles,
        unknown=[heading for place, heading in enumerate(source.headings) if source.columns and heading and place not in used],
        rows=rows,
        values=values,
        problems=problems,
        read=read,
        good=good,
        complete=next(records, None) is None,
        changed=changed,
    )


def run(
    *, actor: Actor, source: Source[V], now: datetime, progress: Callable[[int], None] = lambda _: None, batch: int = BATCH
) -> ImportRun:
    """Import the file, or go on where a run of it stopped; ``progress`` is told how many records each batch passed."""
    check_file(source.path)
    row = _open(actor, source, now)
    try:
        if source.bulk is not None:
            _run_bulk(source, source.bulk, row, progress)
        else:
            records = islice(source.records(), row.position, None)
            while taken := _take(records, batch):
                _store(source, row, taken)
                progress(len(taken))
        _finish(actor, row, now)
    except Exception:
        ImportRun.objects.filter(pk=row.pk, state=ImportRun.State.RUNNING, position=row.position).update(state=ImportRun.State.FAILED)
        raise
    return row


def file_hash(path: Path) -> str:
    """SHA-256 of the content: the same file under another name is the same import."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _open(actor: Actor, source: Source[Any], now: datetime) -> ImportRun:
    """The run of this file: a stopped one goes on where it was, a finished one (or one with other options) starts anew."""
    options = {"given": dict(source.options), "refused_bytes": 0}
    whose = {
        "state": ImportRun.State.RUNNING,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "actor_name": actor.name[:80],
        "site_id": source.options.get("site_id"),
    }
    fresh = {"file_name": source.path.name[:200], "options": options, "started_at": now, **whose}
    with transaction.atomic():
        row, made = ImportRun.objects.get_or_create(kind=source.kind, file_hash=file_hash(source.path), defaults=fresh)
        again = row.state == ImportRun.State.DONE or row.options.get("given") != options["given"]
        if not made and again:
            fresh |= {"position": 0, "read": 0, "stored": 0, "present": 0, "refused": 0, "refused_file": "", "finished_at": None}
            ImportRun.objects.filter(pk=row.pk).update(**fresh)
            refused_path(row.pk).unlink(missing_ok=True)
        elif not made:
            ImportRun.objects.filter(pk=row.pk).update(**whose)
        row.refresh_from_db()
        audit.record(
            actor, "import.started", _ref(row), now=now, data={"kind": row.kind, "position": row.position, "file_hash": row.file_hash}
        )
    return row


def _ref(row: ImportRun) -> Ref:
    return Ref("import_run", row.pk, row.file_name)


def _take(records: Iterator[Item[V] | Fault], batch: int) -> list[Item[V] | Fault]:
    taken: list[Item[V] | Fault] = []
    size = 0
    for record in islice(records, batch):
        taken.append(record)
        size += sum(len(cell) for _number, cells in record.lines for cell in cells)
        if size > _BATCH_CHARACTERS:
            break
    return taken


def _run_bulk(source: Source[Any], bulk: Bulk, row: ImportRun, progress: Callable[[int], None]) -> None:
    with _seldom_collected():
        for block in _ahead(bulk.blocks(row.position)):
            with transaction.atomic():
                outcome = bulk.store(block.value)
                refused = [*block.faults, *(Fault(reason, block.lines(place)) for place, reason in outcome.refused)]
                _write_down(source, row, block.count, outcome, refused)
            progress(block.count)


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Rows of a block refer to nothing but text: looking through all of them for rings, again and again, took a quarter of the work."""
    gc.set_threshold(_COLLECTS_SELDOM, *_COLLECTS[1:])
    try:
        yield
    finally:
        gc.set_threshold(*_COLLECTS)


def _ahead(blocks: Iterator[Block]) -> Iterator[Block]:
    """The blocks, the next one read by a thread while one is stored."""
    with ThreadPoolExecutor(1, thread_name_prefix="import") as pool:
        coming = pool.submit(next, blocks, None)
        while (block := coming.result()) is not None:
            coming = pool.submit(next, blocks, None)
            yield block


def _store(source: Source[V], row: ImportRun, taken: Sequence[Item[V] | Fault]) -> None:
    items = [record for record in taken if isinstance(record, Item)]
    faults = [record for record in taken if isinstance(record, Fault)]
    with transaction.atomic():
        outcome = source.store([item.value for item in items], row.pk) if items else Outcome(0, 0, ())
        refused = [*faults, *(Fault(reason, items[place].lines) for place, reason in outcome.refused)]
        _write_down(source, row, len(taken), outcome, refused)


def _write_down(source: Source[Any], row: ImportRun, count: int, outcome: Outcome, refused: Sequence[Fault]) -> None:
    """Where the run stands, in the transaction that stored so much."""
    changes = {
        "position": row.position + count,
        "read": row.read + count,
        "stored": row.stored + outcome.stored,
        "present": row.present + outcome.present,
        "refused": row.refused + len(refused),
        "refused_file": str(refused_path(row.pk)) if refused or row.refused else "",
        "options": row.options | {"refused_bytes": _write_refused(source, row, refused)},
    }
    rows = ImportRun.objects.filter(pk=row.pk, position=row.position, state=ImportRun.State.RUNNING)
    if rows.update(**changes) != 1:
        raise Stale(_("同一文件正在由另一个进程导入。"), code="import_running")
    for name, value in changes.items():
        setattr(row, name, value)


def _finish(actor: Actor, row: ImportRun, now: datetime) -> None:
    counts = {"read": row.read, "stored": row.stored, "present": row.present, "refused": row.refused}
    with transaction.atomic():
        ImportRun.objects.filter(pk=row.pk).update(state=ImportRun.State.DONE, finished_at=now)
        audit.record(actor, "import.finished", _ref(row), now=now, data={"kind": row.kind, **counts})
    row.state, row.finished_at = ImportRun.State.DONE, now
    if row.stored >= _MUCH:
        statistics.refresh()


def refused_path(run_id: int) -> Path:
    """File of the records a run refused; its owner alone may read it, for it holds what was in the file."""
    return Path(settings.KEFU_HOME) / "imports" / f"{run_id}-refused.csv"


def safe_cell(text: str) -> str:
    """A cell that a spreadsheet will not take for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _write_refused(source: Source[Any], row: ImportRun, refused: Sequence[Fault]) -> int:
    """Append to the run's file and return its size. What stands behind the size of the last committed batch is of a killed run."""
    known: int = row.options.get("refused_bytes", 0)
    if not refused:
        return known
    text = io.StringIO()
    writer = csv.writer(text)
    if known == 0:
        text.write("\ufeff")
        writer.writerow([_("行号"), _("原因代码"), _("原因"), *map(safe_cell, source.headings)])
    for fault in refused:
        for number, cells in fault.lines or [(0, ())]:
            writer.writerow([number, fault.reason, words(source, fault.reason, fault.detail), *map(safe_cell, cells)])
    path = refused_path(row.pk)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    content = text.getvalue().encode("utf-8", "replace")
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
        file.truncate(known)
        file.seek(known)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return known + len(content)


def recent(limit: int = 50) -> list[ImportRun]:
    """The last runs, newest first."""
    return list(ImportRun.objects.order_by("-started_at", "-pk")[:limit])
