"""One item of a scorecard, put back where it stood (HB1)."""

import difflib

from kefu.handbook import builtin, item_pieces, loader, pieces

BEST = builtin.text("best") or ""
ITEM = {
    "id": "taboo",
    "title": "禁语",
    "source": "B",
    "definition": "不说禁语。",
    "penalty": {"points": 7},
    "detector": {"kind": "rule", "when": {"words": ["马上"]}},
}


def read(text: str) -> loader.Reading:
    return loader.read(text, bases=builtin.text)


def test_only_the_lines_of_the_item_move() -> None:
    place = item_pieces.place_of(BEST, "service", "taboo")
    assert place is not None
    changed = item_pieces.with_item(BEST, "service", {}, "taboo", ITEM)
    moved = [line for line in difflib.ndiff(BEST.splitlines(), changed.splitlines()) if line.startswith("- ")]
    assert len(moved) <= place.end - place.first
    book = read(changed).handbook
    assert book is not None
    old = read(BEST).handbook
    assert old is not None
    assert [one.id for one in book.scorecards["service"].items()] == [one.id for one in old.scorecards["service"].items()]
    found = book.scorecards["service"].item("taboo")
    assert found is not None
    assert found.detector is not None
    assert found.detector.params == {"when": {"words": ["马上"]}}


def test_a_new_item_goes_to_the_end_of_its_group() -> None:
    changed = item_pieces.with_item(BEST, "service", {}, "mine", {**ITEM, "id": "mine"}, group="wording")
    book = read(changed).handbook
    assert book is not None
    assert [one.id for one in book.scorecards["service"].items()][-1] == "mine" or book.scorecards["service"].item("mine") is not None


def test_an_inherited_card_is_written_out_first() -> None:
    mine = "handbook: mine\ntitle: 我的\neffective_from: 2026-12-01\nextends: [best]\n"
    whole = read(mine).resolved["tree"]["scorecards"]["service"]
    changed = item_pieces.with_item(mine, "service", whole, "taboo", ITEM)
    reading = read(changed)
    assert reading.problems == ()
    assert reading.handbook is not None
    assert len(reading.handbook.scorecards["service"].items()) == 19


def test_problems_are_told_from_the_items_first_line() -> None:
    wrong = {**ITEM, "detector": {"kind": "rule", "when": {"words": ["马上"], "side": "nobody"}}}
    changed = item_pieces.with_item(BEST, "service", {}, "taboo", wrong)
    (found,) = item_pieces.problems_of(changed, "service", "taboo", read(changed).problems)
    body = pieces.written(wrong).splitlines()
    assert body[found.line - 1][found.column - 1 :].startswith("nobody")
