"""Words that ship with the product, read from ``cues.yaml``; see there how they are written (QA2)."""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal, TypeAlias

from ruamel.yaml import YAML

from kefu.handbook.schema import Word

Side: TypeAlias = Literal["agent", "customer", "both", "agent_or_system"]


@dataclass(frozen=True, slots=True)
class Cues:
    """A named list and whose words it is about."""

    name: str
    words: tuple[Word, ...]
    side: Side


def _word(entry: str, unless: list[str]) -> Word:
    term, *not_in = entry.split("/")
    position = {"^": "start", "=": "alone"}.get(term[0], "any")
    return Word.model_validate({"term": term.lstrip("^="), "not_in": not_in, "position": position, "unless": unless})


@cache
def longer_words(term: str) -> tuple[str, ...]:
    """Longer words in which a word means something else, whichever list it is in."""
    return next((word.not_in for word in cues("longer_words").words if word.term == term), ())


@cache
def _all() -> dict[str, Cues]:
    text = resources.files(__package__).joinpath("cues.yaml").read_text(encoding="utf-8")
    groups: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return {
        name: Cues(name, tuple(_word(entry, group.get("unless", [])) for entry in group["words"].split()), group["side"])
        for name, group in groups.items()
    }


def cues(name: str) -> Cues:
    """The list with this name; ``KeyError`` when there is none."""
    return _all()[name]
