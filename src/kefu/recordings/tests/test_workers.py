"""Workers in processes of their own: two at once do nothing twice, a killed one loses nothing (CONV4)."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from kefu.kernel.tests.own_databases import OwnDatabases
from kefu.recordings.tests.workers import CALLS

_SCRIPT = "import django; django.setup(); from kefu.recordings.tests import workers; workers.main()"
_PATIENCE = 120


class Centre:
    """Starts steps on one database and home."""

    def __init__(self, home: Path, url: str) -> None:
        self.base = {**os.environ, "KEFU_HOME": str(home), "KEFU_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "kefu.config.settings"}

    def start(self, step: str, engine: str = "") -> subprocess.Popen[str]:
        named = {"KEFU_SPEECH_ENGINE": f"kefu.recordings.tests.engines:{engine}" if engine else ""}
        command = [sys.executable, "-c", _SCRIPT, step]
        return subprocess.Popen(command, env=self.base | named, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def step(self, step: str, engine: str = "") -> Any:
        return self.end(self.start(step, engine))

    @staticmethod
    def end(process: subprocess.Popen[str]) -> Any:
        out, error = process.communicate(timeout=_PATIENCE)
        assert process.returncode == 0, error[-2000:]
        return json.loads(out)

    def until_leased(self, process: subprocess.Popen[str]) -> None:
        """Wait until the worker holds a recording that is measured: it is at the engine, which never answers."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            assert process.poll() is None
            if any(state == "measured" and lease for state, lease, _lines in self.step("look")):
                return
        raise AssertionError("the worker took nothing")


def test_a_killed_worker_and_two_at_once(tmp_path: Path, own_databases: OwnDatabases) -> None:
    centre = Centre(tmp_path, own_databases.migrated())
    assert centre.step("build") == CALLS
    doomed = centre.start("work:0", "Endless")
    centre.until_leased(doomed)
    doomed.kill()
    doomed.communicate()
    both = [centre.start("work:1", "Exact") for _ in range(2)]
    early = [centre.end(one) for one in both]
    assert sum(done[1] for done in early) == CALLS - 1  # the one in the dead worker's hands waits for its lease
    assert sum(bool(lease) for _state, lease, _lines in centre.step("look")) == 1
    assert centre.step("work:10", "Exact") == [0, 1, 0]
    assert centre.step("look") == [["done", "", lines] for _state, _lease, lines in centre.step("look")]
    assert all(lines > 0 for _state, _lease, lines in centre.step("look"))
