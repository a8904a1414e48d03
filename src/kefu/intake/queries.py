"""Reads of files on their way in, for screens and API: one's own only."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from kefu.intake import access, catalogue, uploads
from kefu.intake.catalogue import IntakeKind
from kefu.intake.errors import PersonGone, UploadGone
from kefu.intake.models import Intake
from kefu.kernel import audit, imports
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.errors import Message, NotFound
from kefu.kernel.models import ImportRun
from kefu.kernel.paging import Order, Page, keyset_page

_FAILURES: Mapping[str, Message] = {
    "person_gone": PersonGone.message,
    "upload_gone": UploadGone.message,
    "missing_permission": _("您已没有导入此类文件的权限。"),
    "import_running": _("同一文件正在由另一个进程导入。"),
    "error": _("导入时出现意外错误，已记入服务器日志；可接着导入，已存入的不会重复。"),
}


def kinds(actor: Actor) -> list[IntakeKind]:
    """Kinds of tables the actor may take in, in their order."""
    return [one for one in catalogue.KINDS if not one.own_page and actor.may(one.permission)]


def page(actor: Actor, *, cursor: str | None = None, size: int = 20) -> Page[Intake]:
    """One's own files, newest first."""
    return keyset_page(access.visible_to(actor), [Order("id", descending=True)], size=size, cursor=cursor)


def title(row: Intake) -> str:
    """Name of the kind; its key when the product no longer knows it."""
    try:
        return str(catalogue.named(row.kind).title)
    except NotFound:
        return row.kind


def failure(row: Intake) -> str:
    """Why the file is not all in, in words; empty otherwise."""
    return str(_FAILURES.get(row.failure, _FAILURES["error"])) if row.failure else ""


def may_resume(row: Intake) -> bool:
    """Whether the file is still there to go on with."""
    ended = row.state in (Intake.State.STOPPED, Intake.State.FAILED)
    return ended and uploads.path_of(row.folder, row.file_name).is_file()


def has_refused(row: Intake) -> bool:
    """Whether there is a file of the rows that were refused."""
    return bool(row.refused and row.run_id and imports.refused_path(row.run_id).is_file())


def refused_file(*, actor: Actor, intake_id: int, now: datetime) -> Path:
    """The refused rows with their reasons. They hold what was in the file, so fetching them is audited. Raises ``NotFound``."""
    row = access.get_for(actor, intake_id)
    run = ImportRun.objects.filter(pk=row.run_id or 0, actor_kind=actor.kind, actor_id=actor.id).first()
    if run is None or not has_refused(row):
        raise NotFound
    audit.record(actor, "import.refused_read", Ref("import_run", run.pk, run.file_name), now=now)
    return imports.refused_path(run.pk)
