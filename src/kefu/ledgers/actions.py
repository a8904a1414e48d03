"""The one write of this room: a cell of a ledger (SHOP7). What a cell stands for elsewhere is written by its own room's action."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from kefu.handbook.schema.ledgers import Column
from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import NotFound, Stale
from kefu.ledgers import access, cells, queries
from kefu.ledgers.errors import CellChanged
from kefu.ledgers.events import CellKept
from kefu.ledgers.models import KeptCell
from kefu.ledgers.queries import LedgerInForce, LedgerRow, Wanted
from kefu.ledgers.registers import Writing


def write_cell(
    *, actor: Actor, ledger: LedgerInForce, row_id: int, column_id: str, text: str, now: datetime, seen: str | None = None
) -> LedgerRow:
    """Write ``text`` into a cell and return the row as it then is. ``seen`` is what the writer saw there: if it is something else by now,
    nothing is written.

    Raises ``NotFound``, ``CellFixed``, ``CellNotYours``, ``MissingPermission``, ``CellChanged``, ``Stale``, ``Invalid`` under ``value``,
    and what the room behind the cell refuses.
    """
    column = ledger.column(column_id)
    with transaction.atomic():
        row = queries.rows(actor, ledger, Wanted(), now).filter(pk=row_id).first()
        if row is None:
            raise NotFound
        language = queries.language()
        if (refused := access.refusal(actor, ledger.book, ledger.register, column, language=language)) is not None:
            raise refused
        before = queries.text(ledger, queries.shown(actor, ledger, [row])[0], column)
        if seen is not None and seen != before:
            raise CellChanged(column=column.name(language), now=before)
        if text.strip() != before:
            _write(ledger, column, Writing(actor, row, text.strip(), now))
        return queries.by_ids(actor, ledger, [row_id], now=now)[row_id]


def _write(ledger: LedgerInForce, column: Column, writing: Writing) -> None:
    write = None if column.kept else ledger.register.cells[column.field].write
    if write is not None:
        write(writing)
    else:
        _keep(ledger, column, writing)


def _keep(ledger: LedgerInForce, column: Column, writing: Writing) -> None:
    """Words with no other place. Two people at once: the second is told."""
    actor, row, now = writing.actor, writing.row, writing.now
    register, site_id = ledger.register, ledger.register.site_of(row)
    value = cells.stored(writing.text, column.type, timezone.get_current_timezone())
    known = KeptCell.objects.filter(register=register.key, row_id=row.pk, column=column.id).first()
    changes = {"value": value, "by": actor.name[:80], "at": now}
    if known is not None:
        save_claimed(known, **changes)
    else:
        try:
            with transaction.atomic():
                KeptCell.objects.create(site_id=site_id, register=register.key, row_id=row.pk, column=column.id, **changes)
        except IntegrityError as error:
            raise Stale from error
    place = register.opens(row)
    data = {"register": register.key, "row": row.pk, "column": column.id}
    audit.record(actor, "ledger.cell_kept", Ref(place.kind, place.id), now=now, site_id=site_id, clause=ledger.ref, data=data)
    outbox.emit(CellKept(site_id=site_id, kept_over=register.key, row_id=row.pk, column=column.id), now=now)
