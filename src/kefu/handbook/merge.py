"""Handbooks that extend others: bases in order, later wins, clause by clause (HB1).

Inside a clause mappings merge and lists are replaced whole; a scorecard with groups of its own, or a procedure with steps of its own,
replaces the base's altogether. ``remove: true`` deletes a clause. Single parts of a long list are changed
without writing it again: ``adjust`` (items of a scorecard, steps of a procedure), ``add`` and ``drop`` (words of a lexicon).
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from kefu.handbook.problems import Problem
from kefu.handbook.schema.book import SECTIONS
from kefu.handbook.tree import Node, plain, step_into
from kefu.kernel.errors import Message

_INHERITED_HEADER = ("sources", "chapters")
_ADJUSTABLE = {"scorecards": "groups", "procedures": "steps"}


@dataclass(slots=True)
class Merged:
    """The merged tree; by clause id, the handbook that last touched the clause; and all handbooks that went into it."""

    root: Node
    origins: dict[str, str] = field(default_factory=dict)
    keys: frozenset[str] = frozenset()
    problems: list[Problem] = field(default_factory=list)

    def complain(self, path: str, node: Node, code: str, message: Message, **params: object) -> None:
        """Note a problem at the place of the node."""
        self.problems.append(Problem(path, code, message, params, *node.key_place))


def entries(node: Node | None) -> dict[str, Node]:
    """Entries of a mapping, none for anything else."""
    return node.value if node is not None and isinstance(node.value, dict) else {}


def sections_of(root: Node) -> dict[str, dict[str, Node]]:
    """Clauses by section and key."""
    return {section: entries(entries(root).get(section)) for section in SECTIONS}


def merge(key: str, own: Node, bases: list[Merged]) -> Merged:
    """The handbook ``key`` with tree ``own`` laid over its bases."""
    merged = Merged(own, keys=frozenset({key}).union(*(base.keys for base in bases)))
    body = {name: node for name, node in entries(own).items() if name not in SECTIONS}
    for name in _INHERITED_HEADER:
        parts = [part for base in bases if (part := entries(base.root).get(name))]
        parts.extend([body[name]] if name in body else [])
        if parts and all(isinstance(part.value, dict) for part in parts):
            body[name] = _together(parts)
    for section in SECTIONS:
        if (node := _section(merged, key, section, entries(own).get(section), bases)) is not None:
            body[section] = node
    merged.root = replace(own, value=body)
    return merged


def _section(merged: Merged, key: str, section: str, mine: Node | None, bases: list[Merged]) -> Node | None:
    if mine is not None and mine.value is None:
        mine = None  # a section with nothing under it
    layers = [(base, node) for base in bases if (node := entries(base.root).get(section))]
    whole = mine or (layers[-1][1] if layers else None)
    if whole is None or (mine is not None and not isinstance(mine.value, dict)):
        return whole
    clauses: dict[str, Node] = {}
    rank: dict[str, int] = {}
    seen: frozenset[str] = frozenset()
    for index, (base, node) in enumerate(layers):
        for name, clause in entries(node).items():
            origins = _origins_below(base, f"{section}.{name}")
            if name in clauses and seen.issuperset(origins.values()):
                continue  # both have it from a common base, and an earlier one may have changed it
            clauses[name] = _clause_over(section, clauses.get(name), clause)
            merged.origins.update(origins)
            rank[name] = index
        seen |= base.keys
    overlay = _Overlay(merged, key)
    for name, clause in entries(mine).items():
        overlay.lay(section, name, clause, clauses)
        if "kinds" in entries(clause):
            rank[name] = len(layers)
    if section == "procedures":
        _serve_once(clauses, rank)
    return replace(whole, value=clauses)


def _serve_once(procedures: dict[str, Node], rank: dict[str, int]) -> None:
    """A kind of case follows one procedure: that of the later handbook. A procedure left without kinds goes.

    Two procedures of one handbook that claim the same kind stay, for the checker to report.
    """
    claims: dict[Any, int] = {}
    for name, procedure in procedures.items():
        for kind in _listed(entries(procedure).get("kinds")):
            if not isinstance(kind.value, dict | list):
                claims[kind.value] = max(rank.get(name, 0), claims.get(kind.value, 0))
    for name in list(procedures):
        kinds = entries(procedures[name]).get("kinds")
        kept = [kind for kind in _listed(kinds) if isinstance(kind.value, dict | list) or claims[kind.value] == rank.get(name, 0)]
        if kinds is None or len(kept) == len(_listed(kinds)):
            continue
        if kept:
            procedures[name] = replace(procedures[name], value={**entries(procedures[name]), "kinds": replace(kinds, value=kept)})
        else:
            del procedures[name]


def _origins_below(base: Merged, clause_id: str) -> dict[str, str]:
    return {one: origin for one, origin in base.origins.items() if one == clause_id or one.startswith(f"{clause_id}.")}


def _together(parts: list[Node]) -> Node:
    """Later wins, and stands first: a handbook's own chapters come before those of its bases."""
    found: dict[str, Node] = {}
    for part in reversed(parts):
        found.update({key: node for key, node in entries(part).items() if key not in found})
    return replace(parts[-1], value=found)


class _Overlay:
    """Lays the clauses of one handbook over those of its bases."""

    def __init__(self, merged: Merged, key: str) -> None:
        self.merged = merged
        self.key = key

    def lay(self, section: str, name: str, clause: Node, clauses: dict[str, Node]) -> None:
        """One clause: delete, change or add it in ``clauses``."""
        merged, path = self.merged, f"{section}.{name}"
        if (flag := entries(clause).get("remove")) is not None:
            if flag.value is not True or len(entries(clause)) > 1:
                merged.complain(path, clause, "remove_form", _("“remove: true”应单独写，表示删去此条款。"))
            elif name not in clauses:
                merged.complain(path, clause, "remove_unknown", _("要删去的条款“%(clause)s”在所扩展的手册里没有。"), clause=path)
            else:
                del clauses[name]
            return
        own, base = clause, clauses.get(name)
        if base is not None:
            own = self.changes(path, own, base)
            merged.origins = {one: origin for one, origin in merged.origins.items() if not _replaced(one, path, clause)}
        clauses[name] = _over(base, own) if "adjust" in entries(clause) else _clause_over(section, base, own)
        if set(entries(clause)) - {"adjust"}:
            merged.origins[path] = self.key

    def changes(self, path: str, own: Node, base: Node) -> Node:
        """The clause with ``adjust``, ``add`` and ``drop`` worked into whole lists."""
        section, changes = path.partition(".")[0], entries(own)
        rest = {name: node for name, node in changes.items() if name not in {"adjust", "add", "drop"}}
        if section in _ADJUSTABLE and "adjust" in changes:
            outer = _ADJUSTABLE[section]
            whole = entries(base).get(outer)
            if whole is not None:
                rest[outer] = self.adjusted(path, whole, changes["adjust"])
        elif section == "lexicons" and ("add" in changes or "drop" in changes):
            words = entries(base).get("words")
            if words is not None and isinstance(words.value, list):
                rest["words"] = self.worded(path, words, changes.get("add"), changes.get("drop"))
        else:
            return own
        return replace(own, value=rest)

    def adjusted(self, path: str, whole: Node, adjust: Node) -> Node:
        """Items of a scorecard's groups, or steps of a procedure, changed one by one."""
        wanted = dict(entries(adjust))
        kind = "items" if path.startswith("scorecards.") else "steps"

        def change(items: Node) -> Node:
            kept: list[Node] = []
            for item in _listed(items):
                item_id = _id_of(item)
                found = wanted.pop(item_id, None)
                if found is None or plain(found) != {"remove": True}:
                    kept.append(item if found is None else _over(item, found))
                if found is not None:
                    self.merged.origins[f"{path}.{kind}.{item_id}"] = self.key
            return replace(items, value=kept)

        result = change(whole) if kind == "steps" else _each_group(whole, change)
        for item_id, node in wanted.items():
            message = _("要调整的“%(id)s”在所扩展的条款里没有。")
            self.merged.complain(f"{path}.adjust.{item_id}", node, "adjust_unknown", message, id=item_id)
        return result

    def worded(self, path: str, words: Node, add: Node | None, drop: Node | None) -> Node:
        """The words of a lexicon with some more and some fewer."""
        known = {term_of(node) for node in _listed(words)}
        gone = {term_of(node) for node in _listed(drop)}
        for node in _listed(drop):
            if term_of(node) not in known:
                message = _("要去掉的词“%(term)s”在所扩展的词表里没有。")
                self.merged.problems.append(Problem(f"{path}.drop", "drop_unknown", message, {"term": term_of(node)}, *node.place))
        added = {term_of(node) for node in _listed(add)}
        kept = [node for node in _listed(words) if term_of(node) not in gone | added]
        return replace(words, value=[*kept, *_listed(add)])


def _replaced(one: str, path: str, clause: Node) -> bool:
    return one.startswith(f"{path}.") and _ADJUSTABLE.get(path.partition(".")[0], "") in entries(clause)


def _clause_over(section: str, base: Node | None, own: Node) -> Node:
    """A scorecard with its own groups, or a procedure with its own steps, stands for itself; other clauses merge."""
    return own if _ADJUSTABLE.get(section) in entries(own) else _over(base, own)


def _over(base: Node | None, own: Node) -> Node:
    if base is None or not isinstance(base.value, dict) or not isinstance(own.value, dict):
        return own
    together = dict(base.value)
    for name, node in own.value.items():
        together[name] = _over(together.get(name), node)
    return replace(own, value=together)


def _each_group(whole: Node, change: Callable[[Node], Node]) -> Node:
    groups: list[Node] = []
    for group in whole.value if isinstance(whole.value, list) else []:
        items = step_into(group, "items")
        changed = group if items is None else replace(group, value={**entries(group), "items": change(items)})
        left = step_into(changed, "items")
        if left is None or left.value:
            groups.append(changed)
    return replace(whole, value=groups)


def _id_of(item: Node) -> str:
    found = entries(item).get("id")
    return str(found.value) if found else ""


def term_of(node: Node) -> str:
    """Term of a word in its short or long form."""
    found = entries(node).get("term") if isinstance(node.value, dict) else node
    return str(found.value) if found else ""


def _listed(node: Node | None) -> list[Node]:
    return node.value if node is not None and isinstance(node.value, list) else []
