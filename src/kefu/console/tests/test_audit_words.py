"""Whatever the code writes into the audit trail, the page has words for it (SEC3): verbs and fields are collected from the code itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.utils import translation

import kefu
from kefu.console.views import audit_words as words

SOURCE = Path(kefu.__file__).parent


def _kinds(model: str, field: str) -> set[str]:
    return {str(code) for code, _title in apps.get_model(model)._meta.get_field(field).choices}


def _built() -> dict[str, set[str]]:
    """Verbs that are put together when written: their beginning, and all that may follow."""
    return {
        "case.": _kinds("cases.Entry", "kind"),
        "batch.": (_kinds("batches.Batch", "state") - {"queued", "running"}) | {"started"},
    }


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for file in SOURCE.rglob("*.py"):
        if "tests" not in file.parts and file.name != "conftest.py":
            text = file.read_text()
            if "audit" in text or "timeline" in text:
                yield str(file.relative_to(SOURCE)), ast.parse(text)


def _called(node: ast.AST, *names: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names


def _verbs(node: ast.expr, place: str) -> set[str]:
    if isinstance(node, ast.Constant):
        return {str(node.value)}
    if isinstance(node, ast.IfExp):
        return _verbs(node.body, place) | _verbs(node.orelse, place)
    if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        start = str(node.values[0].value)
        assert start in _built(), f"{place} builds audit verbs that begin with {start!r}: say here what may follow"
        return {start + end for end in _built()[start]}
    raise AssertionError(f"{place} takes an audit verb from elsewhere: write it out there")


def _keys(node: ast.expr) -> set[str]:
    if isinstance(node, ast.Dict):
        return {str(key.value) for key in node.keys if isinstance(key, ast.Constant)}
    if isinstance(node, ast.BinOp):
        return _keys(node.left) | _keys(node.right)
    if isinstance(node, ast.IfExp):
        return _keys(node.body) | _keys(node.orelse)
    if isinstance(node, ast.Call):
        return {one for argument in node.args for one in _keys(argument)} | {
            one.arg for one in node.keywords if one.arg and node.func == "dict"
        }
    return set()


def written() -> tuple[set[str], set[str], set[str]]:
    """Verbs, kinds of things and fields that the code writes."""
    verbs: set[str] = set()
    kinds: set[str] = set()
    fields: set[str] = set()
    for place, tree in _modules():
        for node in ast.walk(tree):
            if _called(node, "record", "entry") and isinstance(node.func.value, ast.Name) and node.func.value.id == "audit":
                verbs |= _verbs(node.args[1], f"{place}:{node.lineno}")
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "Ref"
                and isinstance(node.args[0], ast.Constant)
            ):
                kinds.add(str(node.args[0].value))
            if isinstance(node, ast.keyword) and node.arg == "data":
                fields |= _keys(node.value)
            if isinstance(node, ast.Assign) and any(isinstance(one, ast.Name) and one.id == "data" for one in node.targets):
                fields |= _keys(node.value)
            if isinstance(node, ast.AnnAssign | ast.AugAssign) and isinstance(node.target, ast.Name) and node.target.id == "data":
                fields |= _keys(node.value) if node.value else set()
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and getattr(node.value, "id", "") == "data":
                fields |= {str(node.slice.value)} if isinstance(node.slice, ast.Constant) else set()
    return verbs, kinds, fields


def test_every_verb_has_words_and_every_word_a_verb():
    verbs, _things, _fields = written()
    assert len(verbs) > 60
    assert sorted(verbs - set(words.ACTIONS)) == []
    assert sorted(set(words.ACTIONS) - verbs) == []


def test_every_thing_has_words():
    _said, kinds, _fields = written()
    assert sorted(kinds - set(words.SUBJECTS)) == []


def test_every_field_has_words():
    _said, _things, fields = written()
    assert len(fields) > 30
    assert sorted(fields - set(words.FIELDS)) == []


def test_an_entry_is_told_in_words():
    assert words.data({"from": "normal", "to": None, "again": True}) == [("从", "normal"), ("到", "—"), ("再次", "是")]
    with translation.override("en"):
        assert words.data({"from": "normal"}) == [("From", "normal")]
        assert words.action("case.level") == "Change case level"
