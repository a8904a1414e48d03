"""QA2: sound-alike spellings, for review only."""

import pytest

from kefu.quality.insult.homophones import find


@pytest.mark.parametrize(
    ("text", "term", "written"),
    [
        ("你个傻比", "傻逼", "傻比"),
        ("真是个沙比", "傻逼", "沙比"),
        ("煞笔客户", "傻逼", "煞笔"),
        ("这人闹惨了", "脑残", "闹惨"),
        ("你是智帐吧", "智障", "智帐"),
        ("脑惨吧你", "脑残", "脑惨"),
        ("闹 惨", "脑残", "闹 惨"),
        ("妃物一个", "废物", "妃物"),
    ],
)
def test_sound_alikes_are_found(text: str, term: str, written: str) -> None:
    (hit,) = find(text)
    assert (hit.term, hit.written, text[hit.start : hit.end]) == (term, written, written)


@pytest.mark.parametrize(
    "text",
    [
        "站点知站长",
        "纸张破损",
        "上海沙比较多",
        "拣货完成",
        "出生日期",
        "您先见人再签收",
        "百尺竿头",
        "存货不多",
        "飞舞的蝴蝶贴纸",
        "执掌门店",
        "没问题，请您放心",
        "",
        "🐶",
        "abc",
        "\ud800",
    ],
)
def test_harmless_words_are_left_alone(text: str) -> None:
    assert find(text) == []


def test_the_exact_spelling_belongs_to_the_word_list() -> None:
    assert find("傻逼") == []
    assert find("傻*逼") == []


def test_a_million_characters() -> None:
    assert len(find("快件正在派送，" * 142_858 + "煞笔")) == 1
