"""A number of a system on the board."""

from dataclasses import dataclass

from kefu.kernel.errors import Message


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of a system with the list that opens it. ``tone`` good, warn or bad: what is bad or warns stands first on the board."""

    label: Message
    value: object
    href: str
    tone: str = ""
