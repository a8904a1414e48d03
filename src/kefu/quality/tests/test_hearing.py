"""What a recording tells reaches the detectors, and words a machine was unsure of deduct nothing (QA3)."""

import io
from functools import cache
from typing import Any

import pytest

from kefu.conversations.lines import Line
from kefu.handbook.builtin import text as builtin_text
from kefu.handbook.loader import read
from kefu.quality.dialogue import Dialogue
from kefu.quality.hearing import heard
from kefu.quality.inspector import Inspector
from kefu.quality.results import Inspected, ItemResult
from kefu.quality.wording import explain
from kefu.sound.decoding import opened
from kefu.sound.measured import Measured
from kefu.sound.measuring import measure
from kefu.sound.synthesis import Spoken, call, written

A, C = 0, 1
CALM = (Spoken(A, 1, 6), Spoken(C, 7, 10, pitch=125), Spoken(A, 11, 16), Spoken(C, 17, 20, pitch=125), Spoken(A, 21, 26))
LOUD = (*CALM[:4], Spoken(A, 21, 26, level=-14, pitch=300))
CUTS = (Spoken(A, 1, 5), Spoken(C, 6, 12, pitch=125), Spoken(A, 10, 14), Spoken(C, 15, 21, pitch=125), Spoken(A, 19, 24))


@cache
def measured(spoken: tuple[Spoken, ...], mono: bool = False) -> Measured:
    samples = call(spoken, 28.0)
    data = written(samples.mean(axis=0, keepdims=True) if mono else samples)
    with opened(io.BytesIO(data)) as recording:
        return measure(recording, ("both",) if mono else ("agent", "customer"))


def lines(spoken: tuple[Spoken, ...], per_second: float = 3.5, confidence: float | None = None) -> list[Line]:
    """Words to the turns, so many characters a second."""
    text = "好的我这边马上给您查询一下快件的最新情况请您稍等片刻不要挂机" * 4
    return [
        Line(
            number,
            "agent" if one.channel == A else "customer",
            text[: round((one.end - one.start) * per_second)],
            one.start,
            one.end,
            confidence,
        )
        for number, one in enumerate(spoken)
    ]


@cache
def inspector() -> Inspector:
    found = read(builtin_text("best") or "", file="best.yaml", bases=builtin_text).handbook
    assert found is not None
    key = next(key for key, card in found.scorecards.items() if card.item("voice"))
    return Inspector(found, key)


def judged(spoken: tuple[Spoken, ...], said: list[Line], mono: bool = False) -> Inspected:
    sound = heard(measured(spoken, mono), said)
    return inspector().inspect(Dialogue("call", said, facts=sound.facts(), sound=sound))


def voice(spoken: tuple[Spoken, ...], said: list[Line], mono: bool = False) -> ItemResult:
    return judged(spoken, said, mono).item("voice")


def test_a_calm_voice_passes() -> None:
    assert voice(CALM, lines(CALM)).state == "passed"
    assert voice(CALM, []).state == "passed"


@pytest.mark.parametrize(("per_second", "code"), [(7.5, "too_fast"), (1.2, "too_slow")])
def test_pace_by_the_voiced_seconds(per_second: float, code: str) -> None:
    found = voice(CALM, lines(CALM, per_second))
    assert [one.code for one in found.hits] == [code]
    assert found.hits[0].params["rate"] == pytest.approx(per_second * 60, rel=0.1)


def test_swings_of_loudness_and_pitch_have_their_second() -> None:
    for said in (lines(LOUD), []):
        found = voice(LOUD, said)
        assert found.state == "review"
        assert {one.code for one in found.hits} == {"louder", "higher"}
        assert all(one.params["at"] == pytest.approx(21, abs=0.4) for one in found.hits)
        assert all(explain(one.code, one.params) for one in found.hits)
    assert {one.line for one in voice(LOUD, lines(LOUD)).hits} == {4}


def test_a_hurried_line() -> None:
    said = lines(CALM, 3.0)
    said[4] = Line(4, "agent", said[4].text * 2, 21, 26)
    assert [one.code for one in voice(CALM, said).hits] == ["hurried"]


def test_mono_is_not_judged_by_speaker() -> None:
    found = voice(CALM, lines(CALM), mono=True)
    assert (found.state, found.why) == ("not_applicable", "mono")


def test_cutting_in_twice_deducts_and_names_the_seconds() -> None:
    hits = [one for one in judged(CUTS, lines(CUTS)).item("patience").hits if one.code == "interrupted"]
    assert [(one.mode, one.line) for one in hits] == [("auto", 2), ("auto", 4)]
    assert [one.params["at"] for one in hits] == [pytest.approx(10, abs=0.3), pytest.approx(19, abs=0.3)]
    assert [one.params["seconds"] for one in hits] == [pytest.approx(2, abs=0.5)] * 2


def test_a_nod_is_no_cutting_in() -> None:
    said = lines(CUTS)
    said[2] = Line(2, "agent", "嗯好的", 10, 14)
    hits = [one for one in judged(CUTS, said).item("patience").hits if one.code == "interrupted"]
    assert [(one.mode, one.line) for one in hits] == [("review", 4)]


def test_numbers_for_rules() -> None:
    facts = heard(measured(LOUD), lines(LOUD)).facts()
    assert facts["sound.agent.loudness_swing"] == pytest.approx(9, abs=1.5)
    assert facts["sound.agent.pitch_swing"] == pytest.approx(6.2, abs=1)
    assert facts["sound.agent.speed"] == pytest.approx(210, rel=0.1)
    assert facts["sound.agent.energy.lines"][4] > 8 > 6 > facts["sound.agent.energy.lines"][0] > 4
    assert facts["sound.holds"] == 0


@pytest.mark.parametrize(("confidence", "state"), [(None, "breached"), (0.9, "breached"), (0.3, "review")])
def test_words_a_machine_was_not_sure_of_deduct_nothing(confidence: float | None, state: str) -> None:
    said = [
        Line(0, "agent", "您好，请问有什么可以帮您", 0, 3, confidence),
        Line(1, "customer", "我的快件三天没有动了", 4, 6, confidence),
        Line(2, "agent", "你是傻逼吗", 7, 9, confidence),
    ]
    result = inspector().inspect(Dialogue("call", said))
    assert result.item("insult").state == state
    if confidence == 0.3:
        assert all(hit.mode == "review" for _item, hit in result.hits)


def test_what_was_missed_waits_too_when_the_agents_words_are_unsure() -> None:
    def result(first: float) -> Any:
        said = [
            Line(0, "agent", "喂", 0, 1, first),
            Line(1, "customer", "我的快件三天没有动了", 4, 6, 0.9),
            Line(2, "agent", "这个我看看情况再说吧", 7, 9, 0.9),
            Line(3, "customer", "那你们快一点", 10, 11, 0.9),
            Line(4, "agent", "行", 12, 13, 0.9),
        ]
        return inspector().inspect(Dialogue("call", said))

    missed = [hit.mode for _item, hit in result(0.9).hits if hit.code == "slots_missing"]
    assert "auto" in missed
    assert {hit.mode for _item, hit in result(0.3).hits if hit.code == "slots_missing"} == {"review"}
