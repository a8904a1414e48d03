"""Items decided from case facts (QA4)."""

from typing import Any

import pytest

from kefu.quality.tests.dialogues import inspector, service

RECORD = {"kind": "case_record", "min_chars": 10, "insults": "insults", "max_delay": "2h"}
CLOCK = {"kind": "case_clock", "clock": "solve", "repeat_complaint": True}
REPEAT = {"kind": "repeat_complaint", "min_count": 2}


def _facts(**more: Any) -> dict[str, Any]:
    return {f"case.{name.replace('__', '.')}": value for name, value in more.items()}


@pytest.mark.parametrize(
    ("params", "facts", "state", "code"),
    [
        (RECORD, _facts(record_chars=30, record_texts=["已联系客户，今天下午重新派送"]), "passed", ""),
        (RECORD, _facts(record_chars=0, record_texts=[]), "breached", "record_missing"),
        (RECORD, _facts(record_chars=4, record_texts=["已联系"]), "breached", "record_too_short"),
        (RECORD, _facts(record_chars=0, record_texts=[], record_due=False), "passed", ""),
        (RECORD, _facts(record_chars=30, record_texts=["这个客户脑残，一直打电话催，烦"]), "breached", "record_insult"),
        (RECORD, _facts(record_chars=30, record_texts=["客户说话像个蠢货一样，讲不通的"]), "breached", "record_insult"),
        (RECORD, _facts(record_chars=30, record_texts=["已联系客户"], record_delay_seconds=9000), "breached", "record_late"),
        (RECORD, _facts(record_chars=30, record_texts=["已联系客户"], record_delay_seconds=60), "passed", ""),
        (RECORD, {}, "not_applicable", ""),
        (CLOCK, _facts(clock__solve="met"), "passed", ""),
        (CLOCK, _facts(clock__solve="breached"), "breached", "clock_breached"),
        (CLOCK, _facts(clock__solve="late"), "breached", "clock_breached"),
        (CLOCK, _facts(clock__solve="running"), "not_applicable", ""),
        (CLOCK, _facts(clock__solve="paused"), "not_applicable", ""),
        (CLOCK, _facts(clock__solve="stopped"), "not_applicable", ""),
        (CLOCK, _facts(clock__solve="met", repeat_count=2), "breached", "repeat_complaint"),
        (CLOCK, _facts(clock__solve="met", repeat_count=0), "passed", ""),
        (CLOCK, {}, "not_applicable", ""),
        (REPEAT, _facts(repeat_count=1), "passed", ""),
        (REPEAT, _facts(repeat_count=2), "breached", "repeat_complaint"),
        (REPEAT, {}, "not_applicable", ""),
    ],
)
def test_facts(params: dict[str, Any], facts: dict[str, Any], state: str, code: str) -> None:
    result = inspector(**params).inspect_case(facts).items[0]
    assert result.state == state
    assert [hit.code for hit in result.hits] == ([code] if code else [])


def test_a_case_gets_the_whole_card() -> None:
    facts = _facts(record_chars=30, record_texts=["已联系客户，今天重新派送"], clock__call_back="met", clock__solve="late")
    result = service().inspect_case(facts)
    assert len(result.items) == 19
    assert {item.item: item.state for item in result.items if item.state != "not_applicable"} == {
        "record": "passed", "response_rate": "passed", "solve_rate": "breached",
    }  # fmt: skip
    assert result.item("opening").why == "conversation_only"
