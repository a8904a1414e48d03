"""Who may open a list, or take it along: any of its permissions, and all it needs besides (SEC2). Which rows they see its query says."""

from typing import Protocol

from kefu.kernel.actor import Actor
from kefu.people.access import require, require_any
from kefu.people.permissions import Permission


class Guarded(Protocol):
    """Something that any of ``permissions`` opens, with all of ``also``."""

    @property
    def permissions(self) -> tuple[Permission, ...]:
        """One of them is enough."""

    @property
    def also(self) -> tuple[Permission, ...]:
        """Every one of them is needed."""


def may_open(actor: Actor, guarded: Guarded) -> bool:
    """Whether the actor gets to see it."""
    return any(map(actor.may, guarded.permissions)) and all(map(actor.may, guarded.also))


def require_open(actor: Actor, guarded: Guarded) -> None:
    """Refuse who may not; the refusal names what is missing."""
    require_any(actor, guarded.permissions)
    for one in guarded.also:
        require(actor, one)
