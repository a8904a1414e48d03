"""``kill -9`` of an import of scans in the middle of a lot: every scan once, every parcel where it stands (PLAT2, OPS7)."""

import signal
from pathlib import Path

from tests.faults.conftest import Installation

PARCELS = 1500
_MAKE = f"""
from django.utils import timezone
from kefu.handbook.actions import install_builtin
from kefu.kernel.actor import Actor
from kefu.parcels import actions
from kefu.parcels.drafts import ParcelDraft
from kefu.people import actions as people
system, now = Actor.system("tests"), timezone.now()
install_builtin(actor=system, now=now)
site = people.create_site(actor=system, code="NS01", name="南市分部", kind="station", handbook="best", now=now, city="南京")
actions.register_parcels(actor=system, drafts=[ParcelDraft(f"7500{{n:010d}}", site.pk) for n in range({PARCELS})], now=now)
"""
_RUN = """
import os, signal
from pathlib import Path
import django; django.setup()
from django.utils import timezone
from kefu.kernel.actor import Actor
from kefu.parcels import imports
imports._LOT = 500
stored, lots = imports.load_scans, []
def stores_and_dies(**given):
    count = stored(**given)
    lots.append(count)
    if len(lots) == {lots}:
        os.kill(os.getpid(), signal.SIGKILL)  # stored, its parcels moved, nothing committed
    return count
imports.load_scans = stores_and_dies
imports.run_import(actor=Actor.system("tests"), kind="scans", path=Path("{path}"), now=timezone.now())
"""
_COUNTS = """
from kefu.kernel.models import ImportRun
from kefu.parcels.models import Scan, Standing
run = ImportRun.objects.first()
print(Scan.objects.count(), Scan.objects.values("waybill", "code").distinct().count(), Standing.objects.filter(state="signed").count(),
    run.stored if run else 0, run.present + run.refused if run else 0, int(run is not None and run.state == "done"))
"""


def _counts(installation: Installation) -> list[int]:
    return [int(part) for part in installation.python(_COUNTS).split()]


def _file(path: Path) -> Path:
    stages = [
        (word, f"2026-11-{18 + day} 09:{minute:02d}:00") for day, (word, minute) in enumerate([("收件", 1), ("派件", 2), ("签收", 3)])
    ]
    rows = [f"7500{n:010d},{word},{at},NS01" for word, at in stages for n in range(PARCELS)]
    path.write_text("\n".join(["运单号,扫描类型,扫描时间,扫描网点", *rows]) + "\n", encoding="utf-8")
    return path


def test_a_killed_import_of_scans_goes_on_and_stores_nothing_twice(installation: Installation) -> None:
    installation.python(_MAKE)
    path = _file(installation.home / "scans.csv")
    before = 0
    for lots in (3, 1, 4):
        child = installation.start("-c", _RUN.format(path=path, lots=lots))
        assert child.wait(120) == -signal.SIGKILL
        scans, different, _signed, stored, others, finished = _counts(installation)
        # What is stored, and what the run says is stored, were written together.
        assert (scans, others, finished) == (stored, 0, 0)
        # The first lot has the headings among its lines.
        assert before + 500 * (lots - 1) - 1 <= scans == different <= before + 500 * (lots - 1)
        before = scans
    assert installation.start("-c", _RUN.format(path=path, lots=0)).wait(120) == 0
    assert _counts(installation) == [3 * PARCELS, 3 * PARCELS, PARCELS, 3 * PARCELS, 0, 1]
