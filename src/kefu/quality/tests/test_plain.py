"""The plain spelling and the way back to the original."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.quality.plain import MAX_CHARS, clause_bounds, plain, plain_pattern, plain_term


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("您好", "你好"),
        ("不知道", "不知道"),
        ("不 知*道", "不知道"),
        ("我們不知道", "我们不知道"),
        ("ＡＢＣ１２３？", "abc123?"),
        ("好的😀谢谢", "好的谢谢"),
        ("\u202e好的\u200b", "好的"),
        ("100%", "100%"),
        ("", ""),
        ("\ud800好", "好"),
        ("﷽好", "好"),
    ],
)
def test_spelling(text: str, spelt: str) -> None:
    assert plain(text).text.endswith(spelt) if text == "﷽好" else plain(text).text == spelt


@given(st.text(alphabet=st.characters(), max_size=60))
def test_every_span_leads_back(text: str) -> None:
    line = plain(text)
    for index in range(len(line.text)):
        start, end = line.span(index, index + 1)
        assert 0 <= start < end <= len(text)
        assert line.text[index] in plain(text[start:end]).text


@given(st.text(alphabet="不 知*道您，。\u200b餵a１", max_size=40))
def test_spelling_of_a_span_is_the_span(text: str) -> None:
    line = plain(text)
    for start in range(len(line.text)):
        for end in range(start + 1, len(line.text) + 1):
            low, high = line.span(start, end)
            assert plain(text[low:high]).text == line.text[start:end]


def test_long_lines_are_cut() -> None:
    assert len(plain("好" * 1_000_000).text) == MAX_CHARS


def test_terms_and_patterns() -> None:
    assert plain_term("你听不懂吗？") == "你听不懂吗"
    assert plain_pattern("工号\\d+？") == "工号\\d+\\?"
    assert plain_pattern("您(好|早)") == "你(好|早)"


def test_gaps_end_clauses() -> None:
    line = plain("喂 你好")
    assert clause_bounds(line, 0, 1) == (0, 1)
    assert clause_bounds(plain("喂，你好"), 0, 1) == (0, 1)
