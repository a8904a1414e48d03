"""SQLite is told how its tables are filled; PostgreSQL knows by itself."""

import pytest
from django.db import connection

from kefu.kernel import statistics
from kefu.kernel.models import Counter

pytestmark = pytest.mark.django_db


def test_the_planner_of_sqlite_knows_the_tables():
    Counter.objects.bulk_create([Counter(name=f"n{number}") for number in range(30)])
    statistics.refresh()
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT stat FROM sqlite_stat1 WHERE tbl = %s", [Counter._meta.db_table])
        assert any(row[0].split()[0] == "30" for row in cursor.fetchall())
