"""Scans by month on PostgreSQL: parts are made ahead, and what lay in the rest moves to its month."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from kefu.conftest import NOW
from kefu.parcels import actions, partitions
from kefu.parcels.drafts import ScanDraft
from kefu.parcels.models import Scan

AHEAD = datetime(2031, 12, 20, tzinfo=UTC)


def rows_of(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {table}")
        return cursor.fetchone()[0]


def test_sqlite_has_one_table():
    assert partitions.name_of(NOW) == "parcels_scan_2026_11"
    if connection.vendor == "sqlite":
        assert partitions.keep_months(NOW) == []


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite keeps one table")
def test_months_are_made_ahead_and_late_scans_move(ground, cast):
    def scan(at):
        return ScanDraft("50004090806944", "arrive", ground.station.pk, at)

    moments = [AHEAD - timedelta(days=100), AHEAD - timedelta(days=3), AHEAD - timedelta(days=365 * 5)]
    actions.record_scans(actor=cast.clerk, batch=[scan(at) for at in moments], now=AHEAD)
    before = sorted(Scan.objects.values_list("pk", "scanned_at"))
    resting = rows_of(partitions.REST)
    assert resting >= 2
    made = partitions.keep_months(AHEAD)
    assert made == ["parcels_scan_2031_09", *(f"parcels_scan_{month}" for month in ("2031_11", "2031_12", "2032_01", "2032_02", "2032_03"))]
    assert (rows_of("parcels_scan_2031_09"), rows_of("parcels_scan_2031_12"), rows_of(partitions.REST)) == (1, 1, resting - 2)
    assert sorted(Scan.objects.values_list("pk", "scanned_at")) == before
    assert partitions.keep_months(AHEAD) == []
    again = actions.record_scans(actor=cast.clerk, batch=[scan(at) for at in moments], now=AHEAD)
    assert (again.stored, again.present) == (0, 3)
    later = actions.record_scans(actor=cast.clerk, batch=[scan(AHEAD)], now=AHEAD)
    assert later.stored == 1
    assert rows_of("parcels_scan_2031_12") == 2
