"""The watched folder: a telephone system puts a sound file and a JSON file of the same name there (CONV4).

``call-1.wav`` with ``call-1.json``. A pair is taken when both are there and nobody has written to them for ``QUIET``; taken ones go to
``done``, refused ones to ``refused`` with a file that says why. Nothing is ever deleted here.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.dateparse import parse_datetime

from kefu.kernel.actor import Actor
from kefu.kernel.errors import KefuError
from kefu.people import queries as people
from kefu.recordings import actions
from kefu.recordings.drafts import CallDraft
from kefu.recordings.errors import MetadataRefused, StoreFull
from kefu.recordings.wording import METADATA
from kefu.sound.errors import SoundRefused

SOUNDS = (".wav", ".mp3", ".flac", ".ogg", ".opus", ".amr")
QUIET = timedelta(seconds=3)
# A file without its JSON, or a JSON without its file, is refused after so long.
_ALONE = timedelta(hours=24)
_FIELDS: Mapping[str, type] = {
    "site": str,
    "source": str,
    "external_id": str,
    "started_at": str,
    "staff_no": str,
    "customer_phone": str,
    "waybill": str,
    "sides": list,
}
_LONGEST = 200
_WORKER = Actor.system("recordings")


@dataclass(slots=True)
class Looked:
    """Outcome of a look: taken anew, already there, refused, still being written."""

    taken: int = 0
    present: int = 0
    refused: int = 0
    waiting: int = 0
    reasons: list[str] = field(default_factory=list)


def folder() -> Path | None:
    """The folder that is watched (``KEFU_RECORDINGS_INBOX``); ``None``: none is."""
    return Path(settings.KEFU_RECORDINGS_INBOX) if settings.KEFU_RECORDINGS_INBOX else None


def look(*, now: datetime, inbox: Path | None = None, at_once: bool = False) -> Looked:
    """Take what is ready. ``at_once``: do not wait for files to rest, for a folder nobody writes to any more."""
    looked = Looked()
    where = inbox or folder()
    if where is None or not where.is_dir():
        return looked
    for path in sorted(where.iterdir()):
        if path.suffix.lower() in SOUNDS and path.is_file() and not path.name.startswith("."):
            _one(path, now, looked, at_once=at_once)
    for path in sorted(where.glob("*.json")):
        if _rested(path, now) >= _ALONE and not any(path.with_suffix(one).exists() for one in SOUNDS):
            _aside(path, "refused", str(METADATA["alone"]), looked)
    return looked


def _one(path: Path, now: datetime, looked: Looked, *, at_once: bool) -> None:
    told = path.with_suffix(".json")
    if not told.exists():
        if _rested(path, now) < _ALONE:
            looked.waiting += 1
        else:
            _aside(path, "refused", str(METADATA["alone"]), looked)
        return
    if not at_once and (_rested(path, now) < QUIET or _rested(told, now) < QUIET):
        looked.waiting += 1
        return
    try:
        call = call_of(told.read_bytes())
        with path.open("rb") as file:
            done = actions.receive(actor=_WORKER, call=call, file=file, name=path.name, now=now)
    except FileNotFoundError:
        return  # another worker took it
    except StoreFull as error:
        # Not the file's fault: it stays until there is room.
        looked.waiting += 1
        looked.reasons.append(str(error))
    except KefuError as error:
        if isinstance(error, SoundRefused) and error.reason == "sound_no_samples" and _rested(path, now) < _ALONE and not at_once:
            looked.waiting += 1  # the header is there, the sound is still to come
            return
        _aside(path, "refused", str(error), looked)
    else:
        _aside(path, "done", "", looked)
        if done.fresh:
            looked.taken += 1
        else:
            looked.present += 1


def _rested(path: Path, now: datetime) -> timedelta:
    """How long nobody wrote to it; a clock ahead of ours counts as just now."""
    try:
        return max(timedelta(0), timedelta(seconds=now.timestamp() - path.stat().st_mtime))
    except FileNotFoundError:
        return timedelta(0)


def call_of(content: bytes) -> CallDraft:
    """What the JSON tells of the call; raises ``MetadataRefused`` for what cannot be used. Unknown names are refused: they are typos."""
    try:
        plain: Any = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise MetadataRefused(why=METADATA["json"]) from error
    if not isinstance(plain, dict) or any(name not in _FIELDS or not isinstance(value, _FIELDS[name]) for name, value in plain.items()):
        raise MetadataRefused(why=METADATA["field"])
    text = {name: value.replace("\0", "").strip()[:_LONGEST] for name, value in plain.items() if isinstance(value, str)}
    try:
        started = parse_datetime(text.get("started_at", ""))
    except ValueError:
        started = None
    if started is None or started.tzinfo is None:
        raise MetadataRefused(why=METADATA["started_at"])
    site = people.site_by_code(text.get("site", ""))
    if site is None:
        raise MetadataRefused(why=METADATA["site"])
    return CallDraft(
        site_id=site.pk,
        source=text.get("source", ""),
        external_id=text.get("external_id", ""),
        started_at=started,
        staff_no=text.get("staff_no", ""),
        customer_phone=text.get("customer_phone", ""),
        waybill=text.get("waybill", ""),
        sides=tuple(str(side) for side in plain.get("sides", ())),
    )


def _aside(path: Path, where: str, why: str, looked: Looked) -> None:
    """Move the pair away; with a reason it counts as refused."""
    target = path.parent / where
    target.mkdir(mode=0o700, exist_ok=True)
    if why:
        looked.refused += 1
        looked.reasons.append(f"{path.name}: {why}")
        (target / f"{path.name}.reason.txt").write_text(why + "\n", encoding="utf-8")
    for one in (path, path.with_suffix(".json")):
        if one.exists():
            os.replace(one, target / one.name)
