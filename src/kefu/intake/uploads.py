"""Files on their way in: kept where only the product reads them between the preview and the run, and for whoever sent them only."""

import os
import re
import secrets
import shutil
from contextlib import suppress
from pathlib import Path
from time import time
from typing import Any

from django.conf import settings
from django.core import signing

from kefu.intake.errors import FileTooLarge, NoFile, UploadGone
from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound

MOST_BYTES = 20 * 1024 * 1024
"""Larger files are for the command line, which shows its progress and resumes."""
_KEPT_SECONDS = 24 * 3600
_SALT = "kefu.intake.uploads"
_UNSAFE = re.compile(r"[^\w.\- ()（）]+")


def _folder() -> Path:
    return Path(settings.KEFU_HOME) / "imports" / "uploads"


def _sweep() -> None:
    """Throw away what nobody came back for."""
    for old in _folder().glob("*"):
        with suppress(OSError):
            if old.stat().st_mtime < time() - _KEPT_SECONDS:
                shutil.rmtree(old, ignore_errors=True)


def keep(upload: Any) -> Path:
    """Put the uploaded file aside under its own name."""
    _sweep()
    folder = _folder() / secrets.token_hex(12)
    folder.mkdir(mode=0o700, parents=True)
    name = _UNSAFE.sub("_", Path(upload.name or "file").name).strip(". ")[-80:] or "file"
    path = folder / name
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for chunk in upload.chunks():
            file.write(chunk)
    return path


def forget(path: Path) -> None:
    """Throw a kept file away."""
    shutil.rmtree(path.parent, ignore_errors=True)


def receive(upload: Any) -> Path:
    """Keep a file somebody sent. Raises ``NoFile`` when there is nothing in it, ``FileTooLarge``."""
    if upload is None or not upload.size:
        raise NoFile
    if upload.size > MOST_BYTES:
        raise FileTooLarge(most=MOST_BYTES // 1024 // 1024)
    return keep(upload)


def path_of(folder: str, name: str) -> Path:
    """Where a kept file lies, or lay."""
    return _folder() / folder / name


def ticket(actor: Actor, path: Path, **about: Any) -> str:
    """What the preview hands to the run: which file, whose, and what else was chosen (plain values)."""
    return signing.dumps([actor.kind, actor.id, path.parent.name, path.name, about], salt=_SALT)


def read_ticket(actor: Actor, ticket: str) -> tuple[Path, dict[str, Any]]:
    """File and choices of a ticket. Raises ``UploadGone`` when it is none or too old, ``NotFound`` when it is another's.

    The file may have been taken in or thrown away since.
    """
    try:
        kind, owner, folder, name, about = signing.loads(ticket, salt=_SALT, max_age=_KEPT_SECONDS)
    except (signing.BadSignature, ValueError):
        raise UploadGone from None
    if (kind, owner) != (actor.kind, actor.id):
        raise NotFound
    return path_of(str(folder), str(name)), dict(about)


def of_ticket(actor: Actor, ticket: str) -> Path:
    """The file of a ticket. Raises as ``read_ticket``, and ``UploadGone`` when the file is gone."""
    path, _about = read_ticket(actor, ticket)
    if not path.is_file():
        raise UploadGone
    return path
