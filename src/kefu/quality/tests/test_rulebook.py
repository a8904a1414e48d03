"""Rules that are written wrong are told where and what to do; rules written right decide, price and keep to their dates (QA2, HB3)."""

import time
from decimal import Decimal
from typing import Any

import pytest

from kefu.handbook import builtin, loader
from kefu.quality import wording
from kefu.quality.dialogue import Dialogue, Line
from kefu.quality.inspector import compile_card
from kefu.quality.rulebook import expression, flow, forms
from kefu.quality.rulebook.parsing import read
from kefu.quality.tests.dialogues import dialogue, inspector, with_item

HEAD = """handbook: nanshi
title: 南市
effective_from: 2026-12-01
extends: [best]
scorecards:
  mine:
    title: 规则
    source: B
    channels: [chat]
    groups:
      - id: g
        title: 组
        items:
          - id: item
            title: 项
            source: B
            definition: 项
            penalty: {points: 5, money: 30}
            detector:
              kind: rule
"""


def problems(rule: str) -> list[tuple[int, int, str, str]]:
    """Line below ``kind: rule`` (from 1), column, code and words."""
    above = HEAD.count("\n")
    text = HEAD + "".join(f"              {line}\n" for line in rule.strip("\n").splitlines())
    return [(one.line - above, one.column, one.code, one.text) for one in loader.read(text, bases=builtin.text).problems]


@pytest.mark.parametrize(
    ("rule", "line", "code", "says"),
    [
        ("count: once", -1, "rule_when", "when"),
        ("when: {words: [谢谢], side: 客户}", 1, "rule_side", "customer"),
        ("when:\n  all:\n    - {words: [谢谢]}\n    - {word: [谢谢]}", 4, "rule_operator_unknown", "words"),
        ("when:\n  words: [谢谢]\n  silence: 3", 3, "rule_two_operators", "all"),
        ("when: {words: {some: [谢谢]}}", 1, "rule_argument", "any"),
        ("when: {words: {all: [谢谢], logic: 1}}", 1, "rule_words_logic", "list"),
        ('when: {words: {list: [谢谢, 感谢], logic: "1 & 3"}}', 1, "rule_logic", "3"),
        ('when: {words: {list: [谢谢], logic: "!1"}}', 1, "rule_logic_empty", "require"),
        ("when:\n  pattern: '(?=a)b'", 2, "pattern", "RE2"),
        ("when:\n  pattern: 'a*'", 2, "pattern_empty", "空"),
        ("let:\n  a: {words: [谢谢]}\nwhen: a && b", 3, "rule_logic", "b"),
        ("let:\n  a: {words: [谢谢]}\nwhen: a &&", 3, "rule_logic", "缺"),
        ("let:\n  a: {words: [谢谢], after: b}\nwhen: a", 2, "rule_name_unknown", "let"),
        ("let:\n  a: {words: [谢谢], after: b}\n  b: {words: [好], after: a}\nwhen: a", 2, "rule_circle", "→"),
        ("when: {fact: conversation.ratings, at_most: 2}", 1, "rule_fact_unknown", "conversation.rating"),
        ("when: {fact: conversation.rating}", 1, "rule_fact", "at_most"),
        ("when: {silence: {more_than: -1}}", 1, "greater_than", "0"),
        ("when: {speed: {average: true}}", 1, "rule_one_of", "over"),
        ("when: {duration: 30, in: {first: 3}}", 1, "rule_whole", "整段"),
        ("when: {words: [好], in: {first: 0}}", 1, "rule_number", "1"),
        ("when: {words: [好], in: {fist: 2}}", 1, "rule_range", "first"),
        ("when: {words: [好], within_lines: 2}", 1, "rule_anchor", "after"),
        ("when: {words: [好], at_least: 3, at_most: 2}", 1, "rule_counts", "at_most"),
        ("when: {lexicon: [nothing]}", 1, "reference_unknown", "nothing"),
        ("when: {flow: [{stage: a, words: [好]}]}", 1, "rule_flow", "两个"),
        ("when: {some: [{words: [好]}]}", 1, "rule_some", "at_least"),
        ("when: {words: [好]}\nevidence: x", 2, "rule_name_unknown", "x"),
        ("when: {words: [好]}\nbegins: 2026-12-02\nends: 2026-12-01", 3, "rule_dates", "begins"),
        ("when: [a]", 1, "rule_condition", "words"),
        ("when: {any: []}", 1, "rule_parts", "列表"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(rule: str, line: int, code: str, says: str) -> None:
    found = problems(rule)
    assert [(one[0], one[2]) for one in found] == [(line, code)], found
    assert found[0][1] > 0
    assert says in found[0][3]


def test_a_good_rule_has_no_problems() -> None:
    assert problems("let:\n  a: {words: [谢谢]}\n  2: {lexicon: [taboo]}\nwhen: a 且 非 2\nbegins: 2026-12-01") == []


def _state(text: str, rule: dict[str, Any], **more: Any) -> tuple[str, str]:
    found = inspector("rule", **rule).inspect(dialogue(text, **more)).item("item")
    return found.state, found.why


def test_an_anchor_that_is_not_there_makes_a_requirement_not_applicable() -> None:
    rule = {
        "let": {"complaint": {"words": ["投诉"], "side": "customer"}},
        "require": {"words": ["抱歉"], "after": "complaint", "within_lines": 2},
    }
    assert _state("您好 | C: 查件", rule) == ("not_applicable", "no_anchor:complaint")
    assert "complaint" in wording.why("no_anchor:complaint")
    assert _state("您好 | C: 我要投诉 | 抱歉", rule)[0] == "passed"
    found = inspector("rule", **rule).inspect(dialogue("您好 | C: 我要投诉 | 好 | 好 | 抱歉")).item("item")
    assert (found.state, [(hit.line, hit.code) for hit in found.hits]) == ("breached", [(1, "rule_lacking")])


def test_each_asks_it_of_every_place() -> None:
    rule = {
        "let": {"t": {"words": ["谢谢"], "side": "customer"}},
        "require": {"words": ["不客气"], "after": "t", "anchor": "each", "within_lines": 1},
    }
    assert _state("C: 谢谢 | 不客气 | C: 谢谢 | 不客气", rule)[0] == "passed"
    found = inspector("rule", **rule).inspect(dialogue("C: 谢谢 | 不客气 | C: 谢谢 | 再见")).item("item")
    assert [hit.line for hit in found.hits] == [2]


def test_what_is_not_known_does_not_decide_what_is() -> None:
    rule = {"when": {"any": [{"fact": "conversation.rating", "at_most": 2}, {"words": ["不知道"]}]}}
    assert _state("不知道", rule)[0] == "breached"
    assert _state("好的", rule) == ("not_applicable", "no_fact:conversation.rating")
    assert "客户评分" in wording.why("no_fact:conversation.rating")
    both = {"when": {"all": [{"fact": "conversation.rating", "at_most": 2}, {"words": ["不知道"]}]}}
    assert _state("好的", both)[0] == "passed"


def test_sounds_alone_ask_for_review() -> None:
    rule = {"when": {"all": [{"sounds": ["投诉"], "side": "customer"}, {"words": ["好"]}]}}
    assert _state("C: 我要头诉 | 好", rule)[0] == "review"


def test_dates_and_range_of_a_rule() -> None:
    rule = {"when": {"words": ["好"]}, "begins": "2026-12-01", "ends": "2026-12-31"}
    facts = {"conversation.day": "2026-12-31"}
    assert _state("好", rule, facts=facts)[0] == "breached"
    assert _state("好", rule, facts={"conversation.day": "2027-01-01"}) == ("not_applicable", "rule_not_in_force")
    off = {"when": {"words": ["好"]}, "applies_when": {"fact": "conversation.channel", "is": "call"}}
    assert _state("好", off) == ("not_applicable", "rule_does_not_apply")
    assert _state("好", off, channel="call")[0] == "breached"


def test_each_hit_is_priced_by_the_named_condition() -> None:
    rule = {"let": {"a": {"words": ["不知道"]}, "b": {"words": ["您好"]}}, "when": "a && b", "count": "each", "evidence": "a"}
    found = compile_card(with_item("rule", **rule), "test").inspect(dialogue("您好 | 不知道 | 不知道")).item("item")
    assert (len(found.hits), found.money) == (2, Decimal(100))


def test_evidence_points_into_the_original_text() -> None:
    found = inspector("rule", when={"words": ["不知道"]}).inspect(dialogue("您好，不 知*道哦")).item("item")
    assert found.hits[0].text == "不 知*道"


def test_the_flow_takes_the_longest_walk() -> None:
    assert flow.walk([[(5, 0)], [(1, 0)], [(2, 0)], [(3, 0)]]).chosen == (None, 0, 0, 0)
    assert flow.walk([[(1, 0), (9, 0)], [(1, 0), (2, 0)], []]).chosen == (0, 1, None)


@pytest.mark.parametrize(
    ("line", "true", "holds"),
    [("1&&2", "12", True), ("1 且 非 2", "1", True), ("!(1||2)", "", True), ("1||2&&3", "1", True), ("(1||2)&&3", "1", False)],
)
def test_logic(line: str, true: str, holds: bool) -> None:
    assert expression.holds(expression.read(line, "123"), true) is holds


def test_a_hostile_rule_costs_no_more_than_the_text() -> None:
    rule = {"when": {"all": [{"pattern": "(a+)+$|(.*.*)*b{1}"}, {"repeats": {"times": 2, "alike": 0.5}}]}}
    made = inspector("rule", **rule)
    long = Dialogue("chat", [Line(i, "agent" if i % 2 else "customer", "a" * 400 + f"{i}") for i in range(2000)])
    begun = time.process_time()
    made.inspect(long)
    assert time.process_time() - begun < 5


def test_too_large_a_rule_is_refused() -> None:
    deep: dict[str, Any] = {"words": ["好"]}
    for _ in range(20):
        deep = {"not": deep}
    assert [one.code for one in read({"when": deep})[1]] == ["rule_size"]
    assert next(one.code for one in read({"when": {"any": [{"words": ["好"]}] * 300}})[1]) == "rule_size"


@pytest.mark.parametrize(
    "rule",
    [
        {"when": {"words": ["谢谢", "感谢"], "side": "customer"}},
        {"when": {"all": [{"words": ["投诉"], "side": "customer"}, {"not": {"any": [{"words": ["抱歉"]}, {"silence": 3}]}}]}},
        {"let": {"a": {"words": {"list": ["赔", "钱"], "logic": "1&&2"}, "in": {"first": 3}}}, "require": "a", "mode": "review"},
        {
            "let": {"a": {"words": ["投诉"]}, "b": {"pattern": "[0-9]{2,}", "after": "a", "anchor": "each", "within_lines": 2}},
            "when": "a && !b",
        },
        {"when": {"fact": "conversation.rating", "at_most": 2}},
        {"when": {"speed": {"over": 300, "average": True}, "at_least": 1}},
    ],
)
def test_a_rule_survives_the_form(rule: dict[str, Any]) -> None:
    again = forms.written(forms.read(rule))
    for text in ("C: 我要投诉，感谢 | 抱歉 | 要赔钱的12", "C: 投诉 | 好", "C: 谢谢 | 抱歉"):
        facts = {"conversation.rating": 1}
        old = inspector("rule", **rule).inspect(dialogue(text, facts=facts)).item("item")
        new = inspector(**again).inspect(dialogue(text, facts=facts)).item("item")
        assert (old.state, old.why, [(hit.line, hit.start, hit.end) for hit in old.hits]) == (
            new.state,
            new.why,
            [(hit.line, hit.start, hit.end) for hit in new.hits],
        )
