"""One clause of a text taken out and put back: nothing else moves, problems stand at their line in the piece (HB1)."""

import pytest

from kefu.handbook import builtin, pieces, reshaping
from kefu.handbook.loader import read
from kefu.handbook.pieces import PieceRefused, piece_of, problems_in, with_piece
from kefu.handbook.reshaping import StepChange

TEXT = """handbook: small
title: 小手册   # 名字
procedures:
  # 延误
  delay:
    title: 延误
    kinds: [delay]

  # 破损
  damage:
    title: 破损
clocks:
  call_back: {target: 2h, warn_before: 30m}
  solve:
    target: 48h
"""


def test_a_clause_is_found_without_its_key_and_the_comment_of_the_next():
    piece = piece_of(TEXT, "procedures", "delay")
    assert (piece.text, piece.line, piece.indent) == ("title: 延误\nkinds: [delay]\n", 6, 4)
    assert piece_of(TEXT, "clocks", "call_back").text == "{target: 2h, warn_before: 30m}\n"
    assert piece_of(TEXT, "clocks", "none") is None
    assert piece_of("a: [", "clocks", "none") is None


def test_only_the_lines_of_the_clause_change():
    changed = with_piece(TEXT, "procedures", "delay", "title: 迟到\nkinds: [delay]\n")
    assert changed == TEXT.replace("    title: 延误", "    title: 迟到", 1)
    changed = with_piece(TEXT, "clocks", "call_back", "target: 1h\n")
    assert changed == TEXT.replace("  call_back: {target: 2h, warn_before: 30m}", "  call_back:\n    target: 1h")


def test_a_new_clause_stands_behind_the_last_and_a_new_section_at_the_end():
    changed = with_piece(TEXT, "procedures", "loss", "title: 遗失\n")
    assert changed == TEXT.replace("    title: 破损\n", "    title: 破损\n  loss:\n    title: 遗失\n")
    assert with_piece(TEXT, "scripts", "hello", "text: 您好\n").endswith("\n\nscripts:\n  hello:\n    text: 您好\n")


def test_a_section_on_one_line_is_refused():
    with pytest.raises(PieceRefused):
        with_piece("handbook: a\nclocks: {solve: {target: 2h}}\n", "clocks", "other", "target: 1h\n")


@pytest.mark.parametrize("key", ["best", "shop", "zto", "callcenter"])
def test_every_procedure_of_a_built_in_handbook_can_be_put_back_as_it_was(key):
    text = builtin.text(key)
    before = read(text, file=f"{key}.yaml", bases=builtin.text)
    for name, procedure in before.resolved["tree"]["procedures"].items():
        again = with_piece(text, "procedures", name, pieces.written(procedure))
        found = read(again, file=f"{key}.yaml", bases=builtin.text)
        assert [str(one) for one in found.problems] == []
        assert found.handbook.procedures[name] == before.handbook.procedures[name]


def test_problems_stand_at_their_line_in_the_piece():
    text = builtin.text("best")
    name = next(key for key in read(text, bases=builtin.text).handbook.procedures if piece_of(text, "procedures", key))
    body = piece_of(text, "procedures", name).text.replace("status: closed", "status: gone", 1)
    changed = with_piece(text, "procedures", name, body)
    piece = piece_of(changed, "procedures", name)
    (problem,) = problems_in(piece, read(changed, bases=builtin.text).problems, "procedures", name)
    line = piece.text.splitlines()[problem.line - 1]
    assert line[problem.column - 1 :].startswith("gone")


def test_the_form_changes_what_it_names_and_nothing_else():
    book = read(builtin.text("best"), bases=builtin.text)
    name, step = next((key, step) for key, one in book.handbook.procedures.items() for step in one.steps if step.guards and step.fields)
    tree = book.resolved["tree"]["procedures"][name]
    same = StepChange(
        step.title, step.instructions, step.who, step.say, {}, frozenset(f.id for f in step.fields if f.required),
        frozenset(g.id for g in step.guards),
    )  # fmt: skip
    again = reshaping.reshaped(tree, {step.id: same}, {})
    assert type(book.handbook.procedures[name]).model_validate(again) == book.handbook.procedures[name]
    bare = StepChange("新名字", "", ("lead",), "", {step.fields[0].id: "新标签"}, frozenset(), frozenset())
    changed = type(book.handbook.procedures[name]).model_validate(reshaping.reshaped(tree, {step.id: bare}, {})).step(step.id)
    assert (changed.title, changed.who, changed.guards, changed.fields[0].label) == ("新名字", ("lead",), (), "新标签")
    assert not any(field.required for field in changed.fields)
    assert changed.next == step.next


def test_a_limit_of_a_base_is_changed_alone():
    text = builtin.text("best")
    changed = reshaping.with_limit(text, "law_complaint", "5d")
    book = read(changed, bases=builtin.text)
    assert [str(one) for one in book.problems] == []
    assert book.handbook.clocks["law_complaint"].target.days == 5
    assert book.handbook.clocks["law_complaint"].meets_on == ("customer.informed",)


def test_what_the_law_wants_cannot_be_taken_out():
    book = read(builtin.text("best"), bases=builtin.text)
    tree = book.resolved["tree"]["procedures"]["delay"]
    steps = [{**step, "emits": [one for one in step.get("emits", []) if one != "customer.informed"]} for step in tree["steps"]]
    changed = with_piece(builtin.text("best"), "procedures", "delay", pieces.written({**tree, "steps": steps}))
    codes = {one.code for one in read(changed, bases=builtin.text).problems if one.path.startswith("procedures.delay")}
    assert {"law_unmet", "end_untold"} <= codes
    endless = [{**step, "end": False, "status": "open"} if step.get("end") else step for step in tree["steps"]]
    changed = with_piece(builtin.text("best"), "procedures", "delay", pieces.written({**tree, "steps": endless}))
    assert "no_end" in {one.code for one in read(changed, bases=builtin.text).problems}
