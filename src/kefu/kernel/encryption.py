"""Personal data at rest: AES-256-GCM fields with key rotation, and blind indexes to find them (SEC1).

Keys live in ``KEFU_HOME/keys.json`` (owner-readable only), never in the database. A value names its key: ``k1:<base64>``.
"""

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models
from django.db.models import F
from django.db.models.functions import Cast

from kefu.kernel.errors import KefuError

_NONCE = 12


class KeyMissing(KefuError):
    """A value was written with a key this installation does not hold."""

    code = "key_missing"
    status = 500


class Keyring:
    """The data keys by name, the one that writes, and the key of the blind index (which never rotates)."""

    def __init__(self, keys: dict[str, bytes], current: str, index_key: bytes) -> None:
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self.current = current
        self._index_key = index_key

    def encrypt(self, text: str) -> str:
        """Encrypt under the current key."""
        nonce = os.urandom(_NONCE)
        sealed = self._ciphers[self.current].encrypt(nonce, text.encode(), self.current.encode())
        return f"{self.current}:{base64.b64encode(nonce + sealed).decode()}"

    def decrypt(self, stored: str) -> str:
        """Read a stored value; raises ``KeyMissing`` for an unknown key or a forged value."""
        name, _, body = stored.partition(":")
        cipher = self._ciphers.get(name)
        if cipher is None:
            raise KeyMissing(code="key_missing")
        raw = base64.b64decode(body)
        try:
            return cipher.decrypt(raw[:_NONCE], raw[_NONCE:], name.encode()).decode()
        except InvalidTag as error:
            raise KeyMissing(code="value_forged") from error

    def encrypt_bytes(self, content: bytes, about: bytes = b"") -> bytes:
        """Encrypt a file's content under the current key. ``about`` binds it to its place: it must be given again to read it."""
        nonce = os.urandom(_NONCE)
        name = self.current.encode()
        return name + b":" + nonce + self._ciphers[self.current].encrypt(nonce, content, name + about)

    def decrypt_bytes(self, stored: bytes, about: bytes = b"") -> bytes:
        """Read a stored content; raises ``KeyMissing`` for an unknown key or a forged content."""
        name, _, body = stored.partition(b":")
        cipher = self._ciphers.get(name.decode(errors="replace"))
        if cipher is None:
            raise KeyMissing(code="key_missing")
        try:
            return cipher.decrypt(body[:_NONCE], body[_NONCE:], name + about)
        except InvalidTag as error:
            raise KeyMissing(code="value_forged") from error

    def is_current(self, stored: str) -> bool:
        """Whether the value was written under the current key."""
        return stored.startswith(f"{self.current}:")

    def index(self, purpose: str, value: str) -> str:
        """Blind index: the same value gives the same 22 characters, and cannot be read back without the key."""
        digest = hmac.new(self._index_key, f"{purpose}\0{value}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")


def _path() -> Path:
    return Path(settings.KEFU_HOME) / "keys.json"


def _write(content: dict[str, Any]) -> None:
    temporary = _path().with_suffix(f".{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(_path())


def _fresh_key() -> str:
    return base64.b64encode(AESGCM.generate_key(bit_length=256)).decode()


@lru_cache(maxsize=1)
def keyring() -> Keyring:
    """The installation's keyring; made on first use."""
    if not _path().exists():
        _write({"current": "k1", "keys": {"k1": _fresh_key()}, "index": _fresh_key()})
    content = json.loads(_path().read_text())
    keys = {name: base64.b64decode(key) for name, key in content["keys"].items()}
    return Keyring(keys, content["current"], base64.b64decode(content["index"]))


def add_key() -> str:
    """Make a new data key the current one and return its name; old values stay readable."""
    keyring()
    content = json.loads(_path().read_text())
    name = f"k{len(content['keys']) + 1}"
    content["keys"][name] = _fresh_key()
    content["current"] = name
    _write(content)
    keyring.cache_clear()
    return name


class EncryptedTextField(models.TextField[str, str]):
    """Text kept encrypted; plain in Python. It cannot be filtered on: use a blind index beside it."""

    def get_prep_value(self, value: Any) -> Any:
        """Encrypt on the way in; empty text stays empty."""
        return keyring().encrypt(value) if value else value

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:  # noqa: ARG002
        """Decrypt on the way out."""
        return keyring().decrypt(value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        """Only emptiness can be asked of encrypted text."""
        if lookup_name not in ("isnull", "exact"):
            return None
        return super().get_lookup(lookup_name)


def encrypted_fields(model: type[models.Model]) -> list[str]:
    """Names of the encrypted columns of a table."""
    return [field.name for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]


def _raw_values(model: type[models.Model], names: list[str], after: int, batch: int) -> list[tuple[Any, ...]]:
    """Primary key and stored (still encrypted) values of the next rows."""
    casts = {f"raw_{name}": Cast(F(name), models.TextField()) for name in names}
    rows = model._default_manager.filter(pk__gt=after).order_by("pk").annotate(**casts)
    return list(rows.values_list("pk", *casts)[:batch])


def reencrypt(model: type[models.Model], *, batch: int = 500, progress: Callable[[int], None] = lambda _: None) -> int:
    """Write every value of the table under the current key; resumable, returns rows rewritten."""
    names = encrypted_fields(model)
    done, last = 0, 0
    while rows := _raw_values(model, names, last, batch):
        stale = [pk for pk, *raw in rows if any(value and not keyring().is_current(value) for value in raw)]
        objects = list(model._default_manager.filter(pk__in=stale))
        model._default_manager.bulk_update(objects, names)
        done += len(objects)
        last = rows[-1][0]
        progress(len(rows))
    return done
