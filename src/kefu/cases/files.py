"""Attachments: kept encrypted, named by hash, given out only as downloads."""

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.cases import access, timeline
from kefu.cases.errors import FileRefused
from kefu.cases.models import Attachment, Entry
from kefu.cases.timeline import Happening
from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.encryption import keyring
from kefu.kernel.errors import NotFound
from kefu.people.access import require
from kefu.people.permissions import Permission

SIZE_LIMIT = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Download:
    """A file to be sent as an attachment, never shown in place."""

    name: str
    content: bytes


def _folder() -> Path:
    folder = Path(settings.KEFU_HOME) / "files"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _clean_name(name: str) -> str:
    """The file's own name without path or control characters."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(char for char in base if char.isprintable()).strip(". ")
    return kept[:200] or "file"


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    temporary.write_bytes(keyring().encrypt_bytes(content))
    temporary.replace(path)


def attach(*, actor: Actor, case_id: int, name: str, content: bytes, content_type: str, now: datetime) -> Attachment:
    """Keep a file with the case. The same file under the same name is kept once."""
    case = access.get_for(actor, case_id)
    require(actor, Permission.CASE_WORK)
    if not content:
        raise FileRefused(why=_("文件是空的。"))
    if len(content) > SIZE_LIMIT:
        raise FileRefused(why=_("文件超过 20 MB，请压缩后再上传。"))
    digest = hashlib.sha256(content).hexdigest()
    cleaned = _clean_name(name)
    known = Attachment.objects.filter(case=case, sha256=digest, name=cleaned).first()
    if known is not None:
        return known
    path = _folder() / f"{digest}.bin"
    if not path.exists():
        _write(path, content)
    with transaction.atomic():
        row = Attachment.objects.create(
            case=case,
            name=cleaned,
            size=len(content),
            sha256=digest,
            content_type=content_type[:100],
            stored_as=path.name,
            added_by=actor.name,
            added_at=now,
        )
        timeline.write(
            actor, case, Happening(Entry.Kind.ATTACHED, data={"attachment": row.pk, "name": cleaned, "size": len(content)}), now=now
        )
    return row


def download(*, actor: Actor, case_id: int, attachment_id: int, now: datetime) -> Download:
    """The file's content, checked against its hash; the read is audited (SEC3)."""
    case = access.get_for(actor, case_id)
    row = Attachment.objects.filter(pk=attachment_id, case=case).first()
    if row is None:
        raise NotFound
    path = _folder() / row.stored_as
    if not path.exists():
        raise FileRefused(why=_("文件已不在存储中，请联系管理员从备份恢复。"), code="file_missing")
    content = keyring().decrypt_bytes(path.read_bytes())
    if hashlib.sha256(content).hexdigest() != row.sha256:
        raise FileRefused(why=_("文件已损坏，请联系管理员从备份恢复。"), code="file_damaged")
    with transaction.atomic():
        audit.record(actor, "attachment.read", Ref("attachment", row.pk, row.name), now=now, site_id=case.site_id, data={"case": case.pk})
    return Download(row.name, content)
