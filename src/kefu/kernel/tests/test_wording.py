"""Words joined in the reader's language."""

import ast
import re
from pathlib import Path

import pytest
from django.utils import translation

import kefu
from kefu.kernel.errors import Invalid
from kefu.kernel.wording import listed, listed_later

SOURCE = Path(kefu.__file__).parent
MARKS = {"、", "，", "；"}


@pytest.mark.parametrize(
    ("language", "mark", "words"),
    [
        ("zh-hans", "、", "甲、乙"),
        ("zh-hans", "，", "甲，乙"),
        ("zh-hans", "；", "甲；乙"),
        ("en", "、", "甲, 乙"),
        ("en", "，", "甲, 乙"),
        ("en", "；", "甲; 乙"),
    ],
)
def test_each_language_has_its_marks(language, mark, words):
    with translation.override(language):
        assert listed(["甲", "乙"], mark) == words


def test_nothing_and_one_have_no_mark():
    assert listed([]) == ""
    assert listed([5]) == "5"


def test_what_is_put_away_is_joined_when_it_is_read():
    error = Invalid("%(names)s", names=listed_later(iter(["甲", "乙"])))
    with translation.override("en"):
        assert str(error) == "甲, 乙"
    with translation.override("zh-hans"):
        assert str(error) == "甲、乙"


def _joins_by_hand(tree):
    """Lines where a Chinese mark, translated or not, joins words."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "join":
            joiner = node.value.args[0] if isinstance(node.value, ast.Call) and node.value.args else node.value
            if isinstance(joiner, ast.Constant) and joiner.value in MARKS:
                yield node.lineno


def test_nobody_joins_by_hand():
    """A mark written into the code shows in English sentences; the demo centre writes Chinese texts, not screens."""
    found = []
    for file in SOURCE.rglob("*.py"):
        if {"tests", "demo"} & set(file.relative_to(SOURCE).parts) or (file.name == "wording.py" and file.parent.name == "kernel"):
            continue
        found += [f"{file.relative_to(SOURCE)}:{line}" for line in _joins_by_hand(ast.parse(file.read_text()))]
    for file in SOURCE.rglob("*.jinja"):
        found += [str(file.relative_to(SOURCE))] if re.search(r"join\(\s*[\"'][、，；]", file.read_text()) else []
    assert found == []
