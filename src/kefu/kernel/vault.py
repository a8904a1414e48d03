"""Large files kept encrypted in blocks, so that any part can be read without the rest (SEC1).

``kv1 <id> <key> <block>`` in the first line, then blocks of the same size, each sealed with the file's id, its number and whether it is
the last: blocks cannot be moved, taken out or put elsewhere unseen. What is read is only what was asked for.
"""

import hashlib
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

from kefu.kernel.encryption import KeyMissing, keyring

BLOCK = 256 * 1024
# Nonce, tag and the colon after the key's name.
_EXTRA = 12 + 16 + 1
_MARK = "kv1"


@dataclass(frozen=True, slots=True)
class Sealed:
    """What was kept: plain bytes and their hash."""

    size: int
    sha256: str


def digest_of(source: BinaryIO) -> Sealed:
    """Size and hash of a file, read block by block; it stands at its beginning afterwards."""
    source.seek(0)
    digest, size = hashlib.sha256(), 0
    while part := source.read(BLOCK):
        digest.update(part)
        size += len(part)
    source.seek(0)
    return Sealed(size, digest.hexdigest())


def seal(path: Path, source: BinaryIO, *, taking: Callable[[int], None] = lambda _size: None) -> Sealed:
    """Write ``source`` encrypted to ``path``, whole or not at all. ``taking`` is told the bytes so far and may refuse by raising."""
    identity = uuid4().hex
    temporary = path.with_suffix(f".{os.getpid()}-{identity[:8]}.tmp")
    digest, size = hashlib.sha256(), 0
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(f"{_MARK} {identity} {keyring().current} {BLOCK}\n".encode())
            for number, part, last in _parts(source):
                size += len(part)
                taking(size)
                digest.update(part)
                file.write(keyring().encrypt_bytes(part, _about(identity, number, last=last)))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return Sealed(size, digest.hexdigest())


def _parts(source: BinaryIO) -> Iterator[tuple[int, bytes, bool]]:
    part, number = _full(source), 0
    while True:
        following = _full(source) if len(part) == BLOCK else b""
        yield number, part, not following
        if not following:
            return
        part, number = following, number + 1


def _full(source: BinaryIO) -> bytes:
    """A whole block, however little the source gives at once."""
    parts, missing = [], BLOCK
    while missing and (part := source.read(missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _about(identity: str, number: int, *, last: bool) -> bytes:
    return f"{identity}/{number}/{int(last)}".encode()


class Plain(io.RawIOBase):
    """A sealed file in the clear: read, seek, tell. Raises ``KeyMissing`` where it was tampered with."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file
        head = file.readline(200)
        try:
            mark, self._identity, self.key, block = head.decode("ascii").split()
            self._block = int(block)
        except ValueError as error:
            raise KeyMissing(code="value_forged") from error
        self._start = len(head)
        self._sealed = self._block + _EXTRA + len(self.key)
        held = file.seek(0, os.SEEK_END) - self._start
        self._count = -(-held // self._sealed)
        last = held - (self._count - 1) * self._sealed
        if mark != _MARK or held <= 0 or last < self._sealed - self._block:
            raise KeyMissing(code="value_forged")
        self.size = (self._count - 1) * self._block + last - (self._sealed - self._block)
        self._at = 0
        self._number, self._held = -1, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        number, within = divmod(self._at, self._block)
        if self._at >= self.size or not len(view):
            return 0
        part = self._read(number)[within : within + len(view)]
        view[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _read(self, number: int) -> bytes:
        if number != self._number:
            self._file.seek(self._start + number * self._sealed)
            about = _about(self._identity, number, last=number == self._count - 1)
            self._held, self._number = keyring().decrypt_bytes(self._file.read(self._sealed), about), number
        return self._held

    def close(self) -> None:
        self._file.close()
        super().close()


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The file in the clear; raises ``FileNotFoundError`` when it is not there."""
    with Plain(path.open("rb")) as plain, io.BufferedReader(plain, 64 * 1024) as file:
        yield file


def reseal(path: Path) -> bool:
    """Write the file under the current key; false when it is already."""
    with path.open("rb") as file:
        if Plain(file).key == keyring().current:
            return False
    with opened(path) as plain:
        seal(path, plain)
    return True
