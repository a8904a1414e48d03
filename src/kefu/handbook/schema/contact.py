"""Talking to a customer who is on the line: what is said when, which way it goes, and how it ended (CONV1)."""

from datetime import timedelta

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from kefu.handbook.schema.base import Channel, Clause, Duration, Key, Titled


class Moment(Titled):
    """A moment of the talk. ``say`` names a script (``scripts.opening``), ``avoid`` lexicons whose words are not said now."""

    id: Key
    say: str = ""
    instructions: str = ""
    instructions_en: str = ""
    avoid: tuple[Key, ...] = ()
    # Here the way is chosen: one of the guide's branches.
    choose: bool = False


class Branch(Titled):
    """What the customer wants, chosen by one click: the kind of case whose procedure shows how to go on."""

    id: Key
    kind: Key


class Guide(Clause):
    """How a call or chat is led, moment by moment.

    ``wrap_up`` is the time for the record afterwards; ``warn_before`` its end people are warned.
    """

    channels: tuple[Channel, ...] = ("call", "chat")
    moments: tuple[Moment, ...] = Field(min_length=1)
    branches: tuple[Branch, ...] = ()
    wrap_up: Duration
    warn_before: Duration | None = None

    @model_validator(mode="after")
    def _sensible(self) -> "Guide":
        if self.wrap_up <= timedelta(0):
            raise PydanticCustomError("target_zero", "target_zero")
        if self.warn_before is not None and self.warn_before >= self.wrap_up:
            raise PydanticCustomError("warn_too_early", "warn_too_early")
        return self

    def moment(self, moment_id: str) -> Moment | None:
        """The moment with the id."""
        return next((one for one in self.moments if one.id == moment_id), None)

    def branch(self, branch_id: str) -> Branch | None:
        """The branch with the id."""
        return next((one for one in self.branches if one.id == branch_id), None)


class Outcome(Titled):
    """One way a talk ended."""

    id: Key


class Disposition(Clause):
    """A class of outcomes (会话小结). ``kinds``: for talks about these kinds of case it stands first."""

    kinds: tuple[Key, ...] = ()
    outcomes: tuple[Outcome, ...] = Field(min_length=1)
