"""From the bytes of a file to a handbook, or to everything that is wrong with it, with line and column (HB1, HB3)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias

from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from kefu.handbook.check import check, own_problems
from kefu.handbook.merge import Merged, entries, merge
from kefu.handbook.messages import from_pydantic
from kefu.handbook.older import of_today
from kefu.handbook.problems import Problem, in_order
from kefu.handbook.schema.book import HEADER, SECTIONS, Handbook
from kefu.handbook.tree import Node, Unreadable, decode, locate, plain, read_tree
from kefu.kernel.wording import listed_later

Bases: TypeAlias = Callable[[str], "bytes | str | None"]
ExtraCheck: TypeAlias = Callable[[Handbook], Iterable[Problem]]
MAX_BASES = 20


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading gave: the handbook if its shape is right, every problem in order of place, and what to store.

    ``resolved`` is the merged tree with the origins of its clauses, ``bases`` the handbooks it was merged with, ``key`` its own name.
    """

    handbook: Handbook | None
    problems: tuple[Problem, ...]
    resolved: dict[str, Any] = field(default_factory=dict)
    bases: tuple[str, ...] = ()
    key: str = ""

    @property
    def ok(self) -> bool:
        """Whether it may be put in force."""
        return self.handbook is not None and not self.problems


def no_bases(_key: str) -> None:
    """For handbooks that extend nothing."""


def read(raw: bytes | str, *, file: str = "handbook.yaml", bases: Bases = no_bases, extra_checks: Iterable[ExtraCheck] = ()) -> Reading:
    """Read, merge with its bases, validate and check. ``bases`` gives the text of a handbook by key, ``None`` when there is none."""
    book = _Merger(bases)
    try:
        merged = book.merged(raw, file, ())
    except Unreadable as error:
        return Reading(None, (error.problem,))
    problems = [*book.problems, *merged.problems]
    tree = plain(merged.root)
    handbook, wrong = validate(tree)
    problems.extend(wrong)
    if handbook is not None:
        problems.extend(check(handbook.marked(origins=merged.origins), extra_checks))
    elif (rest := _without(tree, wrong)) is not None:
        gone = {_clause_of(problem.path) for problem in wrong}
        problems.extend(problem for problem in own_problems(rest) if not _about(problem, gone))
    located = [placed(merged.root, problem) for problem in problems]
    key = str(tree.get("handbook") or "")
    return Reading(handbook, in_order(located), {"tree": tree, "origins": merged.origins}, tuple(book.used), key)


def validate(tree: dict[str, Any]) -> tuple[Handbook | None, list[Problem]]:
    """Shape of a merged tree."""
    try:
        return Handbook.model_validate(tree), []
    except ValidationError as error:
        return None, [from_pydantic(one) for one in error.errors(include_url=False)]


def _clause_of(path: str) -> tuple[str, str]:
    section, _dot, rest = path.partition(".")
    return section, rest.partition(".")[0]


def _without(tree: dict[str, Any], wrong: list[Problem]) -> Handbook | None:
    """The handbook without its malformed clauses, so that the others are checked in the same go."""
    kept = {name: dict(part) if isinstance(part, dict) else part for name, part in tree.items()}
    for section, key in {_clause_of(problem.path) for problem in wrong}:
        clauses = kept.get(section)
        if section not in SECTIONS or not isinstance(clauses, dict) or key not in clauses:
            return None
        del clauses[key]
    return validate(kept)[0]


def _about(problem: Problem, gone: set[tuple[str, str]]) -> bool:
    """Whether the problem is only that a malformed clause was left out."""
    return (str(problem.params.get("section")), str(problem.params.get("key"))) in gone


def compiled(resolved: dict[str, Any], *, version: int, digest: str = "") -> Handbook:
    """A handbook from a stored merged tree; nothing outside it is read, so it is the same a year later (HB2)."""
    return Handbook.model_validate(of_today(resolved["tree"])).marked(version=version, origins=resolved["origins"], digest=digest)


@lru_cache(maxsize=8)
def _read_base(text: str, file: str) -> tuple[Node, list[Problem]]:
    """Trees of bases are kept: they are the same for every draft that extends them, and nobody changes a tree."""
    return read_tree(text, file)


def text_of(raw: bytes | str) -> str:
    """The text of a file as it is stored; raises ``Unreadable`` for an encoding that is not taken."""
    return decode(raw, "handbook.yaml") if isinstance(raw, bytes) else raw.removeprefix("\ufeff")


def placed(root: Node, problem: Problem) -> Problem:
    """The problem with its place, unless it has one."""
    if problem.line:
        return problem
    return problem.at(*locate(root, problem.path, key=problem.code in {"extra_forbidden", "key_form"}))


class _Merger:
    """Reads a file and, below it, its bases; remembers which were used and refuses circles."""

    def __init__(self, bases: Bases) -> None:
        self.bases = bases
        self.problems: list[Problem] = []
        self.used: list[str] = []
        self.done: dict[str, Merged] = {}

    def merged(self, raw: bytes | str, file: str, above: tuple[str, ...]) -> Merged:
        root, duplicates = _read_base(raw, file) if above and isinstance(raw, str) else read_tree(raw, file)
        self.problems.extend(duplicates)
        key = str(value.value) if (value := entries(root).get("handbook")) else file
        for name, node in entries(root).items():
            if name not in HEADER and name not in SECTIONS:
                message = _("不认识的名字“%(name)s”。可用的章节：%(known)s。")
                params = {"name": name, "known": listed_later(SECTIONS)}
                self.problems.append(Problem(name, "section_unknown", message, params, *node.key_place))
        known = {name: node for name, node in entries(root).items() if name in HEADER or name in SECTIONS}
        root = Node(known, root.file, root.line, root.column)
        below = [base for node in self.extended(root) if (base := self.base(node, (*above, key))) is not None]
        return merge(key, root, below)

    def extended(self, root: Node) -> list[Node]:
        node = entries(root).get("extends")
        return node.value if node is not None and isinstance(node.value, list) else []

    def base(self, node: Node, above: tuple[str, ...]) -> Merged | None:
        key = str(node.value)
        if key in above:
            message = _("手册互相扩展成了一个圈：%(circle)s。")
            circle = " → ".join([*above[above.index(key) :], key])
            self.problems.append(Problem("extends", "extends_circle", message, {"circle": circle}, *node.place))
            return None
        if key in self.done:
            return self.done[key]
        text = self.bases(key) if len(self.done) < MAX_BASES else None
        if text is None:
            self.problems.append(Problem("extends", "base_unknown", _("找不到要扩展的手册“%(key)s”。"), {"key": key}, *node.place))
            return None
        try:
            found = self.merged(text, f"{key}.yaml", above)
        except Unreadable as error:
            self.problems.append(error.problem)
            return None
        self.done[key] = found
        self.used.append(key)
        self.problems.extend(found.problems)
        return found
