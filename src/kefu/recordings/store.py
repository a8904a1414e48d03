"""Where recordings lie: encrypted in blocks under ``KEFU_HOME/recordings``, within the room given to them (SEC1, CONV4)."""

import errno
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db.models import Sum

from kefu.kernel import vault
from kefu.kernel.vault import Sealed
from kefu.recordings.errors import Gone, StoreFull
from kefu.recordings.models import Recording

_MEGABYTE = 1024 * 1024
# Left free for the database, whatever the quota.
_RESERVE = 200 * _MEGABYTE


def folder() -> Path:
    """The folder; its owner alone may look into it."""
    found = Path(settings.KEFU_HOME) / "recordings"
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


def _path(site_id: int, sha256: str) -> Path:
    # Two letters a folder: hundred thousands of files in one are slow to list.
    under = folder() / sha256[:2]
    under.mkdir(mode=0o700, exist_ok=True)
    return under / f"{site_id}-{sha256}.kv"


def room_left() -> int:
    """Bytes that may still be kept: of the quota (``KEFU_RECORDINGS_MB``, 0: none) and of the disk."""
    free = shutil.disk_usage(folder()).free - _RESERVE
    quota = int(settings.KEFU_RECORDINGS_MB) * _MEGABYTE
    if not quota:
        return free
    used = Recording.objects.filter(removed_at=None).aggregate(total=Sum("size"))["total"] or 0
    return min(free, quota - used)


def put(site_id: int, sha256: str, source: BinaryIO, *, room: Callable[[], int] = room_left) -> Sealed:
    """Keep a file; raises ``StoreFull`` before anything is left behind."""
    left = room()

    def taking(size: int) -> None:
        if size > left:
            raise StoreFull

    try:
        return vault.seal(_path(site_id, sha256), source, taking=taking)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreFull from error
        raise


def opened(site_id: int, sha256: str) -> AbstractContextManager[BinaryIO]:
    """The file in the clear; raises ``Gone``."""
    path = _path(site_id, sha256)
    if not path.exists():
        raise Gone
    return vault.opened(path)


def drop(site_id: int, sha256: str) -> None:
    """Forget a file."""
    _path(site_id, sha256).unlink(missing_ok=True)


def reseal(progress: Callable[[int], None] = lambda _: None) -> int:
    """Write every file under the current key; returns how many were written. For the rotation of keys."""
    done = 0
    for path in sorted(folder().glob("*/*.kv")):
        done += vault.reseal(path)
        progress(1)
    return done
