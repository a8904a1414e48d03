"""Steps of a centre in a process of its own, for tests that kill workers: ``build``, ``work:<minutes from now>``, ``look``."""

import json
import sys
from datetime import timedelta

from kefu.handbook.actions import install_builtin
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.people import actions as people
from kefu.recordings import work
from kefu.recordings.models import Recording
from kefu.recordings.tests.calls import STARTED, received

CALLS = 4


def main() -> None:
    """One step; what it found is one line of JSON."""
    step, _colon, value = sys.argv[1].partition(":")
    if step == "build":
        system = Actor.system("tests")
        install_builtin(actor=system, now=STARTED - timedelta(days=300))
        site = people.create_site(actor=system, code="NS01", name="南市分部", kind="station", handbook="best", now=STARTED)
        for number in range(CALLS):
            received(system, site.pk, moment.now(), seed=number + 40, external_id=f"c{number}")
        found: object = CALLS
    elif step == "work":
        later = timedelta(minutes=int(value))
        done = work.run_due(now=moment.now() + later, clock=lambda: moment.now() + later)
        found = [done.measured, done.transcribed, done.failed]
    else:
        rows = Recording.objects.order_by("pk").select_related("conversation")
        found = [[row.state, row.lease, row.conversation.line_count] for row in rows]
    sys.stdout.write(json.dumps(found) + "\n")
