"""Who acts. Every write takes one; there is no anonymous default (SEC2, SEC3)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, Self, TypeAlias

ActorKind: TypeAlias = Literal["staff", "system", "integration", "customer"]


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or a machine that acts.

    ``permissions`` are codes; ``sites`` are ids of the sites in reach, ``None`` meaning all of them;
    ``own_only`` narrows the reach to what is assigned to or about this person.
    """

    kind: ActorKind
    id: int
    name: str
    permissions: frozenset[str] = field(default_factory=frozenset)
    sites: frozenset[int] | None = frozenset()
    role: str = ""
    site_id: int | None = None
    team_id: int | None = None
    own_only: bool = False
    ip: str = ""

    @classmethod
    def system(cls, name: str) -> Self:
        """The product itself, named for the job it does, for example ``clock-sweep``."""
        return cls(kind="system", id=0, name=name, permissions=frozenset({"*"}), sites=None, role="system")

    @classmethod
    def integration(cls, id_: int, name: str, permissions: Iterable[str], sites: Iterable[int] | None) -> Self:
        """A machine that signed in with an API token."""
        reach = None if sites is None else frozenset(sites)
        return cls(kind="integration", id=id_, name=name, permissions=frozenset(permissions), sites=reach, role="integration")

    def may(self, permission: str) -> bool:
        """Whether the actor holds the permission, whatever the thing."""
        return permission in self.permissions or "*" in self.permissions

    def reaches(self, site_id: int | None) -> bool:
        """Whether the site is in the actor's reach."""
        return self.sites is None or (site_id is not None and site_id in self.sites)

    def as_reader(self, own: int = 0) -> "Actor":
        """What decides which rows the actor sees, and nothing that tells them from others who see the same; for statements that are kept.

        ``own`` stands for the id where rows are one's own.
        """
        return Actor(self.kind, own, "", self.permissions, self.sites, own_only=self.own_only)

    @property
    def own_id(self) -> int:
        """Id to look up one's own rows by; 0, nobody's, for machines and customers."""
        return self.staff_id or 0

    @property
    def staff_id(self) -> int | None:
        """Id of the person, or ``None`` for machines and customers."""
        return self.id if self.kind == "staff" else None


@dataclass(frozen=True, slots=True)
class Ref:
    """Points at a thing of any module: ``(kind, id)``, with a text that outlives the thing."""

    kind: str
    id: int
    text: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"
