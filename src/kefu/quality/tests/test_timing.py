"""What times decide: slow answers, interruptions, pace; and that nothing is decided without them."""

import pytest

from kefu.quality.tests.dialogues import dialogue, inspector

SLOW = {"kind": "slow_answer", "first_seconds": 5, "each_seconds": 10}
CUT_IN = {"kind": "interruption", "min_overlap_seconds": 0.8, "min_count": 2}
PACE = {"kind": "speech_rate", "min_per_minute": 120, "max_per_minute": 320}
GAP = {"kind": "unanswered", "max_gap_seconds": 60, "max_customer_lines": 3}


@pytest.mark.parametrize(
    ("params", "text", "channel", "state", "codes"),
    [
        (SLOW, "C@0: 在吗 | A@3: 您好", "chat", "passed", []),
        (SLOW, "C@0: 在吗 | A@9: 您好", "chat", "breached", ["first_answer_slow"]),
        (SLOW, "C@0: 在吗 | A@3: 您好 | C@10: 到哪了 | A@40: 南京", "chat", "breached", ["answer_slow"]),
        (SLOW, "C@0: 在吗 | C@2: 人呢 | A@9: 您好", "chat", "breached", ["first_answer_slow"]),
        (SLOW, "A@0: 您好 | C@3-20: 我的件到哪了 | A@22: 南京", "call", "passed", []),
        (SLOW, "C: 在吗 | 您好", "chat", "not_applicable", []),
        (SLOW, "C@10: 在吗 | A@5: 您好", "chat", "not_applicable", []),
        (SLOW, "C@0: 在吗", "chat", "not_applicable", []),
        (
            CUT_IN,
            "C@0-8: 我的快递已经三天了 | A@6-9: 您的单号 | C@10-16: 单号我说过的 | A@14-18: 请您再说",
            "call",
            "breached",
            ["interrupted"] * 2,
        ),
        (CUT_IN, "C@0-8: 我的快递已经三天了 | A@6-9: 您的单号", "call", "review", ["interrupted"]),
        (CUT_IN, "C@0-8: 我的快递已经三天了 | A@7.5-9: 您的单号", "call", "passed", []),
        (CUT_IN, "C@0-8: 我的快递 | A@6-7: 嗯", "call", "passed", []),
        (CUT_IN, "C: 我的快递 | 您的单号", "call", "not_applicable", []),
        (CUT_IN, "您好 | C: 你先听我说完 | 好的", "chat", "review", ["customer_says_interrupted"]),
        (PACE, "A@0-10: " + "快" * 40, "call", "passed", []),
        (PACE, "A@0-10: " + "快" * 90, "call", "review", ["too_fast"]),
        (PACE, "A@0-20: " + "慢" * 20, "call", "review", ["too_slow"]),
        (PACE, "A@0-10: " + "快" * 90, "chat", "not_applicable", []),
        (PACE, "您好", "call", "not_applicable", []),
        (GAP, "C@0: 到哪了 | A@30: 南京", "chat", "passed", []),
        (GAP, "C@0: 到哪了 | A@90: 南京", "chat", "review", ["answer_late"]),
    ],
)
def test_times(params: dict[str, object], text: str, channel: str, state: str, codes: list[str]) -> None:
    result = inspector(**params).inspect(dialogue(text, channel)).items[0]  # type: ignore[arg-type]
    assert (result.state, [hit.code for hit in result.hits]) == (state, codes)


def test_why_nothing_was_decided() -> None:
    assert inspector(**SLOW).inspect(dialogue("C: 在吗 | 您好")).items[0].why == "no_times"  # type: ignore[arg-type]
    assert inspector(**PACE).inspect(dialogue("您好")).items[0].why == "channel"  # type: ignore[arg-type]
