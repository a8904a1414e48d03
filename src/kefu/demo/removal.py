"""Takes the demo away in one step. Only where nothing else is: what the demo wrote is tied into one audit chain with all the rest."""

import shutil
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from kefu.demo import ground, marks, planted
from kefu.demo.errors import CentreInUse


def remove() -> bool:
    """Empty a database that holds nothing but the demo, with its files; false when there is no demo.

    Raises ``CentreInUse`` when the database holds other sites: rows of the demo cannot be taken out of a sealed audit chain.
    """
    if ground.strangers():
        raise CentreInUse
    if marks.read() is None:
        return False
    with transaction.atomic():
        call_command("flush", verbosity=0, interactive=False)
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:  # the one table that belongs to no model
                cursor.execute("DELETE FROM kernel_search_fts")
    home = Path(settings.KEFU_HOME)
    # Numbers begin anew, so nothing named by one may stay: passwords of people taken on by table least of all.
    for folder in ("files", "imports", "exports"):
        shutil.rmtree(home / folder, ignore_errors=True)
    for name in (planted.path(), home / "audit-heads.log"):
        name.unlink(missing_ok=True)
    return True
