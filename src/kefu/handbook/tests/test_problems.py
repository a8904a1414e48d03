"""Every kind of mistake is found, with its line and column, all in one go (HB3)."""

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.handbook.loader import read, text_of
from kefu.handbook.problems import Problem
from kefu.handbook.tests.small import TEXT, place
from kefu.handbook.tree import MAX_BYTES


def problems(text: str | bytes, **kwargs):
    return read(text, file="demo.yaml", **kwargs).problems


def test_the_small_handbook_is_clean():
    assert problems(TEXT) == ()


# (what is replaced, by what, code, where the problem points to in the new text)
MISTAKES = [
    ("target: 2h", "target: 2hours", "duration", "2hours"),
    ("target: 2h", "target: -2h", "duration", "-2h"),
    ("target: 2h", "target: 0s", "target_zero", "call_back:"),
    ("warn_before: 30m", "warn_before: 3h", "warn_too_early", "call_back:"),
    ("    kind: company", "    kind: boss", "literal_error", "boss"),
    ("    calendar: natural\n", "", "missing", "call_back:"),
    ("    calendar: natural\n", "    calendar: lunar\n", "reference_unknown", "lunar"),
    ("starts_on: [case.opened]", "starts_on: [case.open]", "event_unknown", "case.open]"),
    ("starts_on: [case.opened]", "starts_on: case.opened", "tuple_type", "case.opened"),
    ("starts_on: [case.opened]", "starts_on: []", "too_short", "starts_on"),
    ("    warn_before: 30m", "    warn_befor: 30m", "extra_forbidden", "warn_befor"),
    ("applies: {kinds: [delay]}", "applies: {kinds: [delay, loss]}", "reference_unknown", "loss]"),
    ("meets_on: [customer.called_back]", "meets_on: [plan.given]", "clock_never_met", "- id: close"),
    ("effective_from: 2026-01-01\n", "", "missing", "handbook: demo"),
    ("effective_from: 2026-01-01", "effective_from: 2026-13-01", "date_from_datetime_parsing", "2026-13-01"),
    ("handbook: demo", "handbook: Demo-1", "string_pattern_mismatch", "Demo-1"),
    ("roles:", "rolls:", "section_unknown", "rolls:"),
    ("acts_as: agent}", "acts_as: boss}", "literal_error", "boss}"),
    ("        who: [agent]\n        fields", "        who: [clerk]\n        fields", "reference_unknown", "clerk"),
    ("source: B, acts_as", "source: X1, acts_as", "source_unknown", "X1"),
    ("source: B, acts_as", "source: GK, acts_as", "since_missing", "GK, acts"),
    ('["00:00-24:00"]', '["8-12"]', "window", '"8-12"'),
    ('["00:00-24:00"]', '["08:00-12:00", "11:00-13:00"]', "windows_overlap", "natural:"),
    ('["00:00-24:00"]', "[]", "calendar_empty", "natural:"),
    ("{term: 不知道, unless: [question]}", "{term: 不知道, unless: [sometimes]}", "literal_error", "sometimes"),
    ("{term: 不知道, unless: [question]}", "喂", "said_twice", "喂]"),
    ("您好，{site_name}", "您好，{sitename}", "variable_unknown", "您好，{sitename}"),
    ("any_of: [您好]}", "any_of: [您好], pattern: a}", "slot_form", "{id: hello"),
    ("any_of: [您好]}", "pattern: '('}", "pattern", "'('"),
    ("points: 5, money: 50", "points: -5, money: 50", "greater_than_equal", "-5"),
    ("points: 5, money: 50", "points: 5, money: many", "decimal_parsing", "many"),
    ("lexicons: [taboo]", "lexicons: [nothing]", "reference_unknown", "lexicons: [nothing]"),
    ("start: receive", "start: begin", "step_unknown", "begin"),
    ("next: [{to: call}]", "next: [{to: phone}]", "step_unknown", "phone"),
    ("next: [{to: call}]", "next: [{to: close}]", "unreachable", "- id: call"),
    ("next: [{to: close}]", "next: [{to: receive}]", "no_way_out", "- id: receive"),
    ("        next: [{to: close}]\n", "", "dead_end", "- id: call"),
    ("        end: true\n", "", "no_end", "delay:\n    title: 延误\n    source: B\n    kinds"),
    ("status: closed", "status: solved", "end_form", "- id: close"),
    ("stage: feedback", "stage: talk", "reference_unknown", "talk"),
    ("fact: data.waybill, set", "fact: data.number, set", "fact_unknown", "when:"),
    ("{fact: data.waybill, set: true}", "{fact: data.waybill, at_least: 3}", "operator_unfit", "when:"),
    ("{fact: data.waybill, set: true}", "{fact: case.complaint, is: 有}", "value_unfit", "when:"),
    ("{fact: data.waybill, set: true}", "{fact: data.waybill}", "condition_form", "when:"),
    ("{fact: data.waybill, set: true}", "{fact: data.waybill, matches: '['}", "pattern", "when:"),
    ("{fact: data.waybill, set: true}", "{all: [{fact: data.waybill, set: true}, {fact: no.fact, is: 1}]}", "fact_unknown", "{fact: no"),
    ("type: waybill, required", "type: choice, required", "choices_form", "{id: waybill"),
    ("kinds: [delay]\n    start", "kinds: [delays]\n    start", "reference_unknown", "delays"),
    (
        "    title: 回电\n    source: B\n    target",
        "    title: 回电\n    title: 再写\n    source: B\n    target",
        "duplicate_key",
        "title: 再写",
    ),
    ("  delay: {title: 延误, source: B", "  Delay-1: {title: 延误, source: B", "key_form", "Delay-1"),
]


@pytest.mark.parametrize(("old", "new", "code", "where"), MISTAKES, ids=[f"{one[2]}-{index}" for index, one in enumerate(MISTAKES)])
def test_a_mistake_is_found_at_its_place(old, new, code, where):
    assert old in TEXT, "the table no longer fits the small handbook"
    text = TEXT.replace(old, new, 1)
    found = problems(text)
    assert code in {one.code for one in found}, [str(one) for one in found]
    line, column = place(text, where)
    at = [(one.line, one.column) for one in found if one.code == code]
    assert (line, column + (2 if where.startswith("- ") else 0)) in at
    assert all(one.file == "demo.yaml" and one.line and one.column for one in found)


def test_all_mistakes_are_told_at_once_in_order_of_place():
    text = TEXT.replace("acts_as: agent}", "acts_as: boss}").replace("target: 2h", "target: soon").replace("stage: feedback", "stage: talk")
    text = text.replace("fact: data.waybill, set", "fact: data.number, set")
    found = problems(text)
    assert [one.code for one in found] == ["literal_error", "duration", "reference_unknown", "fact_unknown"]
    assert [one.line for one in found] == sorted(one.line for one in found)


def test_every_message_is_in_chinese_and_filled_in():
    for old, new, _code, _where in MISTAKES:
        for one in problems(TEXT.replace(old, new, 1)):
            assert "%(" not in one.text
            assert any("\u4e00" <= char <= "\u9fff" for char in one.text), one.text


BROKEN = [
    ("", "empty", 1, 1),
    ("\n# 只有注释\n", "empty", 1, 1),
    ("一句话", "not_a_handbook", 1, 1),
    ("- a\n- b\n", "not_a_handbook", 1, 1),
    ("a: [1, 2\nb: 3\n", "syntax", 2, 2),
    ("a: '没写完\n", "syntax", 2, 1),
    ("a: b: c\n", "syntax", 1, 5),
    ("a:\n\t- 1\n", "syntax", 2, 1),
    ("a: 1\n  b: 2\n", "syntax", 2, 4),
    ("a: 1\nb: \x01\n", "control_character", 2, 4),
    ("a: &x 1\nb: *x\n", "alias", 1, 4),
    ("a: !!python/object:os.system 1\n", "tag", 1, 4),
    ("a: !secret 1\n", "tag", 1, 4),
    ("a: 1\n---\nb: 2\n", "many_documents", 2, 1),
    ("? [a]\n: 1\n", "key_not_text", 1, 3),
    ("a: " + "[" * 60 + "]" * 60, "too_deep", 1, 27),
]


@pytest.mark.parametrize(("text", "code", "line", "column"), BROKEN, ids=[one[1] + str(index) for index, one in enumerate(BROKEN)])
def test_what_is_no_handbook_says_why_and_where(text, code, line, column):
    (found,) = problems(text)
    assert (found.code, found.line, found.column) == (code, line, column), str(found)


def test_a_yaml_bomb_is_refused_before_it_unfolds():
    bomb = "a: &a [x, x]\n" + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n" for i in range(20))
    assert [one.code for one in problems(bomb)] == ["alias"]


@pytest.mark.parametrize("encoding", ["gbk", "gb18030"])
def test_a_file_saved_by_a_chinese_windows_is_read(encoding):
    assert problems(TEXT.encode(encoding)) == ()
    assert read(TEXT.encode(encoding), file="demo.yaml").handbook.title == "演示手册"
    assert text_of(TEXT.encode(encoding)) == TEXT


@pytest.mark.parametrize("raw", [b"\xff\x00\xfe\x81", TEXT.encode()[:-1] + "禁语".encode()[:-1] + b"\n", TEXT.encode("gbk") + b"\xff\xff"])
def test_a_file_in_no_encoding_we_know_says_so(raw):
    (found,) = problems(raw)
    assert found.code == "encoding_unknown"
    assert found.line >= 1
    assert "另存为 UTF-8" in found.text


@pytest.mark.parametrize("raw", [b"\xef\xbb\xbf" + TEXT.encode(), TEXT.encode("utf-16"), TEXT.replace("\n", "\r\n").encode()])
def test_byte_order_marks_and_windows_line_ends_are_taken(raw):
    assert problems(raw) == ()


def test_a_huge_file_is_refused_at_once():
    assert [one.code for one in problems(b"a: 1\n" + b"#" * MAX_BYTES)] == ["too_big"]
    assert [one.code for one in problems("a: 1\n" + "#" * MAX_BYTES)] == ["too_big"]


def test_unquoted_words_keep_their_meaning_for_people():
    text = TEXT.replace("words: [喂,", "words: [yes, no, 110, 08:30, 1.5, 喂,")
    book = read(text).handbook
    assert [word.term for word in book.lexicons["taboo"].words][:5] == ["yes", "no", "110", "08:30", "1.5"]


def test_checks_of_other_floors_get_their_line_by_path():
    def one_more(book):
        yield Problem("scorecards.service.items.taboo.detector", "detector_unknown", "没有这种检测方式")
        yield Problem("clocks.call_back.target", "too_short", "太短")

    found = problems(TEXT, extra_checks=[one_more])
    at_detector = place(TEXT, "detector:")
    line, column = place(TEXT, "target: 2h")
    assert [(one.code, one.line, one.column) for one in found] == [("detector_unknown", *at_detector), ("too_short", line, column + 8)]


def test_a_mistake_in_one_clause_does_not_make_false_ones_elsewhere():
    found = problems(TEXT.replace('every_day: ["00:00-24:00"]', "every_day: [x]"))
    assert [one.code for one in found] == ["window"]


def test_problems_are_worded_in_english_too_once_translated():
    with translation.override("en"):
        assert str(problems(TEXT.replace("target: 2h", "target: soon"))[0]).startswith("demo.yaml:42:13: clocks.call_back.target: ")


JUNK = [
    "",
    "null",
    "[]",
    "{}",
    "[[1]]",
    "{a: {b: 1}}",
    "true",
    "-1",
    "1e999",
    "9" * 30,
    "'",
    "{",
    "- x",
    "喂: ",
    "&a",
    "*a",
    "!t x",
    "\u202e",
    "\U0001f600",
    "0x1f",
]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, TEXT.count("\n")), st.sampled_from(["drop", "value", "key", "indent", "twice"]), st.sampled_from(JUNK)),
        max_size=4,
    )
)
def test_whatever_is_written_is_answered_with_problems_never_with_a_crash(edits):
    lines = TEXT.split("\n")
    for index, kind, junk in edits:
        line = lines[index]
        head, colon, _tail = line.partition(":")
        lines[index] = {
            "drop": "",
            "value": f"{head}{colon} {junk}",
            "key": f"{junk}:{_tail}",
            "indent": f" {line}",
            "twice": f"{line}\n{line}",
        }[kind]
    found = read("\n".join(lines), file="demo.yaml")
    assert found.handbook is not None or found.problems
    assert all(one.text and one.line for one in found.problems)


@given(st.binary(max_size=200))
def test_any_bytes_are_answered(raw):
    assert read(raw).problems
