"""Evaluate and word conditions. Pure: facts come in as a mapping, nothing is looked up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import re2
from django.utils.translation import gettext as _

from kefu.handbook.schema.condition import Condition
from kefu.handbook.schema.facts import FACTS, Fact
from kefu.kernel.wording import listed

Facts: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Failure:
    """A question that did not come out as the condition wants; ``negated`` when the condition wants it not to hold."""

    leaf: Condition
    actual: Any
    negated: bool = False


@lru_cache(maxsize=512)
def _pattern(text: str) -> Any:
    return re2.compile(text)


def missing(value: Any) -> bool:
    """Unknown, or left empty."""
    return value is None or (isinstance(value, str | list | tuple) and len(value) == 0)


def _same(actual: Any, wanted: Any) -> bool:
    if isinstance(actual, bool) or isinstance(wanted, bool):
        return isinstance(actual, bool) and isinstance(wanted, bool) and actual == wanted
    return bool(actual == wanted)


def _number(actual: Any) -> float | None:
    if isinstance(actual, bool):
        return None
    try:
        return float(actual)
    except (TypeError, ValueError):
        return None


def _compare(test: Callable[[float, float], bool]) -> Callable[[Any, Any], bool]:
    def compare(actual: Any, wanted: Any) -> bool:
        number = _number(actual)
        return number is not None and test(number, float(wanted))

    return compare


def _member(actual: Any, wanted: Any) -> bool:
    values = actual if isinstance(actual, list | tuple) else (actual,)
    return any(_same(value, one) for value in values for one in wanted)


def _is(actual: Any, wanted: Any) -> bool:
    return _member(actual, (wanted,))


_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "is": _is,
    "is_not": lambda actual, wanted: not _is(actual, wanted),
    "in": _member,
    "at_least": _compare(lambda a, b: a >= b),
    "at_most": _compare(lambda a, b: a <= b),
    "more_than": _compare(lambda a, b: a > b),
    "less_than": _compare(lambda a, b: a < b),
    "matches": lambda actual, wanted: isinstance(actual, str) and _pattern(wanted).search(actual) is not None,
}


def _holds(leaf: Condition, facts: Facts) -> bool:
    actual = facts.get(leaf.fact or "")
    if leaf.operator == "set":
        return missing(actual) is not leaf.set
    return not missing(actual) and _TESTS[leaf.operator](actual, leaf.value_of(leaf.operator))


def evaluate(condition: Condition, facts: Facts) -> bool:
    """Whether the condition holds. A list of choices ``is`` a value when it holds the value."""
    if condition.all is not None:
        return all(evaluate(inner, facts) for inner in condition.all)
    if condition.any is not None:
        return any(evaluate(inner, facts) for inner in condition.any)
    if condition.not_ is not None:
        return not evaluate(condition.not_, facts)
    return _holds(condition, facts)


def explain(condition: Condition, facts: Facts) -> tuple[Failure, ...]:
    """Questions that keep the condition from holding, in order; empty exactly when it holds."""
    return _failures(condition, facts, wanted=True)


def _failures(condition: Condition, facts: Facts, *, wanted: bool) -> tuple[Failure, ...]:
    if evaluate(condition, facts) is wanted:
        return ()
    if condition.not_ is not None:
        return _failures(condition.not_, facts, wanted=not wanted)
    inner = condition.all if condition.all is not None else condition.any
    if inner is not None:
        return tuple(failure for one in inner for failure in _failures(one, facts, wanted=wanted))
    return (Failure(condition, facts.get(condition.fact or ""), negated=not wanted),)


def fact_title(name: str, fields: Mapping[str, Fact] | None = None) -> str:
    """Words for a fact; ``fields`` are the step's own facts by ``data.<id>``."""
    fact = (fields or {}).get(name) or FACTS.get(name)
    return str(fact.title) if fact else name


def _value_words(value: Any, fact: Fact | None = None) -> str:
    if fact and isinstance(value, str) and value in fact.names:
        return str(fact.names[value])
    if value is True:
        return _("是")
    if value is False:
        return _("否")
    if isinstance(value, list | tuple):
        return listed(_value_words(one, fact) for one in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def render(condition: Condition, fields: Mapping[str, Fact] | None = None) -> str:
    """The condition as a phrase in the reader's language (“已签收 为 是”)."""
    if condition.not_ is not None:
        return _("并非（%(inner)s）") % {"inner": render(condition.not_, fields)}
    for inner, joint in ((condition.all, _(" 且 ")), (condition.any, _(" 或 "))):
        if inner is not None:
            parts = [render(one, fields) for one in inner]
            wrapped = [f"({part})" if one.fact is None and len(inner) > 1 else part for one, part in zip(inner, parts, strict=True)]
            return joint.join(wrapped)
    return _leaf_words(condition, fields)


def _leaf_words(leaf: Condition, fields: Mapping[str, Fact] | None) -> str:
    name = leaf.fact or ""
    fact = (fields or {}).get(name) or FACTS.get(name)
    value = leaf.value_of(leaf.operator)
    words = {"fact": fact_title(name, fields), "value": _value_words(value, fact), "unit": str(fact.unit) if fact else ""}
    if leaf.operator == "set":
        return (_("%(fact)s 已填写") if value else _("%(fact)s 未填写")) % words
    template = {
        "is": _("%(fact)s 为 %(value)s"),
        "is_not": _("%(fact)s 不为 %(value)s"),
        "in": _("%(fact)s 属于 %(value)s"),
        "at_least": _("%(fact)s 不少于 %(value)s%(unit)s"),
        "at_most": _("%(fact)s 不超过 %(value)s%(unit)s"),
        "more_than": _("%(fact)s 超过 %(value)s%(unit)s"),
        "less_than": _("%(fact)s 少于 %(value)s%(unit)s"),
        "matches": _("%(fact)s 符合格式 %(value)s"),
    }[leaf.operator]
    return template % words


def sentence(condition: Condition, fields: Mapping[str, Fact] | None = None) -> str:
    """The condition as a sentence for the reader: “当 已签收 为 是”."""
    return _("当 %(condition)s") % {"condition": render(condition, fields)}
