"""Whatever the code writes into the audit trail, the page has words for it (SEC3): verbs and fields are collected from the code itself."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.utils import translation

import kefu
from kefu.console.views import audit_claims_words as claim_words
from kefu.console.views import audit_notices_words as notice_words
from kefu.console.views import audit_review_words as review_words
from kefu.console.views import audit_shop_words as shop_words
from kefu.console.views import audit_words as words

SOURCE = Path(kefu.__file__).parent


def _kinds(model: str, field: str) -> set[str]:
    return {str(code) for code, _title in apps.get_model(model)._meta.get_field(field).choices}


def _built() -> dict[str, set[str]]:
    """Verbs that are put together when written: their beginning, and all that may follow."""
    return {
        "case.": _kinds("cases.Entry", "kind"),
        "bench.trial_": {"done", "stopped", "failed"},
        "sign_off.": {"signed", "out", "changed", "undone"},
        "batch.": (_kinds("batches.Batch", "state") - {"queued", "running"}) | {"started"},
        "pickup.": _kinds("pickups.Move", "what"),
        "rate_card.": {"added", "ended", "withdrawn"},
        "problem.": {"reported", "answered", "closed", "cancelled", "passed", "barred", "escalated"},
        "difference.": {"taken", "taken_up", "released", "concluded", "reported", "urged"},
        "arbitration.": {
            "filed",
            "accept",
            "refuse",
            "withdraw",
            "reply",
            "forward",
            "rule",
            "confirm",
            "send_back",
            "appeal",
            "finish",
            "assigned",
        },
        "shop.": {one.removeprefix("shop.") for one in shop_words.ACTIONS if one.startswith("shop.")},
        "notice.": {one.removeprefix("notice.") for one in notice_words.ACTIONS if one.startswith("notice.")},
        "appeal.": {one.removeprefix("appeal.") for one in notice_words.ACTIONS if one.startswith("appeal.")},
        "claim.": {one.removeprefix("claim.") for one in claim_words.ACTIONS},
        "review.": {one.removeprefix("review.") for one in review_words.ACTIONS if one.startswith("review.")},
        "dispute.": {one.removeprefix("dispute.") for one in review_words.ACTIONS if one.startswith("dispute.")},
        "calibration.": {one.removeprefix("calibration.") for one in review_words.ACTIONS if one.startswith("calibration.")},
        "penalty.": {"entered", "reversed"},
        "coaching.": {"written", "answered", "done"},
        "clip.": {"published", "withdrawn"},
        "forward.": {"requested", "confirmed", "approved", "refused", "withdrawn", "forwarded", "signed", "settled"},
    }


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for file in SOURCE.rglob("*.py"):
        if "tests" not in file.parts and file.name != "conftest.py":
            text = file.read_text()
            if "audit" in text or "timeline" in text:
                yield str(file.relative_to(SOURCE)), ast.parse(text)


def _called(node: ast.AST, *names: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names


def _named(tree: ast.Module) -> set[str]:
    """Verbs a module writes out and hands to the one place that records them."""
    texts = {str(node.value) for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    starts = {verb.partition(".")[0] for verb in words.ACTIONS}
    built = {start + end for start, ends in _built().items() if start in texts for end in ends}
    return built | {text for text in texts if re.fullmatch(r"[a-z_]+\.[a-z_]+", text) and text.partition(".")[0] in starts}


def _verbs(node: ast.expr, place: str, tree: ast.Module) -> set[str]:
    if isinstance(node, ast.Name) and (named := _named(tree)):
        return named
    if isinstance(node, ast.Constant):
        return {str(node.value)}
    if isinstance(node, ast.IfExp):
        return _verbs(node.body, place, tree) | _verbs(node.orelse, place, tree)
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
                verbs |= _verbs(node.args[1], f"{place}:{node.lineno}", tree)
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
