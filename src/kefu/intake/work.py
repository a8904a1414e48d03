"""Taking a file in, at once or by the worker; killed in the middle, the next one goes on behind the last batch (PLAT2).

Where the work stands is the kernel's run: nothing is lost, nothing comes twice. The lease here only keeps two from one file.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db.models import Q, QuerySet
from django.db.utils import InterfaceError, OperationalError
from django.utils.translation import override

from kefu.intake import catalogue, preview, uploads
from kefu.intake.errors import PersonGone, UploadGone
from kefu.intake.models import Intake
from kefu.kernel import imports, moment
from kefu.kernel.claims import claim
from kefu.kernel.errors import KefuError
from kefu.kernel.imports import Source
from kefu.kernel.models import ImportRun
from kefu.people.access import actor_of

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=120)
_LISTED = timedelta(days=30)
_COUNT_STEP = 2_000
_ACTIVE = (Intake.State.QUEUED, Intake.State.RUNNING)


class _Ended(Exception):
    """The file was stopped, or another worker has it."""


def run_due(*, now: datetime, clock: Callable[[], datetime] = moment.now) -> int:
    """Take in every file that waits; returns how many. ``clock`` tells the time while a long one is read."""
    done = 0
    free = Intake.objects.filter(state__in=_ACTIVE).filter(Q(leased_until=None) | Q(leased_until__lt=now))
    while (row := free.order_by("pk").first()) is not None:
        lease = uuid4().hex
        if claim(free.filter(pk=row.pk), lease=lease, leased_until=now + LEASE, state=Intake.State.RUNNING):
            row.refresh_from_db()
            take_in(row, clock)
            done += 1
    return done


def take_in(row: Intake, clock: Callable[[], datetime] = moment.now) -> None:
    """Read the file of a row whose lease one holds, and write down how it ended."""
    steps = _Steps(row, clock)
    try:
        with override(row.language or None):
            steps.read(uploads.path_of(row.folder, row.file_name))
    except _Ended:
        steps.note()
    except KefuError as error:
        steps.end(Intake.State.FAILED, error.reason)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("intake %s failed", row.pk)
        steps.end(Intake.State.FAILED, "error")


class _Steps:
    """Takes one file in, writes down how far it is batch by batch and keeps the lease alive."""

    def __init__(self, row: Intake, clock: Callable[[], datetime]) -> None:
        self._row = row
        self._clock = clock
        self._source: Source[Any] | None = None
        self._read = 0

    def read(self, path: Path) -> None:
        """From where it stands to the end. Raises ``PersonGone``, ``UploadGone``, what the kind refuses, ``_Ended`` without the lease."""
        row, now = self._row, self._clock()
        actor = actor_of(row.actor_kind, row.actor_id, now=now)
        if actor is None:
            raise PersonGone
        if not path.is_file():
            raise UploadGone
        self._source = preview.opened(actor, catalogue.named(row.kind), path, row.site_id, now)
        self._count()
        before = self._run()
        self._read = before.position if before is not None and before.state != ImportRun.State.DONE else 0
        imports.run(actor=actor, source=self._source, now=now, progress=self._passed)
        self.end(Intake.State.DONE)
        uploads.forget(path)

    def end(self, state: str, failure: str = "") -> None:
        """The file has come to its end, good or bad."""
        claim(self._mine(), state=state, failure=failure[:60], finished_at=self._clock(), lease="", leased_until=None, **self._counts())

    def note(self) -> None:
        """What came of it until it was stopped."""
        if counts := self._counts():
            Intake.objects.filter(pk=self._row.pk, state=Intake.State.STOPPED).update(**counts)

    def _count(self) -> None:
        """Count the records, so that there is an end in sight."""
        total = 0
        for total, _record in enumerate(self._source.records() if self._source else (), start=1):
            if total % _COUNT_STEP == 0:
                self._keep()
        self._keep(total=total)

    def _passed(self, count: int) -> None:
        self._read += count
        self._keep(read=self._read)

    def _keep(self, **changes: Any) -> None:
        if not claim(self._mine(), leased_until=self._clock() + LEASE, **changes):
            raise _Ended

    def _mine(self) -> QuerySet[Intake]:
        return Intake.objects.filter(pk=self._row.pk, lease=self._row.lease, state=Intake.State.RUNNING)

    def _run(self) -> ImportRun | None:
        """The kernel's run of this very file."""
        if self._source is None:
            return None
        return ImportRun.objects.filter(kind=self._source.kind, file_hash=imports.file_hash(self._source.path)).first()

    def _counts(self) -> dict[str, Any]:
        run = self._run()
        if run is None:
            return {}
        return {"run_id": run.pk, "read": run.read, "stored": run.stored, "present": run.present, "refused": run.refused}


def forget_old(*, now: datetime) -> int:
    """Drop rows of files that ended a month ago; returns how many. What was refused of them stays with the run."""
    return Intake.objects.exclude(state__in=_ACTIVE).filter(created_at__lt=now - _LISTED).delete()[0]
