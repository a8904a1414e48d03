"""The reader: contents, pages, search, differences, in both languages (HB3, HB4)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from kefu.handbook import builtin
from kefu.handbook.diff import changes
from kefu.handbook.loader import read
from kefu.handbook.reader import page, search, toc
from kefu.handbook.reader.words import duration_words
from kefu.handbook.refs import ClauseRef
from kefu.handbook.rules import digest_of, earliest_start, status_at
from kefu.handbook.tests.test_sources import book


@pytest.mark.parametrize("key", builtin.KEYS)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_clause_has_a_page_and_its_links_lead_somewhere(key, language):
    one = book(key)
    with translation.override(language):
        for clause_id, _clause in one.clauses():
            found = page(one, clause_id)
            assert found.title
            assert all(row.label and row.lines for row in found.rows), clause_id
            links = [link for row in found.rows for link in row.links if link]
            assert [link for link in links if one.clause(link) is None] == [], clause_id
            assert all(len(row.links) in {0, len(row.lines)} for row in found.rows), clause_id
    assert page(one, "clocks.nothing") is None


def test_a_clock_is_read_as_words():
    rows = {row.label: row.lines for row in page(book("best"), "clocks.call_back").rows}
    assert rows["目标"] == ("2 小时",)
    assert rows["日历"] == ("网点客服时间",)
    assert rows["起算"] == ("受理",)
    assert rows["升级阶梯"][1] == "超时时通知处理人、组长，级别提高"
    assert rows["升级阶梯"][2] == "超时 2 小时 后通知经理"


def test_a_score_item_shows_its_fine_and_links_to_its_lexicon():
    found = page(book("best"), "scorecards.service.items.taboo")
    rows = {row.label: row for row in found.rows}
    assert rows["未执行处罚"].lines == ("5 分，50 元",)
    assert "lexicons.taboo" in rows["检测方式"].links
    assert (found.source, found.origin) == ("B ch1 §1; Q12", "best")


def test_a_step_shows_its_guard_as_a_sentence():
    rows = {row.label: row.lines for row in page(book("shop"), "procedures.after_sales.steps.difference").rows}
    assert rows["前提"] == ("当 协商结果 属于 退差价、换货: 协商未果，不能直接退差价。请先与顾客协商。",)


def test_the_contents_list_every_clause_once_texts_by_chapter():
    sections = toc(book("best"))
    ids = [entry.id for section in sections for entry in section.entries]
    assert sorted(ids) == sorted(clause_id for clause_id, _clause in book("best").clauses())
    texts = next(section for section in sections if section.id == "texts")
    groups = list(dict.fromkeys(entry.group for entry in texts.entries))
    assert groups[:3] == ["第一章 客服工作及相关管理规定", "第三章 系统操作", "第四章 基础业务知识"]  # chapter 2 are the procedures
    assert groups[3:] == ["网点系统操作", "法规与标准", "索赔与赔偿", "个人信息与保存期", "处罚与工资", "质检与预警"]
    with translation.override("en"):
        assert "Chapter 1 Service standards and posts" in {entry.group for section in toc(book("best")) for entry in section.entries}


def test_search_finds_words_anywhere_titles_first():
    hits = search(book("best"), "回电")
    assert hits[0].id == "clocks.call_back"
    assert any("回电" in hit.excerpt for hit in hits)
    assert [hit.id for hit in search(book("best"), "call back")][:1] == ["clocks.call_back"]
    assert {hit.id for hit in search(book("zto"), "VIP 优先")} >= {"tiers.vip", "texts.different_service"}
    assert search(book("best"), "  ") == []
    assert search(book("best"), "没有这个词组合") == []
    assert len(search(book("best"), "客户", limit=5)) == 5


def test_differences_name_the_clause_the_field_and_both_values():
    text = builtin.text("best")
    newer = text.replace("cap: 24h", "cap: 12h", 1).replace(
        "    target: 2h\n    calendar: station", "    target: 90m\n    calendar: station", 1
    )
    newer = newer.replace("        title: 回电告知方案", "        title: 两小时内回电", 1).replace("  preface:\n", "  foreword:\n")
    newer = newer.replace("{term: 想好了再打,", "{term: 等等,", 1)
    found = {change.clause: change for change in changes(book("best"), read(newer, bases=builtin.text).handbook)}
    assert {clause_id: change.kind for clause_id, change in found.items()} == {
        "texts.foreword": "added",
        "texts.preface": "removed",
        "clocks.call_back": "changed",
        "clocks.solve": "changed",
        "lexicons.taboo": "changed",
        "procedures.delay.steps.call_back": "changed",
    }
    assert [(one.field, one.old, one.new) for one in found["clocks.call_back"].fields] == [("target", "2h", "1h30m")]
    assert [(one.field, one.old, one.new) for one in found["clocks.solve"].fields] == [("pause.cap", "24h", "12h")]
    assert {one.field.split(".")[1] for one in found["lexicons.taboo"].fields} == {"想好了再打", "等等"}
    assert changes(book("best"), book("best")) == ()


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=5), "5 秒"),
        (timedelta(hours=48), "48 小时"),
        (timedelta(days=7), "7 天"),
        (timedelta(minutes=90), "1 小时 30 分钟"),
        (timedelta(0), "0"),
    ],
)
def test_time_spans_in_words(span, words):
    assert duration_words(span) == words


def test_references_are_written_and_read():
    ref = ClauseRef("best", 3, "scorecards.service.items.taboo")
    assert str(ref) == "best@3#scorecards.service.items.taboo"
    assert ClauseRef.parse(str(ref)) == ref
    for wrong in ("best", "best@3", "best@x#a", "Best@3#a", "best@3#a b", ""):
        with pytest.raises(ValueError, match="not a clause reference"):
            ClauseRef.parse(wrong)


def test_where_a_version_stands():
    at = [datetime(2026, 1, day, tzinfo=UTC) for day in range(1, 5)]
    assert status_at(None, None, at[0]) == "draft"
    assert status_at(at[1], None, at[0]) == "scheduled"
    assert status_at(at[1], at[3], at[1]) == "in_force"
    assert status_at(at[1], at[3], at[3]) == "ended"
    assert earliest_start(at[0], None) == at[0]
    assert earliest_start(at[0], at[2]) == at[2]
    assert earliest_start(at[3], at[2]) == at[3]
    assert digest_of({"a": 1, "b": {"c": 2, "d": 3}}) == digest_of({"b": {"d": 3, "c": 2}, "a": 1})
    assert digest_of({"a": 1}) != digest_of({"a": 2})


def test_lists_of_words_are_joined_in_the_readers_language():
    with translation.override("en"):
        rows = {row.label: row.lines for row in page(book("best"), "clocks.call_back").rows}
        assert rows["Ladder"][1] == "On breach: notify Owner, Team lead, level raised"
        week = {row.label: row.lines for row in page(book("best"), "calendars.office").rows}["Weekly hours"]
        assert week[0] == "Mon: 08:30-12:00, 13:00-18:00"
        assert week[5] == "Sat: closed"
    week = {row.label: row.lines for row in page(book("best"), "calendars.office").rows}["每周时间"]
    assert week[0] == "周一: 08:30-12:00、13:00-18:00"
    assert week[5] == "周六: 休息"
