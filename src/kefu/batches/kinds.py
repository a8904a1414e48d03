"""What can be done in bulk: one allow-list. A work is a small class that does itself to one case and may know how to take it back."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar, Protocol

from kefu.batches.errors import KindUnknown
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Message
from kefu.people.permissions import Permission


class Kind(Protocol):
    """A work. ``permission`` lets somebody start it; each case is then asked for again by the action itself."""

    key: ClassVar[str]
    title: ClassVar[Message]
    permission: ClassVar[Permission]
    undoable: ClassVar[bool]

    def clean(self, actor: Actor, given: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters in their types; raises ``Invalid`` with every field that is wrong."""
        ...

    def apply(self, actor: Actor, case_id: int, given: Mapping[str, Any], now: datetime) -> dict[str, Any] | None:
        """Do it to one case through the domain's action; returns what ``revert`` needs. Raises ``AlreadySo`` when nothing is to do."""
        ...

    def revert(self, actor: Actor, case_id: int, undo: Mapping[str, Any], now: datetime) -> None:
        """Take it back; raises ``MovedOn`` when the case is no longer as this work left it."""
        ...


_kinds: dict[str, Kind] = {}
UNDO = "undo"


def register(kind: Kind) -> None:
    """Add a work; a second one of the same key is a mistake."""
    if _kinds.setdefault(kind.key, kind) is not kind:
        msg = f"the work {kind.key} is registered twice"
        raise ValueError(msg)


def named(key: str) -> Kind:
    """The work of a key; raises ``KindUnknown``."""
    if key not in _kinds:
        raise KindUnknown(fields={"action": KindUnknown.message})
    return _kinds[key]


def known(actor: Actor) -> Iterator[Kind]:
    """Works this actor may start."""
    return (kind for kind in _kinds.values() if actor.may(kind.permission))
