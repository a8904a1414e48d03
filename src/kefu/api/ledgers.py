"""Ledgers over the API: which there are, their rows, their sums, a cell written (SHOP7).

Their files leave by `POST /exports` with the ledger's `list_key` as source, and come back by `POST /imports?kind=ledger`.
"""

from decimal import Decimal
from typing import Annotated, Any

from ninja import Path, Query, Router
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id, Paged, PageOf, shown
from kefu.api.schema import Schema
from kefu.ledgers import access, actions, queries
from kefu.ledgers.queries import LedgerInForce, LedgerRow
from kefu.lists.definition import Ask
from kefu.lists.ledgers import key_of, list_of, wanted_of

router = Router(tags=["ledgers (SHOP7)"])
Key = Annotated[str, Path(max_length=60, pattern=r"^[a-z][a-z0-9_]*$")]


class LedgerColumn(Schema):
    """A column of the handbook. ``editable``: the caller may write into its cells."""

    id: str
    title: str
    type: str
    editable: bool


class LedgerAbout(Schema):
    """A ledger: its handbook and key, the list whose filters, saved views and exports it has, and its clause."""

    handbook: str
    key: str
    list_key: str
    title: str
    text: str
    clause: str
    columns: list[LedgerColumn]


class LedgerCells(Schema):
    """A row: values by column as programs read them, and the same in words."""

    id: int
    site_id: int
    case_id: int | None
    values: dict[str, Any]
    words: dict[str, str]


class LedgerWanted(Paged):
    """Which part; ``group`` is a value of the sums (``none``: the empty one), ``today`` is 1 for the rows of today."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    q: str = Field("", max_length=4000)
    group: str = Field("", max_length=30)
    since: str = Field("", alias="from", max_length=10)
    until: str = Field("", alias="to", max_length=10)
    site: str = Field("", max_length=18)
    today: str = Field("", max_length=1)

    def given(self) -> dict[str, str]:
        """As the list takes it."""
        return {"q": self.q, "group": self.group, "from": self.since, "to": self.until, "site": self.site, "today": self.today}


class LedgerSum(Schema):
    """Rows of one value of the summary; ``sum`` in yuan where the ledger has money."""

    group: str
    title: str
    rows: int
    sum: Decimal | None


class CellGiven(Schema):
    """What to write into a cell. ``seen``: the words the caller saw there; if they changed since, the call is refused."""

    model_config = ConfigDict(extra="forbid")
    value: str = Field(max_length=2000)
    seen: str | None = Field(None, max_length=4000)


def _about(request: ApiRequest, one: LedgerInForce) -> LedgerAbout:
    language = queries.language()

    def editable(column: Any) -> bool:
        return access.refusal(request.actor, one.book, one.register, column, language=language) is None

    columns = [
        LedgerColumn(id=column.id, title=column.name(language), type=one.type_of(column), editable=editable(column))
        for column in one.clause.columns
    ]
    return LedgerAbout(
        handbook=one.book.handbook,
        key=one.key,
        list_key=key_of(one),
        title=one.title,
        text=one.clause.text,
        clause=one.ref,
        columns=columns,
    )


def _open(request: ApiRequest, handbook: str, key: str) -> LedgerInForce:
    """The ledger, if the caller may see its register; else as if there were none."""
    return queries.open_for(request.actor, handbook, key, moment.now())


def _row(ledger: LedgerInForce, row: LedgerRow) -> LedgerCells:
    words = {column.id: queries.text(ledger, row, column) for column in ledger.clause.columns}
    return LedgerCells(id=row.id, site_id=row.site_id, case_id=row.case_id, values=dict(row.values), words=words)


def _ask(request: ApiRequest, ledger: LedgerInForce, wanted: LedgerWanted) -> Ask:
    return Ask(request.actor, list_of(ledger).clean(wanted.given()), moment.now())


@router.get("/ledgers", response=list[LedgerAbout])
def list_ledgers(request: ApiRequest) -> list[LedgerAbout]:
    """The ledgers of the handbooks the sites in reach follow, with their columns (SHOP7)."""
    return [_about(request, one) for one in queries.of_actor(request.actor, moment.now())]


@router.get("/ledgers/{handbook}/{key}/rows", response=PageOf[LedgerCells])
def list_ledger_rows(request: ApiRequest, handbook: Key, key: Key, wanted: Query[LedgerWanted]) -> PageOf[LedgerCells]:
    """Rows of a ledger: `?today=1&size=100&cursor=…`; unknown values are refused by name in `fields` (SHOP7, SEC2)."""
    found = _open(request, handbook, key)
    ask = _ask(request, found, wanted)
    page = queries.page(request.actor, found, wanted_of(ask), now=ask.now, cursor=wanted.cursor or None, size=wanted.size)
    return shown(page, lambda row: _row(found, row))


@router.get("/ledgers/{handbook}/{key}/totals", response=list[LedgerSum])
def sum_ledger(request: ApiRequest, handbook: Key, key: Key, wanted: Query[LedgerWanted]) -> list[LedgerSum]:
    """The ledger summed up; each group is a filter of its rows (SHOP7)."""
    found = _open(request, handbook, key)
    ask = _ask(request, found, wanted)
    parts = queries.totals(request.actor, found, wanted_of(ask), now=ask.now)
    return [LedgerSum(group=one.value, title=str(one.title), rows=one.rows, sum=one.sum) for one in parts]


@router.patch("/ledgers/{handbook}/{key}/rows/{int:row_id}/{column}", response=LedgerCells)
def write_ledger_cell(request: ApiRequest, handbook: Key, key: Key, row_id: Id, column: Key, body: CellGiven) -> LedgerCells:
    """Write into a cell, as the handbook allows the caller (SHOP7).

    Refused as `ledger.cell_fixed`, `ledger.cell_not_yours`, or `ledger.cell_changed` when `seen` is no longer there.
    """
    found = _open(request, handbook, key)
    row = actions.write_cell(
        actor=request.actor, ledger=found, row_id=row_id, column_id=column, text=body.value, now=moment.now(), seen=body.seen
    )
    return _row(found, row)
