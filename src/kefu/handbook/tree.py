"""YAML text to a tree that remembers where everything stood (HB3).

Only plain YAML is taken: mappings with unique text keys, lists and single values. Anchors, aliases, tags and several documents
are refused as they come, so a bomb never unfolds. Size and depth are capped.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from django.utils.translation import gettext_lazy as _
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from kefu.handbook.problems import Problem
from kefu.kernel.encodings import commonness, encoding_of
from kefu.kernel.errors import Invalid, Message

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 24
# Of the Han characters of a text in GBK nearly all are everyday ones; of a text that is not, few.
_COMMON = 0.7

Scalar: TypeAlias = str | int | float | bool | None
Value: TypeAlias = "Scalar | dict[str, Node] | list[Node]"

_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?[0-9]+\.[0-9]+")
_WORDS: dict[str, bool | None] = {"true": True, "True": True, "false": False, "False": False, "null": None, "~": None, "": None}


@dataclass(frozen=True, slots=True)
class Node:
    """A value and its place; ``key_line`` and ``key_column`` are the place of its key in the mapping around it."""

    value: Value
    file: str
    line: int
    column: int
    key_line: int = 0
    key_column: int = 0

    @property
    def place(self) -> tuple[str, int, int]:
        """Where to point: at the key of a block, at a single value itself."""
        if self.key_line and isinstance(self.value, dict | list):
            return self.file, self.key_line, self.key_column
        return self.file, self.line, self.column

    @property
    def key_place(self) -> tuple[str, int, int]:
        """Where its key stands, or the value when it has none."""
        return (self.file, self.key_line, self.key_column) if self.key_line else self.place


class Unreadable(Exception):
    """The text is no YAML that we take; carries the problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def decode(raw: bytes, file: str) -> str:
    """Bytes of a file to text: UTF-8, UTF-16 with a mark, or what Windows saves Chinese in (GBK, Big5). Else a problem with the place.

    A UTF-8 text with a broken byte can be read as GBK too, but as characters nobody uses: it is refused rather than spoilt.
    """
    if len(raw) > MAX_BYTES:
        raise Unreadable(_too_big(file))
    encoding = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        good = raw[: error.start].decode(encoding, errors="ignore")
        line, column = good.count("\n") + 1, len(good) - good.rfind("\n")
    if (national := _national(raw)) is not None:
        return national
    message: Message = _("文件既不是 UTF-8 也不是 GBK 文本，从标出的位置起无法读取。请用文本编辑器另存为 UTF-8 后再试。")
    raise Unreadable(Problem("", "encoding_unknown", message, {}, file, line, column))


def _national(raw: bytes) -> str | None:
    try:
        found = encoding_of(raw)
    except Invalid:
        return None
    if found not in ("gb18030", "big5hkscs") or commonness(raw, found) < _COMMON:
        return None
    return raw.decode(found)


def _too_big(file: str) -> Problem:
    return Problem("", "too_big", _("文件超过 %(mb)s MB，手册不应这么大。"), {"mb": MAX_BYTES // 1024 // 1024}, file, 1, 1)


class _Reader:
    """Builds the tree from parser events; collects duplicate keys, stops at what is refused."""

    def __init__(self, events: Iterator[Any], file: str) -> None:
        self.events = events
        self.file = file
        self.problems: list[Problem] = []

    def stop(self, code: str, message: Message, event: Any, **params: Any) -> Unreadable:
        return Unreadable(Problem("", code, message, params, self.file, event.start_mark.line + 1, event.start_mark.column + 1))

    def document(self) -> Node | None:
        node: Node | None = None
        seen = False
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                if seen:
                    raise self.stop("many_documents", _("一个文件只能有一份手册，请去掉多余的“---”。"), event)
                seen = True
                node = self.node(next(self.events), 1, "")
        return node

    def node(self, event: Any, depth: int, path: str) -> Node:
        if depth > MAX_DEPTH:
            raise self.stop("too_deep", _("嵌套超过 %(depth)s 层。"), event, depth=MAX_DEPTH)
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            raise self.stop("alias", _("手册中不能使用 YAML 的锚点和引用（& 与 *），请直接写出内容。"), event)
        tag = getattr(event, "tag", None)
        if tag is not None and str(tag) not in {"", "!"}:
            raise self.stop("tag", _("手册中不能使用 YAML 标签（!）。"), event)
        mark = event.start_mark
        value: Value
        if isinstance(event, ScalarEvent):
            value = scalar(event.value) if event.style is None else event.value
        elif isinstance(event, SequenceStartEvent):
            value = self.sequence(depth, path)
        else:
            value = self.mapping(depth, path)
        return Node(value, self.file, mark.line + 1, mark.column + 1)

    def sequence(self, depth: int, path: str) -> list[Node]:
        items: list[Node] = []
        for event in self.events:
            if isinstance(event, SequenceEndEvent):
                break
            items.append(self.node(event, depth + 1, f"{path}.{len(items)}"))
        return items

    def mapping(self, depth: int, path: str) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        for event in self.events:
            if isinstance(event, MappingEndEvent):
                break
            if not isinstance(event, ScalarEvent):
                raise self.stop("key_not_text", _("这里应是一个名字，后面跟冒号。"), event)
            key, line, column = str(event.value), event.start_mark.line + 1, event.start_mark.column + 1
            inner = f"{path}.{key}" if path else key
            node = replace(self.node(next(self.events), depth + 1, inner), key_line=line, key_column=column)
            if key in entries:
                first = entries[key].key_line
                message = _("“%(key)s”写了两次，第一次在第 %(first)s 行。")
                self.problems.append(Problem(inner, "duplicate_key", message, {"key": key, "first": first}, self.file, line, column))
            entries[key] = node
        return entries


def scalar(text: str) -> Scalar:
    """Value of an unquoted word. Unlike YAML 1.1, ``yes``, ``no``, ``08:30`` and dates stay text; the schema gives them their type."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text) and len(text) < 16:
        return int(text)
    if _FLOAT.fullmatch(text) and len(text) < 32:
        return float(text)
    return text


def read_tree(raw: bytes | str, file: str) -> tuple[Node, list[Problem]]:
    """Tree of the text and its duplicate keys; raises ``Unreadable`` when there is no tree."""
    text = decode(raw, file) if isinstance(raw, bytes) else raw.removeprefix("\ufeff")
    if len(text) > MAX_BYTES:
        raise Unreadable(_too_big(file))
    yaml = YAML(typ="safe", pure=True)
    reader = _Reader(iter(yaml.parse(text)), file)
    try:
        node = reader.document()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise Unreadable(Problem("", "syntax", syntax_message(str(error.problem or "")), {}, file, line, column)) from None
    except ReaderError as error:
        good = text[: error.position]
        line, column = good.count("\n") + 1, len(good) - good.rfind("\n")
        message: Message = _("这里有不可见的控制字符，请删除。")
        raise Unreadable(Problem("", "control_character", message, {}, file, line, column)) from None
    except (YAMLError, RecursionError, ValueError):
        raise Unreadable(Problem("", "syntax", _("YAML 写法有误。"), {}, file, 1, 1)) from None
    if node is None or node.value is None:
        raise Unreadable(Problem("", "empty", _("文件是空的。手册至少要有 handbook、title、effective_from。"), {}, file, 1, 1))
    if not isinstance(node.value, dict):
        raise Unreadable(Problem("", "not_a_handbook", _("手册的最外层应是“名字: 内容”的形式。"), {}, file, node.line, node.column))
    return node, reader.problems


_SYNTAX: tuple[tuple[str, Message], ...] = (
    ("cannot start any token", _("这里有制表符或特殊字符。缩进请用空格；以特殊符号开头的文字请加引号。")),
    ("mapping values are not allowed", _("这里多了一个冒号，或缩进不对。文字里有“: ”时请给整句加引号。")),
    ("could not find expected ':'", _("这一行少了冒号。")),
    ("found unexpected end of stream", _("引号没有写完。")),
    ("expected ',' or", _("方括号或花括号里少了逗号，或没有写完。")),
    ("expected <block end>", _("缩进不对：这一行没有和上面同级的内容对齐。")),
    ("found undefined tag", _("手册中不能使用 YAML 标签（!）。")),
)


def syntax_message(problem: str) -> Message:
    """Words for the parser's own message."""
    for start, message in _SYNTAX:
        if start in problem:
            return message
    return _("YAML 写法有误，请检查缩进、冒号和引号。")


def plain(node: Node) -> Any:
    """The tree as plain dictionaries, lists and values."""
    if isinstance(node.value, dict):
        return {key: plain(inner) for key, inner in node.value.items()}
    if isinstance(node.value, list):
        return [plain(inner) for inner in node.value]
    return node.value


def _items_of(groups: Node) -> list[Node]:
    found: list[Node] = []
    for group in groups.value if isinstance(groups.value, list) else []:
        items = step_into(group, "items")
        found.extend(items.value if items and isinstance(items.value, list) else [])
    return found


def step_into(node: Node, part: str) -> Node | None:
    """Child by key, index, or the ``id`` of a list item; groups are looked through, as clause ids do."""
    if isinstance(node.value, dict):
        if part in node.value:
            return node.value[part]
        if part == "items" and (groups := node.value.get("groups")):
            return replace(groups, value=_items_of(groups))
        return None
    if isinstance(node.value, list):
        if part.isdigit() and int(part) < len(node.value):
            return node.value[int(part)]
        for item in node.value:
            if isinstance(item.value, dict) and (key := item.value.get("id")) and key.value == part:
                return item
    return None


def locate(root: Node, path: str, *, key: bool = False) -> tuple[str, int, int]:
    """Place of a dotted path, or of the nearest thing around it."""
    node = root
    parts = [part for part in path.split(".") if part]
    for index, part in enumerate(parts):
        inner = step_into(node, part)
        if inner is None:
            return node.key_place if index else (root.file, 1, 1)
        node = inner
    return node.key_place if key else node.place
