"""Pages of lists: at most 200 rows, a cursor instead of page numbers (working rule: no OFFSET, no full COUNT)."""

from collections.abc import Callable, Iterable
from typing import Annotated, Generic, TypeVar

from pydantic import ConfigDict, Field

from kefu.api.schema import Schema
from kefu.kernel.paging import Page

MAX_SIZE = 200
T = TypeVar("T")
R = TypeVar("R")

Cursor = Annotated[str | None, Field(max_length=500, description="`next` or `previous` of the page before; empty for the first page.")]
Size = Annotated[int, Field(ge=1, le=MAX_SIZE, description="Rows per page, at most 200.")]


# What a key of any table can be: larger numbers are refused before they meet a database.
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]


class Paged(Schema):
    """Parameters every list takes."""

    model_config = ConfigDict(extra="forbid")
    cursor: Cursor = None
    size: Size = 50


class PageOf(Schema, Generic[T]):
    """One page of rows; ``next`` and ``previous`` are cursors, ``null`` at the ends."""

    rows: list[T]
    next: str | None
    previous: str | None


def shown(page: Page[R], row: Callable[[R], T]) -> PageOf[T]:
    """The page with its rows as the API shows them."""
    return PageOf[T](rows=[row(one) for one in page.rows], next=page.next, previous=page.previous)


def shown_rows(page: Page[R], rows: Iterable[T]) -> PageOf[T]:
    """The page with rows made all at once (names looked up in one query)."""
    return PageOf[T](rows=list(rows), next=page.next, previous=page.previous)
