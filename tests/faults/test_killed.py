"""``kill -9`` of the worker in the middle of a sweep: nothing lost, nothing twice (PLAT1)."""

import signal

from tests.faults.conftest import Installation, wait_for

_MAKE = """
from datetime import timedelta
from django.utils import timezone
from kefu.clocks.models import Alarm, Clock
now = timezone.now()
def clock(n):
    due = now - timedelta(minutes=1)
    return Clock(subject_kind="probe", subject_id=n, site_id=1, key="k", clause="best@1#clocks.solve", family="company", calendar="natural",
        target_seconds=60, started_at=now, due_at=due, ladder=[[0, ["lead"], False]])
made = Clock.objects.bulk_create([clock(n) for n in range(30000)], batch_size=2000)
Alarm.objects.bulk_create([Alarm(clock=one, at=one.due_at) for one in made], batch_size=2000)
"""
_FIRED = """
from kefu.kernel.models import OutboxEvent
from kefu.clocks.models import Alarm
payloads = OutboxEvent.objects.filter(type="clocks.fired").values_list("payload", flat=True)
items = [item["subject_id"] for payload in payloads for item in payload["items"]]
print(len(items), len(set(items)), Alarm.objects.filter(at__isnull=False).count())
"""


def _numbers(installation: Installation) -> list[int]:
    return [int(part) for part in installation.python(_FIRED).split()]


def test_a_killed_sweep_loses_nothing_and_fires_nothing_twice(installation: Installation) -> None:
    installation.python(_MAKE)
    kills = 0
    for _attempt in range(3):
        child = installation.start("-m", "kefu.config.cli", "worker")
        before = _numbers(installation)[0]
        wait_for(lambda: _numbers(installation)[0] > before or child.poll() is not None, 60)  # noqa: B023
        assert child.poll() is None
        child.send_signal(signal.SIGKILL)
        child.wait(10)
        kills += 1
        fired, different, waiting = _numbers(installation)
        assert fired == different
        assert fired + waiting == 30000
        if waiting == 0:
            break
    installation.start("-m", "kefu.config.cli", "worker")
    wait_for(lambda: _numbers(installation)[2] == 0, 90)
    assert _numbers(installation) == [30000, 30000, 0]
    assert kills >= 1
