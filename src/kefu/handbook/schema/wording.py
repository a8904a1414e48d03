"""What is said and what must not be: texts, lexicons, scripts, quick phrases."""

from collections.abc import Container
from typing import Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from kefu.handbook.schema.base import ALL_CHANNELS, Channel, Clause, Key, Model, Title, Titled, Words
from kefu.handbook.schema.condition import Plain


class Text(Clause):
    """A plain clause for the reader: a rule, a standard, a value, a fact of law.

    ``points`` are its numbered parts; ``values`` are numbers that mechanisms read by this clause's id.
    """

    text: Words
    text_en: str = ""
    points: tuple[Words, ...] = ()
    chapter: Key | None = None
    values: dict[Key, Plain] = {}


class Notice(Clause):
    """What the customer is told when something happens to their case (CASE5): ``text`` with ``{variables}``.

    ``upon`` names events of procedures and rooms, ``steps`` steps as ``procedure.step``; either is enough. ``kinds`` and
    ``families`` limit it to kinds of cases. The first notice of the handbook that fits is sent, so of one step the customer hears once.
    """

    upon: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    kinds: tuple[Key, ...] = ()
    families: tuple[Literal["enquiry", "complaint", "service", "internal"], ...] = ()
    text: Words

    @model_validator(mode="after")
    def _has_moment(self) -> "Notice":
        if not self.upon and not self.steps:
            raise PydanticCustomError("notice_form", "notice_form")
        return self

    def fits(self, *, kind: str, family: str, step: str, events: Container[str]) -> bool:
        """Whether it is for a case of the kind to which this happened; ``step`` is ``procedure.step`` or empty."""
        if (self.kinds and kind not in self.kinds) or (self.families and family not in self.families):
            return False
        return (bool(step) and step in self.steps) or any(one in events for one in self.upon)


class Word(Model):
    """An entry of a lexicon. ``unless`` names contexts in which it is no hit; ``not_in`` longer words that contain it."""

    term: str = Field(min_length=1, max_length=60)
    better: str = ""
    not_in: tuple[str, ...] = ()
    position: Literal["any", "start", "alone"] = "any"
    unless: tuple[Literal["question", "quoting", "negated"], ...] = ()
    severity: Literal["mild", "severe"] = "mild"
    channels: tuple[Channel, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return value if isinstance(value, dict) else {"term": value}


class Lexicon(Clause):
    """A list of words and what it is for. ``channels`` hold for every word without its own.

    A handbook that extends another may ``add`` words and ``drop`` terms instead of writing the list again.
    """

    use: Words
    side: Literal["agent", "customer", "both"] = "agent"
    channels: tuple[Channel, ...] = ALL_CHANNELS
    words: tuple[Word, ...] = Field(min_length=1)

    def terms(self) -> tuple[str, ...]:
        """The bare words."""
        return tuple(word.term for word in self.words)

    def channels_of(self, word: Word) -> tuple[Channel, ...]:
        """Where the word counts."""
        return word.channels or self.channels


class Slot(Titled):
    """A part of a script: present when one of ``any_of`` occurs, the ``variable``'s value does, or the ``pattern`` (RE2) matches."""

    id: Key
    any_of: tuple[str, ...] | None = Field(default=None, min_length=1)
    variable: Literal["site_name", "staff_no", "staff_name", "company"] | None = None
    pattern: str | None = None
    required: bool = True

    @model_validator(mode="after")
    def _one_way(self) -> "Slot":
        if sum(way is not None for way in (self.any_of, self.variable, self.pattern)) != 1:
            raise PydanticCustomError("slot_form", "slot_form")
        return self


class Within(Model):
    """Among which lines of the agent the script is expected: the first or the last few."""

    first: int | None = Field(default=None, ge=1, le=50)
    last: int | None = Field(default=None, ge=1, le=50)


class Script(Clause):
    """Words to say, with ``{variables}``; ``slots`` are what an inspector looks for instead of the exact text (Q16)."""

    text: Words
    slots: tuple[Slot, ...] = ()
    within: Within = Within()
    channels: tuple[Channel, ...] = ALL_CHANNELS


class Phrase(Clause):
    """A quick phrase an agent can send, with ``{variables}``."""

    text: Words
    category: Title
    channels: tuple[Channel, ...] = ("chat",)
