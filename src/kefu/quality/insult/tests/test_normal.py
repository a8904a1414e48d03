"""QA2: normalisation and its offset map."""

import pytest

from kefu.quality.insult.normal import fold, normalise


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("傻 * 逼", "傻逼"),
        ("腦.殘", "脑残"),
        ("Ｓ Ｂ", "sb"),
        ("您妳", "你你"),
        ("a\nb", "a\nb"),
        ("ﬁ", "fi"),
        ("你好，世界！", "你好,世界!"),
        ("👨\u200d👩\u200d👧", ""),
        ("", ""),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text).text == folded


def test_every_folded_character_knows_its_origin() -> None:
    text = "①ﬁ 腦*殘"
    folded = fold(text)
    assert folded.text == "1fi脑残"
    assert [text[i] for i in folded.origin] == ["①", "ﬁ", "ﬁ", "腦", "殘"]
    assert text[slice(*folded.span(3, 5))] == "腦*殘"


@pytest.mark.parametrize(
    ("text", "plain"),
    [("哈哈哈哈哈", "哈哈"), ("ＡＢ　 c\n\nd", "ab c d"), ("腦殘", "脑残"), ("  ", ""), ("\ud800", "\ud800")],
)
def test_normalising(text: str, plain: str) -> None:
    assert normalise(text) == plain
