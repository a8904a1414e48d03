"""Files that belong to rows: kept encrypted, named by the hash of their content, given out only as downloads (SEC3).

Whose file it is and who may read it, the owner of the row says; the same content is kept once.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from kefu.kernel.encryption import keyring
from kefu.kernel.errors import Invalid

SIZE_LIMIT = 20 * 1024 * 1024


class FileRefused(Invalid):
    """A file that cannot be kept, or given out again."""

    code = "file_refused"
    message = _("无法保存此文件：%(why)s")


@dataclass(frozen=True, slots=True)
class Download:
    """A file to be sent as an attachment, never shown in place."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in store: its cleaned name, size in bytes, hash, and the name it is stored by."""

    name: str
    size: int
    sha256: str
    stored_as: str


def clean_name(name: str) -> str:
    """The file's own name without path or control characters."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(char for char in base if char.isprintable()).strip(". ")
    return kept[:200] or "file"


def digest_of(content: bytes) -> str:
    """By what a content is known; raises ``FileRefused`` for an empty or too large one."""
    if not content:
        raise FileRefused(why=_("文件是空的。"))
    if len(content) > SIZE_LIMIT:
        raise FileRefused(why=_("文件超过 20 MB，请压缩后再上传。"))
    return hashlib.sha256(content).hexdigest()


def keep(name: str, content: bytes) -> Kept:
    """Write the file, encrypted; raises ``FileRefused`` for an empty or too large one."""
    digest = digest_of(content)
    path = _folder() / f"{digest}.bin"
    if not path.exists():
        temporary = path.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_bytes(keyring().encrypt_bytes(content))
        temporary.replace(path)
    return Kept(clean_name(name), len(content), digest, path.name)


def load(stored_as: str, sha256: str) -> bytes:
    """The content, checked against its hash; raises ``FileRefused`` with ``file_missing`` or ``file_damaged``."""
    path = _folder() / stored_as
    if not path.exists():
        raise FileRefused(why=_("文件已不在存储中，请联系管理员从备份恢复。"), code="file_missing")
    content = keyring().decrypt_bytes(path.read_bytes())
    if hashlib.sha256(content).hexdigest() != sha256:
        raise FileRefused(why=_("文件已损坏，请联系管理员从备份恢复。"), code="file_damaged")
    return content


def _folder() -> Path:
    folder = Path(settings.KEFU_HOME) / "files"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
