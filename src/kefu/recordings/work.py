"""The worker's part: measures and transcribes what is due, stage by stage (CONV4, QA3).

A stage is claimed by a lease and kept only when it is whole. Killed in the middle, its lease runs out and another worker begins that stage
anew; what earlier stages found stays.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.utils import InterfaceError, OperationalError

from kefu.conversations import actions as conversations
from kefu.conversations import queries as conversation_queries
from kefu.conversations.lines import Line
from kefu.kernel import audit, moment, outbox
from kefu.kernel.actor import Actor
from kefu.kernel.claims import claim
from kefu.kernel.errors import KefuError
from kefu.recordings import actions, engines, rules, store
from kefu.recordings.events import RecordingHeard
from kefu.recordings.models import Measurement, Recording
from kefu.sound import decoding, measured, measuring
from kefu.sound.engines.port import EngineBroken, EngineMissing
from kefu.sound.engines.transcribing import transcribe
from kefu.sound.errors import SoundRefused

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=5)
_TELL_EVERY = timedelta(seconds=5)
_WORKER = Actor.system("recordings")
_State = Recording.State


class _Lost(Exception):
    """Another worker has it, or somebody removed it."""


@dataclass(slots=True)
class Worked:
    """Stages done in a run, and recordings that failed for good."""

    measured: int = 0
    transcribed: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        """All stages."""
        return self.measured + self.transcribed + self.failed


def due(now: datetime) -> QuerySet[Recording]:
    """What may be worked on; words are only looked for where there is an engine and nobody wrote them down."""
    stages = Q(state=_State.STORED) | Q(state=_State.MEASURED, conversation__line_count__gt=0, words_from="")
    stages |= Q(state=_State.MEASURED, words_from="import")
    if engines.configured():
        stages |= Q(state=_State.MEASURED)
    rows = Recording.objects.filter(stages, removed_at=None)
    return rows.filter(Q(due_at=None) | Q(due_at__lte=now)).filter(Q(leased_until=None) | Q(leased_until__lt=now))


def run_due(*, now: datetime, clock: Callable[[], datetime] = moment.now, limit: int = 1_000_000, site_id: int | None = None) -> Worked:
    """Do every stage that is due, at most ``limit``; ``clock`` tells the time while a long one is at work."""
    done = Worked()
    while done.total < limit:
        rows = due(now) if site_id is None else due(now).filter(site_id=site_id)
        # New ones are measured before words are looked for in any: what takes minutes does not keep what takes a second.
        row = rows.order_by("-state", "pk").first()
        if row is None:
            break
        lease = uuid4().hex
        if claim(due(now).filter(pk=row.pk), lease=lease, leased_until=clock() + LEASE, progress=0):
            row = Recording.objects.select_related("site", "conversation").get(pk=row.pk)
            _Stage(row, lease, clock, done).run()
    return done


class _Stage:
    """One stage of one recording under a lease."""

    def __init__(self, row: Recording, lease: str, clock: Callable[[], datetime], done: Worked) -> None:
        self.row, self.lease, self.clock, self.done = row, lease, clock, done
        self._told = clock()

    def run(self) -> None:
        """Do it, or write down why not."""
        try:
            self._measure() if self.row.state == _State.STORED else self._transcribe()
        except _Lost:
            return
        except (EngineBroken, EngineMissing) as error:
            self._again(error.reason)
        except SoundRefused as error:
            self._failed(error.reason)
        except (OperationalError, InterfaceError):
            raise
        except KefuError as error:
            self._failed(error.reason)
        except Exception:
            log.exception("recording %s failed", self.row.pk)
            self._again("error")

    def _measure(self) -> None:
        row = self.row
        with store.opened(row.site_id, row.sha256) as file, decoding.opened(file) as sound:
            found = measuring.measure(sound, row.sides, progress=self._progress)
        with transaction.atomic():
            now = self.clock()
            self._keep(state=_State.MEASURED, seconds=round(found.seconds, 3), cut_off=found.cut_off, measured_at=now, tries=0, due_at=None)
            Measurement.objects.update_or_create(recording=row, defaults={"body": measured.pack(found)})
            self._heard(now)
        self.done.measured += 1

    def _transcribe(self) -> None:
        row = self.row
        if row.conversation.line_count and row.words_from != "engine":
            self._keep(state=_State.DONE, words_from="import")
            return
        found = measured.unpack(bytes(Measurement.objects.get(recording=row).body))
        names = [row.site.name, row.staff.staff_no if row.staff else ""]
        hints = engines.hints(row.site.handbook, names, row.started_at)
        with (
            engines.outside() as engine,
            store.opened(row.site_id, row.sha256) as file,
            decoding.opened(file) as sound,
        ):
            said = transcribe(sound, row.sides, found, engine, hints, progress=self._progress)
            label = engine.label
        lines = _lines_of(said)
        with transaction.atomic():
            now = self.clock()
            self._keep(state=_State.DONE, words_from="engine", engine=label, transcribed_at=now, tries=0, due_at=None)
            if lines:
                replacing = conversation_queries.by_ids([row.conversation_id])[row.conversation_id].line_count > 0
                conversations.set_lines(actor=_WORKER, conversation_id=row.conversation_id, lines=lines, now=now, replace_lines=replacing)
            self._heard(now)
        self.done.transcribed += 1

    def _mine(self) -> QuerySet[Recording]:
        return Recording.objects.filter(pk=self.row.pk, lease=self.lease, removed_at=None)

    def _progress(self, share: float) -> None:
        """Say how far it is and keep the lease; stops the work when the lease is lost."""
        now = self.clock()
        if now - self._told >= _TELL_EVERY:
            self._told = now
            if not claim(self._mine(), progress=round(100 * share), leased_until=now + LEASE):
                raise _Lost

    def _keep(self, **changes: Any) -> None:
        with transaction.atomic():
            given_back = {"lease": "", "leased_until": None, "progress": 0, "failure": "", "version": self.row.version + 1}
            if not claim(self._mine().filter(version=self.row.version), **changes, **given_back):
                raise _Lost
            self.row.refresh_from_db(fields=["state"])
            actions.tell(self.row, self.clock())

    def _heard(self, now: datetime) -> None:
        row = self.row
        outbox.emit(RecordingHeard(recording_id=row.pk, conversation_id=row.conversation_id, site_id=row.site_id), now=now)

    def _again(self, code: str) -> None:
        tries = self.row.tries + 1
        if tries >= rules.MOST_TRIES:
            self._failed(code)
            return
        self._quietly(tries=tries, due_at=self.clock() + rules.pause_after(tries), state=self.row.state)

    def _failed(self, code: str) -> None:
        if self._quietly(state=_State.FAILED, failure=code[:40], tries=0, due_at=None):
            self.done.failed += 1
            audit.record(_WORKER, "recording.failed", actions.ref(self.row), now=self.clock(), site_id=self.row.site_id, data={"why": code})

    def _quietly(self, **changes: Any) -> bool:
        try:
            with transaction.atomic():
                failure = changes.pop("failure", "")
                self._keep(**changes)
                Recording.objects.filter(pk=self.row.pk).update(failure=failure)
        except _Lost:
            return False
        return True


def _lines_of(said: list[Any]) -> list[Line]:
    """What an engine heard; on a single channel nobody knows who spoke, so all of it is the system's word."""
    return [
        Line(
            0,
            one.side if one.side in ("agent", "customer") else "system",
            one.text,
            round(one.start, 2),
            round(one.end, 2),
            round(one.confidence, 3),
        )
        for one in said
    ]
