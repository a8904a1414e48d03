"""``kill -9`` of the worker in the middle of a bulk work: every case done once, none left out (CASE8, PLAT1)."""

import signal

from tests.faults.conftest import Installation, wait_for

CASES = 400
_MAKE = f"""
from datetime import UTC, datetime
from django.utils import timezone
from kefu.batches import actions
from kefu.batches.actions import BatchRequest
from kefu.cases.models import Case
from kefu.handbook.actions import install_builtin
from kefu.kernel.actor import Actor
from kefu.people import access, actions as people
system, now = Actor.system("tests"), timezone.now()
install_builtin(actor=system, now=datetime(2026, 1, 1, tzinfo=UTC))
site = people.create_site(actor=system, code="NS01", name="南市分部", kind="station", handbook="best", now=now, city="南京")
lead = people.create_staff(actor=system, now=now, new=people.NewStaff(username="lead", staff_no="1001", name="王芳", role="lead", site=site,
    password="correct-horse-battery", team=None))
Case.objects.bulk_create([Case(site=site, handbook="best@1", kind="delay", procedure="delay", channel="call", title="延误", opened_by="x",
    opened_at=now, updated_at=now) for _ in range({CASES})])
request = BatchRequest(action="urge", parameters={{"text": "平台批量催单"}}, matching={{"kind": "delay"}})
actions.start(actor=access.actor_for(lead), request=request, now=now)
"""
_COUNTS = """
from django.db.models import Count, Max
from kefu.batches.models import Batch, BatchItem
from kefu.cases.models import Case, Entry
batch = Batch.objects.get()
urged = Entry.objects.filter(kind="urged")
print(urged.count(), urged.values("case").distinct().count(), Case.objects.aggregate(m=Max("urge_count"))["m"],
    BatchItem.objects.filter(outcome="done").count(), batch.done, batch.refused + batch.skipped, int(batch.state == "done"))
"""


def _counts(installation: Installation) -> list[int]:
    return [int(part) for part in installation.python(_COUNTS).split()]


def test_a_killed_batch_goes_on_and_does_nothing_twice(installation: Installation) -> None:
    installation.python(_MAKE)
    kills = 0
    for _attempt in range(2):
        child = installation.start("-m", "kefu.config.cli", "worker")
        before = _counts(installation)[0]
        wait_for(lambda: _counts(installation)[0] > before or child.poll() is not None, 60)  # noqa: B023
        assert child.poll() is None
        child.send_signal(signal.SIGKILL)
        child.wait(10)
        kills += 1
        urged, cases, most, items, done, others, _finished = _counts(installation)
        assert urged == cases == items == done
        assert (most, others) == (1, 0)
        if done == CASES:
            break
    installation.start("-m", "kefu.config.cli", "worker")
    wait_for(lambda: _counts(installation)[6] == 1, 90)
    assert _counts(installation) == [CASES, CASES, 1, CASES, CASES, 0, 1]
    assert kills >= 1
