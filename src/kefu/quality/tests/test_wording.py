"""Every code has its words, and every word its numbers."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from kefu.quality import detectors, rulebook
from kefu.quality.results import STATES
from kefu.quality.tests.dialogues import best, dialogue, service
from kefu.quality.wording import CODES, NAMES_CLAUSES, WHOLE_LINE, WHY, better, explain, state_title, why

_ROOMS = (detectors, rulebook)
_SOURCES = "\n".join(
    path.read_text(encoding="utf-8")
    for room in _ROOMS
    for path in Path(str(room.__file__)).parent.rglob("*.py")
    if path.name != "wording.py"
)


def test_every_reason_has_words() -> None:
    used = set(re.findall(r'(?:NotApplicable|[Uu]nknown)\(f?"(\w+)[":]', _SOURCES)) | {
        "case_only",
        "conversation_only",
        "rule_not_in_force",
    }
    assert used == set(WHY)
    assert all(why(code) != code for code in used)
    assert {state_title(state) for state in STATES.values()} == {"达标", "未达标", "待复核", "不适用", "人工评"}


def test_every_code_has_words() -> None:
    mentioned = {code for code in CODES if f'"{code}"' in _SOURCES}
    assert mentioned == set(CODES)


def test_a_conversation_reads_well() -> None:
    talk = "喂 | C: 我要投诉 | 你姓什么 | C: 王 | 不知道，不归我管 | C: 什么时候到 | C: 谢谢"
    result = service().inspect(dialogue(talk, "call"))
    said = {item.item: explain(hit.code, hit.params, best()) for item, hit in reversed(result.hits)}
    assert said["opening"] == "“开场白”缺少：您好、站点名称、工号、很高兴为您服务、请问有什么可以帮您"
    assert said["taboo"] == "说了“喂”"
    assert said["polite"].startswith(("客户致谢“谢谢”后没有回应", "客户抱怨“投诉”后"))
    assert said["identity"] == "询问身份不礼貌：“你姓什么”"
    assert not any("%(" in text for text in said.values())
    assert better(result.item("taboo").hits[0].params) == "您好"


def test_unknown_codes_and_missing_numbers_do_no_harm() -> None:
    assert explain("something_new", {}) == "something new"
    assert explain("word", {}) == "说了“—”"


def test_the_codes_the_detectors_make_are_the_codes_with_words() -> None:
    made = set(re.findall(r'\b(?:Found|found_of|_found)\([^"\n]*\n?\s*"(\w+)"', _SOURCES)) - {"auto", "review"}
    assert len(made) > 20
    assert made <= set(CODES)
    assert set(WHOLE_LINE) | NAMES_CLAUSES <= set(CODES)


@pytest.mark.parametrize(
    ("language", "clock", "opening"),
    [
        ("zh-hans", "时限“2 小时回电”超时，晚了 2 小时 5 分钟", "“开场白”缺少：您好、站点名称"),
        ("en", "Clock “Call back within 2 hours” breached, 2 h 5 min late", "“Opening” lacks: Greeting, Site name"),
    ],
)
def test_clauses_are_named_in_the_readers_language(language: str, clock: str, opening: str) -> None:
    with translation.override(language):
        assert explain("clock_breached", {"clock": "call_back", "late_seconds": 7512}, best()) == clock
        assert explain("slots_missing", {"script": "scripts.opening", "missing": ["hello", "site"]}, best()) == opening


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0.4 秒"), (3, "3 秒"), (3.0, "3 秒"), (61.7, "1 分钟 1 秒"), (3600, "1 小时"), (3659, "1 小时"), (90061, "25 小时 1 分钟")],
)
def test_seconds_are_said_as_a_person_would(seconds: float, words: str) -> None:
    assert explain("answer_slow", {"seconds": seconds, "limit": 30}) == f"应答用了 {words}，规定 30 秒 以内"
