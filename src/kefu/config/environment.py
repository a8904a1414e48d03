"""Reads the operator's environment once, typed, and fails loudly on a bad value (PLAT1)."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def flag(name: str, *, default: bool) -> bool:
    """Value of a yes/no variable; anything but ``True`` or ``False`` is refused."""
    value = os.environ.get(name, "")
    if value == "":
        return default
    if value not in ("True", "False"):
        msg = f"Unexpected value {name}={value}, use 'True' or 'False'"
        raise ImproperlyConfigured(msg)
    return value == "True"


def number(name: str, *, default: int) -> int:
    """Value of a whole-number variable."""
    value = os.environ.get(name, "")
    if value == "":
        return default
    if not value.isdigit():
        msg = f"Unexpected value {name}={value}, use a whole number"
        raise ImproperlyConfigured(msg)
    return int(value)


def server_processes() -> int:
    """Server processes when nobody says how many: one for each processor this process may use, four at most (250 MB each)."""
    return (
        number("KEFU_WORKERS", default=min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, 4))
        or 1
    )


PACKAGE = Path(__file__).resolve().parent.parent
"""Folder of the package."""


def home() -> Path:
    """Folder that holds all data of this installation: ``KEFU_HOME``, or ``.kefu`` below the user's home."""
    path = Path(os.environ.get("KEFU_HOME") or Path.home() / ".kefu").expanduser().absolute()
    path.mkdir(parents=True, exist_ok=True)
    return path


def secret_key(folder: Path) -> str:
    """Signing key of sessions; made on first use, kept readable by the owner only."""
    given = os.environ.get("KEFU_SECRET_KEY", "")
    if given:
        return given
    path = folder / "secret.key"
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()


@dataclass(frozen=True)
class Address:
    """Host and port the server listens on."""

    host: str
    port: int


def address() -> Address:
    """``KEFU_HOST`` and ``KEFU_PORT``; loopback by default, so nothing is open by accident."""
    return Address(os.environ.get("KEFU_HOST") or "127.0.0.1", number("KEFU_PORT", default=8380))
