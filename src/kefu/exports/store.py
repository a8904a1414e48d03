"""Where made files lie: encrypted under ``KEFU_HOME/exports``, read back only whole and unchanged (SEC1)."""

import hashlib
import os
import shutil
from pathlib import Path

from django.conf import settings

from kefu.exports.errors import FileDamaged, NotReady
from kefu.kernel.encryption import keyring


def folder() -> Path:
    """The folder; its owner alone may look into it."""
    found = Path(settings.KEFU_HOME) / "exports"
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


def workshop(lease: str) -> Path:
    """A folder for the parts of one file in the making."""
    found = folder() / f"making-{lease}"
    found.mkdir(mode=0o700, exist_ok=True)
    return found


def sweep_workshops(keep: set[str]) -> None:
    """Take away what killed workers left behind."""
    for left in folder().glob("making-*"):
        if left.name.removeprefix("making-") not in keep:
            shutil.rmtree(left, ignore_errors=True)


def _path(export_id: int) -> Path:
    return folder() / f"{export_id}.bin"


def put(export_id: int, content: bytes) -> str:
    """Keep a file and return its hash; one of an earlier try is replaced."""
    temporary = _path(export_id).with_suffix(f".{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(keyring().encrypt_bytes(content))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(_path(export_id))
    return hashlib.sha256(content).hexdigest()


def get(export_id: int, digest: str) -> bytes:
    """The file in the clear. Raises ``NotReady`` when it is gone, ``FileDamaged`` when it is not what was kept."""
    if not _path(export_id).exists():
        raise NotReady
    content = keyring().decrypt_bytes(_path(export_id).read_bytes())
    if hashlib.sha256(content).hexdigest() != digest:
        raise FileDamaged
    return content


def drop(export_id: int) -> None:
    """Forget a file."""
    _path(export_id).unlink(missing_ok=True)
