"""Context rules by themselves."""

import pytest

from kefu.quality.context import a_not_a, asked, between_quotes, breaks_latin, negated, of_others, reported
from kefu.quality.plain import plain


def _place(text: str, word: str) -> tuple[str, int, int]:
    spelt = plain(text).text
    start = spelt.index(word)
    return spelt, start, start + len(word)


@pytest.mark.parametrize(
    ("text", "word", "wanted"),
    [
        ("不知道您方便吗", "不知道", True),
        ("不知道能不能麻烦您提供单号", "不知道", True),
        ("我不知道您的快递在哪", "不知道", False),
        ("我真的不知道您的件去哪了", "不知道", False),
        ("我不知道你在说什么", "不知道", False),
        ("不知道你想怎样", "不知道", False),
        ("我不知道您方不方便", "不知道", True),
        ("不知道", "不知道", False),
        ("不知道什么时候到", "不知道", False),
        ("不清楚您是哪一票，请报单号好吗", "不清楚", True),
    ],
)
def test_questions(text: str, word: str, wanted: bool) -> None:
    assert asked(*_place(text, word)) is wanted


@pytest.mark.parametrize(
    ("text", "word", "wanted"),
    [
        ("您说您不知道", "不知道", True),
        ("您刚才说我们没办法", "没办法", True),
        ("客户反映快递员说没办法", "没办法", True),
        ("我跟您说了不知道", "不知道", False),
        ("您说的这个我不清楚", "不清楚", False),
        ("听您说，我不知道", "不知道", False),
        ("您说件丢了。我不知道", "不知道", False),
        ("您说件丢了这个我不知道", "不知道", False),
    ],
)
def test_reported_speech(text: str, word: str, wanted: bool) -> None:
    spelt, start, _ = _place(text, word)
    assert reported(spelt, start) is wanted


@pytest.mark.parametrize(
    ("text", "word", "wanted"),
    [("不是没办法", "没办法", True), ("不会不管", "不管", True), ("对不起没办法", "没办法", False), ("能不能说重点", "说重点", False)],
)
def test_negation(text: str, word: str, wanted: bool) -> None:
    spelt, start, _ = _place(text, word)
    assert negated(spelt, start) is wanted


def test_small_things() -> None:
    assert a_not_a("知不知道", 1)
    assert not a_not_a("我不知道", 1)
    assert between_quotes(*_place("您问“没办法”吗", "没办法"))
    assert not between_quotes(*_place("“好”没办法“行”", "没办法"))
    assert breaks_latin("usb", 1, 3)
    assert not breaks_latin("你sb吗", 1, 3)
    assert of_others(*_place("您不清楚的话", "不清楚"))
    assert not of_others(*_place("跟您不清楚", "不清楚"))
