"""The checker proves of every procedure: guards can hold, what they ask is known, some way is open, nobody is left untold (HB3)."""

import pytest

from kefu.handbook.loader import read
from kefu.handbook.tests.small import TEXT, place

# A complaint that tells the customer, with a choice, a guard and two ends.
GOOD = (
    TEXT[: TEXT.index("procedures:")]
    + """\
procedures:
  delay:
    title: 延误
    source: B
    kinds: [delay]
    start: receive
    steps:
      - id: receive
        title: 受理
        stage: receive
        who: [agent]
        fields:
          - {id: waybill, label: 运单, type: waybill, required: true}
          - {id: late, label: 已延误, type: bool, computed: parcel.late}
          - id: found
            label: 找到
            type: choice
            required: true
            choices: [{id: yes_, label: 是}, {id: no_, label: 否}]
        next:
          - {to: call, when: {fact: data.found, is: yes_}}
          - {to: stop, when: {fact: data.found, is: no_}}
      - id: call
        title: 回电
        stage: feedback
        who: [agent]
        fields:
          - {id: told, label: 告知内容, type: text, required: true}
        guards:
          - {id: known, when: {fact: data.waybill, set: true}, message: 先填运单}
        emits: [customer.called_back, customer.informed]
        next: [{to: close}]
      - id: close
        title: 结案
        stage: follow_up
        who: [agent]
        status: closed
        end: true
      - id: stop
        title: 撤回
        stage: follow_up
        who: [agent]
        emits: [customer.called_back, customer.informed]
        status: closed
        end: true
"""
)
GUARD = "{fact: data.waybill, set: true}"

# (what is replaced, by what, code, where the problem points to in the new text)
BROKEN = [
    ("customer.called_back, customer.informed]\n        status", "customer.called_back]\n        status", "end_untold", "- id: stop"),
    ("customer.called_back, customer.informed]\n        next", "customer.called_back]\n        next", "end_untold", "- id: close"),
    ("{fact: data.found, is: no_}", "{fact: data.found, is: yes_}", "no_way_for", "- id: receive"),
    (
        "{to: stop, when: {fact: data.found, is: no_}}",
        "{to: stop, when: {all: [{fact: data.found, is: no_}, {fact: data.late, is: true}]}}",
        "no_way_for",
        "- id: receive",
    ),
    (GUARD, "{all: [{fact: data.found, is: yes_}, {fact: data.found, is: no_}]}", "never_holds", "when: {all"),
    (GUARD, "{all: [{fact: case.age_hours, more_than: 5}, {fact: case.age_hours, less_than: 5}]}", "never_holds", "when: {all"),
    (GUARD, "{all: [{fact: case.complaint, is: true}, {not: {fact: case.complaint, set: true}}]}", "never_holds", "when: {all"),
    (GUARD, "{fact: data.found, is: no_}", "never_open", "- id: call"),
    (
        "is: yes_}}\n",
        "is: yes_}}\n          - {to: close, when: {fact: data.told, set: true}}\n",
        "answer_never_given",
        "when: {fact: data.told",
    ),
    ("computed: parcel.late", "computed: parcel.lateness", "fact_unknown", "{id: late"),
    ("computed: parcel.late", "computed: parcel.hours_late", "computed_unfit", "{id: late"),
    ("type: bool, computed: parcel.late", "type: text, computed: parcel.late", "computed_unfit", "{id: late"),
]


def problems(text):
    return read(text, file="demo.yaml").problems


def test_the_good_one_is_clean():
    assert [str(one) for one in problems(GOOD)] == []


@pytest.mark.parametrize(("old", "new", "code", "where"), BROKEN, ids=[f"{one[2]}-{index}" for index, one in enumerate(BROKEN)])
def test_a_broken_procedure_is_found_at_its_place(old, new, code, where):
    assert old in GOOD, "the table no longer fits the handbook"
    text = GOOD.replace(old, new, 1)
    found = [one for one in problems(text) if one.code == code]
    assert found, [str(one) for one in problems(text)]
    line, column = place(text, where)
    places = {(one.line, one.column) for one in found}
    # A problem of a condition points at the condition, a problem of a list item at the item behind its dash.
    assert any(at_line == line and at_column >= column for at_line, at_column in places), places
    assert all("%(" not in one.text for one in found)


def test_an_enquiry_too_must_be_answered_but_internal_work_need_not():
    silent = GOOD.replace("customer.called_back, customer.informed", "customer.called_back")
    assert "end_untold" in {one.code for one in problems(silent.replace("family: complaint", "family: enquiry"))}
    assert "end_untold" not in {one.code for one in problems(silent.replace("family: complaint", "family: internal"))}


def test_a_pattern_is_taken_to_be_open():
    assert problems(GOOD.replace(GUARD, "{fact: data.waybill, matches: '^Y'}")) == ()


def test_a_guard_of_the_step_counts_for_its_ways():
    """The step is only entered with the answer its guard wants, so a way for that answer is enough."""
    old = "        emits: [customer.called_back, customer.informed]\n        next: [{to: close}]"
    assert old in GOOD
    text = GOOD.replace(GUARD, "{fact: data.found, is: yes_}")
    text = text.replace(old, old.replace("{to: close}", "{to: close, when: {fact: data.found, is: yes_}}"))
    assert problems(text) == ()


def test_a_time_limit_of_the_law_cannot_be_paused():
    pause = "    warn_before: 30m\n    pause: {reasons: [{id: away, title: 不在}], who: [agent], cap: 1h}\n"
    text = GOOD.replace("    warn_before: 30m\n", pause)
    assert problems(text) == ()
    assert "law_pause" in {one.code for one in problems(text.replace("kind: company", "kind: law"))}
