"""Whole cards: every item always there, scores, caches, checks of handbooks, and input nobody expects."""

from decimal import Decimal
from typing import Any

import pytest

from kefu.handbook import builtin, loader
from kefu.handbook.schema import Scorecard
from kefu.quality.detectors import REGISTRY
from kefu.quality.detectors.ranking import model, ngram_hashes, ranks, scores
from kefu.quality.inspector import Inspector, card_for, compile_card, digest, handbook_problems
from kefu.quality.insult import features
from kefu.quality.tests.dialogues import best, dialogue, inspector, service, with_item

GOOD = (
    "您好，南市分部工号1086，很高兴为您服务，请问有什么可以帮您？ | C: 我的快递到哪了 | 请问您贵姓，麻烦您提供一下运单号 | C: 姓王，单号123"
    " | 王先生请您稍等，已为您查到，今天下午派送 | C: 好的谢谢 | 不客气，请问还有什么可以帮到您 | C: 没有了 | 感谢您的来电，再见！"
)


def test_a_good_call_passes_everything() -> None:
    result = service().inspect(dialogue(GOOD, "call"))
    assert len(result.items) == 19
    assert result.score == 100
    assert {item.item: (item.state, item.why) for item in result.items if item.state not in ("passed", "manual")} == {
        "voice": ("not_applicable", "no_times"),
        "record": ("not_applicable", "case_only"),
        "response_rate": ("not_applicable", "case_only"),
        "solve_rate": ("not_applicable", "case_only"),
    }
    assert result.states == "pppppnpppppppp" + "nnn" + "pm"


def test_a_bad_call_names_every_breach_with_its_evidence() -> None:
    text = "喂 | C: 我的快递呢，我要投诉 | 你姓什么 | C: 王 | 不知道，不关我事，你去找快递员 | C: 什么态度 | 你脑残吧，说了多少遍"
    result = service().inspect(dialogue(text, "call"))
    breached = {item.item for item in result.items if item.state == "breached"}
    assert {"opening", "closing", "polite", "taboo", "insult", "shirking", "identity", "tact"} <= breached
    hit = result.item("insult").hits[0]
    assert (hit.line, hit.text, hit.mode) == (6, "脑残", "auto")
    assert result.score == max(Decimal(0), Decimal(100) - result.points)
    assert result.money == sum(item.money for item in result.items)
    for item, found in result.hits:
        assert item.clause == f"scorecards.service.items.{item.item}"
        if found.line is not None:
            assert dialogue(text).lines[found.line].text[found.start : found.end] == found.text


def test_offsets_are_those_of_the_original_text() -> None:
    result = service().inspect(dialogue("哦，我 不*知 道　啊", "chat")).item("taboo")
    hit = result.hits[0]
    assert "哦，我 不*知 道　啊"[hit.start : hit.end] == hit.text == "不*知 道"


@pytest.mark.parametrize(
    "text",
    ["", "   ", "😀😀", "\u202e\u202d好", "a" * 30, "|", "\x00", "？？？", "C: ", "S: 系统消息", "﷽" * 50, "\ud800", "不" * 3000],
)
@pytest.mark.parametrize("channel", ["call", "chat", "email", "form"])
def test_odd_input_gets_a_whole_card(text: str, channel: str) -> None:
    assert len(service().inspect(dialogue(text, channel)).items) == 19


def test_nothing_said_is_not_judged() -> None:
    from kefu.quality.dialogue import Dialogue

    result = service().inspect(Dialogue("call", ()))
    assert {item.state for item in result.items} == {"not_applicable", "manual"}
    assert result.score == 100


@pytest.mark.parametrize("piece", ["不知道", "喂，", "“不知道", "您说", "你是傻逼吗?", "a1 ", "谢谢", "投诉"])
def test_a_million_characters_are_judged(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    assert len(service().inspect(dialogue(f"您好 | C: {text} | {text}", "call")).items) == 19


def test_too_many_lines_are_cut_and_said_to_be() -> None:
    assert service().inspect(dialogue(" | ".join(["好"] * 6000))).cut
    assert not service().inspect(dialogue(GOOD)).cut


def test_quoted_and_customer_words_do_not_count() -> None:
    result = service().inspect(dialogue("您好 | C: 你脑残吗，喂，不知道 | 您说您不知道，对吗"))
    assert result.item("insult").state == "passed"
    assert result.item("taboo").state == "passed"


def _card(**item: Any) -> Inspector:
    book = with_item("lexicon", lexicons=["taboo"])
    data = book.scorecards["test"].model_dump()
    data["groups"][0]["items"][0].update(item)
    return compile_card(book.model_copy(update={"scorecards": {"test": Scorecard.model_validate(data)}}), "test")


@pytest.mark.parametrize(
    ("item", "text", "state", "score", "points", "fatal"),
    [
        ({}, "不知道", "breached", 95, 5, False),
        ({}, "不知道 | 没办法 | 不清楚", "breached", 95, 5, False),
        ({"weight": 2}, "不知道", "breached", 90, 10, False),
        ({"fatal": True}, "不知道", "breached", 0, 5, True),
        ({"mode": "review"}, "不知道", "review", 100, 0, False),
        ({"mode": "manual"}, "不知道", "manual", 100, 0, False),
        ({"channels": ["call"]}, "不知道", "not_applicable", 100, 0, False),
        ({"positive": True}, "不知道", "breached", 100, 0, False),
        ({"detector": {"kind": "lexicon", "lexicons": ["taboo"], "count": "each"}}, "不知道 | 没办法", "breached", 90, 10, False),
        ({"detector": {"kind": "lexicon", "lexicons": ["taboo"], "mode": "review"}}, "不知道", "review", 100, 0, False),
        ({"penalty": {"points": 300, "money": 0}}, "不知道", "breached", 0, 300, False),
        ({"detector": None}, "不知道", "manual", 100, 0, False),
    ],
)
def test_scores(item: dict[str, Any], text: str, state: str, score: int, points: int, fatal: bool) -> None:
    result = _card(**item).inspect(dialogue(text))
    if item.get("mode") in ("review", "manual"):
        assert {hit.mode for hit in result.items[0].hits} == {"review"}
    assert (result.items[0].state, result.score, result.points, result.fatal) == (state, score, points, fatal)


def test_patterns_of_users_run_in_re2() -> None:
    script = {"title": "话术", "source": "B", "text": "x", "slots": [{"id": "no", "title": "号", "pattern": "^(a+)+工号[:：]?\\d{4}$"}]}
    book = with_item("slots", script="own")
    scripts = {**book.scripts, "own": type(next(iter(book.scripts.values()))).model_validate(script)}
    found = compile_card(book.model_copy(update={"scripts": scripts}), "test")
    assert found.inspect(dialogue("aaa工号：1086")).items[0].state == "passed"
    assert found.inspect(dialogue("您好 | aa工号 1086")).items[0].state == "passed"
    # Backtracking would not come to an end here.
    assert found.inspect(dialogue("a" * 15_000)).items[0].state == "breached"


@pytest.mark.parametrize("key", ["best", "shop", "zto", "callcenter"])
def test_built_in_handbooks_compile(key: str) -> None:
    reading = loader.read(builtin.text(key) or "", bases=builtin.text, extra_checks=[handbook_problems])
    assert reading.handbook is not None
    assert [str(problem) for problem in reading.problems] == []
    for card in reading.handbook.scorecards:
        result = compile_card(reading.handbook, card).inspect(dialogue(GOOD, "call"))
        assert len(result.items) == len(reading.handbook.scorecards[card].items())
    assert card_for(reading.handbook, "call") or card_for(reading.handbook, "chat")


@pytest.mark.parametrize(
    ("kind", "params", "path", "code"),
    [
        ("slotz", {}, ".kind", "detector_unknown"),
        ("slots", {}, "", "detector_param_missing"),
        ("slots", {"script": "opening", "colour": 1}, ".colour", "detector_param_unknown"),
        ("slots", {"script": "checking_nothing"}, "", ""),
        ("fillers", {"lexicon": "fillers", "max_per_100_chars": -1}, ".max_per_100_chars", "detector_param"),
        ("lexicon", {"lexicons": ["taboo"], "fillers": "nowhere"}, ".fillers", "reference_unknown"),
        ("identity", {"rude": ["nowhere"]}, ".rude", "reference_unknown"),
        ("case_record", {"max_delay": "two hours"}, ".max_delay", "detector_param"),
        ("insult", {"homophones": "auto"}, ".homophones", "detector_param"),
    ],
)
def test_wrong_parameters_are_found_with_their_path(kind: str, params: dict[str, Any], path: str, code: str) -> None:
    problems = list(handbook_problems(with_item(kind, **params)))
    assert [(p.path.removeprefix("scorecards.test.items.item.detector"), p.code) for p in problems] == ([(path, code)] if code else [])
    assert all("%(" not in p.text for p in problems)


def test_one_inspector_per_content() -> None:
    one = compile_card(best(), "service")
    assert compile_card(best().model_copy(), "service") is one
    other = with_item("manual")
    assert digest(other) != digest(best())
    with pytest.raises(KeyError):
        compile_card(best(), "nothing")


def test_every_detector_explains_itself() -> None:
    for kind, cls in REGISTRY.items():
        assert cls.__doc__, kind
        assert cls.params_model.__doc__, kind


def test_ranking_uses_the_hashes_of_the_model() -> None:
    text = "你这个人怎么这样"
    mine = ngram_hashes(text)
    theirs = features.hashes(text)
    assert [int(v) for part in mine for v in part] == [int(v) for v in theirs[: sum(len(part) for part in mine)]]


def test_ranking_keeps_what_the_model_finds() -> None:
    found = model()
    assert found is not None
    bad = ["你们这些外地人就是素质低，活该被骗", "这种黑鬼都该滚出去", "女司机就是马路杀手，蠢得要死"]
    good = ["您好，请问有什么可以帮您", "已为您催促派送，请您保持电话畅通", "感谢您的来电，再见"]
    assert min(ranks(bad, found)) > max(ranks(good, found))


def test_the_model_asks_for_review_of_what_no_list_holds() -> None:
    text = "这种地方出来的人素质就是低，难怪没人待见"
    result = service().inspect(dialogue(f"您好 | {text}")).item("insult")
    assert (result.state, [hit.code for hit in result.hits]) == ("review", ["insult_model"])
    found = model()
    assert found is not None
    assert scores([text, "您好，请问有什么可以帮您"], 0.8) == [found.score(text), 0.0]


def test_opening_by_auto_reply_counts_on_chats() -> None:
    text = "S: 您好，南市分部1086，很高兴为您服务，请问有什么可以帮您 | C: 到哪了 | 在南京"
    assert service().inspect(dialogue(text, "chat")).item("opening").state == "passed"
    assert service().inspect(dialogue(text, "call")).item("opening").state == "breached"


def test_unknown_names_are_not_asked_for() -> None:
    text = "您好，很高兴为您服务，工号1，请问有什么可以帮您"
    result = service().inspect(dialogue(text, "call", site_name="", staff_no=""))
    assert result.item("opening").state == "passed"


def test_transferred_calls_ask_for_review() -> None:
    found = inspector("slots", script="opening")
    assert found.inspect(dialogue("您好", "call", facts={"conversation.transferred_in": True})).items[0].state == "review"


@pytest.mark.parametrize(
    ("text", "channel", "state"),
    [
        ("您好 | C: 什么时候到 | 明天到，请问还有什么可以帮您", "chat", "not_applicable"),
        ("您好 | C: 什么时候到 | 明天到，请问还有什么可以帮您", "call", "breached"),
        ("您好 | C: 什么时候到 | 明天到，请问还有什么可以帮您 | C: 没有了", "chat", "breached"),
        ("您好 | C: 什么时候到 | 明天到", "chat", "breached"),
    ],
)
def test_nobody_says_goodbye_to_a_customer_who_left(text: str, channel: str, state: str) -> None:
    """A chat that ends with the offer of more help is not held against the agent."""
    assert service().inspect(dialogue(text, channel)).item("closing").state == state
