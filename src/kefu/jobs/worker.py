"""The worker: clocks, outbox, reactions and the audit chain, every second, in one or many processes (PLAT1).

Nothing is kept in memory: what is due is a row, so a killed worker loses nothing and two workers do nothing twice.
"""

import logging
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import close_old_connections, connection
from django.db.utils import InterfaceError, OperationalError
from django.utils import timezone

from kefu.arbitration import actions as arbitration
from kefu.batches import work as batches
from kefu.bench import work as bench
from kefu.cases import attention
from kefu.cases import queries as cases
from kefu.clocks import actions as clocks
from kefu.desk import drafts
from kefu.disputes import actions as disputes
from kefu.exports import work as exports
from kefu.intake import work as intake
from kefu.kernel import audit, idempotency, statistics
from kefu.kernel.actor import Actor
from kefu.notices import actions as notices
from kefu.parcels.partitions import keep_months
from kefu.penalties import actions as penalties
from kefu.performance import facts as day_facts
from kefu.presence import actions as presence
from kefu.reactions import run as reactions
from kefu.recordings import intake as recording_intake
from kefu.recordings import keeping as recordings_kept
from kefu.recordings import work as recordings
from kefu.review import actions as review
from kefu.shop import enquiries as shop_enquiries
from kefu.shop import troubles as shop_parcels
from kefu.shop import unsent as shop_unsent
from kefu.station.monitors import upkeep as monitors
from kefu.station.signing import examining
from kefu.station.tracking import boxes as tracking_boxes
from kefu.station.tracking import callbacks as tracking_callbacks
from kefu.station.tracking import working as carrier_queue

log = logging.getLogger(__name__)
_MAX_BACKOFF = 30.0


@dataclass
class Chore:
    """Something done again and again; ``every`` is the pause between two turns."""

    name: str
    every: timedelta
    do: Callable[[datetime], object]
    next_at: datetime | None = None

    def due(self, now: datetime) -> bool:
        """Whether its turn has come."""
        return self.next_at is None or now >= self.next_at


def sweep_clocks(now: datetime) -> int:
    """Fire every clock that is due.

    In a storm a second hand helps where the database lets two write at once: while it marks the rows of one, the other reads the plans.
    """
    fired = clocks.sweep(now=now)
    if fired < clocks.SWEPT_AT_ONCE or not connection.features.has_select_for_update_skip_locked:
        return fired + _drain(now) if fired else 0
    with ThreadPoolExecutor(max_workers=1) as second:
        beside = second.submit(_beside, now)
        return fired + _drain(now) + beside.result()


def _drain(now: datetime) -> int:
    total = 0
    while fired := clocks.sweep(now=now):
        total += fired
    return total


def _beside(now: datetime) -> int:
    try:
        return _drain(now)
    finally:
        connection.close()


def _forget_recordings(now: datetime) -> object:
    return recordings_kept.clear(actor=Actor.system("retention"), tied=cases.conversations_with_case, now=now)


def chores() -> list[Chore]:
    """All periodic work."""
    second, minute, hour = timedelta(seconds=0.5), timedelta(minutes=1), timedelta(hours=1)
    return [
        Chore("clocks", second, sweep_clocks),
        Chore("reactions", second, lambda now: reactions.run_all(now=now, limit=20)),
        Chore("audit", second, lambda _now: audit.seal()),
        Chore("day-facts", timedelta(seconds=5), lambda now: day_facts.refresh_marked(now=now)),
        Chore("arbitration", timedelta(seconds=20), lambda now: arbitration.go_on(now=now)),
        Chore("reminders", timedelta(seconds=20), lambda now: attention.wake(now=now)),
        Chore("dispute-windows", timedelta(seconds=20), lambda now: disputes.sweep(now=now)),
        Chore("statistics", hour, lambda _now: statistics.refresh()),
        Chore("old-keys", hour, lambda now: idempotency.forget_old(now=now)),
        Chore("old-drafts", hour, lambda now: drafts.forget_old(now=now)),
        Chore("failed-events", minute, lambda now: reactions.retry_failed(now=now)),
        Chore("gone-presence", minute, lambda now: presence.forget_gone(now=now)),
        Chore("old-events", hour, lambda now: reactions.forget_old(now=now)),
        Chore("old-batches", hour, lambda now: batches.forget_old(now=now)),
        Chore("false-signs", hour, lambda now: examining.examine_yesterday(now=now)),
        Chore("old-exports", hour, lambda now: exports.forget_old(now=now)),
        Chore("old-intakes", hour, lambda now: intake.forget_old(now=now)),
        Chore("old-boxes", hour, lambda now: tracking_boxes.forget_old(now=now)),
        Chore("old-callbacks", hour, lambda now: tracking_callbacks.forget_old(now=now)),
    ]


def long_chores() -> list[Chore]:
    """Work that may take its time. Each runs beside the others in a thread of its own, so that no clock fires late for it."""
    often = timedelta(seconds=0.5)
    return [
        Chore("batches", timedelta(0), lambda now: batches.run_due(now=now)),
        Chore("carriers", often, lambda now: carrier_queue.work_due(now=now)),
        Chore("customer-notices", often, lambda now: notices.send_due(now=now)),
        Chore("bench", often, lambda now: bench.run_due(now=now)),
        Chore("exports", often, lambda now: exports.run_due(now=now)),
        Chore("intake", often, lambda now: intake.run_due(now=now)),
        Chore("recordings", often, lambda now: recordings.run_due(now=now)),
        Chore("recordings-folder", timedelta(seconds=5), lambda now: recording_intake.look(now=now)),
        Chore("old-recordings", timedelta(hours=1), _forget_recordings),
        Chore("difference-counts", timedelta(seconds=30), lambda now: monitors.recount_marked(now=now)),
        Chore("differences", timedelta(minutes=10), lambda now: monitors.look_through(now=now)),
        Chore("difference-month", timedelta(hours=6), lambda now: monitors.recount_recent(now=now, days=31)),
        Chore("samples", timedelta(minutes=5), lambda now: review.draw_due(now=now)),
        Chore("unsent-orders", timedelta(minutes=5), lambda now: shop_unsent.check_due(now=now)),
        Chore("shop-parcels", timedelta(minutes=30), lambda now: shop_parcels.look_through(now=now)),
        Chore("shop-enquiries", timedelta(minutes=30), lambda now: shop_enquiries.look(now=now)),
        Chore("penalties", timedelta(minutes=5), lambda now: penalties.settle(now=now)),
        Chore("scan-months", timedelta(hours=1), keep_months),
    ]


def turn(work: list[Chore], now: datetime) -> None:
    """Do what is due once; a chore that fails is logged and does not keep the others from their turn."""
    for chore in work:
        if chore.due(now):
            chore.next_at = now + chore.every
            try:
                chore.do(now)
            except (OperationalError, InterfaceError):
                raise
            except Exception:
                log.exception("chore %s failed", chore.name)


def work(stop: threading.Event | None = None, *, pause: float = 0.25) -> None:
    """Work until told to stop. While the database is away it waits, longer each time, and goes on by itself."""
    stop = stop or _stop_on_signals()
    # Nobody waits for them at the end: what they were at is taken up again by the next worker.
    for chore in long_chores():
        threading.Thread(target=_loop, args=([chore], stop, pause), name=chore.name, daemon=True).start()
    _loop(chores(), stop, pause)


def _loop(tasks: list[Chore], stop: threading.Event, pause: float) -> None:
    backoff = 1.0
    while not stop.is_set():
        try:
            turn(tasks, timezone.now())
            backoff = 1.0
            stop.wait(pause)
        except (OperationalError, InterfaceError) as error:
            log.warning("database away: %s; trying again in %.0f s", error, backoff)
            close_old_connections()
            stop.wait(backoff)
            backoff = min(backoff * 2, _MAX_BACKOFF)


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    return stop
