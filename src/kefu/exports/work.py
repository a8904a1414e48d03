"""The worker's part: makes the files that are due, one after the other, and forgets old ones.

A file is made from its beginning to its end and kept only when it is whole: killed in the middle, its lease runs out and the next worker
begins it anew; nobody ever fetches half a file.
"""

import json
import logging
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import Q
from django.db.utils import InterfaceError, OperationalError
from django.utils.translation import override

from kefu.exports import actions, making, store
from kefu.exports.actions import ExportRequest
from kefu.exports.making import Order
from kefu.exports.models import ExportFile
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.claims import claim
from kefu.kernel.errors import KefuError
from kefu.people.access import actor_of

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=60)
KEPT = timedelta(days=7)
# Rows of files that were dropped are kept so long, so that their owner sees what became of them.
_LISTED = timedelta(days=30)
_TELL_EVERY = 2_000
_ACTIVE = (ExportFile.State.QUEUED, ExportFile.State.RUNNING)


class _Ended(Exception):
    """The file was cancelled, or another worker has it."""


def run_due(*, now: datetime, clock: Callable[[], datetime] = moment.now) -> int:
    """Make every file that is due; returns how many. ``clock`` tells the time while a long one is made."""
    made = 0
    free = ExportFile.objects.filter(state__in=_ACTIVE).filter(Q(leased_until=None) | Q(leased_until__lt=now))
    while (row := free.order_by("pk").first()) is not None:
        lease = uuid4().hex
        if claim(free.filter(pk=row.pk), lease=lease, leased_until=now + LEASE, state=ExportFile.State.RUNNING, rows=0):
            row.refresh_from_db()
            _make(row, lease, clock)
            made += 1
    return made


def _make(row: ExportFile, lease: str, clock: Callable[[], datetime]) -> None:
    actor = actor_of(row.actor_kind, row.actor_id, now=clock())
    if actor is None:
        _fail(row, lease, "person_gone", clock())
        return
    folder = store.workshop(lease)
    try:
        with override(row.language or None):
            _made(row, lease, actor, clock)
    except _Ended:
        store.drop(row.pk)
    except KefuError as error:
        _fail(row, lease, error.reason, clock())
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("export %s failed", row.pk)
        _fail(row, lease, "error", clock())
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _made(row: ExportFile, lease: str, actor: Actor, clock: Callable[[], datetime]) -> None:
    request = ExportRequest(row.source, row.format, json.loads(row.wanted or "{}"), row.reason, row.clear)
    order = actions.order_of(actor, request, row.created_at)
    mine = ExportFile.objects.filter(pk=row.pk, lease=lease, state=ExportFile.State.RUNNING)
    said = 0

    def told(count: int) -> None:
        nonlocal said
        if count - said >= _TELL_EVERY:
            said = count
            with transaction.atomic():
                if not claim(mine, rows=count, leased_until=clock() + LEASE):
                    raise _Ended
                actions.tell(row, clock())

    folder = store.workshop(lease)
    path = folder / "file"
    with path.open("wb") as file:
        rows = making.write(order, file, told=told, work_in=folder)
    content = path.read_bytes()
    digest = store.put(row.pk, content)
    _keep(row, lease, order, rows, len(content), digest, clock())


def _keep(row: ExportFile, lease: str, order: Order, rows: int, size: int, digest: str, now: datetime) -> None:
    mine = ExportFile.objects.filter(pk=row.pk, lease=lease, state=ExportFile.State.RUNNING)
    done = {
        "state": ExportFile.State.DONE,
        "rows": rows,
        "size": size,
        "sha256": digest,
        "finished_at": now,
        "expires_at": now + KEPT,
        "lease": "",
        "leased_until": None,
    }
    with transaction.atomic():
        if not claim(mine, **done):
            raise _Ended
        row.refresh_from_db()
        actions.record(order, rows, actions.ref(row), now)
        actions.tell(row, now)


def _fail(row: ExportFile, lease: str, code: str, now: datetime) -> None:
    mine = ExportFile.objects.filter(pk=row.pk, lease=lease, state=ExportFile.State.RUNNING)
    with transaction.atomic():
        if claim(mine, state=ExportFile.State.FAILED, failure=code[:40], finished_at=now, lease="", leased_until=None):
            row.refresh_from_db()
            actions.tell(row, now)
    store.drop(row.pk)


def forget_old(*, now: datetime) -> int:
    """Drop files whose time is over, and what killed workers left; returns how many files."""
    over = list(ExportFile.objects.filter(state=ExportFile.State.DONE, expires_at__lte=now).values_list("pk", flat=True)[:500])
    for key in over:
        store.drop(key)
    ExportFile.objects.filter(pk__in=over).update(state=ExportFile.State.EXPIRED)
    store.sweep_workshops(
        set(ExportFile.objects.filter(state=ExportFile.State.RUNNING, leased_until__gte=now).values_list("lease", flat=True))
    )
    ended = (ExportFile.State.EXPIRED, ExportFile.State.CANCELLED, ExportFile.State.FAILED)
    ExportFile.objects.filter(state__in=ended, created_at__lt=now - _LISTED).delete()
    return len(over)
