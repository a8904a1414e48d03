"""Conditions: evaluation, explanation, words."""

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from kefu.handbook.conditions import evaluate, explain, render, sentence
from kefu.handbook.schema import Condition
from kefu.handbook.schema.facts import FACTS, fact_of_field


def cond(**parts) -> Condition:
    return Condition.model_validate(parts)


TABLE = [
    ({"fact": "x", "is": True}, {"x": True}, True),
    ({"fact": "x", "is": True}, {"x": False}, False),
    ({"fact": "x", "is": True}, {"x": 1}, False),
    ({"fact": "x", "is": 1}, {"x": True}, False),
    ({"fact": "x", "is": "a"}, {"x": "a"}, True),
    ({"fact": "x", "is": "a"}, {"x": ["b", "a"]}, True),
    ({"fact": "x", "is": 2}, {"x": 2.0}, True),
    ({"fact": "x", "is_not": "a"}, {"x": "b"}, True),
    ({"fact": "x", "is_not": "a"}, {}, False),
    ({"fact": "x", "in": ["a", "b"]}, {"x": "b"}, True),
    ({"fact": "x", "in": ["a", "b"]}, {"x": "c"}, False),
    ({"fact": "x", "at_least": 2}, {"x": 2}, True),
    ({"fact": "x", "at_least": 2}, {"x": "2.5"}, True),
    ({"fact": "x", "at_least": 2}, {"x": "two"}, False),
    ({"fact": "x", "at_least": 1}, {"x": True}, False),
    ({"fact": "x", "at_most": 2}, {"x": 2}, True),
    ({"fact": "x", "more_than": 2}, {"x": 2}, False),
    ({"fact": "x", "less_than": 2}, {"x": 1}, True),
    ({"fact": "x", "set": True}, {"x": 0}, True),
    ({"fact": "x", "set": True}, {"x": ""}, False),
    ({"fact": "x", "set": True}, {"x": None}, False),
    ({"fact": "x", "set": False}, {}, True),
    ({"fact": "x", "set": False}, {"x": False}, False),
    ({"fact": "x", "matches": "^YT[0-9]+$"}, {"x": "YT12"}, True),
    ({"fact": "x", "matches": "^YT[0-9]+$"}, {"x": 12}, False),
    ({"not": {"fact": "x", "is": True}}, {}, True),
    ({"all": [{"fact": "x", "is": 1}, {"fact": "y", "is": 2}]}, {"x": 1, "y": 2}, True),
    ({"all": [{"fact": "x", "is": 1}, {"fact": "y", "is": 2}]}, {"x": 1}, False),
    ({"any": [{"fact": "x", "is": 1}, {"fact": "y", "is": 2}]}, {"y": 2}, True),
    ({"any": [{"fact": "x", "is": 1}, {"fact": "y", "is": 2}]}, {}, False),
]


@pytest.mark.parametrize(("parts", "facts", "holds"), TABLE)
def test_a_condition_holds_or_not(parts, facts, holds):
    condition = cond(**parts)
    assert evaluate(condition, facts) is holds
    assert (explain(condition, facts) == ()) is holds


OPERATORS = ["is", "is_not", "in", "at_least", "at_most", "more_than", "less_than", "matches", "set"]
values = st.one_of(st.booleans(), st.integers(-3, 3), st.sampled_from(["a", "b", "", "2"]), st.none())
leaves = st.builds(
    lambda fact, operator, value: cond(
        fact=fact,
        **{
            operator: {"set": bool(value), "in": [value if value is not None else "a"], "matches": "a|2"}.get(
                operator, 1 if operator in OPERATORS[3:7] else (value if value is not None else "a")
            )
        },
    ),
    st.sampled_from("xyz"),
    st.sampled_from(OPERATORS),
    values,
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda some: Condition(all=tuple(some))),
        st.lists(inner, min_size=1, max_size=3).map(lambda some: Condition(any=tuple(some))),
        inner.map(lambda one: Condition(not_=one)),
    ),
    max_leaves=8,
)
facts = st.dictionaries(st.sampled_from("xyz"), values)


@given(conditions, facts)
def test_an_explanation_is_empty_exactly_when_the_condition_holds(condition, known):
    assert (explain(condition, known) == ()) is evaluate(condition, known)


@given(conditions, facts)
def test_de_morgan_and_double_negation(condition, known):
    assert evaluate(Condition(not_=Condition(not_=condition)), known) is evaluate(condition, known)
    pair = (condition, condition)
    assert evaluate(Condition(not_=Condition(all=pair)), known) is evaluate(
        Condition(any=tuple(Condition(not_=one) for one in pair)), known
    )


@given(leaves)
def test_of_an_unknown_fact_only_unset_holds(leaf):
    assert evaluate(leaf, {}) is (leaf.set is False)


@given(conditions)
def test_a_condition_survives_being_stored(condition):
    assert Condition.model_validate(condition.model_dump(by_alias=True, exclude_none=True)) == condition
    assert render(condition)


def test_failures_name_the_question_and_what_was_found():
    condition = cond(all=[{"fact": "parcel.signed", "is": True}, {"not": {"fact": "case.open_tasks", "at_least": 1}}])
    first, second = explain(condition, {"parcel.signed": False, "case.open_tasks": 2})
    assert (first.leaf.fact, first.actual, first.negated) == ("parcel.signed", False, False)
    assert (second.leaf.fact, second.actual, second.negated) == ("case.open_tasks", 2, True)


def test_a_sentence_for_the_reader():
    assert sentence(cond(fact="parcel.signed", **{"is": True})) == "当 已签收 为 是"
    either = cond(any=[{"fact": "case.repeat_count", "at_least": 1}, {"all": [{"fact": "case.urge_count", "more_than": 2}]}])
    assert render(either) == "重复投诉次数 不少于 1次 或 (催单次数 超过 2次)"
    own = {"data.view": fact_of_field("choice", "客户意见", {"agreed": "认可", "refused": "不认可"})}
    assert render(cond(fact="data.view", **{"in": ["agreed", "refused"]}), own) == "客户意见 属于 认可、不认可"
    with translation.override("en"):
        assert render(cond(fact="data.view", set=True), own)


def test_every_known_fact_has_a_name_type_and_title():
    for name, fact in FACTS.items():
        assert name.count(".") == 1
        assert fact.type in {"bool", "number", "text"}
        assert str(fact.title)
