"""Every example of docs/rules.md is run, and every operator has one (QA2)."""

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from kefu.quality.rulebook.operators import OPERATORS
from kefu.quality.rulebook.parsing import COMBINATIONS
from kefu.quality.tests.dialogues import dialogue, inspector

PAGE = Path(__file__).parents[4] / "docs" / "rules.md"
_EXAMPLE = re.compile(r"```yaml\n(.*?)```\n```\n(.*?)```", re.DOTALL)
_LINE = re.compile(r"^([-+?]) (call )?(\{.*?\}+ )?(.*)$")
_STATES = {"+": ("breached", "review"), "-": ("passed",), "?": ("not_applicable",)}


def examples() -> list[tuple[str, dict[str, Any], str]]:
    found = []
    for section in PAGE.read_text(encoding="utf-8").split("\n### ")[1:]:
        for rule, lines in _EXAMPLE.findall(section):
            found.append((section.split()[0], YAML(typ="safe", pure=True).load(rule), lines))
    return found


def _rule(raw: dict[str, Any]) -> dict[str, Any]:
    return raw if "when" in raw or "require" in raw else {"when": raw}


@pytest.mark.parametrize(("name", "raw", "lines"), examples(), ids=[name for name, _, _ in examples()])
def test_examples_of_the_page(name: str, raw: dict[str, Any], lines: str) -> None:
    found = inspector("rule", **_rule(raw))
    marks = set()
    for line in lines.strip().splitlines():
        match = _LINE.match(line)
        assert match, line
        mark, call, facts, text = match.groups()
        marks.add(mark)
        known = YAML(typ="safe", pure=True).load(facts) if facts else {}
        result = found.inspect(dialogue(text, "call" if call else "chat", facts=known)).item("item")
        assert result.state in _STATES[mark], (line, result.state, result.why, [(h.code, h.text) for h in result.hits])
        if mark == "+":
            assert result.hits
    assert {"+", "-"} <= marks


def test_every_operator_has_an_example() -> None:
    assert {name for name, _, _ in examples()} == {*OPERATORS, *COMBINATIONS}
    assert len(OPERATORS) >= 20
