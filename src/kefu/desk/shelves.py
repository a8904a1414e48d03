"""Where views of a list are kept: which list, who may keep views of it, what a view may hold (CASE8).

The desk lies below most lists, so a list describes itself here by what the desk must know of it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kefu.kernel.actor import Actor
from kefu.kernel.errors import Message
from kefu.people.permissions import Permission


@dataclass(frozen=True, slots=True)
class ReadyView:
    """A view the product brings, for people of ``roles`` (none: everybody). Written in code: a release can mend it."""

    key: str
    name: Message
    values: Mapping[str, str]
    roles: Collection[str] = ()

    def is_for(self, actor: Actor) -> bool:
        """Whether the actor has it."""
        return not self.roles or actor.role in self.roles


@dataclass(frozen=True, slots=True)
class Shelf:
    """The views of one list. Any of ``permissions`` opens it.

    ``check`` takes a filter somebody saves and raises ``Invalid`` naming what is unknown; ``kept`` takes an old one and drops what no
    longer makes sense. ``columns`` are the keys a view may show.
    """

    key: str
    permissions: tuple[Permission, ...]
    check: Callable[[Mapping[str, Any]], dict[str, str]]
    kept: Callable[[Mapping[str, Any]], dict[str, str]]
    columns: Collection[str]
    ready: Sequence[ReadyView] = ()
