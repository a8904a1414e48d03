"""Reads of bulk work for screens and API."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kefu.batches import access, kinds, reasons
from kefu.batches.models import Batch, BatchItem
from kefu.cases import access as case_access
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Message
from kefu.kernel.paging import Order, Page, keyset_page
from kefu.kernel.wording import listed

OUTCOMES = ("waiting", "done", "refused", "skipped")
# Why a case was passed over, and why a batch was broken off, by code.
_CODES: Mapping[str, Message] = {
    "already_so": _("已是所要的结果，无需处理。"),
    "stopped": _("批量操作已被停止，此工单没有处理。"),
    "person_gone": _("发起人已离职或停用，此工单没有处理。"),
}
_UNDO_TITLE = _("撤销：%(work)s")


def page(actor: Actor, *, mine: bool = True, cursor: str | None = None, size: int = 50) -> Page[Batch]:
    """Batches, newest first: one's own, or all in sight."""
    rows = access.visible_to(actor).select_related("undo_of").defer("parameters", "choice")
    if mine:
        rows = rows.filter(actor_kind=actor.kind, actor_id=actor.id)
    return keyset_page(rows, [Order("id", descending=True)], size=size, cursor=cursor)


def title(batch: Batch) -> str:
    """What the batch does, in words."""
    if batch.undo_of is not None:
        return str(_UNDO_TITLE) % {"work": kinds.named(batch.undo_of.action).title}
    return str(kinds.named(batch.action).title)


def parameters(batch: Batch) -> dict[str, Any]:
    """What was asked for, as the kind of work cleaned it."""
    found: dict[str, Any] = json.loads(batch.parameters or "{}")
    return found


def choice(batch: Batch) -> dict[str, str] | None:
    """The filter the cases were chosen by; ``None`` when they were ticked one by one."""
    return json.loads(batch.choice) if batch.choice else None


def failure(batch: Batch) -> str:
    """Why it was broken off, in words; empty when it was not."""
    return str(_CODES.get(batch.failure, "")) if batch.failure else ""


def may_undo(actor: Actor, batch: Batch) -> bool:
    """Whether there is something to take back that this actor may take back."""
    if batch.is_active or batch.action == kinds.UNDO or not batch.done:
        return False
    kind = kinds.named(batch.action)
    return kind.undoable and actor.may(kind.permission) and BatchItem.objects.filter(batch=batch, outcome="done", undone=False).exists()


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A case of a batch: ``title`` is empty when the reader may not see the case; ``words`` say why it was not handled."""

    item: BatchItem
    title: str
    words: str


def items(actor: Actor, batch_id: int, *, outcome: str = "", cursor: str | None = None, size: int = 50) -> Page[ItemRow]:
    """Cases of a batch in their order, in two queries."""
    found = keyset_page(_items(actor, batch_id, outcome), [Order("id")], size=size, cursor=cursor)
    ids = [item.case_id for item in found.rows]
    titles = dict(case_access.visible_to(actor).filter(pk__in=ids).values_list("pk", "title"))
    return Page([ItemRow(item, titles.get(item.case_id, ""), words(item)) for item in found.rows], found.next, found.previous)


def _items(actor: Actor, batch_id: int, outcome: str) -> QuerySet[BatchItem]:
    batch = access.get_for(actor, batch_id)
    rows = BatchItem.objects.filter(batch=batch)
    return rows.filter(outcome=outcome) if outcome in OUTCOMES else rows


def words(item: BatchItem) -> str:
    """Why the case was not handled, in the reader's language; empty when it was."""
    found = reasons.words(item.why)
    return listed(found, "；") if found else str(_CODES.get(item.code, ""))
