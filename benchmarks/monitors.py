"""Difference sets: every set of one site-day, and one set of the whole network's month, among many scans (OPS5).

Beside the product's statement for the month stand the shortest SQL that says the same, written by hand, and DuckDB on the same rows in its
own format (not in the requirements: `pip install duckdb` anywhere on PYTHONPATH; without it the line is left out). Half of the scans are sent
toward a station, the other half are the arrivals, but for those missing; each half has the month's 5 M when there are 10 M scans.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from measuring import ground
from measuring.ground import Database, Stamp
from measuring.table import ms, show

HUBS, STATIONS, DAYS, MISSING = 10, 300, 30, 67
NOW = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
FIRST = datetime(2026, 10, 1, tzinfo=UTC)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    size = int(os.environ.get("KEFU_BENCH_SCANS") or 200_000)
    parser.add_argument("--scans", type=int, default=size, help="scans of the month (10000000 for the published table)")
    parser.add_argument("--fresh", action="store_true", help="seed anew")
    parser.add_argument("--runs", type=int, default=3)
    return parser.parse_args()


def main() -> None:
    """Seed once, then measure."""
    wanted = _arguments()
    database = Database(ground.SERVER).renamed(f"_monitors_{wanted.scans // 1000}k")
    if not ground.reachable(database.url):
        sys.exit(f"PostgreSQL does not answer at {database.url}. KEFU_BENCH_DATABASE_URL says where it is.")
    stamp = None if wanted.fresh else database.stamp()
    if stamp is None:
        database.create()
    ground.start_django(database)
    if stamp is None:
        stamp = _seed(database, wanted.scans)
    print(f"\n{ground.settings_of(database)}; {stamp.cases:,} scans, seeded in {stamp.seconds:.0f} s")
    _site_day(wanted.runs)
    _month(wanted.runs)


def _seed(database: Database, scans: int) -> Stamp:
    from django.core.management import call_command
    from django.db import connection

    from kefu.handbook.actions import install_builtin
    from kefu.kernel.actor import Actor
    from kefu.parcels.partitions import keep_months
    from kefu.people.actions import create_site

    began = time.time()
    call_command("migrate", verbosity=0)
    system = Actor.system("benchmark")
    install_builtin(actor=system, now=datetime(2026, 1, 1, tzinfo=UTC))
    hubs = [create_site(actor=system, code=f"H{n}", name=f"分拨{n}", kind="hub", handbook="best", now=FIRST) for n in range(HUBS)]
    stations = [
        create_site(actor=system, code=f"S{n}", name=f"网点{n}", kind="station", handbook="best", parent=hubs[n % HUBS], now=FIRST)
        for n in range(STATIONS)
    ]
    keep_months(FIRST)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE tablename = 'parcels_scan' AND indexname LIKE 'scan_%' AND indexname <> 'scan_once'"
        )
        indexes = [row[0].replace(" ON ONLY ", " ON ") for row in cursor.fetchall()]
        cursor.execute(
            "SELECT indexname FROM pg_indexes WHERE tablename = 'parcels_scan' AND indexname LIKE 'scan_%' AND indexname <> 'scan_once'"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP INDEX {name}")
        cursor.execute("ALTER TABLE parcels_scan DROP CONSTRAINT scan_once")
        for code, site, onward, later, lacking in (("send", "h", "s", 0, 0), ("arrive", "s", "h", 5, MISSING)):
            cursor.execute(
                f"""INSERT INTO parcels_scan (waybill, code, site_id, scanned_at, received_at, operator, courier, previous_site_id,
                       next_site_id, device, reason, note, source, external_id, piece, bag, truck)
                    SELECT '75' || to_char((n::bigint * 7919) %% 1000000000000, 'FM000000000000'), %s, {site}, at, at, '111', '',
                       {"h" if code == "arrive" else "NULL"}, {onward if code == "send" else "NULL"}, 'PDA', '', '', 'own', '', '', '',
                       'T' || (n %% 40)
                    FROM (SELECT n, (%s::bigint[])[1 + n %% {HUBS}] AS h, (%s::bigint[])[1 + (n * 31) %% {STATIONS}] AS s,
                       %s::timestamptz + (n::float8 / %s * {DAYS} + %s / 24.0) * INTERVAL '1 day' AS at
                       FROM generate_series(1, %s) AS n) AS made
                    WHERE %s = 0 OR n %% %s <> 0""",
                [code, [one.pk for one in hubs], [one.pk for one in stations], FIRST, scans // 2, later, scans // 2, lacking, lacking or 1],
            )
        cursor.execute("ALTER TABLE parcels_scan ADD CONSTRAINT scan_once UNIQUE (waybill, scanned_at, code, site_id, operator, piece)")
        for text in indexes:
            cursor.execute(text)
        connection.commit()
        cursor.execute("VACUUM ANALYZE")
    stamp = Stamp(scans, 0, time.time() - began, time.time(), ground.keys_mark())
    database.write_stamp(stamp)
    return stamp


def _timed(do: Callable[[], Any], runs: int) -> tuple[float, Any]:
    """Median of some runs, after one that warms the caches."""
    found, times = do(), []
    for _run in range(runs):
        began = time.perf_counter()
        found = do()
        times.append(time.perf_counter() - began)
    return statistics.median(times), found


def _site_day(runs: int) -> None:
    from kefu.kernel.actor import Actor
    from kefu.people.queries import site_by_code
    from kefu.station.monitors import queries
    from kefu.station.monitors.queries import Wanted
    from kefu.station.monitors.sets import sets_for

    system = Actor.system("benchmark")
    rows, slowest = [], 0.0
    for code, kind in (("S7", "station"), ("H3", "hub")):
        site = site_by_code(code)
        assert site is not None
        for one in sets_for(kind):
            day = (FIRST + timedelta(days=15)).date()
            wanted = Wanted(one.key, site.pk, day, day)
            taken, summary = _timed(lambda wanted=wanted: queries.summary(system, wanted, now=NOW), runs)
            listed, _page = _timed(lambda wanted=wanted: queries.page(system, wanted, now=NOW), runs)
            slowest = max(slowest, taken, listed)
            rows.append((f"{kind} {one.key}", f"{summary.expected:,}", f"{summary.totals.count:,}", ms(taken), ms(listed)))
    show("One site-day", ("set", "expected", "standing", "figures ms", "page of 50 ms"), rows)
    print(f"slowest {ms(slowest)} ms; the limit is 300 ms")


def _month(runs: int) -> None:
    from django.db import connection

    from kefu.station.monitors import reading
    from kefu.station.monitors.sets import SETS
    from kefu.station.monitors.statement import Span
    from kefu.station.monitors.terms import grounds

    one = SETS["not_arrived"]
    span = Span(FIRST, NOW, NOW)
    (terms,) = grounds(one, None, NOW)
    until = NOW - terms.terms.tolerance

    def product() -> int:
        return sum(left for _whole, left in reading.standing_by_day(one, terms, span).values())

    # The same question, without voids, repeats, pieces, bags and clocks.
    bare = """SELECT e.next_site_id, (e.scanned_at AT TIME ZONE 'Asia/Shanghai')::date AS day, count(*) FROM parcels_scan e
        WHERE e.code = 'send' AND e.next_site_id IS NOT NULL AND e.scanned_at >= %s AND e.scanned_at < %s AND NOT EXISTS (
          SELECT 1 FROM parcels_scan s WHERE s.waybill = e.waybill AND s.code = 'arrive' AND s.site_id = e.next_site_id
          AND s.scanned_at >= %s AND s.scanned_at >= e.scanned_at) GROUP BY 1, 2"""

    def by_hand() -> int:
        with connection.cursor() as cursor:
            cursor.execute(bare, [FIRST, until, FIRST])
            return sum(row[2] for row in cursor.fetchall())

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM parcels_scan WHERE code = 'send'")
        expected = cursor.fetchone()[0]
    own, found = _timed(product, runs)
    hand, by_hands = _timed(by_hand, runs)
    duck = _duck(bare, until, runs)
    best = min(hand, duck[0]) if duck else hand
    rows = [
        ("product: all rules of the set", f"{found:,}", ms(own), f"{own / best:.2f}"),
        ("hand-written SQL, same server", f"{by_hands:,}", ms(hand), f"{hand / best:.2f}"),
    ]
    if duck:
        rows.append(("DuckDB, rows loaded before", f"{duck[1]:,}", ms(duck[0]), f"{duck[0] / best:.2f}"))
    show(f"The network's month: {expected:,} sent toward {STATIONS} stations", ("", "standing", "ms", "× best"), rows)
    _kept(runs)


def _kept(runs: int) -> None:
    """What the page asks: the same month from the counts kept by day."""
    from kefu.kernel.actor import Actor
    from kefu.station.monitors import queries, upkeep

    began = time.perf_counter()
    upkeep.recount(now=NOW, sites=None, since=FIRST.date(), until=NOW.date())
    counted = time.perf_counter() - began
    taken, matrix = _timed(lambda: queries.matrix(Actor.system("benchmark"), now=NOW, since=FIRST.date() + timedelta(days=1)), runs)
    show("Kept by day", ("", "sites", "ms"), [
        ("all sets counted again, every site and day", f"{len(matrix.sites)}", ms(counted)),
        ("the table site by set of the month", f"{len(matrix.sites)}", ms(taken)),
    ])  # fmt: skip


def _duck(bare: str, until: datetime, runs: int) -> tuple[float, int] | None:
    try:
        import duckdb  # type: ignore[import-not-found]
    except ImportError:
        print("DuckDB is not installed, its line is left out: pip install duckdb")
        return None
    from django.db import connection

    path = ground.HOME / "monitors-scans.csv"
    with connection.cursor() as cursor, path.open("wb") as file:
        columns = "waybill, piece, code, site_id, next_site_id, scanned_at"
        with cursor.copy(f"COPY (SELECT {columns} FROM parcels_scan) TO STDOUT (FORMAT csv)") as copy:
            for part in copy:
                file.write(part)
    base = duckdb.connect()
    base.execute("SET TimeZone = 'UTC'")
    base.execute(
        "CREATE TABLE parcels_scan AS SELECT * FROM read_csv(?, header=false, columns={'waybill': 'VARCHAR', 'piece': 'VARCHAR',"
        " 'code': 'VARCHAR', 'site_id': 'BIGINT', 'next_site_id': 'BIGINT', 'scanned_at': 'TIMESTAMPTZ'})",
        [str(path)],
    )
    path.unlink()
    text = bare.replace("%s", "?")
    return _timed(lambda: sum(row[2] for row in base.execute(text, [FIRST, until, FIRST]).fetchall()), runs)


if __name__ == "__main__":
    main()
