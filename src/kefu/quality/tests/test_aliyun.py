"""Rules of another house: what is taken, and what is told instead (Q8)."""

import json
from typing import Any

import pytest

from kefu.quality.rulebook import aliyun, parsing
from kefu.quality.tests.dialogues import dialogue, inspector


def one(operators: list[Any], **more: Any) -> aliyun.Imported:
    condition = {"cid": "a", "operators": operators, **more.pop("condition", {})}
    rule = {"name": "测试", "triggers": ["a"], **more}
    return aliyun.read(json.dumps({"rules": [rule], "conditions": [condition, *more.get("others", [])]}))[0]


def state(found: aliyun.Imported, text: str, channel: str = "chat") -> str:
    return inspector(**found.detector).inspect(dialogue(text, channel)).item("item").state


@pytest.mark.parametrize(
    ("kind", "param", "hit", "miss", "channel"),
    [
        ("KEYWORD", {"operKeyWords": ["退款", "运费"], "keywordMatchType": "all"}, "退款含运费", "退款", "chat"),
        ("keyword", {"keywords": "退款,运费", "customRule": "1&&2"}, "运费退款", "运费", "chat"),
        ("regex", {"regex": "[0-9]+元"}, "赔50元", "赔钱", "chat"),
        ("REGULAR_EXPRESSION", {"notRegex": "您好"}, "在", "您好", "chat"),
        ("similar", {"similarlySentences": ["请问还有什么可以帮您"], "threshold": 50}, "请问还有什么可以帮到您", "再见", "chat"),
        (
            "speed",
            {"average": True, "velocity": 300, "minWordSize": 4},
            "A@0-1: 您好很高兴为您服务请问",
            "A@0-9: 您好很高兴为您服务请问",
            "call",
        ),
        ("silence", {"interval": 10}, "C@0-1: 喂 | A@20-21: 在", "C@0-1: 喂 | A@2-3: 在", "call"),
        ("silence", {"interval": 10000}, "C@0-1: 喂 | A@20-21: 在", "C@0-1: 喂 | A@2-3: 在", "call"),
        ("interrupt", {"delayTime": 1}, "C@0-6: 我跟你说 | A@3-7: 您先听我说", "C@0-3: 我跟你说 | A@3-7: 您先听我说", "call"),
        ("duration", {"max": 60}, "C@0-90: 喂", "C@0-9: 喂", "call"),
        (
            "repeat",
            {"times": 2, "similarity": 0.9},
            "请您稍等一下的 | C: 好 | 请您稍等一下的",
            "请您稍等一下的 | C: 好 | 查到了您的件",
            "chat",
        ),
        ("response", {"interval": 5}, "C@0-1: 喂 | A@20-21: 在", "C@0-1: 喂 | A@2-3: 在", "call"),
    ],
)
def test_operators_taken(kind: str, param: dict[str, Any], hit: str, miss: str, channel: str) -> None:
    found = one([{"oid": "1", "type": kind, "param": param}])
    assert found.refused == []
    assert parsing.read(found.detector)[1] == []
    assert (state(found, hit, channel), state(found, miss, channel)) == ("breached", "passed")


def test_logic_of_operators_roles_and_ranges() -> None:
    words = [{"oid": str(i), "type": "keyword", "param": {"keywords": [word]}} for i, word in enumerate("退赔骂", 1)]
    found = one(words, condition={"lambda": "1&&2||3", "check_range": {"role": "客户", "range": {"from": 1, "to": 1}}})
    assert state(found, "C: 退一点，赔一点") == "breached"
    assert state(found, "C: 骂人") == "breached"
    assert state(found, "C: 你好 | C: 骂人") == "passed"
    assert state(found, "骂人 | C: 退") == "passed"


def test_an_anchor_becomes_an_anchor() -> None:
    other = {
        "cid": "b",
        "operators": [{"oid": "1", "type": "keyword", "param": {"keywords": ["抱歉"]}}],
        "check_range": {"role": "客服", "anchor": {"anchor_cid": "a", "location": "AFTER", "hit_time": 1}, "range": {"from": 1, "to": 2}},
    }
    operators = [{"oid": "1", "type": "keyword", "param": {"keywords": ["投诉"]}}]
    found = one(operators, condition={"check_range": {"role": "客户"}}, others=[other], triggers=["a&&!b"])
    assert state(found, "C: 我要投诉 | 好的 | C: 嗯 | 抱歉") == "breached"
    assert state(found, "C: 我要投诉 | 抱歉") == "passed"


def test_what_is_not_taken_is_told_and_the_draft_says_so() -> None:
    found = one(
        [{"oid": "1", "type": "NLU_INTENT", "param": {}}, {"oid": "2", "type": "keyword", "param": {"keywords": ["好"]}}],
        condition={"lambda": "1&&2"},
    )
    assert [(one.where, one.message) for one in found.refused] != []
    assert "NLU_INTENT" in found.refused[0].text
    assert [problem.code for problem in parsing.read(found.detector)[1]] == ["rule_logic"]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"rules": 3}', '{"rules": [{"name": "x"}]}', "[" * 100_000])
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(aliyun.NotAliyun):
        aliyun.read(text)
