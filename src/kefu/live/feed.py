"""Reads what was committed, a few times a second, in one thread of its own for all streams of this process.

It also gives events their numbers when the worker has not yet: so an event is told a fifth of a second after its commit.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from time import monotonic

from django.db import close_old_connections
from django.db.utils import InterfaceError, OperationalError

from kefu.kernel import moment, outbox
from kefu.kernel.models import OutboxEvent
from kefu.live import door
from kefu.live.hearing import Change, changes
from kefu.live.hub import REMEMBERED, Listener
from kefu.presence import queries as presence

log = logging.getLogger(__name__)
PAUSE = 0.2
_PRESENCE_EVERY = 0.5
_SESSIONS_EVERY = 2.0
_REACH_EVERY = 60.0
_BATCH = 500
_MOST_BACKOFF = 5.0


def told_by(rows: Iterable[OutboxEvent]) -> list[Change]:
    """The changes these events tell of, in their order."""
    return list(
        chain.from_iterable(changes(row.seq or 0, row.type, (row.subject_kind, row.subject_id), row.site_id, row.payload) for row in rows)
    )


class Reports:
    """Where the reader hands over what it found. Called from its thread."""

    def __init__(
        self,
        *,
        begin: Callable[[int, int, Sequence[Change]], None],
        publish: Callable[[Sequence[Change], int], None],
        present: Callable[[str, int, frozenset[int]], None],
        over: Callable[[set[str]], None],
        renew: Callable[[Listener], None],
        listeners: Callable[[], list[Listener]],
    ) -> None:
        self.begin, self.publish, self.present = begin, publish, present
        self.over, self.renew, self.listeners = over, renew, listeners


class Feed:
    """The place reached in the outbox, and what was seen of presence."""

    def __init__(self, reports: Reports) -> None:
        self._reports = reports
        self._head: int | None = None
        self._present: presence.Snapshot = {}
        self._due = {"presence": 0.0, "sessions": 0.0, "reach": 0.0}
        self._listeners: list[Listener] = []

    def turn(self) -> None:
        """One look at everything that is due."""
        self.read()
        at = monotonic()
        self._listeners = self._reports.listeners()
        if self._is_due("presence", at, _PRESENCE_EVERY):
            self.look_at_presence()
        if self._is_due("sessions", at, _SESSIONS_EVERY):
            self.look_at_sessions()
        if self._is_due("reach", at, _REACH_EVERY):
            self.look_at_reach(self._listeners)

    def _is_due(self, name: str, at: float, every: float) -> bool:
        if at < self._due[name]:
            return False
        self._due[name] = at + every
        return True

    def read(self) -> None:
        """Tell what is new behind the place reached; the first time remember the newest, so that pages resume over a restart."""
        while outbox.unsealed() and outbox.seal():
            pass
        if self._head is None:
            self._begin(outbox.head())
            return
        while rows := outbox.since(self._head, limit=_BATCH):
            found = told_by(rows)
            self._head = rows[-1].seq or self._head
            self._reports.publish(found, self._head)
            noted = {row.subject_id for row in rows if row.subject_kind == "staff"}
            if noted:
                self.look_at_reach([one for one in self._reports.listeners() if one.actor.id in noted])

    def _begin(self, head: int) -> None:
        floor = max(0, head - REMEMBERED // 2)
        rows = outbox.since(floor, limit=REMEMBERED)
        self._head = head
        self._reports.begin(floor, head, told_by(row for row in rows if (row.seq or 0) <= head))

    def look_at_presence(self) -> None:
        """Tell those who look at a thing that who looks at it has changed."""
        if not self._listeners:
            return
        now = presence.snapshot(now=moment.now())
        for subject in self._present.keys() | now.keys():
            before, after = self._present.get(subject, frozenset()), now.get(subject, frozenset())
            if before != after:
                self._reports.present(*subject, frozenset(staff for staff, _typing in before | after))
        self._present = now

    def look_at_sessions(self) -> None:
        """Close the streams of sessions that were ended."""
        if self._listeners and (over := door.ended(one.session_key for one in self._listeners)):
            self._reports.over(over)

    def look_at_reach(self, listeners: Iterable[Listener]) -> None:
        """Ask again who these people are and what they may hear."""
        for one in listeners:
            fresh = door.listener(one.session_key)
            if fresh is None:
                self._reports.over({one.session_key})
            elif fresh != one:
                self._reports.renew(fresh)

    def run(self, stop: threading.Event) -> None:
        """Go on until told to stop. While the database is away it waits, and goes on from its place."""
        backoff, renew_at = PAUSE, monotonic() + _REACH_EVERY
        while not stop.is_set():
            try:
                if monotonic() >= renew_at:
                    renew_at = monotonic() + _REACH_EVERY
                    close_old_connections()
                self.turn()
                backoff = PAUSE
            except (OperationalError, InterfaceError) as error:
                backoff = min(max(backoff * 2, 0.5), _MOST_BACKOFF)
                log.warning("database away: %s; trying again in %.1f s", error, backoff)
                close_old_connections()
            except Exception:
                backoff = 1.0
                log.exception("the live feed failed; it goes on")
            stop.wait(backoff)
        close_connections()


def close_connections() -> None:
    """Give back this thread's connection."""
    from django.db import connections

    connections.close_all()
