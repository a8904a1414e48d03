"""What a list is: its filters, its columns, its pages, all under the reader's own permissions.

A list is defined once, in ``lists/<area>.py``. The console draws it, saved views keep its filters, the API answers with it and the
exports write it to a file, so the four never differ.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from django.utils.translation import gettext_lazy as _

from kefu.desk.shelves import ReadyView
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid, Message
from kefu.kernel.exporting import Kind, Value
from kefu.kernel.paging import CappedCount, Page
from kefu.people.permissions import Permission

__all__ = ["Ask", "Choices", "Filter", "FilterKind", "List", "ListColumn", "Place", "ReadyView", "cleaned", "day", "walk", "whole"]
T = TypeVar("T")
FilterKind: TypeAlias = Literal["choice", "text", "code", "day", "site", "staff", "id", "flag"]
Choices: TypeAlias = Sequence[tuple[str, Message]]
_TRY_ANOTHER = _("换个条件再试。")
_LONGEST = 200
_LONGEST_SEARCH = 4000


@dataclass(frozen=True, slots=True)
class Ask:
    """Whose list, by which filter, at which moment; ``clear``: personal data unmasked, for who may."""

    actor: Actor
    wanted: Mapping[str, str]
    now: datetime
    clear: bool = False

    def get(self, name: str) -> str:
        """A filter's value, empty when not set."""
        return self.wanted.get(name, "")

    def id(self, name: str) -> int | None:
        """A filter's value as a key."""
        return whole(self.get(name))

    def day(self, name: str) -> date | None:
        """A filter's value as a day."""
        return day(self.get(name))

    def flag(self, name: str) -> bool:
        """Whether a tick is set."""
        return self.get(name) == "1"


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition of a list. ``site`` and ``staff`` choose among those in reach; ``choices`` belong to ``choice``.

    ``main`` filters stand in the bar, the others behind "more"; the one named ``q`` is the search box. ``private``: what is looked for is
    personal (a name, a phone number), so it never stands in an address or a saved view; pages and programs send it in a body.
    """

    name: str
    title: Message
    kind: FilterKind = "text"
    choices: Choices | Callable[[Actor], Choices] = ()
    main: bool = True
    private: bool = False

    def options(self, actor: Actor) -> Choices:
        """What a ``choice`` offers this reader."""
        return self.choices(actor) if callable(self.choices) else self.choices


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the console by its route name, for a link of a row."""

    route: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListColumn(Generic[T]):
    """A column. ``value`` is what the API holds; ``words`` how people read it, on a screen and in a file, where that differs.

    ``tone`` (quiet, accent, good, warn, bad) makes it a badge; ``opens`` a link; ``usual`` ones are shown unless the reader chose others.
    ``edit`` is where a cell is changed, for who may. ``kind`` ``code`` is a number that is a name (waybill, 工号). The first column leads a
    row: it is always shown, and what it opens the whole row opens. The column ``site`` is shown to who reaches several. ``width`` is that
    of a file's column, in characters.
    """

    key: str
    title: Message
    value: Callable[[T], Value]
    kind: Kind = "text"
    words: Callable[[T], Message] | None = None
    tone: Callable[[T], str] | None = None
    opens: Callable[[T], Place | None] | None = None
    usual: bool = True
    width: int = 0
    edit: Callable[[T], Place | None] | None = None

    def said(self, row: T) -> Value:
        """The value as people read it."""
        return self.value(row) if self.words is None else str(self.words(row))


@dataclass(frozen=True)
class List(Generic[T]):
    """A list. ``page(ask, cursor, size)`` gives its rows; any of ``permissions`` opens it,
    with all of ``also``.

    ``key`` has at most 40 characters. ``personal``: exports ask for a purpose and are stamped; ``clearable``: who may unmask may export it
    unmasked (``ask.clear``). ``count`` is capped. ``route`` is the console page that shows it; ``row_key`` the key of a row for ticks
    (bulk work), none when rows cannot be ticked. ``empty`` says what to do when there is nothing. ``params`` belong to the route.
    ``file_columns`` stand behind the others in files only; ``titled``: files begin with the list's title, as people know the sheet.
    """

    key: str
    title: Message
    route: str
    permissions: tuple[Permission, ...]
    filters: Sequence[Filter]
    columns: Sequence[ListColumn[T]]
    page: Callable[[Ask, str | None, int], Page[T]]
    count: Callable[[Ask], CappedCount] | None = None
    row_key: Callable[[T], int | str] | None = None
    views: Sequence[ReadyView] = ()
    personal: bool = True
    clearable: bool = False
    empty: Message = _TRY_ANOTHER
    params: Mapping[str, Any] = field(default_factory=dict)
    file_columns: Sequence[ListColumn[T]] = ()
    titled: bool = False
    also: tuple[Permission, ...] = ()

    @cached_property
    def names(self) -> Mapping[str, Filter]:
        """Filters by name."""
        return {one.name: one for one in self.filters}

    def clean(self, given: Mapping[str, Any]) -> dict[str, str]:
        """The filter without empty values; raises ``Invalid`` for a name or value that cannot be."""
        found = cleaned({one.name: one.kind for one in self.filters}, given)
        wrong = {name: _("没有这个选项。") for name, value in found.items() if not self._offered(name, value)}
        if wrong:
            raise Invalid(fields=wrong)
        return found

    def kept(self, given: Mapping[str, Any]) -> dict[str, str]:
        """What of an address or an old view still makes sense; the rest falls away instead of breaking the page."""
        kinds = {one.name: one.kind for one in self.filters}
        found = {}
        for name, value in given.items():
            if name in kinds and (text := _text(value)) and _wrong(name, kinds[name], text) is None and self._offered(name, text):
                found[name] = text
        return found

    def _offered(self, name: str, value: str) -> bool:
        one = self.names[name]
        return one.kind != "choice" or callable(one.choices) or value in dict(one.choices)


def whole(value: str) -> int | None:
    """A key, or nothing when it is none."""
    return int(value) if value.isascii() and value.isdecimal() and 0 < len(value) < 18 else None


def day(value: str) -> date | None:
    """A day, or nothing when it is none."""
    try:
        found = date.fromisoformat(value)
    except ValueError:
        return None
    return found if date(2000, 1, 1) <= found <= date(2999, 12, 31) else None


def _text(value: object) -> str:
    return "" if value is None else str(value).replace("\0", "").strip()


def _wrong(name: str, kind: str, value: str) -> Message | None:
    if len(value) > (_LONGEST if name != "q" else _LONGEST_SEARCH):
        return _("内容过长。")
    if kind in ("site", "staff", "id") and whole(value) is None:
        return _("请填写编号。")
    if kind == "day" and day(value) is None:
        return _("请填写日期，如 2026-01-31。")
    if kind == "flag" and value != "1":
        return _("没有这个筛选条件。")
    return None


def cleaned(kinds: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, str]:
    """Filters of known names, checked by kind; raises ``Invalid`` with a message per field."""
    found = {str(name): text for name, value in given.items() if (text := _text(value))}
    wrong: dict[str, Message] = {name: _("没有这个筛选条件。") for name in found if name not in kinds}
    for name, value in found.items():
        if name in kinds and (message := _wrong(name, kinds[name], value)) is not None:
            wrong[name] = message
    if wrong:
        raise Invalid(fields=wrong)
    return found


def walk(page: Callable[[str | None], Page[T]]) -> Iterator[list[T]]:
    """Every page of a list in turn."""
    cursor: str | None = None
    while True:
        found = page(cursor)
        if found.rows:
            yield found.rows
        cursor = found.next
        if cursor is None:
            return
