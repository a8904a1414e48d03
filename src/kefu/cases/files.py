"""Attachments of cases: kept encrypted, given out only as downloads."""

from datetime import datetime

from django.db import transaction

from kefu.cases import access, timeline
from kefu.cases.models import Attachment, Case, Entry
from kefu.cases.timeline import Happening
from kefu.kernel import audit, files
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.errors import NotFound
from kefu.kernel.files import SIZE_LIMIT, Download
from kefu.people.access import require
from kefu.people.permissions import Permission

__all__ = ["SIZE_LIMIT", "Download", "attach", "download"]


def attach(*, actor: Actor, case_id: int, name: str, content: bytes, content_type: str, now: datetime) -> Attachment:
    """Keep a file with the case. The same file under the same name is kept once."""
    case = access.get_for(actor, case_id)
    require(actor, Permission.CASE_WORK)
    return add(actor, case, name=name, content=content, content_type=content_type, now=now)


def add(actor: Actor, case: Case, *, name: str, content: bytes, content_type: str, now: datetime) -> Attachment:
    """The same for a case that was got already: by somebody who answers a task of it and may not open it."""
    digest, cleaned = files.digest_of(content), files.clean_name(name)
    known = Attachment.objects.filter(case=case, sha256=digest, name=cleaned).first()
    if known is not None:
        return known
    kept = files.keep(name, content)
    with transaction.atomic():
        row = Attachment.objects.create(
            case=case,
            name=cleaned,
            size=kept.size,
            sha256=digest,
            content_type=content_type[:100],
            stored_as=kept.stored_as,
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
    return given_out(actor, case, row, now=now)


def given_out(actor: Actor, case: Case, row: Attachment, *, now: datetime) -> Download:
    """A file of a case that the reader may have, whoever decided that; the read is audited."""
    content = files.load(row.stored_as, row.sha256)
    with transaction.atomic():
        audit.record(actor, "attachment.read", Ref("attachment", row.pk, row.name), now=now, site_id=case.site_id, data={"case": case.pk})
    return Download(row.name, content)
