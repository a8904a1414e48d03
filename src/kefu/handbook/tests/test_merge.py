"""Handbooks that extend others (HB1)."""

from itertools import permutations

import pytest

from kefu.handbook import builtin
from kefu.handbook.loader import read
from kefu.handbook.tests.small import TEXT, place

HEAD = "handbook: own\ntitle: 自己的\neffective_from: 2026-02-01\nextends: [demo]\n"


def library(**books):
    return {"demo": TEXT, **books}.get


def own(text: str, **books):
    return read(HEAD + text, file="own.yaml", bases=library(**books))


def test_a_handbook_that_adds_nothing_is_its_base_under_its_own_header():
    found = own("")
    assert found.problems == ()
    book, base = found.handbook, read(TEXT).handbook
    assert (book.handbook, book.title, str(book.effective_from)) == ("own", "自己的", "2026-02-01")
    assert [clause_id for clause_id, _clause in book.clauses()] == [clause_id for clause_id, _clause in base.clauses()]
    assert book.origin("clocks.call_back") == "demo"
    assert found.bases == ("demo",)


def test_later_wins_by_clause_and_keeps_what_it_does_not_name():
    book = own("clocks:\n  call_back: {target: 1h, starts_on: [case.assigned]}\n").handbook
    clock = book.clocks["call_back"]
    assert (clock.target.total_seconds(), clock.calendar, clock.starts_on) == (3600, "natural", ("case.assigned",))
    assert (book.origin("clocks.call_back"), book.origin("lexicons.taboo")) == ("own", "demo")


def test_bases_merge_in_their_order():
    one = "handbook: one\ntitle: 一\neffective_from: 2026-01-01\nextends: [demo]\nclocks: {call_back: {target: 3h}}\n"
    two = "handbook: two\ntitle: 二\neffective_from: 2026-01-01\nextends: [demo]\nclocks: {call_back: {target: 4h}}\n"
    for order, hours in ((["one", "two"], 4), (["two", "one"], 3)):
        text = HEAD.replace("[demo]", f"[{', '.join(order)}]")
        found = read(text, bases=library(one=one, two=two))
        assert found.problems == ()
        assert found.handbook.clocks["call_back"].target.total_seconds() == hours * 3600
        assert found.handbook.origin("clocks.call_back") == order[1]


def test_what_a_later_base_only_inherits_does_not_undo_what_an_earlier_one_changed():
    one = "handbook: one\ntitle: 一\neffective_from: 2026-01-01\nextends: [demo]\nclocks: {call_back: {target: 3h}}\n"
    two = "handbook: two\ntitle: 二\neffective_from: 2026-01-01\nextends: [demo]\nlexicons: {taboo: {add: [哼]}}\n"
    for order in ("one, two", "two, one"):
        book = read(HEAD.replace("demo", order), bases=library(one=one, two=two)).handbook
        assert book.clocks["call_back"].target.total_seconds() == 3 * 3600
        assert "哼" in book.lexicons["taboo"].terms()
        assert (book.origin("clocks.call_back"), book.origin("lexicons.taboo")) == ("one", "two")


def test_a_kind_of_case_follows_the_procedure_of_the_later_handbook():
    body = TEXT[TEXT.index("    title: 延误\n    source: B\n    kinds") :]
    text = f"kinds:\n  loss: {{title: 遗失, source: B, family: complaint}}\nprocedures:\n  all:\n{body}"
    book = own(text.replace("kinds: [delay]", "kinds: [delay, loss]")).handbook
    assert {key: procedure.kinds for key, procedure in book.procedures.items()} == {"all": ("delay", "loss")}
    assert book.procedure_for("delay")[0] == "all"
    twice = own(f"{text}  more:\n{body}".replace("kinds: [delay]", "kinds: [loss]"))
    assert [one.code for one in twice.problems] == ["kind_served"]


@pytest.mark.parametrize("pair", list(permutations(["best", "shop", "zto", "callcenter"], 2)), ids=", ".join)
def test_a_site_may_combine_any_two_built_in_handbooks(pair):
    text = HEAD.replace("[demo]", f"[{', '.join(pair)}]")
    found = read(text, bases=builtin.text)
    assert [str(one) for one in found.problems] == []
    cards = [read(builtin.text(key), bases=builtin.text).handbook.scorecards["service"].title for key in pair]
    assert found.handbook.scorecards["service"].title == cards[1]


def test_a_clause_is_removed_and_what_still_needs_it_is_told():
    assert own("clocks: {call_back: {remove: true}}\n").handbook.clocks == {}
    found = own("kinds: {delay: {remove: true}}\n")
    assert {one.code for one in found.problems} == {"reference_unknown"}
    assert {one.file for one in found.problems} == {"demo.yaml"}
    assert (found.problems[0].line, found.problems[0].column) == place(TEXT, "delay]}")


def test_single_items_steps_and_words_are_changed_without_writing_the_list_again():
    book = own(
        "scorecards:\n  service:\n    adjust:\n      taboo: {penalty: {money: 20}}\n"
        "procedures:\n  delay:\n    adjust:\n      call: {title: 两小时回电}\n"
        "lexicons:\n  taboo:\n    drop: [喂]\n    add: [{term: 不晓得, better: 我查一下}]\n"
    ).handbook
    item = book.scorecards["service"].item("taboo")
    assert (item.penalty.money, item.penalty.points, item.definition) == (20, 5, "不得说")
    assert [step.title for step in book.procedures["delay"].steps] == ["受理", "两小时回电", "结案"]
    assert book.lexicons["taboo"].terms() == ("不知道", "不晓得")
    assert book.origin("scorecards.service.items.taboo") == "own"
    assert (book.origin("scorecards.service"), book.origin("procedures.delay.steps.receive")) == ("demo", "demo")


def test_a_procedure_with_steps_of_its_own_replaces_the_base_altogether():
    body = TEXT[TEXT.index("  delay:\n    title: 延误") :].replace("    title: 延误", "    title: 另一种", 1)
    one = "handbook: one\ntitle: 一\neffective_from: 2026-01-01\nextends: [demo]\nprocedures: {delay: {audience: 寄件人}}\n"
    assert read(HEAD.replace("demo", "one"), bases=library(one=one)).handbook.procedures["delay"].audience == "寄件人"
    book = read(HEAD.replace("demo", "one") + f"procedures:\n{body}", bases=library(one=one)).handbook
    assert (book.procedures["delay"].title, book.procedures["delay"].audience) == ("另一种", "")


def test_an_item_is_removed_with_its_empty_group():
    found = own("scorecards:\n  service:\n    adjust:\n      taboo: {remove: true}\n")
    assert [one.code for one in found.problems] == ["too_short"]


MISTAKES = [
    ("clocks: {nothing: {remove: true}}\n", "remove_unknown", "nothing"),
    ("clocks: {call_back: {remove: true, target: 1h}}\n", "remove_form", "call_back"),
    ("scorecards: {service: {adjust: {other: {weight: 2}}}}\n", "adjust_unknown", "other"),
    ("lexicons: {taboo: {drop: [从来没有]}}\n", "drop_unknown", "从来没有"),
    ("clocks: {call_back: {colour: red}}\n", "extra_forbidden", "colour"),
    ("clocks: {brand_new: {target: 1h}}\n", "missing", "brand_new"),
    ("clocks: [1]\n", "dict_type", "clocks"),
]


@pytest.mark.parametrize(("text", "code", "where"), MISTAKES, ids=[one[1] for one in MISTAKES])
def test_mistakes_of_extending_stand_where_they_were_made(text, code, where):
    found = own(text).problems
    assert [one.code for one in found][:1] == [code], [str(one) for one in found]
    assert (found[0].file, found[0].line, found[0].column) == ("own.yaml", *place(HEAD + text, where))


def test_a_circle_is_named_and_an_unknown_base_too():
    a = "handbook: a\ntitle: 甲\neffective_from: 2026-01-01\nextends: [b]\n"
    b = "handbook: b\ntitle: 乙\neffective_from: 2026-01-01\nextends: [a]\n"
    found = read(a, file="a.yaml", bases={"a": a, "b": b}.get)
    assert [(one.code, one.file, one.line, one.column) for one in found.problems] == [("extends_circle", "b.yaml", 4, 11)]
    assert "a → b → a" in found.problems[0].text
    myself = read(a.replace("[b]", "[a]"), file="a.yaml", bases={"a": a}.get)
    assert [one.code for one in myself.problems] == ["extends_circle"]
    (unknown,) = read(a, file="a.yaml").problems
    assert (unknown.code, unknown.line, unknown.column) == ("base_unknown", 4, 11)


def test_a_broken_base_is_told_with_its_own_place():
    (found,) = own("", demo="handbook: [1\n").problems
    assert (found.code, found.file) == ("syntax", "demo.yaml")


def test_a_diamond_reads_the_common_base_once():
    one = "handbook: one\ntitle: 一\neffective_from: 2026-01-01\nextends: [demo]\n"
    asked = []
    books = library(one=one, two=one.replace("one", "two"))

    def bases(key):
        asked.append(key)
        return books(key)

    found = read(HEAD.replace("[demo]", "[one, two]"), bases=bases)
    assert found.problems == ()
    assert sorted(asked) == ["demo", "one", "two"]
