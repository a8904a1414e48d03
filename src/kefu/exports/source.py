"""What can be exported: a list with its columns, its filters and its pages, all under the reader's own permissions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias, TypeVar

from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid, Message
from kefu.kernel.exporting import Column, Value
from kefu.kernel.paging import Page
from kefu.people.permissions import Permission

T = TypeVar("T")
Rows: TypeAlias = Sequence[Sequence[Value]]
CHUNK = 500
_LONGEST = 200


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


@dataclass(frozen=True)
class Source:
    """A list that can leave as a file.

    ``permissions``: any of them opens it; ``export`` is asked besides unless ``own``. ``personal``: a purpose is asked and every file is
    stamped. ``clearable``: who may unmask may have it unmasked. ``check`` refuses filters that are not its own; by default those named in
    ``filters``.
    """

    key: str
    title: Message
    permissions: tuple[Permission, ...]
    columns: Callable[[Ask], Sequence[Column]]
    pages: Callable[[Ask], Iterator[Rows]]
    filters: Mapping[str, Message]
    personal: bool = True
    clearable: bool = False
    own: bool = False
    check: Callable[[Mapping[str, Any]], dict[str, str]] | None = None

    def clean(self, given: Mapping[str, Any]) -> dict[str, str]:
        """The filter without empty values; raises ``Invalid`` for a name or value that cannot be."""
        if self.check is not None:
            return self.check(given)
        return cleaned(self.filters, given)


def cleaned(known: Mapping[str, Message], given: Mapping[str, Any]) -> dict[str, str]:
    """Filters of ``known`` names; keys and days must look like ones."""
    from django.utils.translation import gettext_lazy as _

    found = {str(name): str(value).replace("\0", "").strip() for name, value in given.items() if value not in (None, "")}
    wrong: dict[str, Message] = {name: _("没有这个筛选条件。") for name in found if name not in known}
    for name, value in found.items():
        if len(value) > (_LONGEST if name != "q" else 4000):
            wrong[name] = _("内容过长。")
        elif name in ("site", "staff", "customer", "actor", "id", "batch") and whole(value) is None:
            wrong[name] = _("请填写编号。")
        elif name in ("since", "until") and day(value) is None:
            wrong[name] = _("请填写日期，如 2026-01-31。")
    if wrong:
        raise Invalid(fields=wrong)
    return {name: value for name, value in found.items() if value}


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
