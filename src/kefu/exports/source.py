"""What can be exported: a list with its columns, its filters and its pages, all under the reader's own permissions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from kefu.kernel.errors import Message
from kefu.kernel.exporting import Column, Value
from kefu.lists.definition import Ask, cleaned
from kefu.people.permissions import Permission

Rows: TypeAlias = Sequence[Sequence[Value]]
CHUNK = 500


# What the filters of sources that are no lists of the product hold, by name; the others are text.
_KINDS: Mapping[str, str] = {
    "site": "site",
    "staff": "staff",
    "customer": "id",
    "actor": "id",
    "id": "id",
    "batch": "id",
    "since": "day",
    "until": "day",
}


@dataclass(frozen=True)
class Source:
    """A list that can leave as a file.

    ``permissions``: any of them opens it, with all of ``also``; ``export`` is asked besides unless ``own``.
    ``personal``: a purpose is asked and every file is stamped. ``clearable``: who may unmask may have it unmasked. ``check`` refuses
    filters that are not its own; by default those named in ``filters``. ``titled``: a spreadsheet begins with the title.
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
    titled: bool = False
    also: tuple[Permission, ...] = ()

    def clean(self, given: Mapping[str, Any]) -> dict[str, str]:
        """The filter without empty values; raises ``Invalid`` for a name or value that cannot be."""
        if self.check is not None:
            return self.check(given)
        return cleaned({name: _KINDS.get(name, "text") for name in self.filters}, given)
