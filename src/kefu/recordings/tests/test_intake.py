"""The watched folder (CONV4)."""
# ruff: noqa: E501 (tables of files)

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kefu.conftest import Ground
from kefu.recordings import intake
from kefu.recordings.models import Recording
from kefu.recordings.tests.calls import STARTED, content

pytestmark = pytest.mark.django_db
TOLD = {
    "site": "NS01",
    "source": "pbx",
    "external_id": "c1",
    "started_at": STARTED.isoformat(),
    "staff_no": "1000",
    "sides": ["agent", "customer"],
}


@pytest.fixture
def inbox(tmp_path: Path, now: Any) -> Any:
    """A folder; ``put`` writes files as they were so many seconds ago."""

    def put(name: str, sound: bytes | None, told: Any = TOLD, ago: float = 10) -> None:
        for suffix, data in ((".wav", sound), (".json", told if isinstance(told, bytes) else json.dumps(told).encode() if told else None)):
            if data is not None:
                path = tmp_path / f"{name}{suffix}"
                path.write_bytes(data)
                os.utime(path, (now.timestamp() - ago, now.timestamp() - ago))

    put.folder = tmp_path  # type: ignore[attr-defined]
    return put


def test_a_pair_is_taken_and_put_aside(ground: Ground, inbox: Any, now: Any) -> None:
    inbox("a", content())
    looked = intake.look(now=now, inbox=inbox.folder)
    assert (looked.taken, looked.present, looked.refused, looked.waiting) == (1, 0, 0, 0)
    row = Recording.objects.get()
    assert (row.site_id, row.conversation.external_id, row.file_name) == (ground.station.pk, "c1", "a.wav")
    assert sorted(one.name for one in (inbox.folder / "done").iterdir()) == ["a.json", "a.wav"]
    inbox("b", content())
    assert intake.look(now=now, inbox=inbox.folder).present == 1
    assert Recording.objects.count() == 1


def test_what_is_being_written_is_waited_for(ground: Ground, inbox: Any, now: Any) -> None:
    inbox("fresh", content(), ago=1)
    inbox("alone", content(2), told=None)
    inbox("header", content(3)[:44], told={**TOLD, "external_id": "c3"})
    looked = intake.look(now=now, inbox=inbox.folder)
    assert (looked.taken, looked.refused, looked.waiting) == (0, 0, 3)
    assert intake.look(now=now + timedelta(seconds=5), inbox=inbox.folder).taken == 1
    late = intake.look(now=now + timedelta(days=2), inbox=inbox.folder)
    assert late.refused == 2


@pytest.mark.parametrize("told", [
    b"{", b"[]", {**TOLD, "site": "nowhere"}, {**TOLD, "started_at": "2026-11-21 11:00"}, {**TOLD, "started_at": "2026-99-21T11:00:00+08:00"},
    {**TOLD, "sides": ["agent", "agent"]}, {**TOLD, "stafno": "1"}, {**TOLD, "staff_no": 1000},
])  # fmt: skip
def test_what_cannot_be_used_goes_aside_with_the_reason(ground: Ground, inbox: Any, now: Any, told: Any) -> None:
    inbox("a", content(), told)
    looked = intake.look(now=now, inbox=inbox.folder)
    assert (looked.taken, looked.refused) == (0, 1)
    assert (inbox.folder / "refused" / "a.wav.reason.txt").read_text().strip()
    assert Recording.objects.count() == 0
    assert intake.look(now=now, inbox=inbox.folder).refused == 0


def test_no_sound_by_a_sounds_name(ground: Ground, inbox: Any, now: Any) -> None:
    inbox("a", b"PK\x03\x04 an archive" * 50)
    assert intake.look(now=now, inbox=inbox.folder).refused == 1


def test_no_room_leaves_the_pair_where_it_is(ground: Ground, inbox: Any, now: Any, settings: Any) -> None:
    settings.KEFU_RECORDINGS_MB = 1
    Recording.objects.all()
    inbox("a", content() * 1)
    big = content() + b"\0" * 1_200_000
    inbox("b", big, {**TOLD, "external_id": "c2"})
    looked = intake.look(now=now, inbox=inbox.folder)
    assert (looked.taken, looked.waiting, looked.refused) == (1, 1, 0)
    assert (inbox.folder / "b.wav").exists()
