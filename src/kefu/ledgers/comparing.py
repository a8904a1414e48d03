"""A file that comes back, compared with the ledger: which cells were changed in it, and which of these may be taken in (SHOP7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from kefu.handbook.schema.ledgers import Column
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid
from kefu.kernel.imports import Change
from kefu.ledgers import access, cells, checkcodes, queries
from kefu.ledgers.checkcodes import CheckCode
from kefu.ledgers.queries import LedgerInForce, LedgerRow


@dataclass(frozen=True, slots=True)
class RowGiven:
    """A row of a file: its check code as written, its cells as text by column; columns the file lacks are left out."""

    code: str
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell changed in the file; ``refused`` says why it cannot be taken in, empty when it can. ``before`` is what stands there now."""

    column: Column
    title: str
    before: str
    after: str
    code: str = ""
    refused: str = ""

    def drawn(self) -> Change:
        """As the preview of an import shows it."""
        return Change(self.title, self.before, self.after, self.refused)


def changes_of(actor: Actor, ledger: LedgerInForce, code: CheckCode, given: RowGiven, row: LedgerRow, zone: Any) -> list[CellChange]:
    """Cells that differ from what the file showed when it was made, in the ledger's order."""
    reader = queries.language()
    found = []
    for place, column in enumerate(ledger.clause.columns):
        if column.id not in given.cells:
            continue
        after = given.cells[column.id]
        with override(code.language):
            before = queries.text(ledger, row, column)
        if after == before or checkcodes.mark(after) == code.marks[place]:
            continue  # as it is, or left as it was in the file
        title = column.name(reader)
        known = checkcodes.mark(before) == code.marks[place]
        why = _refusal(actor, ledger, column, after, zone, known=known)
        found.append(CellChange(column, title, before, after, *why))
    return found


def _refusal(actor: Actor, ledger: LedgerInForce, column: Column, after: str, zone: Any, *, known: bool) -> tuple[str, str]:
    """Code and words of why a change cannot be taken in."""
    denied = access.refusal(actor, ledger.book, ledger.register, column, language=queries.language())
    if denied is not None:
        return f"{denied.reason}:{column.id}", str(denied)
    if not known:
        return f"ledger.cell_changed:{column.id}", _("“%(column)s”在导出以后已被他人修改，请重新导出后再改。") % {
            "column": column.name(queries.language())
        }
    if "*" in after:
        return f"masked:{column.id}", _("“%(column)s”含有打码的内容，请在页面上修改。") % {"column": column.name(queries.language())}
    if column.kept:
        try:
            cells.stored(after, column.type, zone)
        except Invalid as wrong:
            return f"invalid:{column.id}", f"{column.name(queries.language())}：{wrong.fields['value']}"
    return "", ""
