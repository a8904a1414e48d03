"""Scans: a file of them taken in, beside a bare COPY (or bare batched inserts) of the same columns and indexes; one gun scan; one trace.

`--scans 1000000` and `--scans 10000000` are the published tables. Every scan is checked, its parcel's state follows in the same transaction.
"""

import argparse
import csv
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from measuring import ground
from measuring.ground import Database
from measuring.table import ms, show

PER_PARCEL = 5
PER_DAY = 333_000
STATIONS = 40
WORDS = ("收件", "发件", "到件", "派件", "签收")
CODES = ("collect", "send", "arrive", "deliver", "sign")
HEADS = ("运单号", "扫描类型", "扫描时间", "扫描网点", "扫描员", "派件员", "上一站", "下一站", "设备号")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scans", type=int, default=200_000)
    parser.add_argument("--only", choices=("postgresql", "sqlite"), help="one of the databases")
    parser.add_argument("--reads", type=int, default=200, help="gun scans and traces to measure")
    parser.add_argument("--profile", action="store_true", help="where the import's own time goes")
    parser.add_argument("--on", help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    """Measure each database in a process of its own, since the product is set up on one."""
    wanted = _arguments()
    if wanted.on:
        _measure(Database(wanted.on), wanted)
        return
    size = f"_scans_{wanted.scans // 1000}k"
    databases = {"postgresql": Database(ground.SERVER).renamed(size).url, "sqlite": f"sqlite:///{ground.HOME / f'scans{size}.sqlite3'}"}
    for name, url in databases.items():
        if wanted.only not in (None, name):
            continue
        if name == "postgresql" and not ground.reachable(url):
            print(f"PostgreSQL does not answer at {url}: left out. KEFU_BENCH_DATABASE_URL says where it is.")
            continue
        subprocess.run([sys.executable, __file__, *sys.argv[1:], "--on", url], check=True)


def _measure(database: Database, wanted: argparse.Namespace) -> None:
    ground.start_django(database)
    database.create()
    try:
        _on(database, wanted)
    finally:
        from django.db import connection

        connection.close()
        database.drop()


def _on(database: Database, wanted: argparse.Namespace) -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    now = datetime.now(UTC).replace(microsecond=0)
    actor, sites = _sites(now)
    made = time.monotonic()
    path = ground.HOME / f"scans-{wanted.scans}.csv"
    _write(path, wanted.scans, now)
    _register(wanted.scans // PER_PARCEL, sites, now)
    print(
        f"\n{ground.settings_of(database)}\n{wanted.scans:,} scans of {wanted.scans // PER_PARCEL:,} parcels, made in {time.monotonic() - made:,.0f} s"
    )
    limit = _bare(database, path, sites, now)
    run, ours = _spent(lambda: _import(actor, path, now, profile=wanted.profile))
    assert (run.stored, run.refused) == (wanted.scans, 0), (run.stored, run.present, run.refused)
    again, twice = _spent(lambda: _import(actor, path, now))
    assert again.present == wanted.scans
    _states(wanted.scans)
    bare = "bare COPY, same columns and indexes" if not database.sqlite else "bare batched inserts, same columns and indexes"
    rows = [
        _rate(bare, wanted.scans, limit, limit),
        _rate("import: read, check, store, move the parcels", wanted.scans, ours, limit),
        _rate("the same file again: nothing new", wanted.scans, twice, limit),
    ]
    show("Scans from a file", ("", "seconds", "scans/s", "µs each", "of the limit", "CPU µs: database", "own"), rows)
    path.unlink()
    _reads(actor, sites, wanted, now)


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    started = time.monotonic()
    return work(), time.monotonic() - started


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock, and of processors: those of the database's process (none where that is our own) and our own."""

    seconds: float
    database: float
    own: float


def _spent(work: Callable[[], Any]) -> tuple[Any, Spent]:
    before, own = _database_seconds(), time.process_time()
    done, seconds = _timed(work)
    return done, Spent(seconds, _database_seconds() - before, time.process_time() - own)


def _database_seconds() -> float:
    """Processor seconds of the server's process for this connection; 0 when it cannot be seen."""
    from django.db import connection

    if connection.vendor == "sqlite":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        stat = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    fields = stat.read_text().rpartition(")")[2].split() if stat.exists() else []
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def _rate(name: str, count: int, spent: Spent, limit: Spent) -> tuple[str, ...]:
    each = [f"{value / count * 1e6:.1f}" for value in (spent.seconds, spent.database, spent.own)]
    return name, f"{spent.seconds:.1f}", f"{count / spent.seconds:,.0f}", each[0], f"{limit.seconds / spent.seconds:.0%}", *each[1:]


def _sites(now: datetime) -> tuple[Any, list[Any]]:
    from kefu.kernel.actor import Actor
    from kefu.people import actions as people

    system = Actor.system("benchmark")
    hub = people.create_site(actor=system, code="HUB", name="华东分拨", kind="hub", handbook="best", now=now, city="南京")
    stations = [
        people.create_site(
            actor=system, code=f"S{n:03d}", name=f"网点{n}", kind="station", handbook="best", parent=hub, now=now, city="南京"
        )
        for n in range(STATIONS)
    ]
    return system, [hub, *stations]


def _waybill(parcel: int) -> str:
    return f"{75_000_000_000_000 + (parcel * 7_919_317) % 900_000_000_000:014d}"


def _journeys(count: int) -> Iterator[tuple[int, int, int]]:
    """Second of the scan, parcel, stage; parcels come evenly over the days, each takes about two."""
    dice = random.Random(20_261_122)
    span = count / PER_DAY * 86400
    for parcel in range(count // PER_PARCEL):
        at = parcel * PER_PARCEL / count * span
        for stage, hours in enumerate((0, 4, 16, 6, 5)):
            at += hours * 3600 * dice.uniform(0.6, 1.4)
            yield int(at), parcel, stage


def _write(path: Path, count: int, now: datetime) -> None:
    """What a carrier's system gives out: in the order of time, local times, sites by code."""
    rows = sorted(_journeys(count))
    start = now + timedelta(hours=7) - timedelta(seconds=rows[-1][0])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADS)
        for second, parcel, stage in rows:
            home, away = f"S{parcel % STATIONS:03d}", f"S{parcel * 7 % STATIONS:03d}"
            here = (away, away, home, home, home)[stage]
            at = (start + timedelta(seconds=second)).strftime("%Y-%m-%d %H:%M:%S")
            courier = f"C{parcel % 900:03d}" if stage >= 3 else ""
            before, after = ("HUB" if stage == 2 else "", "HUB" if stage == 1 else "")
            writer.writerow(
                [_waybill(parcel), WORDS[stage], at, here, f"{1000 + parcel % 97}", courier, before, after, f"PDA{parcel % 211}"]
            )


def _register(parcels: int, sites: list[Any], now: datetime) -> None:
    """Parcels without the record each registration leaves: what is measured is their scans."""
    from kefu.kernel.bulk import insert_rows
    from kefu.parcels.models import Parcel, Standing

    fields = [field for field in Parcel._meta.concrete_fields if field.name != "id"]
    from django.db import connection

    for start in range(0, parcels, 50_000):
        rows = []
        for parcel in range(start, min(start + 50_000, parcels)):
            one = Parcel(
                waybill=_waybill(parcel),
                carrier="zto",
                site=sites[1 + parcel % STATIONS],
                origin_site=sites[1 + parcel * 7 % STATIONS],
                created_at=now,
            )
            rows.append([field.get_db_prep_save(field.pre_save(one, True), connection) for field in fields])
        insert_rows(Parcel, [field.name for field in fields], rows)
    with connection.cursor() as cursor:
        names = "parcel_id, version, state, last_scan_code, marks"
        cursor.execute(f"INSERT INTO {Standing._meta.db_table} ({names}) SELECT id, 0, 'ordered', '', 0 FROM parcels_parcel ORDER BY id")
        cursor.execute("ANALYZE")


def _bare(database: Database, path: Path, sites: list[Any], now: datetime) -> Spent:
    """The rows of the file as the table has them, straight into a table with the same columns, indexes and parts."""
    from django.db import connection

    keys = {site.code: site.pk for site in sites}
    codes = dict(zip(WORDS, CODES, strict=True))
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        next(reader)
        rows = [
            (number, codes[word], at, keys[site], who, courier, keys.get(before), keys.get(after), device)
            for number, word, at, site, who, courier, before, after, device in reader
        ]
    rest = ("reason", "note", "external_id", "piece", "bag", "truck")
    names = ", ".join(
        (
            "waybill",
            "code",
            "scanned_at",
            "site_id",
            "operator",
            "courier",
            "previous_site_id",
            "next_site_id",
            "device",
            "received_at",
            "source",
            *rest,
        )
    )
    stamp = now.strftime("%Y-%m-%d %H:%M:%S")
    tail = (stamp, "import", *[""] * len(rest))
    with connection.cursor() as cursor:
        if database.sqlite:
            cursor.execute("SELECT sql FROM sqlite_master WHERE tbl_name = 'parcels_scan' AND sql IS NOT NULL")
            for (sql,) in cursor.fetchall():
                cursor.execute(sql.replace("parcels_scan", "bare").replace('INDEX "', 'INDEX "bare_'))
            marks = ", ".join(["%s"] * (len(tail) + 9))
            values = [(*row, *tail) for row in rows]

            def inserts() -> None:
                from django.db import transaction

                for start in range(0, len(values), 50_000):
                    with transaction.atomic():
                        cursor.executemany(f"INSERT INTO bare ({names}) VALUES ({marks})", values[start : start + 50_000])

            _done, spent = _spent(inserts)
            cursor.execute("DROP TABLE bare")
            return spent
        cursor.execute("CREATE TABLE bare (LIKE parcels_scan INCLUDING ALL) PARTITION BY RANGE (scanned_at)")
        cursor.execute(
            "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_class c JOIN pg_inherits ON inhrelid = c.oid WHERE inhparent = 'parcels_scan'::regclass"
        )
        for name, bound in cursor.fetchall():
            cursor.execute(f"CREATE TABLE {name.replace('parcels_scan', 'bare')} PARTITION OF bare {bound}")
        lines = ["\t".join("\\N" if value is None else str(value) for value in (*row[:2], row[2] + "+08", *row[3:], *tail)) for row in rows]
        parts = ["\n".join(lines[start : start + 50_000]).encode() for start in range(0, len(lines), 50_000)]
        del rows, lines

        def copies() -> None:
            for part in parts:
                with cursor.cursor.copy(f"COPY bare ({names}) FROM STDIN") as copy:
                    copy.write(part)

        _done, spent = _spent(copies)
        cursor.execute("DROP TABLE bare")
        return spent


def _import(actor: Any, path: Path, now: datetime, *, profile: bool = False) -> Any:
    from kefu.parcels.imports import run_import

    def run() -> Any:
        return run_import(actor=actor, kind="scans", path=path, now=now)

    if not profile:
        return run()
    import cProfile
    import pstats

    with cProfile.Profile() as taken:
        done = run()
    pstats.Stats(taken).sort_stats("tottime").print_stats(25)
    return done


def _states(count: int) -> None:
    from kefu.parcels.models import Standing

    signed = Standing.objects.filter(state="signed").count()
    assert signed == count // PER_PARCEL, (signed, count // PER_PARCEL)


def _reads(actor: Any, sites: list[Any], wanted: argparse.Namespace, now: datetime) -> None:
    from kefu.parcels import actions, queries
    from kefu.parcels.drafts import ScanDraft

    dice = random.Random(5)
    parcels = wanted.scans // PER_PARCEL

    def gun(n: int) -> None:
        draft = ScanDraft(_waybill(dice.randrange(parcels)), "hold", sites[1].pk, now - timedelta(seconds=n), operator="1001")
        assert actions.record_scans(actor=actor, batch=[draft], now=now).stored == 1

    def trace(_n: int) -> None:
        assert len(queries.trace(actor, _waybill(dice.randrange(parcels)), now=now).lines) >= PER_PARCEL

    def pasted(_n: int) -> None:
        numbers = [_waybill(dice.randrange(parcels)) for _ in range(1000)]
        assert queries.cards(actor, numbers)
        assert queries.states_of(numbers)

    rows = []
    for name, work, times in [
        ("a gun scan, with its parcel's state", gun, wanted.reads),
        ("a trace", trace, wanted.reads),
        ("1,000 pasted numbers: parcels and states", pasted, 10),
    ]:
        work(-1)
        taken = [_timed(partial(work, n))[1] for n in range(times)]
        rows.append((name, ms(statistics.median(taken)), ms(sorted(taken)[int(len(taken) * 0.95)])))
    show(f"One at a time, among {wanted.scans:,} scans (without HTTP)", ("", "p50 ms", "p95 ms"), rows)


if __name__ == "__main__":
    main()
