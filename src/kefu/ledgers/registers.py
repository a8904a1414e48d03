"""What a register is: where its rows come from, what each field of a row says, what a change of a cell does (SHOP7).

The names of fields are those of ``handbook.schema.ledgers``; a test holds the two together.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from django.db.models import QuerySet

from kefu.kernel.actor import Actor
from kefu.kernel.errors import Message
from kefu.kernel.exporting import Value
from kefu.kernel.paging import Order
from kefu.people.permissions import Permission

Row: TypeAlias = Any
Beside: TypeAlias = Mapping[int, Any]
"""What a page of rows needs besides the rows, by key of the row."""
Options: TypeAlias = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Writing:
    """A change of a cell: who, on which row, to what, when."""

    actor: Actor
    row: Row
    text: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Cell:
    """A field of a row. ``read`` gives what programs get, ``words`` what people read where that differs. ``write`` does the work a change
    of the cell stands for, with the permission and the record of its own room; ``options`` are what may be chosen.
    """

    read: Callable[[Row, Beside], Value]
    words: Callable[[Row, Beside], Message] | None = None
    write: Callable[[Writing], None] | None = None
    options: Callable[[Actor, Row], Options] | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """How the rows are summed up: the column of the table, the words of a value."""

    column: str
    title: Message
    words: Callable[[Any], Message]
    choices: Sequence[tuple[str, Message]] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """The page behind a row: kind of thing and key."""

    kind: str
    id: int


@dataclass(frozen=True)
class Register:
    """A register. ``rows`` are those in the actor's reach; ``number_columns`` are searched whole, ``at`` is the moment filtered by days,
    ``sum`` the money added up; ``work`` is asked of who writes into kept cells; ``only``: columns of the table by the handbook's names.
    """

    key: str
    view: Permission
    work: Permission
    rows: Callable[[Actor], QuerySet[Any]]
    order: Sequence[Order]
    site: str
    at: str
    number_columns: Sequence[str]
    cells: Mapping[str, Cell]
    group: Group
    opens: Callable[[Row], Place]
    site_of: Callable[[Row], int]
    only: Mapping[str, str] = field(default_factory=dict)
    sum: str = ""
    beside: Callable[[Actor, Sequence[Row]], Beside] | None = None
    case_of: Callable[[Row], int | None] = lambda _row: None
