"""Clocks: the sweep over many due among many more open ones, what a fired clock does to its case, and how late a warning comes.

Beside the product's sweep stands what the database does at best: claim and mark the same rows in bare SQL.
"""

import argparse
import json
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from measuring import ground, seeding
from measuring.ground import Database
from measuring.seeding import CLOCKS_PER_CASE, YEAR, Plan
from measuring.table import ms, show

PER_SECOND = 20
_STARTS_IN = 10


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    cases = int(os.environ.get("KEFU_BENCH_CASES") or 50_000)
    parser.add_argument(
        "--clocks", type=int, default=cases * 2, help="open clocks; a tenth of them falls due (1000000 for the published table)"
    )
    parser.add_argument("--trickle", type=int, default=20, help="seconds of the lateness run (60 for the published table)")
    parser.add_argument("--only", choices=("postgresql", "sqlite"), help="one of the databases")
    parser.add_argument("--fresh", action="store_true", help="seed anew")
    parser.add_argument("--on", help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    """Measure each database in a process of its own, since the product is set up on one."""
    wanted = _arguments()
    if wanted.on:
        _measure(Database(wanted.on), wanted)
        return
    size = f"_clocks_{wanted.clocks // 1000}k"
    databases = {"postgresql": Database(ground.SERVER).renamed(size).url, "sqlite": f"sqlite:///{ground.HOME / f'cases{size}.sqlite3'}"}
    for name, url in databases.items():
        if wanted.only not in (None, name):
            continue
        if name == "postgresql" and not ground.reachable(url):
            print(f"PostgreSQL does not answer at {url}: left out. KEFU_BENCH_DATABASE_URL says where it is.")
            continue
        subprocess.run([sys.executable, __file__, *sys.argv[1:], "--on", url], check=True)


def _measure(seeded: Database, wanted: argparse.Namespace) -> None:
    plan = Plan(cases=int(wanted.clocks / CLOCKS_PER_CASE), open_share=1.0, quiet=True, due=wanted.clocks // 10, texts=False)
    stamp = seeding.prepare(seeded, plan, again=wanted.fresh)
    now = datetime.fromtimestamp(stamp.at, UTC) + timedelta(seconds=YEAR + 3601)
    from django.db import connection

    connection.close()
    work = seeded.renamed("_run")
    work.copy_of(seeded)
    bare = _timed(lambda: _bare(work, now))
    lateness = _lateness(work, wanted.trickle)
    work.copy_of(seeded)
    ground.use(work)
    swept = _timed(_product_sweep(now))
    noted = _timed(_react)
    rest = _timed(_all_reactions)
    connection.close()
    print(f"\n{ground.settings_of(work)}; {stamp.open_clocks:,} open clocks of {plan.cases:,} cases, seeded in {stamp.seconds:.0f} s")
    show(
        f"Sweep: {swept[0]:,} due among {stamp.open_clocks:,} open clocks",
        ("", "clocks", "seconds", "clocks/s", "× bare"),
        [
            _row("bare SQL: claim and mark, 1000 a commit", bare, bare),
            _row("product: sweep, 1000 a commit, one event each", swept, bare),
            _row("product: timeline, notices, levels (note_fired)", noted, bare),
            _row("product: all reactions behind it (search, day facts)", rest, bare),
        ],
    )
    show(
        f"Lateness with the worker running: {PER_SECOND} clocks a second for {wanted.trickle} s",
        ("seen in committed rows", "clocks", "p50 ms", "p95 ms", "worst ms"),
        [[what, len(found), *[ms(value) for value in _points(found)]] for what, found in lateness.items()],
    )
    work.drop()


def _row(what: str, found: tuple[int, float], bare: tuple[int, float]) -> list[str]:
    count, seconds = found
    each = seconds / max(count, 1)
    return [what, f"{count:,}", f"{seconds:.2f}", f"{count / seconds:,.0f}", f"{each / (bare[1] / max(bare[0], 1)):.1f}"]


def _points(found: list[float]) -> list[float]:
    if len(found) < 20:
        return [max(found, default=float("nan"))] * 3
    return [statistics.median(found), statistics.quantiles(found, n=20)[-1], max(found)]


def _timed(work: Callable[[], int]) -> tuple[int, float]:
    started = time.perf_counter()
    return work(), time.perf_counter() - started


def _bare(database: Database, now: datetime, batch: int = 1000) -> int:
    """Claim what is due and mark it, nothing else: no look at the plan, no event."""
    total = 0
    if database.sqlite:
        lite = sqlite3.connect(database.name, isolation_level=None)
        lite.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;")
        moment = now.strftime("%Y-%m-%d %H:%M:%S")
        sql = (
            "UPDATE clocks_alarm SET fired = fired + 1, at = NULL"
            " WHERE clock_id IN (SELECT clock_id FROM clocks_alarm WHERE at <= ? ORDER BY at LIMIT ?)"
        )
        while done := lite.execute(sql, [moment, batch]).rowcount:
            total += done
        lite.close()
        return total
    import psycopg

    sql = (
        "WITH due AS (SELECT clock_id FROM clocks_alarm WHERE at <= %s ORDER BY at LIMIT %s FOR UPDATE SKIP LOCKED)"
        " UPDATE clocks_alarm AS a SET fired = fired + 1, at = NULL FROM due WHERE a.clock_id = due.clock_id"
    )
    with psycopg.connect(database.url, autocommit=True) as connection:
        while done := connection.execute(sql, [now, batch]).rowcount:
            total += done
    return total


def _product_sweep(now: datetime) -> Callable[[], int]:
    from kefu.jobs.worker import sweep_clocks

    return lambda: sweep_clocks(now)


def _react() -> int:
    """What the reaction does with the events of the sweep, in its batches."""
    from kefu.kernel import outbox
    from kefu.reactions import run
    from kefu.reactions.table import REACTIONS

    while outbox.seal():
        pass
    now = datetime.now(UTC)
    reaction = next(one for one in REACTIONS if one.name == "clocks-to-cases")
    while run.run(reaction, now=now):
        pass
    from kefu.cases.models import Entry

    return Entry.objects.filter(kind="clock").count()


def _all_reactions() -> int:
    from kefu.reactions import run

    return run.run_all(now=datetime.now(UTC))


def _lateness(database: Database, seconds: int) -> dict[str, list[float]]:
    """Let clocks fall due at known moments and look for what the worker commits, every 20 ms."""
    ground.use(database)
    wanted = seconds * PER_SECOND
    _trickle(wanted)
    from django.db import connection

    connection.close()
    worker = subprocess.Popen([sys.executable, "-m", "kefu.config.cli", "worker"], env=dict(os.environ))
    try:
        watch = Watch(database)
        until = time.monotonic() + _STARTS_IN + seconds + 10
        while time.monotonic() < until and (len(watch.events) < wanted or len(watch.entries) < wanted):
            watch.look()
            time.sleep(0.02)
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(20)
    return {"the event (outbox)": watch.events, "the case's timeline": watch.entries}


def _trickle(count: int) -> None:
    from django.db import connection

    from kefu.clocks.models import Alarm, Clock
    from kefu.kernel.bulk import update_rows

    start = datetime.now(UTC) + timedelta(seconds=_STARTS_IN)
    adapt = connection.ops.adapt_datetimefield_value
    alarms, clocks = [], []
    for number, alarm in enumerate(Alarm.objects.filter(fired=0, at__isnull=False).order_by("-at").select_related("clock")[:count]):
        at = start + timedelta(seconds=number / PER_SECOND)
        moved, clock = at - alarm.at, alarm.clock
        alarms.append([alarm.pk, adapt(at)])
        clocks.append([clock.pk, adapt(clock.due_at + moved), adapt(clock.warn_at + moved) if clock.warn_at else None])
    update_rows(Alarm, ["at"], alarms)
    update_rows(Clock, ["due_at", "warn_at"], clocks)


class Watch:
    """Notes when a committed row is first seen."""

    def __init__(self, database: Database) -> None:
        self._lite = database.sqlite
        self.events: list[float] = []
        self.entries: list[float] = []
        self._connection: Any
        if self._lite:
            self._connection = sqlite3.connect(database.name, isolation_level=None, timeout=20)
        else:
            import psycopg

            self._connection = psycopg.connect(database.url, autocommit=True)
        self._event, self._entry = (self._last("kernel_outboxevent"), self._last("cases_entry"))

    def _last(self, table: str) -> int:
        return int(self._connection.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0])

    def look(self) -> None:
        """Add what is new."""
        found = self._connection.execute(
            f"SELECT id, payload FROM kernel_outboxevent WHERE id > {self._event} AND type = 'clocks.fired' ORDER BY id"
        ).fetchall()
        seen = time.time()
        for pk, payload in found:
            self._event = pk
            items = (json.loads(payload) if isinstance(payload, str) else payload)["items"]
            self.events.extend(seen - datetime.fromisoformat(item["at"]).timestamp() for item in items)
        found = self._connection.execute(
            f"SELECT id, at FROM cases_entry WHERE id > {self._entry} AND kind = 'clock' ORDER BY id"
        ).fetchall()
        seen = time.time()
        for pk, at in found:
            self._entry = pk
            moment = datetime.fromisoformat(at).replace(tzinfo=UTC) if isinstance(at, str) else at
            self.entries.append(seen - moment.timestamp())


if __name__ == "__main__":
    main()
