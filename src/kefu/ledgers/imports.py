"""A ledger's file back in: only what was changed in it is written, cell by cell, each by the action its cell stands for (SHOP7, PLAT2).

A row with one cell that cannot be taken in is refused whole, so that no row is half of the file and half of the ledger.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.handbook.schema.ledgers import Column as LedgerColumn
from kefu.kernel.actor import Actor
from kefu.kernel.cells import text_of
from kefu.kernel.errors import Invalid, KefuError, Message
from kefu.kernel.imports import Change, Item, Outcome, Source
from kefu.kernel.tabular import Column, Table, cells_of, map_columns, read_table, with_headings
from kefu.kernel.wording import listed
from kefu.ledgers import actions, cells, checkcodes, queries
from kefu.ledgers.checkcodes import CheckCode
from kefu.ledgers.comparing import CellChange, RowGiven, changes_of
from kefu.ledgers.errors import NOT_A_LEDGER, ROW_REASONS
from kefu.ledgers.queries import LedgerInForce, LedgerRow
from kefu.people.access import require

CHECK_CODE = Column("check_code", _("核对码"), ("核对码", "check code"), required=True)
_LOOK = 1000


class _Comparing:
    """One file against one ledger. Rows of the ledger are read for the preview's rows together, and anew for each batch that is stored."""

    def __init__(self, actor: Actor, ledger: LedgerInForce, now: datetime) -> None:
        self.actor, self.ledger, self.now = actor, ledger, now
        self.zone = timezone.get_current_timezone()
        self.reasons: dict[str, Message] = dict(ROW_REASONS)
        self._known: dict[int, LedgerRow] | None = None
        self.first: Sequence[RowGiven] = ()

    def known(self) -> dict[int, LedgerRow]:
        """Ledger rows of the beginning of the file."""
        if self._known is None:
            self._known = self.rows(self.first)
        return self._known

    def rows(self, batch: Sequence[RowGiven]) -> dict[int, LedgerRow]:
        """Ledger rows the batch speaks of, as they are now."""
        ids = {code.row_id for one in batch if (code := checkcodes.read(one.code)) is not None}
        return queries.by_ids(self.actor, self.ledger, ids, now=self.now)

    def problem(self, given: RowGiven, rows: dict[int, LedgerRow]) -> str | CheckCode:
        """The check code, or why the row is refused before its cells are looked at."""
        code = checkcodes.read(given.code)
        if code is None:
            return "bad_code"
        if (code.handbook, code.ledger) != (self.ledger.book.handbook, self.ledger.key):
            return "other_ledger"
        if len(code.marks) != len(self.ledger.clause.columns):
            return "columns_changed"
        return code if code.row_id in rows else "unknown_row"

    def changes(self, given: RowGiven, rows: dict[int, LedgerRow]) -> list[CellChange] | str:
        """What the row changes, or why it is refused whole."""
        code = self.problem(given, rows)
        if isinstance(code, str):
            return code
        found = changes_of(self.actor, self.ledger, code, given, rows[code.row_id], self.zone)
        self.reasons |= {one.code: one.refused for one in found if one.refused}
        return found

    def check(self, given: RowGiven) -> str | None:
        """For the preview."""
        found = self.changes(given, self.known())
        return found if isinstance(found, str) else next((one.code for one in found if one.refused), None)

    def drawn(self, given: RowGiven) -> list[Change]:
        """For the preview: cells with what they are and would be."""
        found = self.changes(given, self.known())
        return [] if isinstance(found, str) else [one.drawn() for one in found]

    def store(self, batch: Sequence[RowGiven], _run_id: int) -> Outcome:
        """Write what was changed; a row whose room refuses it leaves no trace."""
        rows = self.rows(batch)
        refused: list[tuple[int, str]] = []
        stored = 0
        for place, given in enumerate(batch):
            found = self.changes(given, rows)
            reason = found if isinstance(found, str) else next((one.code for one in found if one.refused), "") or self._write(given, found)
            if reason:
                refused.append((place, reason))
            elif found:
                stored += 1
        return Outcome(stored, len(batch) - stored - len(refused), refused)

    def _write(self, given: RowGiven, found: Sequence[CellChange]) -> str:
        code = checkcodes.read(given.code)
        try:
            with transaction.atomic():
                for one in found if code else ():
                    actions.write_cell(
                        actor=self.actor,
                        ledger=self.ledger,
                        row_id=code.row_id if code else 0,
                        column_id=one.column.id,
                        text=one.after,
                        now=self.now,
                    )
        except KefuError as error:
            words = listed((str(one) for one in error.fields.values()), "；") if isinstance(error, Invalid) and error.fields else str(error)
            reason = f"{error.reason}:{found[0].column.id}"
            self.reasons[reason] = words
            return reason
        return ""


def open_ledger(*, actor: Actor, path: Path, now: datetime) -> Source[RowGiven]:
    """A ledger's file to preview or run; which ledger it is its first row says. Raises ``Invalid``, ``NotFound``, ``MissingPermission``."""
    table = with_headings(read_table(path), (CHECK_CODE,))
    ledger = _ledger_of(table, now)
    require(actor, ledger.register.view)
    columns = (*(_column(one) for one in ledger.clause.columns), CHECK_CODE)
    places = map_columns(table.headings, columns)
    comparing = _Comparing(actor, ledger, now)

    def given(row: dict[str, object]) -> RowGiven:
        read = {
            one.id: cells.from_file(row.get(one.id), ledger.type_of(one), comparing.zone)
            for one in ledger.clause.columns
            if one.id in places
        }
        return RowGiven(text_of(row.get("check_code")), read)  # type: ignore[arg-type]

    def records() -> Iterator[Item[RowGiven]]:
        for row in table.rows():
            yield Item(given(dict(cells_of(row, places))), [(row.number, [text_of(cell) for cell in row.cells])])

    comparing.first = [one.value for one in islice(records(), _LOOK)]
    return Source(
        "ledger",
        path,
        records,
        comparing.store,
        comparing.reasons,
        headings=table.headings,
        columns=places,
        check=comparing.check,
        changes=comparing.drawn,
    )


def _column(one: LedgerColumn) -> Column:
    names = tuple(name for name in (one.label, one.label_en) if name)
    return Column(one.id, one.name(queries.language()), names)


def _ledger_of(table: Table, now: datetime) -> LedgerInForce:
    places = map_columns(table.headings, (CHECK_CODE,))
    for row in islice(table.rows(), _LOOK):
        code = checkcodes.read(text_of(cells_of(row, places).get("check_code")))
        if code is not None:
            return queries.find(code.handbook, code.ledger, now)
    raise Invalid(NOT_A_LEDGER, code="ledger.no_check_code")
