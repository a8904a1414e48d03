"""Rules of Aliyun's speech analysis (智能对话分析) to rules of ours, with every part that could not be taken (Q8). Pure.

The mapping, and what is refused, is written down in ``docs/rules.md``. Names of fields are read in either spelling (``minWordSize``,
``min_word_size``). Nothing is guessed: a condition of which a part is unknown is left out and told, and the logic that asks for it no
longer reads, so that the draft shows a problem until somebody decides.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Invalid, Message

MAX_BYTES = 1_000_000
_MOST = 100


class NotAliyun(Invalid):
    """The text is no rule of Aliyun's."""

    code = "rule_import"
    message = _("读不出阿里云规则：%(why)s")


@dataclass(frozen=True, slots=True)
class Refused:
    """A part that was not taken: where it stands, and why."""

    where: str
    message: Message
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """In the reader's language."""
        return str(self.message) % self.params if self.params else str(self.message)


@dataclass(slots=True)
class Imported:
    """One rule: its title, the parameters of a detector, what was left out."""

    title: str
    note: str
    detector: dict[str, Any]
    refused: list[Refused] = field(default_factory=list)


_Given: TypeAlias = Mapping[str, Any]
_SIDES = {
    "客服": "agent",
    "坐席": "agent",
    "agent": "agent",
    "客户": "customer",
    "顾客": "customer",
    "customer": "customer",
    "client": "customer",
}
_RELATIONS = {
    "after": "after",
    "behind": "after",
    "before": "before",
    "front": "before",
    "around": "near",
    "between": "near",
    "all": "near",
}
_HITS = {1: "first", "1": "first", -1: "last", "-1": "last", 0: "each", "0": "each"}


def read(text: str) -> list[Imported]:
    """Every rule of the text; raises ``NotAliyun`` when there is none."""
    if len(text) > MAX_BYTES:
        raise NotAliyun(why=_("文件超过 1 MB。"))
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotAliyun(why=f"JSON {error}"[:120]) from None
    whole = _keys(raw) if isinstance(raw, Mapping) else {"rules": raw}
    whole = _keys(whole.get("data")) if isinstance(whole.get("data"), Mapping) else whole
    given = whole.get("rules")
    rules: list[Any] = given if isinstance(given, list) else [whole]
    found = [_rule(_keys(one), whole) for one in rules[:_MOST] if isinstance(one, Mapping)]
    kept = [one for one in found if one is not None]
    if not kept:
        raise NotAliyun(why=_("没有 conditions 和 operators。"))
    return kept


def _keys(raw: Any) -> dict[str, Any]:
    """Keys without capitals and underscores, so that both spellings read alike."""
    return {str(key).replace("_", "").lower(): value for key, value in raw.items()} if isinstance(raw, Mapping) else {}


def _list(raw: Any) -> list[Any]:
    return list(raw) if isinstance(raw, Sequence) and not isinstance(raw, str) else [] if raw is None else [raw]


def _rule(rule: _Given, whole: _Given) -> Imported | None:
    conditions = [_keys(one) for one in _list(rule.get("conditions") or whole.get("conditions"))]
    # Some exports put the conditions below each dialogue's turn.
    for talk in _list(rule.get("dialogues")):
        conditions += [_keys(one) for one in _list(_keys(talk).get("conditions"))]
    if not any(_list(one.get("operators")) for one in conditions):
        return None
    out = Imported(str(rule.get("name") or rule.get("rulename") or "")[:100], str(rule.get("comments") or "")[:300], {"kind": "rule"})
    named: dict[str, Any] = {}
    heads: list[str] = []
    for number, condition in enumerate(conditions, 1):
        name = _name(condition.get("cid") or condition.get("conditionid") or number)
        heads.append(name)
        _condition(name, condition, named, out)
    out.detector["let"] = named
    triggers = [_logic(one) for one in _list(rule.get("triggers"))]
    line = _logic(rule.get("lambda")) or (" || ".join(f"({one})" for one in triggers) if len(triggers) > 1 else "".join(triggers))
    out.detector["when"] = line or " && ".join(heads)
    return out


def _name(raw: Any) -> str:
    kept = "".join(char if char.isalnum() or char in "_-" else "_" for char in str(raw))
    return kept[:50] or "c"


def _logic(raw: Any) -> str:
    """Logic as we write it; names as ``_name`` makes them."""
    text = str(raw or "").strip()
    return text.replace("&&&", "&&").replace("==", "").strip()


def _condition(name: str, condition: _Given, named: dict[str, Any], out: Imported) -> None:
    parts: dict[str, str] = {}
    placed = _placing(name, _keys(condition.get("checkrange") or condition.get("range") or {}), condition, out)
    for number, raw in enumerate(_list(condition.get("operators")), 1):
        operator = _keys(raw)
        key = str(operator.get("oid") or number)
        kind = str(operator.get("type") or operator.get("operatortype") or "").replace("_", "").lower()
        make = _OPERATORS.get(kind)
        where = f"{name}/{key}"
        if make is None:
            out.refused.append(Refused(where, _("没有与算子“%(kind)s”相当的条件"), {"kind": str(operator.get("type") or "?")[:40]}))
            continue
        try:
            made = make({**operator, **_keys(operator.get("param") or operator.get("params"))})
        except (TypeError, ValueError, KeyError) as error:
            out.refused.append(Refused(where, _("算子“%(kind)s”的参数读不出：%(why)s"), {"kind": kind, "why": str(error)[:60]}))
            continue
        part = f"{name}_{_name(key)}"
        parts[key] = part
        named[part] = _with_place(made, placed)
    if parts:
        named[name] = _joined(str(condition.get("lambda") or ""), parts, name, out)


def _with_place(made: dict[str, Any], placed: dict[str, Any]) -> dict[str, Any]:
    if "not" in made:
        return {"not": _with_place(made["not"], placed)}
    whole = {"duration", "silences", "talk_share", "lines"} & made.keys()
    return {**made, **({} if whole else placed)}


def _joined(line: str, parts: Mapping[str, str], name: str, out: Imported) -> Any:
    """The logic over a condition's operators, over their new names; all of them without it."""
    if not line.strip():
        return " && ".join(parts.values())
    written, token = "", ""
    for char in f"{line} ":
        if char.isalnum() or char in "_-":
            token += char
            continue
        if token:
            if token not in parts:
                out.refused.append(Refused(name, _("逻辑“%(line)s”用到没有导入的 %(name)s，请补上"), {"line": line[:80], "name": token}))
            written += parts.get(token, token)
            token = ""
        written += char
    return _logic(written)


def _placing(name: str, given: _Given, condition: _Given, out: Imported) -> dict[str, Any]:
    placed: dict[str, Any] = {}
    role = str(given.get("role") or condition.get("role") or "").strip().lower()
    if role and (side := _SIDES.get(role)) and side != "agent":
        placed["side"] = side
    elif role and role not in _SIDES:
        placed["side"] = "both"
    span = _keys(given.get("range"))
    first, last = _whole(span.get("from")), _whole(span.get("to"))
    anchor = _keys(given.get("anchor"))
    target = anchor.get("anchorcid") or anchor.get("cid")
    if target:
        relation = _RELATIONS.get(str(anchor.get("location") or "after").lower())
        if relation is None:
            out.refused.append(Refused(name, _("前提的位置“%(where)s”没有相当的写法"), {"where": str(anchor.get("location"))[:40]}))
        else:
            placed[relation] = _name(target)
            which = _HITS.get(anchor.get("hittime", ""), "any")
            placed |= {"anchor": which} if which != "any" else {}
            if last or relation == "near":
                placed["within_lines"] = abs(last or first or 3)
    elif first is not None and first < 0:
        placed["in"] = {"last": -first}
    elif last is not None and last > 0:
        placed["in"] = {"first": last} if (first or 1) <= 1 else {"lines": [first, last]}
    return placed


def _whole(raw: Any) -> int | None:
    try:
        return int(raw) if raw is not None and str(raw).strip() else None
    except (TypeError, ValueError):
        return None


def _texts(raw: Any) -> list[str]:
    listed = raw.replace("，", ",").split(",") if isinstance(raw, str) else _list(raw)
    return [
        str(_keys(one).get("text") or _keys(one).get("content") or "") if isinstance(one, Mapping) else str(one).strip() for one in listed
    ]


def _needed(values: list[str], name: str) -> list[str]:
    kept = [one for one in values if one]
    if not kept:
        raise ValueError(name)
    return kept


def _seconds(raw: Any) -> float:
    value = float(raw)
    if value <= 0:
        raise ValueError(str(raw))
    return value / 1000 if value > 300 else value


def _keywords(given: _Given) -> dict[str, Any]:
    words = _needed(_texts(given.get("operkeywords") or given.get("keywords") or given.get("keyword")), "keywords")
    logic = str(given.get("customrule") or given.get("logic") or given.get("keywordlambda") or "").strip()
    if logic:
        return {"words": {"list": words, "logic": _logic(logic)}}
    match = str(given.get("keywordmatchtype") or given.get("keywordstype") or given.get("checktype") or "any").lower()
    together = {} if str(given.get("insentence", "true")).lower() != "false" else {"together": "conversation"}
    if match in ("all", "1", "every"):
        return {"words": {"all": words, **together}}
    if match in ("none", "exclude", "2", "notcontain"):
        return {"not": {"words": words}}
    return {"words": words}


def _regex(given: _Given) -> dict[str, Any]:
    pattern = str(given.get("regex") or "")
    without = str(given.get("notregex") or "")
    if not pattern and without:
        return {"not": {"pattern": without}}
    if not pattern or without:
        raise ValueError("regex" if not pattern else "notRegex")
    return {"pattern": pattern}


def _similar(given: _Given) -> dict[str, Any]:
    raw = given.get("similarlysentences") or given.get("similarlysentence") or given.get("sentences") or given.get("phrase")
    score = float(given.get("threshold") or given.get("score") or 0.6)
    return {"similar": {"to": _needed(_texts(raw), "sentences"), "score": min(1.0, max(0.4, score / 100 if score > 1 else score))}}


def _speed(given: _Given) -> dict[str, Any]:
    limit = float(given.get("velocityinmint") or given.get("velocity") or given.get("max") or given.get("threshold") or 0)
    under = str(given.get("compareoperator") or given.get("checktype") or "").lower() in ("lt", "less", "lessthan", "<")
    average = str(given.get("average", "")).lower() == "true" or given.get("average") is True
    if limit <= 0:
        raise ValueError("velocity")
    more = {"min_chars": int(given["minwordsize"])} if _whole(given.get("minwordsize")) else {}
    return {"speed": {"under" if under else "over": limit, **({"average": True} if average else {}), **more}}


def _silence(given: _Given) -> dict[str, Any]:
    if str(given.get("fromend", "")).lower() == "true":
        raise ValueError("fromEnd")
    start = {"start": True} if str(given.get("checkfirstsentence", "")).lower() == "true" else {}
    return {"silence": {"more_than": _seconds(given.get("interval") or given.get("max")), **start}}


def _interrupt(given: _Given) -> dict[str, Any]:
    return {"interrupts": {"more_than": _seconds(given.get("delaytime") or given.get("interval") or 0.8)}}


def _duration(given: _Given) -> dict[str, Any]:
    under = str(given.get("compareoperator") or "").lower() in ("lt", "less", "lessthan", "<")
    if given.get("min") is not None and given.get("max") is None:
        return {"duration": {"less_than": float(given["min"])}}
    limit = float(given.get("max") or given.get("interval") or given.get("threshold") or 0)
    if limit <= 0:
        raise ValueError("max")
    return {"duration": {"less_than" if under else "more_than": limit}}


def _repeat(given: _Given) -> dict[str, Any]:
    score = float(given.get("similarity") or given.get("threshold") or 0.8)
    times = _whole(given.get("times") or given.get("hittimes")) or 2
    return {"repeats": {"times": times, "alike": min(1.0, max(0.5, score / 100 if score > 1 else score))}}


def _energy(given: _Given) -> dict[str, Any]:
    return {"energy": {"more_than": float(given.get("max") or given.get("maxemotionchangevalue") or given.get("threshold") or 3)}}


def _response(given: _Given) -> dict[str, Any]:
    return {"response": {"more_than": _seconds(given.get("interval") or given.get("max"))}}


_OPERATORS: Mapping[str, Callable[[_Given], dict[str, Any]]] = {
    **dict.fromkeys(("keyword", "keywordmatch", "keywords", "include"), _keywords),
    **dict.fromkeys(("regex", "regularexpression"), _regex),
    **dict.fromkeys(("similar", "similarity", "similarsentence"), _similar),
    **dict.fromkeys(("speed", "speechspeed"), _speed),
    **dict.fromkeys(("silence", "silent"), _silence),
    **dict.fromkeys(("interrupt", "interruption"), _interrupt),
    **dict.fromkeys(("duration", "calllength"), _duration),
    **dict.fromkeys(("repeat", "repetition"), _repeat),
    **dict.fromkeys(("energy", "emotionenergy"), _energy),
    **dict.fromkeys(("response", "responsetime"), _response),
}
