"""What an operator is: a name, checked arguments, and a way to find its places in a reading (QA2)."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, Generic, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError

from kefu.handbook.schema import Handbook
from kefu.kernel.errors import Message
from kefu.kernel.wording import listed
from kefu.quality.reading import Reading, Utterance, Vocabulary
from kefu.quality.rulebook.outcome import Evidence, Unknown
from kefu.quality.rulebook.shape import RuleSide

Places: TypeAlias = "list[Evidence] | Unknown"
NO_PLACES: list[Evidence] = []
"""Found nothing. Never changed."""


class Arguments(BaseModel):
    """Arguments of an operator. ``SHORT`` names the one that a bare value fills: ``words: [谢谢]`` is ``words: {any: [谢谢]}``."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)
    SHORT: ClassVar[str] = ""


A = TypeVar("A", bound=Arguments)


class Operator(Generic[A]):
    """Made once per condition of a rule; keeps nothing between conversations.

    ``scope``: ``lines`` finds places that ranges and anchors narrow, ``whole`` speaks of the conversation as a whole. ``sure`` is false
    for what only a hint can be: a rule that stands on it alone asks for review.
    """

    name: ClassVar[str] = ""
    title: ClassVar[Message] = ""
    arguments: ClassVar[type[Arguments]] = Arguments
    scope: ClassVar[Literal["lines", "whole"]] = "lines"
    sided: ClassVar[bool] = True
    sure: ClassVar[bool] = True

    def __init__(self, args: A, side: RuleSide, vocabulary: Vocabulary) -> None:
        self.args = args
        self.side = side
        self.prepare(vocabulary)

    def prepare(self, vocabulary: Vocabulary) -> None:
        """Ask for words and patterns."""

    def find(self, reading: Reading) -> Places:
        """Places in reading order."""
        raise NotImplementedError

    @classmethod
    def told(cls, args: A) -> str:  # noqa: ARG003
        """What is looked for, in the words of the rule: stored with what is missing."""
        return ""

    @classmethod
    def troubles(cls, args: A, handbook: Handbook) -> Iterable[tuple[str, str, Message, dict[str, Any]]]:  # noqa: ARG003
        """Arguments that cannot work: name, code, message, parameters."""
        return ()


OPERATORS: dict[str, type[Operator[Any]]] = {}
O = TypeVar("O", bound=type[Operator[Any]])  # noqa: E741


def operator(name: str, title: Message, arguments: type[Arguments], *, scope: Literal["lines", "whole"] = "lines") -> Callable[[O], O]:
    """Register an operator under the name that rules write."""

    def register(cls: O) -> O:
        if name in OPERATORS:
            msg = f"two operators of the name {name!r}"
            raise RuntimeError(msg)
        cls.name, cls.title, cls.arguments, cls.scope = name, title, arguments, scope
        OPERATORS[name] = cls
        return cls

    return register


def lines_of(reading: Reading, side: RuleSide) -> list[Utterance]:
    """Lines with text of a side, or of both in their order."""
    if side != "both":
        return reading.side(side)
    found: list[Utterance] | None = reading.memo.get("both sides")
    if found is None:
        found = [one for one in reading.utterances if one.side != "system" and one.plain.text]
        reading.memo["both sides"] = found
    return found


def whole_line(one: Utterance, code: str, **params: Any) -> Evidence:
    """A place that is a whole line."""
    return Evidence(one, 0, len(one.plain.text), code, params)


def one_of_limits(args: BaseModel, names: Sequence[str]) -> None:
    """At least one of these arguments must be given."""
    if all(getattr(args, name) is None for name in names):
        raise PydanticCustomError("rule_one_of", "rule_one_of", {"names": listed(names)})
