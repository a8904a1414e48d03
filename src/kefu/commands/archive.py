"""One file that holds a whole centre: a compressed tar whose last member says what must be in it, hash by hash (PLAT4)."""

import hashlib
import io
import json
import os
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from django.utils.translation import gettext as _

from kefu.commands.frame import Problem

MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
_BLOCK = 1024**2


class _Hashed(io.RawIOBase):
    """Reads through to a file and hashes what was read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(size)
        self.digest.update(content)
        return content


class Writer:
    """Writes the archive beside its final name and moves it there when it is whole; readable by its owner only, for it holds the keys."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f".{path.name}.{os.getpid()}.part")
        self._raw = os.fdopen(os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
        self._tar = tarfile.open(fileobj=self._raw, mode="w:gz", compresslevel=3, format=tarfile.PAX_FORMAT)  # noqa: SIM115
        self._members: dict[str, dict[str, Any]] = {}

    def add(self, name: str, path: Path) -> None:
        """Add a file as it is now; one that grows meanwhile is cut at the size it had."""
        with path.open("rb") as file:
            info = self._info(name, os.fstat(file.fileno()).st_size)
            hashed = _Hashed(file)
            self._tar.addfile(info, hashed)
        self._members[name] = {"size": info.size, "sha256": hashed.digest.hexdigest()}

    @staticmethod
    def _info(name: str, size: int) -> tarfile.TarInfo:
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        return info

    def finish(self, about: Mapping[str, Any]) -> int:
        """Write the manifest, make the file durable, give it its name; returns its size."""
        content = json.dumps({"format": FORMAT, **about, "members": self._members}, ensure_ascii=False, indent=1).encode()
        self._tar.addfile(self._info(MANIFEST, len(content)), io.BytesIO(content))
        self._tar.close()
        self._raw.flush()
        os.fsync(self._raw.fileno())
        self._raw.close()
        self._part.replace(self._path)
        return self._path.stat().st_size

    def abandon(self) -> None:
        """Leave nothing half-written behind."""
        self._raw.close()
        self._part.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A verified archive laid out in a folder."""

    folder: Path
    about: Mapping[str, Any]
    members: Mapping[str, Any] = field(default_factory=dict)

    def file(self, name: str) -> Path:
        """Where a member lies."""
        return self.folder / name


def unpack(path: Path, folder: Path) -> Unpacked:
    """Lay the archive out and compare every member with the manifest; a damaged or cut-off file is refused before anything is touched."""
    found: dict[str, dict[str, Any]] = {}
    manifest: dict[str, Any] | None = None
    try:
        with tarfile.open(path, "r:gz") as tar:
            for member in tar:
                content = tar.extractfile(member)
                if content is None or not _is_plain(member.name):
                    raise _damaged(path, member.name)
                if member.name == MANIFEST:
                    manifest = json.loads(content.read())
                    continue
                found[member.name] = _lay(content, folder / member.name)
    except (tarfile.TarError, EOFError, zlib.error, OSError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise _damaged(path, type(error).__name__) from error
    if manifest is None or manifest.get("format") != FORMAT:
        raise _damaged(path, MANIFEST)
    if found != manifest["members"]:
        wrong = sorted(name for name in found.keys() | manifest["members"].keys() if found.get(name) != manifest["members"].get(name))
        raise _damaged(path, ", ".join(wrong[:5]))
    return Unpacked(folder, manifest, found)


def _is_plain(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and ".." not in parts and "\\" not in name


def _lay(content: IO[bytes], target: Path) -> dict[str, Any]:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while block := content.read(_BLOCK):
            digest.update(block)
            size += len(block)
            file.write(block)
    return {"size": size, "sha256": digest.hexdigest()}


def _damaged(path: Path, what: str) -> Problem:
    return Problem(_("备份文件 %(name)s 不完整或已损坏（%(what)s），没有恢复任何内容。"), name=path.name, what=what)
