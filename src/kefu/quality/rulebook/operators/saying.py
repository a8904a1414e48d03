"""What is said: words with logic, lexicons, patterns, questions, length, opening words (Q8)."""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, ClassVar, Literal

import re2
from django.utils.translation import gettext_lazy as _
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from kefu.handbook.schema import Handbook, Word
from kefu.kernel.errors import Message
from kefu.quality.detectors.answers import is_question
from kefu.quality.reading import Mark, Reading, Vocabulary
from kefu.quality.rulebook import expression
from kefu.quality.rulebook.operators.base import NO_PLACES, Arguments, Operator, Places, lines_of, operator, whole_line
from kefu.quality.rulebook.outcome import Evidence


@lru_cache(maxsize=1 << 14)
def _params(term: str, better: str) -> dict[str, Any]:
    return {"term": term, "better": better} if better else {"term": term}


def _place(mark: Mark) -> Evidence:
    word = mark.term.word
    return Evidence(mark.utterance, mark.start, mark.end, "rule_words", _params(word.term, word.better))


class WordsArguments(Arguments):
    """``any``: one of them; ``all``: each of them; ``none``: and none of these. Or ``list`` with ``logic`` over their numbers (``1&&2``).

    ``together``: whether ``all`` and ``logic`` look at a line or at everything the side said.
    """

    SHORT: ClassVar[str] = "any"
    any: tuple[Word, ...] = ()
    all: tuple[Word, ...] = ()
    none: tuple[Word, ...] = ()
    list: tuple[Word, ...] = ()
    logic: str = ""
    together: Literal["line", "conversation"] = "line"

    @model_validator(mode="after")
    def _form(self) -> "WordsArguments":
        if bool(self.logic) != bool(self.list):
            raise PydanticCustomError("rule_words_logic", "rule_words_logic")
        if bool(self.list) == bool(self.any or self.all):
            raise PydanticCustomError("rule_words_form", "rule_words_form")
        if self.logic:
            try:
                logic = expression.read(self.logic, self.numbers())
            except expression.Misread as error:
                raise PydanticCustomError(
                    "rule_logic", "rule_logic", {"why": str(error.message) % error.params, "column": error.at}
                ) from None
            if expression.holds(logic, ()):
                raise PydanticCustomError("rule_logic_empty", "rule_logic_empty")
        return self

    def numbers(self) -> dict[str, str]:
        """Number of each word of ``list``."""
        return {str(number): word.term for number, word in enumerate(self.list, 1)}


@operator("words", _("词语"), WordsArguments)
class Words(Operator[WordsArguments]):
    """Words in a line, as sets or by logic; in their context, however they are spelt."""

    def prepare(self, vocabulary: Vocabulary) -> None:
        args = self.args
        self.words = (*args.any, *args.all, *args.none, *args.list)
        name = f"rule:{self.side}:{self.words!r}"
        self.group = vocabulary.words(name, self.words, self.side, "rule")
        self.simple = not (args.all or args.none or args.list)
        self.any = frozenset(word.term for word in args.any)
        self.all = frozenset(word.term for word in args.all)
        self.none = frozenset(word.term for word in args.none)
        self.logic = expression.read(args.logic, args.numbers()) if args.logic else None
        self.number_of = {term: number for number, term in args.numbers().items()}

    def find(self, reading: Reading) -> Places:
        if self.group not in reading.raw:
            return NO_PLACES
        marks = reading.marks(self.group)
        if self.simple:
            return [_place(mark) for mark in marks]
        if self.args.together == "conversation":
            return self._counting(marks) if self._fits({mark.term.word.term for mark in marks}) else NO_PLACES
        by_line: dict[int, list[Mark]] = defaultdict(list)
        for mark in marks:
            by_line[mark.utterance.turn].append(mark)
        return [
            place
            for _turn, found in sorted(by_line.items())
            if self._fits({m.term.word.term for m in found})
            for place in self._counting(found)[:1]
        ]

    def _counting(self, marks: list[Mark]) -> list[Evidence]:
        return [_place(mark) for mark in marks if mark.term.word.term not in self.none]

    def _fits(self, said: set[str]) -> bool:
        if self.logic is not None:
            return expression.holds(self.logic, {self.number_of[term] for term in said})
        return (not self.any or bool(self.any & said)) and self.all <= said and not (self.none & said)

    @classmethod
    def told(cls, args: WordsArguments) -> str:
        return " / ".join(word.term for word in (*args.any, *args.all, *args.list))[:80]


class LexiconArguments(Arguments):
    """``any``: keys of lexicons of the handbook."""

    SHORT: ClassVar[str] = "any"
    any: tuple[str, ...] = Field(min_length=1)


@operator("lexicon", _("词表"), LexiconArguments)
class FromLexicon(Operator[LexiconArguments]):
    """A word of a lexicon of the handbook."""

    def prepare(self, vocabulary: Vocabulary) -> None:
        self.groups = [vocabulary.lexicon(key, self.side) for key in self.args.any]

    def find(self, reading: Reading) -> Places:
        found = [_place(mark) for group in self.groups if group in reading.raw for mark in reading.marks(group)]
        return sorted(found, key=lambda one: one.place) if len(self.groups) > 1 else found

    @classmethod
    def told(cls, args: LexiconArguments) -> str:
        return " / ".join(args.any)[:80]

    @classmethod
    def troubles(cls, args: LexiconArguments, handbook: Handbook) -> Iterable[tuple[str, str, Message, dict[str, Any]]]:
        for index, key in enumerate(args.any):
            if key not in handbook.lexicons:
                yield f"any.{index}", "reference_unknown", _("“%(section)s”里没有“%(key)s”。"), {"section": "lexicons", "key": key}


class PatternArguments(Arguments):
    """``any``: RE2 patterns over the plain spelling of a line."""

    SHORT: ClassVar[str] = "any"
    any: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _one(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("any"), str):
            return {**value, "any": [value["any"]]}
        return value


@operator("pattern", _("格式"), PatternArguments)
class Pattern(Operator[PatternArguments]):
    """A pattern in a line. RE2: linear in the text, whatever is written."""

    def prepare(self, vocabulary: Vocabulary) -> None:
        self.numbers = [(vocabulary.pattern(pattern), pattern) for pattern in self.args.any]

    def find(self, reading: Reading) -> Places:
        wanted = [(number, pattern) for number, pattern in self.numbers if number in reading.matching]
        if not wanted:
            return NO_PLACES
        out = []
        for one in lines_of(reading, self.side):
            for number, pattern in wanted:
                if found := reading.pattern(number, (one,)):
                    out.append(Evidence(one, found.start, found.end, "rule_pattern", {"pattern": pattern[:80]}))
                    break
        return out

    @classmethod
    def told(cls, args: PatternArguments) -> str:
        return args.any[0][:80]

    @classmethod
    def troubles(cls, args: PatternArguments, handbook: Handbook) -> Iterable[tuple[str, str, Message, dict[str, Any]]]:  # noqa: ARG003
        options = re2.Options()
        options.log_errors = False
        for index, pattern in enumerate(args.any):
            try:
                compiled = re2.compile(pattern, options)
            except re2.error as error:
                message = _("格式“%(pattern)s”写错了：%(reason)s。格式用 RE2 写法，没有 (?=…) 和 \\1。")
                yield f"any.{index}", "pattern", message, {"pattern": pattern[:80], "reason": str(error)[:120]}
                continue
            if compiled.search("") is not None:
                message = _("格式“%(pattern)s”什么都能匹配（连空的也算），请写出必须出现的内容。")
                yield f"any.{index}", "pattern_empty", message, {"pattern": pattern[:80]}


class QuestionArguments(Arguments):
    """``asked``: whether the line must ask or must not."""

    SHORT: ClassVar[str] = "asked"
    asked: bool = True


@operator("question", _("疑问句"), QuestionArguments)
class Question(Operator[QuestionArguments]):
    """A line that asks something."""

    def find(self, reading: Reading) -> Places:
        return [whole_line(one, "rule_question") for one in lines_of(reading, self.side) if is_question(one.text[:400]) is self.args.asked]


class LengthArguments(Arguments):
    """Characters of a line, from ``min`` to ``max``."""

    min: int = Field(default=0, ge=0)
    max: int = Field(default=1_000_000, ge=1)


@operator("length", _("一句的字数"), LengthArguments)
class Length(Operator[LengthArguments]):
    """A line of so many characters, without marks and blanks."""

    def find(self, reading: Reading) -> Places:
        low, high = self.args.min, self.args.max
        return [whole_line(one, "rule_length", chars=len(one.text)) for one in lines_of(reading, self.side) if low <= len(one.text) <= high]


class LineArguments(Arguments):
    """``any``: true."""

    SHORT: ClassVar[str] = "spoken"
    spoken: Literal[True] = True


@operator("line", _("任意一句"), LineArguments)
class AnyLine(Operator[LineArguments]):
    """Any line of the side: to count lines, or as what another condition stands before or behind."""

    def find(self, reading: Reading) -> Places:
        return [whole_line(one, "rule_line") for one in lines_of(reading, self.side)]
