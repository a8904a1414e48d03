"""Cases at scale over real HTTP: lists, searches, pages, notes, figures; beside them their bare SQL, a bare request, and a peer.

`--cases 1000000 --peer` is the published table. A seeded database is kept and used again.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from measuring import ground, load, seeding
from measuring.ground import Database
from measuring.load import Request, Taken
from measuring.operations import Operation, callers, operations, writes
from measuring.seeding import Plan
from measuring.server import cpu_of, memory_of, serving
from measuring.table import ms, show


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    cases = int(os.environ.get("KEFU_BENCH_CASES") or 50_000)
    parser.add_argument(
        "--cases", type=int, default=0, help=f"cases to seed; default {cases:,} (KEFU_BENCH_CASES), on SQLite at most 200,000"
    )
    parser.add_argument("--sqlite", action="store_true", help="on SQLite instead of PostgreSQL")
    parser.add_argument("--seconds", type=float, default=0, help="longest time of one run of one operation")
    parser.add_argument("--only", default="", help="operations whose name holds this")
    parser.add_argument("--peer", action="store_true", help="django-helpdesk in the same run, in an environment of its own")
    parser.add_argument("--peer-tickets", type=int, default=0, help="fewer tickets than cases for the peer")
    parser.add_argument("--workers", type=int, default=1, help="server processes, as of `kefu up --workers`")
    parser.add_argument("--fresh", action="store_true", help="seed anew")
    found = parser.parse_args()
    found.cases = found.cases or (min(cases, 200_000) if found.sqlite else cases)
    found.seconds = found.seconds or (1.5 if found.cases <= 100_000 else 6.0)
    return found


def main() -> None:
    """Seed, serve, measure, print."""
    wanted = _arguments()
    if not wanted.sqlite and not ground.reachable(ground.SERVER):
        print(f"PostgreSQL does not answer at {ground.SERVER}; measuring on SQLite. KEFU_BENCH_DATABASE_URL says where it is.")
        wanted.sqlite, wanted.cases = True, min(wanted.cases, 200_000)
    base = f"sqlite:///{ground.HOME / 'cases.sqlite3'}" if wanted.sqlite else ground.SERVER
    # One database for each size: a quick run never takes the place of the large one.
    database = Database(base).renamed(f"_{wanted.cases // 1000}k")
    stamp = seeding.prepare(database, Plan(cases=wanted.cases), again=wanted.fresh)
    print(f"\n{ground.settings_of(database)}\n{stamp.cases:,} cases, {stamp.open_clocks:,} open clocks, seeded in {stamp.seconds:,.0f} s")
    ours = _ours(wanted, stamp.cases)
    if not database.sqlite and not wanted.only:
        _writes(stamp.cases)
    if wanted.peer:
        from measuring import peer

        theirs = peer.measure(wanted.peer_tickets or stamp.cases, seconds=wanted.seconds)
        if theirs:
            _compare(ours, theirs, stamp.cases, wanted.peer_tickets or stamp.cases)


def _ours(wanted: argparse.Namespace, cases: int) -> dict[str, tuple[Operation, Taken, Taken]]:
    who = callers()
    chosen = [one for one in operations(who, cases) if wanted.only in one.name]
    found: dict[str, tuple[Operation, Taken, Taken]] = {}
    rows = []
    _collect_static()
    with serving(sys.executable, "kefu.config.asgi:application", environment={}, path="/api/v1/health", workers=wanted.workers) as (
        port,
        pid,
    ):
        health = Operation("limit: a bare request (/api/v1/health)", lambda _: Request("/api/v1/health"))
        for operation in [health, *chosen]:
            queries, bare = _limit(operation)
            one, eight, how = _measured(port, pid, operation, wanted.seconds)
            if one is None or eight is None:
                continue
            found[operation.name] = (operation, one, eight)
            rows.append(_line(replace(operation, name=operation.name + how), one, eight, queries, bare))
        memory = memory_of(pid)
    heads = (
        "operation",
        "queries",
        "bare SQL p50",
        "1 conn p50",
        "1 conn p95",
        "8 conn p95",
        "req/s",
        "server CPU",
        "kB",
        "errors",
        "within",
    )
    show(f"{cases:,} cases, ms; {wanted.workers} server process(es), four threads each", heads, rows)
    print(f"server memory {memory} MB")
    return found


def _collect_static() -> None:
    """What `kefu up` does before it serves; without it every page of the console would log what it misses."""
    from django.core.management import call_command

    call_command("collectstatic", verbosity=0, interactive=False)


def _measured(port: int, pid: int, operation: Operation, seconds: float) -> tuple[Taken | None, Taken | None, str]:
    probe = load.run(port, operation.source, connections=1, seconds=5, most=1, warm=0)
    if not probe.errors and probe.sample == b"":
        one = load.run(port, operation.source, connections=1, seconds=seconds, most=400)
        time.sleep(0.2)
        before = cpu_of(pid)
        eight = load.run(port, lambda number: operation.source(number + 5000), connections=8, seconds=seconds, most=4000)
        eight.cpu = (cpu_of(pid) - before) / max(len(eight.seconds) + 24, 1)
        return one, eight, ""
    if operation.call is None:
        return None, None, ""
    taken = Taken([_timed(operation.call) for _ in range(12)][2:])
    taken.wall = sum(taken.seconds)
    return taken, taken, f" (in process: no such address, {probe.sample[:60]!r})" if b"not_found" not in probe.sample else " (in process)"


def _timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _line(operation: Operation, one: Taken, eight: Taken, queries: int | None, bare: float | None) -> list[object]:
    fits = (one.p50 or 9) * 1000 <= operation.limit_ms and (eight.p95 or 9) * 1000 <= operation.busy_limit_ms
    size = one.bytes / max(len(one.seconds), 1) / 1000
    numbers = [ms(bare), ms(one.p50), ms(one.p95), ms(eight.p95), f"{eight.rate:,.0f}", ms(eight.cpu), f"{size:,.1f}"]
    return [operation.name, "-" if queries is None else queries, *numbers, one.errors + eight.errors, "yes" if fits else "NO"]


def _limit(operation: Operation) -> tuple[int | None, float | None]:
    """Number of statements behind the operation, and their time when sent bare over a connection of the driver, without the product."""
    if operation.call is None:
        return None, None
    from django.db import connection, transaction

    statements: list[tuple[str, Any]] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        statements.append((sql, params))
        return execute(sql, params, many, context)

    operation.call()
    with transaction.atomic(), connection.execute_wrapper(note):
        operation.call()
        if operation.writes:
            transaction.set_rollback(True)
    plain = [(sql, params) for sql, params in statements if "SAVEPOINT" not in sql]
    return len(plain), statistics.median(_bare(plain, writes=operation.writes) for _ in range(30))


def _bare(statements: list[tuple[str, Any]], *, writes: bool) -> float:
    """One pass of the statements; writes are taken back, so their time is without the commit."""
    from django.db import connection, transaction

    raw = connection.connection
    started = time.perf_counter()
    with transaction.atomic():
        if connection.vendor == "sqlite":
            for sql, params in statements:
                raw.execute(sql.replace("%s", "?") if params else sql, params or ()).fetchall()
        else:
            with raw.cursor() as cursor:
                for sql, params in statements:
                    cursor.execute(sql, params)
                    if cursor.description:
                        cursor.fetchall()
        spent = time.perf_counter() - started
        if writes:
            transaction.set_rollback(True)
    return spent


def _writes(cases: int) -> None:
    """Rows and index entries behind one write, as PostgreSQL counts them inside its transaction, which is then taken back."""
    from django.db import connection, transaction

    counted = (
        "SELECT sum(n_tup_ins)::int, sum(n_tup_upd)::int, sum(n_tup_hot_upd)::int,"
        " sum((n_tup_ins + n_tup_upd - n_tup_hot_upd) * indexes)::int"
        " FROM pg_stat_xact_user_tables JOIN (SELECT indrelid, count(*) AS indexes FROM pg_index GROUP BY 1) AS i ON i.indrelid = relid"
    )
    rows = []
    for name, prepare in writes(callers(), cases):
        statements = [0]

        def count(
            execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any], to: list[int] = statements
        ) -> Any:
            to[0] += "SAVEPOINT" not in sql
            return execute(sql, params, many, context)

        prepare()()
        call = prepare()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(counted)
            before = cursor.fetchone()
            with connection.execute_wrapper(count):
                call()
            cursor.execute(counted)
            rows.append([name, statements[0], *[after - earlier for after, earlier in zip(cursor.fetchone(), before, strict=True)]])
            transaction.set_rollback(True)
    show("What one write writes", ("action", "statements", "rows added", "rows changed", "in place (HOT)", "index entries, at most"), rows)


def _compare(
    ours: dict[str, tuple[Operation, Taken, Taken]], theirs: dict[str, tuple[str, Taken, Taken]], cases: int, tickets: int
) -> None:
    rows = []
    for name, (operation, one, eight) in ours.items():
        if operation.peer not in theirs:
            continue
        what, their_one, their_eight = theirs[operation.peer]
        ratios = [
            f"{other / mine:,.1f}×" if mine and other else "-" for mine, other in ((one.p50, their_one.p50), (eight.p95, their_eight.p95))
        ]
        rows.append([name, ms(one.p50), ms(eight.p95), what, ms(their_one.p50), ms(their_eight.p95), *ratios])
    heads = ("Kefu", "1 conn p50", "8 conn p95", "django-helpdesk", "1 conn p50", "8 conn p95", "ratio p50", "ratio p95")
    show(f"Beside django-helpdesk in the same run: {cases:,} cases, {tickets:,} tickets; ms", heads, rows)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"{error}")
