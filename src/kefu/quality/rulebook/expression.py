"""Logic written on one line: ``1 && (2 || !3)`` over names; also ``and or not 且 或 非`` (Q8). Linear; as deep as its brackets."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeAlias

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Message
from kefu.kernel.wording import listed

MAX_CHARS = 400
MAX_DEPTH = 20
_JOINTS = {
    "&&": "and",
    "&": "and",
    "and": "and",
    "且": "and",
    "||": "or",
    "|": "or",
    "or": "or",
    "或": "or",
    "!": "not",
    "not": "not",
    "非": "not",
}


@dataclass(frozen=True, slots=True)
class Name:
    """A name asked for."""

    name: str


@dataclass(frozen=True, slots=True)
class Not:
    """The other way round."""

    inner: "Logic"


@dataclass(frozen=True, slots=True)
class Joined:
    """``and`` or ``or`` of several."""

    joint: str
    parts: "tuple[Logic, ...]"


Logic: TypeAlias = Name | Not | Joined


class Misread(Exception):
    """The line cannot be read; says why, in words for a person, and at which character (from 1)."""

    def __init__(self, message: Message, at: int, **params: object) -> None:
        super().__init__(str(message))
        self.message, self.at, self.params = message, at, params


def _tokens(text: str) -> list[tuple[str, int]]:
    out: list[tuple[str, int]] = []
    place = 0
    while place < len(text):
        char = text[place]
        if char.isspace():
            place += 1
        elif char in "()（）":
            out.append(({"（": "(", "）": ")"}.get(char, char), place))
            place += 1
        elif text[place : place + 2] in ("&&", "||"):
            out.append((text[place : place + 2], place))
            place += 2
        elif char in "&|!且或非":
            out.append((char, place))
            place += 1
        elif char.isalnum() or char in "_-":
            end = place
            while end < len(text) and (text[end].isalnum() or text[end] in "_-") and text[end] not in "且或非":
                end += 1
            out.append((text[place:end], place))
            place = end
        else:
            raise Misread(_("这里不能有“%(char)s”。写成 1 && (2 || !3) 这样。"), place + 1, char=char)
    return out


class _Reader:
    def __init__(self, text: str, known: Collection[str]) -> None:
        self.tokens = _tokens(text)
        self.known = known
        self.place = 0
        self.length = len(text)

    @property
    def joint(self) -> str:
        return _JOINTS.get(self.tokens[self.place][0].lower(), "") if self.place < len(self.tokens) else ""

    def either(self, depth: int) -> Logic:
        return self._joined("or", depth)

    def _joined(self, joint: str, depth: int) -> Logic:
        parts = [self._part(joint, depth)]
        while self.joint == joint:
            self.place += 1
            parts.append(self._part(joint, depth))
        return parts[0] if len(parts) == 1 else Joined(joint, tuple(parts))

    def _part(self, joint: str, depth: int) -> Logic:
        return self._joined("and", depth) if joint == "or" else self.one(depth)

    def one(self, depth: int) -> Logic:
        if depth > MAX_DEPTH:
            raise Misread(_("括号太深，最多 %(most)s 层。"), self.length, most=MAX_DEPTH)
        if self.place >= len(self.tokens):
            raise Misread(_("到这里还没写完：缺一个条件。"), self.length + 1)
        word, at = self.tokens[self.place]
        self.place += 1
        if _JOINTS.get(word.lower()) == "not":
            return Not(self.one(depth + 1))
        if word == "(":
            inner = self.either(depth + 1)
            if self.place >= len(self.tokens) or self.tokens[self.place][0] != ")":
                raise Misread(_("缺少右括号“)”。"), self.length + 1)
            self.place += 1
            return inner
        if word == ")" or _JOINTS.get(word.lower()):
            raise Misread(_("“%(token)s”前面缺一个条件。"), at + 1, token=word)
        if word not in self.known:
            raise Misread(_("没有名为“%(name)s”的条件。可用：%(known)s。"), at + 1, name=word, known=listed(sorted(self.known)))
        return Name(word)


def read(text: str, known: Collection[str]) -> Logic:
    """The logic of a line over the known names; raises ``Misread``."""
    if len(text) > MAX_CHARS:
        raise Misread(_("这一行太长，最多 %(most)s 个字。"), MAX_CHARS, most=MAX_CHARS)
    reader = _Reader(text, known)
    found = reader.either(0)
    if reader.place < len(reader.tokens):
        token, at = reader.tokens[reader.place]
        raise Misread(_("“%(token)s”前面缺 && 或 ||。"), at + 1, token=token)
    return found


def holds(logic: Logic, true: Collection[str]) -> bool:
    """Whether it holds when exactly these names are true."""
    if isinstance(logic, Name):
        return logic.name in true
    if isinstance(logic, Not):
        return not holds(logic.inner, true)
    test = all if logic.joint == "and" else any
    return test(holds(part, true) for part in logic.parts)


def names(logic: Logic) -> list[str]:
    """Names asked for, as they come."""
    if isinstance(logic, Name):
        return [logic.name]
    inner = (logic.inner,) if isinstance(logic, Not) else logic.parts
    return [name for part in inner for name in names(part)]
