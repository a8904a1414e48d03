"""What a condition is once it is read. Plain values: no text to look at, no database."""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel

from kefu.handbook.schema.condition import Condition

RuleSide: TypeAlias = Literal["agent", "customer", "both"]
Relation: TypeAlias = Literal["after", "before", "near", "same_line"]
Which: TypeAlias = Literal["any", "first", "last", "each"]
UNLIMITED = 1_000_000


@dataclass(frozen=True, slots=True)
class Range:
    """Which part of the conversation is looked at: lines counted among those of the side, seconds from the start or the end."""

    first: int | None = None
    last: int | None = None
    lines: tuple[int, int] | None = None
    first_seconds: float | None = None
    last_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a hit must stand seen from another condition's hits; ``which`` of them count."""

    relation: Relation
    name: str
    which: Which = "any"
    within_lines: int | None = None
    within_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Leaf:
    """One operator with its arguments, where it looks, and how often it must be found."""

    operator: str
    args: BaseModel
    path: str
    side: RuleSide = "agent"
    range: Range | None = None
    anchors: tuple[Anchor, ...] = ()
    at_least: int = 1
    at_most: int = UNLIMITED
    name: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about call data or a case."""

    condition: Condition
    path: str
    name: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Combined:
    """``all``, ``any`` or ``some`` (at least ``at_least``) of the parts."""

    kind: Literal["all", "any", "some"]
    parts: "tuple[Shape, ...]"
    path: str
    at_least: int = 1
    name: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Negated:
    """The part does not hold."""

    part: "Shape"
    path: str
    name: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """A condition defined elsewhere in the rule."""

    target: str
    path: str
    name: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Sequence:
    """Each part behind the one before it, no further away than the limits."""

    parts: "tuple[Shape, ...]"
    path: str
    within_lines: int | None = None
    within_seconds: float | None = None
    name: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of a flow."""

    key: str
    title: str
    condition: "Shape"
    required: bool = True


@dataclass(frozen=True, slots=True)
class Flow:
    """Stages that must all be there, in their order."""

    stages: tuple[Stage, ...]
    path: str
    ordered: bool = True
    name: str = ""
    title: str = ""


Shape: TypeAlias = Leaf | Asked | Combined | Negated | Named | Sequence | Flow


@dataclass(frozen=True, slots=True)
class Rule:
    """A whole rule: named conditions, when it applies, and what it looks for (``require`` turns the look round)."""

    named: dict[str, Shape]
    condition: Shape
    required: bool
    applies: Shape | None = None


def parts_of(shape: Shape) -> "tuple[Shape, ...]":
    """Conditions directly inside this one."""
    if isinstance(shape, Combined | Sequence):
        return shape.parts
    if isinstance(shape, Negated):
        return (shape.part,)
    if isinstance(shape, Flow):
        return tuple(stage.condition for stage in shape.stages)
    return ()


def argument(args: BaseModel, name: str) -> Any:
    """An argument of an operator by name."""
    return getattr(args, name)
