"""Recordings of calls for the matrix of callers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kefu.conftest import NOW
from kefu.kernel.actor import Actor
from kefu.recordings import work
from kefu.recordings.tests.calls import content, received


@dataclass(frozen=True)
class Recorded:
    """A measured recording, and the call it is of (which has no words yet)."""

    recording: int = 1
    call: int = 1


def build(root: Actor, site: int, staff_no: str) -> Recorded:
    """A call of the agent."""
    row = received(root, site, NOW, external_id="matrix-call", staff_no=staff_no).recording
    work.run_due(now=NOW, clock=lambda: NOW)
    return Recorded(row.pk, row.conversation_id)


def requests(recorded: Recorded, site: int) -> dict[str, tuple[str, str, Any]]:
    """A request for each operation."""
    one = f"/recordings/{recorded.recording}"
    told = {"site": site, "source": "pbx", "external_id": "matrix-new", "started_at": NOW.isoformat()}
    return {
        "upload_recording": ("SOUND", "/recordings", told),
        "read_recording": ("GET", one, None),
        "download_recording": ("GET", f"{one}/file?reason=matrix", None),
        "retry_recording": ("POST", f"{one}/retry", None),
        "import_words": ("WORDS", f"/conversations/{recorded.call}/words", {}),
    }


FILES: dict[str, Callable[[], tuple[str, bytes]]] = {
    "SOUND": lambda: ("a.wav", content(77)),
    "WORDS": lambda: ("a.json", b'{"segments": [{"speaker": "0", "start": 0.5, "end": 3, "text": "hello"}]}'),
}
