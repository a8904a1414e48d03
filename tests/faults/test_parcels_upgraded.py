"""A database with rows in it, from the first tables of parcels to those of today: nothing is lost, and work goes on (PLAT1)."""

import json

from tests.faults.conftest import Installation

_OLD = """
from datetime import UTC, datetime, timedelta
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
call_command("migrate", "parcels", "0001", verbosity=0)
apps = MigrationExecutor(connection).loader.project_state([("parcels", "0001_initial")]).apps
Site, Parcel, Scan = apps.get_model("people", "Site"), apps.get_model("parcels", "Parcel"), apps.get_model("parcels", "Scan")
site = Site.objects.create(code="NS01", name="南市分部", kind="station", handbook="best", path="/1/")
start = datetime(2026, 8, 1, tzinfo=UTC)
for n in range(40):
    known = {"sender_name": f"寄{n}", "receiver_phone": f"138{n:08d}"} if n % 2 else {}
    Parcel.objects.create(waybill=f"7500{n:010d}", site=site, created_at=start, state="out_for_delivery", last_scan_code="deliver",
        last_scan_at=start + timedelta(days=n * 4, hours=1), last_scan_site=site, **known)
    for hour, code in enumerate(("collect", "deliver")):
        Scan.objects.create(waybill=f"7500{n:010d}", code=code, site=site, scanned_at=start + timedelta(days=n * 4 - 160, hours=hour),
            received_at=start)
    Parcel.objects.filter(waybill=f"7500{n:010d}").update(last_scan_at=start + timedelta(days=n * 4 - 160, hours=1))
"""
_NEW = """
import json
from datetime import UTC, datetime
from django.core.management import call_command
from django.db import connection
call_command("migrate", verbosity=0)
from kefu.kernel.actor import Actor
from kefu.parcels import actions, imports
from kefu.parcels.drafts import ScanDraft
from kefu.parcels.models import ParcelParties, Scan, Standing
from kefu.people.models import Site
one = ParcelParties.objects.get(parcel__waybill="75000000000007")
now = datetime(2026, 11, 22, tzinfo=UTC)
drafts = [ScanDraft(f"7500{n:010d}", code, Site.objects.get().pk, at) for n in range(40)
    for code, at in (("deliver", Scan.objects.get(waybill=f"7500{n:010d}", code="deliver").scanned_at), ("sign", now))]
done = actions.record_scans(actor=Actor.system("tests"), batch=drafts, now=now)
months = 0
if connection.vendor == "postgresql":
    with connection.cursor() as cursor:
        in_rest = "COUNT(*) FILTER (WHERE tableoid = 'parcels_scan_rest'::regclass)"
        cursor.execute(f"SELECT COUNT(DISTINCT tableoid), {in_rest} FROM parcels_scan")
        months = cursor.fetchone()
print(json.dumps({"parties": [ParcelParties.objects.count(), one.sender_name, one.receiver_phone, one.receiver_name], "months": months,
    "done": [done.stored, done.present], "scans": [Scan.objects.count(), len(set(Scan.objects.values_list("pk", flat=True)))],
    "states": [Standing.objects.filter(state="signed").count(), Standing.objects.filter(collected_at__isnull=False).count()]}))
"""


def test_rows_of_the_first_tables_are_those_of_today(unmigrated: Installation) -> None:
    unmigrated.python(_OLD)
    found = json.loads(unmigrated.python(_NEW).splitlines()[-1])
    assert found["parties"] == [20, "寄7", "13800000007", ""]
    # The scan that was there is known again; the new one makes a signature of the whole history.
    assert found["done"] == [40, 40]
    assert found["scans"] == [120, 120]
    assert found["states"] == [40, 40]
    if unmigrated.url.startswith("postgres"):
        parts, in_rest = found["months"]
        assert parts >= 5
        assert in_rest == 0
