"""Files on their way in: kept where only the product reads them between the preview and the run, and for whoever uploaded them only."""

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
from django.utils.translation import gettext_lazy as _

from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid

MOST_BYTES = 20 * 1024 * 1024
"""Larger files are for the command line, which shows its progress and resumes."""
_KEPT_SECONDS = 24 * 3600
_SALT = "kefu.console.uploads"
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


def ticket(actor: Actor, path: Path) -> str:
    """What the preview hands to the run: which file, and whose."""
    return signing.dumps([actor.own_id, path.parent.name, path.name], salt=_SALT)


def of_ticket(actor: Actor, ticket: str) -> Path:
    """The file of a ticket; refused when it is another's, gone or too old."""
    gone = Invalid(_("预览已过期，请重新选择文件。"), code="upload_gone")
    try:
        owner, folder, name = signing.loads(ticket, salt=_SALT, max_age=_KEPT_SECONDS)
    except signing.BadSignature:
        raise gone from None
    path = _folder() / str(folder) / str(name)
    if owner != actor.own_id or not path.is_file():
        raise gone
    return path
