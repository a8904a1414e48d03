"""Reads of ledgers: which there are, their pages, their sums (SHOP7). The rows are the registers', under the reader's own permissions."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import get_language

from kefu.handbook import queries as handbooks
from kefu.handbook.schema import Handbook, Ledger
from kefu.handbook.schema.ledgers import LEDGER_REGISTERS, Column
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Message, NotFound
from kefu.kernel.exporting import Value
from kefu.kernel.masking import mask_text
from kefu.kernel.moment import on_days
from kefu.kernel.paging import CappedCount, Page, capped_count, keyset_page
from kefu.ledgers import access, cells
from kefu.ledgers.catalogue import REGISTERS
from kefu.ledgers.models import KeptCell
from kefu.ledgers.registers import Beside, Options, Place, Register
from kefu.people import queries as people
from kefu.people.access import require

NONE = "none"
"""Stands for an empty value where a filter must name it."""


@dataclass(frozen=True, slots=True)
class LedgerInForce:
    """A ledger of a handbook as it is in force."""

    book: Handbook
    key: str
    clause: Ledger

    @property
    def register(self) -> Register:
        """What it is kept over."""
        return REGISTERS[self.clause.over]

    @property
    def ref(self) -> str:
        """Its clause, as decisions store it."""
        return str(self.book.ref(f"ledgers.{self.key}"))

    @property
    def title(self) -> str:
        """Its title in the reader's language."""
        return self.clause.name(language())

    def column(self, column_id: str) -> Column:
        """A column by id; raises ``NotFound``."""
        for one in self.clause.columns:
            if one.id == column_id:
                return one
        raise NotFound

    def type_of(self, column: Column) -> str:
        """What the cells of a column hold."""
        return column.type if column.kept else LEDGER_REGISTERS[self.clause.over].fields[column.field].type


def language() -> str:
    """The reader's."""
    return get_language() or "zh"


def of_actor(actor: Actor, now: datetime) -> list[LedgerInForce]:
    """Ledgers of the handbooks the sites in reach follow, as far as the actor may see their registers."""
    keys = sorted({site.handbook for site in people.sites(actor) if site.handbook})
    found = [LedgerInForce(book, key, clause) for book in handbooks.books_at(keys, now) for key, clause in book.ledgers.items()]
    return sorted((one for one in found if actor.may(one.register.view)), key=_place)


def _place(ledger: LedgerInForce) -> tuple[str, int, int, str]:
    """By handbook, then as the trade lists its registers; the whole register before parts of it."""
    return ledger.book.handbook, tuple(REGISTERS).index(ledger.clause.over), len(ledger.clause.only), ledger.key


def of_handbook(handbook: str, now: datetime) -> list[LedgerInForce]:
    """Ledgers of a handbook in force; none without one."""
    return [LedgerInForce(book, key, clause) for book in handbooks.books_at([handbook], now) for key, clause in book.ledgers.items()]


def find(handbook: str, key: str, now: datetime) -> LedgerInForce:
    """A ledger by its handbook and key; raises ``NotFound``."""
    books = handbooks.books_at([handbook], now)
    clause = books[0].ledgers.get(key) if books else None
    if clause is None:
        raise NotFound
    return LedgerInForce(books[0], key, clause)


def open_for(actor: Actor, handbook: str, key: str, now: datetime) -> LedgerInForce:
    """A ledger the actor may see and has a site of; raises ``NotFound`` for any other, as if there were none (SEC2)."""
    found = find(handbook, key, now)
    if not actor.may(found.register.view) or not access.sites_of(actor, handbook):
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows. ``group`` is a value of the register's summary (``NONE``: the empty one); days are local, both included."""

    numbers: Sequence[str] = ()
    site_id: int | None = None
    group: str = ""
    day_from: date | None = None
    day_to: date | None = None
    today: bool = False


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A row: the register's key, the cells by column (value for programs, words for people), the page behind it."""

    id: int
    site_id: int
    values: Mapping[str, Value]
    words: Mapping[str, Value]
    place: Place
    case_id: int | None


def rows(actor: Actor, ledger: LedgerInForce, wanted: Wanted, now: datetime) -> QuerySet[Any]:
    """Rows of the ledger in reach, narrowed; raises ``MissingPermission``."""
    register = ledger.register
    require(actor, register.view)
    sites = access.sites_of(actor, ledger.book.handbook)
    if wanted.site_id is not None:
        sites = [one for one in sites if one == wanted.site_id]
    exact: dict[str, Any] = {register.site: sites[0]} if len(sites) == 1 else {f"{register.site}__in": sites}
    for name, values in ledger.clause.only.items():
        exact[f"{register.only[name]}__in"] = list(values)
    if ledger.clause.kinds:
        exact["kind__in"] = list(ledger.clause.kinds)
    if wanted.group:
        exact[register.group.column] = "" if wanted.group == NONE else wanted.group
    day = timezone.localdate(now)
    first, last = (day, day) if wanted.today else (wanted.day_from, wanted.day_to)
    found = register.rows(actor).filter(**exact, **on_days(register.at, first, last))
    return found.filter(_numbered(register, wanted.numbers)) if wanted.numbers else found


def _numbered(register: Register, numbers: Sequence[str]) -> Q:
    condition = Q()
    for column in register.number_columns:
        condition |= Q(**{f"{column}__in": list(numbers)})
    return condition


def page(
    actor: Actor, ledger: LedgerInForce, wanted: Wanted, *, now: datetime, cursor: str | None = None, size: int = 50
) -> Page[LedgerRow]:
    """A page of the ledger; a fixed number of queries whatever its length."""
    found = keyset_page(rows(actor, ledger, wanted, now), ledger.register.order, size=size, cursor=cursor)
    return Page(shown(actor, ledger, found.rows), found.next, found.previous)


def count(actor: Actor, ledger: LedgerInForce, wanted: Wanted, *, now: datetime) -> CappedCount:
    """How many rows, capped."""
    return capped_count(rows(actor, ledger, wanted, now))


def by_ids(actor: Actor, ledger: LedgerInForce, ids: Collection[int], *, now: datetime) -> dict[int, LedgerRow]:
    """Rows in reach by key."""
    found = list(rows(actor, ledger, Wanted(), now).filter(pk__in=list(ids)))
    return {row.id: row for row in shown(actor, ledger, found)}


def shown(actor: Actor, ledger: LedgerInForce, found: Sequence[Any]) -> list[LedgerRow]:
    """Rows of the register in the ledger's columns."""
    register = ledger.register
    beside = register.beside(actor, found) if register.beside and found else {}
    kept = _kept(ledger, [row.pk for row in found])
    return [_row(ledger, row, beside, kept.get(row.pk, {})) for row in found]


def _kept(ledger: LedgerInForce, ids: Sequence[int]) -> dict[int, dict[str, str]]:
    columns = [one.id for one in ledger.clause.columns if one.kept]
    kept: dict[int, dict[str, str]] = {}
    if columns and ids:
        stored = KeptCell.objects.filter(register=ledger.register.key, row_id__in=ids, column__in=columns)
        for row_id, column, value in stored.values_list("row_id", "column", "value"):
            kept.setdefault(row_id, {})[column] = value
    return kept


def _row(ledger: LedgerInForce, row: Any, beside: Beside, kept: Mapping[str, str]) -> LedgerRow:
    register = ledger.register
    values: dict[str, Value] = {}
    words: dict[str, Value] = {}
    for column in ledger.clause.columns:
        if column.kept:
            value = cells.value_of(kept.get(column.id, ""), column.type)
            values[column.id] = words[column.id] = mask_text(value) if isinstance(value, str) and column.type != "waybill" else value
        else:
            cell = register.cells[column.field]
            values[column.id] = cell.read(row, beside)
            words[column.id] = values[column.id] if cell.words is None else str(cell.words(row, beside))
    return LedgerRow(row.pk, register.site_of(row), values, words, register.opens(row), register.case_of(row))


def text(ledger: LedgerInForce, row: LedgerRow, column: Column) -> str:
    """A cell as people type it."""
    return cells.shown(row.words[column.id], ledger.type_of(column), timezone.get_current_timezone())


def options(actor: Actor, ledger: LedgerInForce, row_id: int, column: Column, *, now: datetime) -> Options:
    """What may be chosen for a cell; nothing when words are typed."""
    if column.kept:
        return ()
    choose = ledger.register.cells[column.field].options
    row = rows(actor, ledger, Wanted(), now).filter(pk=row_id).first() if choose else None
    return choose(actor, row) if choose and row is not None else ()


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one value: how many, yuan together (``None`` where the ledger has no money), and the value for the filter."""

    value: str
    title: Message
    rows: int
    sum: Decimal | None


def totals(actor: Actor, ledger: LedgerInForce, wanted: Wanted, *, now: datetime) -> list[Part]:
    """The ledger summed up by its group, the largest first; one query."""
    register = ledger.register
    found = rows(actor, ledger, wanted, now).order_by().values_list(register.group.column)
    sums = found.annotate(Count("pk"), Sum(register.sum)) if register.sum else found.annotate(Count("pk"))
    parts = [
        Part(one[0] or NONE, register.group.words(one[0] or ""), one[1], (one[2] or Decimal(0)) if register.sum else None) for one in sums
    ]
    return sorted(parts, key=lambda part: (-part.rows, part.value))
