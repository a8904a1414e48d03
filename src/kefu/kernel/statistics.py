"""What SQLite knows of its tables: without it the planner takes the first index at hand, and a join of two large ones may take hours.

PostgreSQL looks after its own (autovacuum). SQLite does so only when told: after much was written, and now and then by the worker.
"""

from django.db import connection

# Rows looked at of each index: a tenth of a second whatever the size.
_LIMIT = 1000


def refresh() -> None:
    """Let the planner know how the tables are filled. Nothing to do on PostgreSQL."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA analysis_limit = {_LIMIT}")
        cursor.execute("ANALYZE")
