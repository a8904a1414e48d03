"""The cheap looks before the insult lists and the model lose nothing."""

import pytest

from kefu.quality.detectors.sounding import may_sound
from kefu.quality.insult import homophones, lexicon
from kefu.quality.plain import plain
from kefu.quality.tests.dialogues import dialogue, service, table


@pytest.mark.parametrize(
    "text", [text for _, text in table("insult")] + ["真是个沙比", "你这个智帐", "闹惨吧你", "上海沙比较多", "站点知站长", ""]
)
def test_sounds(text: str) -> None:
    spelt = plain(text).text
    assert may_sound(spelt) or not homophones.find(spelt)


def test_every_listed_insult_is_found() -> None:
    missed = []
    for entry in lexicon.load_lexicon().entries:
        text = f"好，{entry.written}，好"
        if lexicon.find(text) and not service().inspect(dialogue(text)).item("insult").hits:
            missed.append(entry.written)
    assert not missed


def test_separators_do_not_hide_it() -> None:
    for text in ("傻 * 逼", "脑.残", "腦—殘", '傻"逼', "傻😀逼", "ｓｂ", "傻\u200b逼"):
        assert service().inspect(dialogue(text)).item("insult").hits, text
