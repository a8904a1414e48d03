"""Asking for files, fetching and dropping them. Every file that leaves has its row in the audit log (SEC3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kefu.exports import access, catalogue, making, stamp, store
from kefu.exports.errors import NotReady, ReasonMissing, TooManyFiles, TooManyRows
from kefu.exports.events import ExportChanged
from kefu.exports.making import Order
from kefu.exports.models import ExportFile
from kefu.kernel import audit, exporting, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import claim
from kefu.kernel.errors import Conflict, Invalid
from kefu.kernel.masking import mask_text
from kefu.lists.definition import Ask
from kefu.people.access import require
from kefu.people.permissions import Permission

# More rows than these are made in the background.
AT_ONCE = 5_000
MOST_FILES = 3


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """Which list, in which form, by which filter, what for; ``clear``: personal data unmasked."""

    source: str
    format: str
    wanted: Mapping[str, Any]
    reason: str = ""
    clear: bool = False


@dataclass(frozen=True, slots=True)
class Ready:
    """A file to be sent as a download."""

    name: str
    content: bytes
    content_type: str
    rows: int


def order_of(actor: Actor, request: ExportRequest, now: datetime) -> Order:
    """The order, checked. Raises ``SourceUnknown``, ``MissingPermission``, ``ReasonMissing``, ``Invalid``."""
    source = catalogue.named(request.source)
    catalogue.require_take(actor, source, clear=request.clear)
    wrong: dict[str, Any] = {}
    if request.format not in exporting.CONTENT_TYPES:
        wrong["format"] = _("请选择 Excel 或 CSV。")
    if request.clear and not source.clearable:
        wrong["clear"] = _("此列表不能导出完整个人信息。")
    if wrong:
        raise Invalid(fields=wrong)
    if (source.personal or request.reason) and request.reason not in stamp.REASONS:
        raise ReasonMissing(fields={"reason": ReasonMissing.message})
    kind: exporting.Format = "csv" if request.format == "csv" else "xlsx"
    return Order(source, kind, Ask(actor, source.clean(request.wanted), now, request.clear), request.reason)


def export(*, actor: Actor, request: ExportRequest, now: datetime) -> Ready | ExportFile:
    """The file at once when it is small, else an order for the worker (PLAT2, SEC1, SEC3).

    Raises as ``order_of``, and ``TooManyFiles`` when enough are being made.
    """
    order = order_of(actor, request, now)
    file = BytesIO()
    try:
        rows = making.write(order, file, most=AT_ONCE)
    except TooManyRows:
        return _queue(order)
    with transaction.atomic():
        record(order, rows, Ref("export", 0, order.source.key), now)
    return Ready(order.name(), file.getvalue(), exporting.CONTENT_TYPES[order.format], rows)


def queue(*, actor: Actor, request: ExportRequest, now: datetime) -> ExportFile:
    """The same, always made by the worker; for callers that come back for it."""
    return _queue(order_of(actor, request, now))


def require_case_file(actor: Actor, reason: str) -> None:
    """Refuse who may not take a case file along, or says not what for."""
    require(actor, Permission.EXPORT)
    if reason not in stamp.REASONS:
        raise ReasonMissing(fields={"reason": ReasonMissing.message})


def record_case_file(*, actor: Actor, case_id: int, number: str, site_id: int, reason: str, now: datetime) -> None:
    """The audit row of a case file that left."""
    require_case_file(actor, reason)
    with transaction.atomic():
        data = {"source": "case_file", "format": "pdf", "reason": reason}
        audit.record(actor, "export.made", Ref("case", case_id, number), now=now, site_id=site_id, data=data)


def record(order: Order, rows: int, subject: Ref, now: datetime) -> None:
    """The audit row of a file: which list, by which filter, how many rows, what for."""
    ask = order.ask
    data = {
        "source": order.source.key,
        "format": order.format,
        "filter": {name: mask_text(value) for name, value in ask.wanted.items()},
        "rows": rows,
        "reason": order.reason,
        "clear": ask.clear,
    }
    audit.record(ask.actor, "export.made", subject, now=now, site_id=ask.actor.site_id, data=data)


def _queue(order: Order) -> ExportFile:
    actor, now = order.ask.actor, order.ask.now
    active = ExportFile.objects.filter(state__in=(ExportFile.State.QUEUED, ExportFile.State.RUNNING))
    count = active.filter(actor_kind=actor.kind, actor_id=actor.id).count()
    if count >= MOST_FILES:
        raise TooManyFiles(count=count)
    with transaction.atomic():
        row = ExportFile.objects.create(
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_name=actor.name[:80],
            site_id=actor.site_id,
            source=order.source.key,
            format=order.format,
            wanted=making.as_json(dict(order.ask.wanted)),
            clear=order.ask.clear,
            reason=order.reason,
            language=(get_language() or "")[:10],
            name=order.name()[:120],
            created_at=now,
        )
        data = {"source": row.source, "format": row.format, "reason": row.reason, "clear": row.clear}
        audit.record(actor, "export.asked", ref(row), now=now, site_id=row.site_id, data=data)
        tell(row, now)
    return row


def ref(row: ExportFile) -> Ref:
    """How other records point at a file."""
    return Ref("export", row.pk, row.source)


def tell(row: ExportFile, now: datetime) -> None:
    """The event of a file that moved on; in the caller's transaction."""
    staff_id = row.actor_id if row.actor_kind == "staff" else None
    outbox.emit(ExportChanged(export_id=row.pk, site_id=row.site_id, staff_id=staff_id, state=str(row.state)), now=now)


def fetch(*, actor: Actor, export_id: int, now: datetime) -> Ready:
    """One's own finished file; each download is audited. Raises ``NotFound``, ``NotReady``."""
    row = access.get_for(actor, export_id)
    if row.state != ExportFile.State.DONE or (row.expires_at is not None and row.expires_at <= now):
        raise NotReady
    content = store.get(row.pk, row.sha256)
    with transaction.atomic():
        audit.record(actor, "export.fetched", ref(row), now=now, site_id=row.site_id, data={"source": row.source, "rows": row.rows})
    return Ready(row.name, content, exporting.CONTENT_TYPES[row.format], row.rows)


def cancel(*, actor: Actor, export_id: int, now: datetime) -> ExportFile:
    """Stop a file in the making, or drop a finished one before its time."""
    row = access.get_for(actor, export_id)
    states = (ExportFile.State.QUEUED, ExportFile.State.RUNNING, ExportFile.State.DONE)
    with transaction.atomic():
        mine = ExportFile.objects.filter(pk=row.pk, state__in=states)
        if not claim(mine, state=ExportFile.State.CANCELLED, finished_at=now, lease="", leased_until=None):
            raise Conflict(_("此文件已不在，无需删除。"), code="export_ended")
        row.refresh_from_db()
        audit.record(actor, "export.cancelled", ref(row), now=now, site_id=row.site_id, data={"source": row.source})
        tell(row, now)
    store.drop(row.pk)
    return row
