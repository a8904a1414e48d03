"""Scans by month on PostgreSQL: the table is parted by the time of the scan, so that what is written and asked every day stays small.

A month has a part of its own before it begins; what belongs to none (long ago, a wrong clock) lies in the part for the rest. SQLite keeps
one table, and there is nothing to do.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from django.db import connection, transaction

from kefu.kernel.sequences import exclusive

TABLE = "parcels_scan"
REST = "parcels_scan_rest"
# Months that get a part of their own: before the present one if there are scans of them, and after it always.
BACK = 36
AHEAD = 3
_EMPTY_BACK = 1


def keep_months(now: datetime) -> list[str]:
    """Make the parts of the coming months, and of past ones whose scans lie in the rest, which move there; gives their names.

    Done again, by however many processes, it makes nothing. Each month is a transaction of its own.
    """
    if connection.vendor != "postgresql":
        return []
    with exclusive("scan-months") as held:
        if held is None:
            return []
        wanted = {_shifted(now, by) for by in range(-_EMPTY_BACK, AHEAD + 1)} | set(
            _months_in_rest(_shifted(now, -BACK), _shifted(now, AHEAD + 1))
        )
        made = _parts()
        fresh = [month for month in sorted(wanted) if name_of(month) not in made]
        for month in fresh:
            with transaction.atomic():
                _make(month)
    return [name_of(month) for month in fresh]


def name_of(month: datetime) -> str:
    """Table of a month."""
    return f"{TABLE}_{month:%Y_%m}"


def _shifted(moment: datetime, months: int) -> datetime:
    """The first moment of the month that many months away; months of the parts are those of UTC."""
    year, month = divmod(moment.astimezone(UTC).year * 12 + moment.astimezone(UTC).month - 1 + months, 12)
    return datetime(year, month + 1, 1, tzinfo=UTC)


def _months_in_rest(first: datetime, last: datetime) -> Iterable[datetime]:
    sql = f"SELECT DISTINCT date_trunc('month', scanned_at AT TIME ZONE 'UTC') FROM {REST} WHERE scanned_at >= %s AND scanned_at < %s"
    with connection.cursor() as cursor:
        cursor.execute(sql, [first, last])
        return [month.replace(tzinfo=UTC) for (month,) in cursor.fetchall()]


def _parts() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", [TABLE])
        return {name for (name,) in cursor.fetchall()}


def _make(month: datetime) -> None:
    name, first, last = name_of(month), month.isoformat(), _shifted(month, 1).isoformat()
    span = f"scanned_at >= '{first}' AND scanned_at < '{last}'"
    with connection.cursor() as cursor:
        # Nobody may put a scan of this month into the rest while those there are moved.
        cursor.execute(f"LOCK TABLE {REST} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(f"CREATE TABLE {name} (LIKE {TABLE} INCLUDING DEFAULTS)")
        cursor.execute(f"WITH moved AS (DELETE FROM {REST} WHERE {span} RETURNING *) INSERT INTO {name} SELECT * FROM moved")
        cursor.execute(f"ALTER TABLE {TABLE} ATTACH PARTITION {name} FOR VALUES FROM ('{first}') TO ('{last}')")
