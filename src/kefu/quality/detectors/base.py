"""What a detector is: a kind, checked parameters, words it needs, and a look at one reading (QA2)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict

from kefu.handbook.schema import Handbook, Word
from kefu.kernel.errors import Message
from kefu.quality.cues import cues
from kefu.quality.reading import Mark, Reading, Utterance, Vocabulary
from kefu.quality.results import Mode

Subject: TypeAlias = Literal["conversation", "case"]


class Params(BaseModel):
    """Parameters every detector takes. ``count: each`` prices every hit of a conversation, not the item once."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    count: Literal["once", "each"] = "once"


@dataclass(frozen=True, slots=True)
class Found:
    """A hit in plain text, before it is led back to the original characters. Without an utterance it speaks of the whole conversation."""

    code: str
    utterance: Utterance | None = None
    start: int = 0
    end: int = 0
    mode: Mode = "auto"
    confidence: float = 0.95
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """Why the item cannot be judged here: ``channel``, ``no_times``, ``too_short``, ``no_agent``, …"""

    why: str


Outcome: TypeAlias = Sequence[Found] | NotApplicable


@dataclass(frozen=True, slots=True)
class Trouble:
    """A parameter that cannot work: its name, a stable code, a message with named placeholders."""

    name: str
    code: str
    message: Message
    params: Mapping[str, Any] = field(default_factory=dict)


P = TypeVar("P", bound=Params)


class Detector(Generic[P]):
    """One mechanism. Made once per scorecard item and handbook version; must not keep anything between conversations."""

    kind: ClassVar[str] = ""
    params_model: ClassVar[type[Params]] = Params
    subject: ClassVar[Subject] = "conversation"
    positive: ClassVar[bool] = False

    def __init__(self, params: P, vocabulary: Vocabulary) -> None:
        self.params = params
        self.prepare(vocabulary)

    def prepare(self, vocabulary: Vocabulary) -> None:
        """Ask for words and patterns."""

    def inspect(self, reading: Reading) -> Outcome:
        """Look at one conversation."""
        raise NotImplementedError

    @classmethod
    def troubles(cls, params: P, handbook: Handbook) -> Sequence[Trouble]:  # noqa: ARG003
        """Values that cannot work. Names of lexicons and clocks are checked for every detector."""
        return ()


REGISTRY: dict[str, type[Detector[Any]]] = {}
D = TypeVar("D", bound=type[Detector[Any]])


def detector(kind: str, params: type[Params] = Params) -> Callable[[D], D]:
    """Register a detector under the ``kind`` that handbooks write."""

    def register(cls: D) -> D:
        if kind in REGISTRY:
            msg = f"two detectors of the kind {kind!r}"
            raise RuntimeError(msg)
        cls.kind = kind
        cls.params_model = params
        REGISTRY[kind] = cls
        return cls

    return register


def cue_group(vocabulary: Vocabulary, name: str) -> str:
    """Register words that ship with the product."""
    found = cues(name)
    return vocabulary.words(f"cues.{name}", found.words, found.side, f"cues.{name}")


def found_of(mark: Mark, code: str, mode: Mode, confidence: float) -> Found:
    """A hit at a word, with the list it is from and the better phrase."""
    word: Word = mark.term.word
    params: dict[str, Any] = {"term": word.term, "source": mark.term.source}
    if word.better:
        params["better"] = word.better
    return Found(code, mark.utterance, mark.start, mark.end, mode, confidence, params)


def agent_groups(vocabulary: Vocabulary, lexicon: str | None, name: str) -> tuple[list[str], list[str]]:
    """Groups whose words may deduct, and groups that only ask for review.

    What deducts is the handbook's to say: where it names a lexicon, the words that ship with the product only ask for review.
    """
    shipped = cue_group(vocabulary, name)
    if lexicon is None:
        return [shipped], []
    return [vocabulary.lexicon(lexicon, "agent", forbids=True)], [shipped]


def confidence_of(mark: Mark) -> float:
    """How sure a word of a handbook's lexicon is."""
    return 0.97 if mark.term.word.severity == "severe" else 0.9
