"""A changed procedure tried on past cases (HB3): refused steps, limits, nothing written."""

import re
from datetime import timedelta

import pytest

from kefu.cases import actions, trial
from kefu.cases.actions import CaseRequest
from kefu.cases.models import Entry
from kefu.conftest import NOW
from kefu.handbook import actions as handbooks
from kefu.handbook import pieces, queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
RECEIVE = {
    "caller_name": "王女士", "caller_phone": "13812345678", "caller_role": "recipient", "waybill": "50004090806944",
    "statement": "三天没有更新物流", "demand": "尽快派送",
}  # fmt: skip
WALK = (("receive", RECEIVE), ("check", {"position": "stuck", "cause": "sorting"}), ("withdrawn", {"withdraw_reason": "已经收到"}))


@pytest.fixture
def closed(cast, ground):
    """Two closed complaints of delay."""
    found = []
    for _number in range(2):
        wanted = CaseRequest(site_id=ground.station.pk, kind="delay", channel="call", description="没有更新", even_if_duplicate=True)
        case = actions.open_case(actor=cast.agent, request=wanted, now=NOW)
        for place, (step, answers) in enumerate(WALK):
            at = NOW + timedelta(hours=1 + place)
            actions.take_step(actor=cast.lead, case_id=case.pk, step=step, answers=answers, now=at)
        found.append(case)
    return found


def draft(cast, change=lambda procedure: procedure, clocks=""):
    """A draft of best@1 with its delay procedure changed, compiled."""
    now = NOW + timedelta(days=1)
    text = queries.text_of(cast.manager, next(one.id for one in queries.versions(cast.manager, "best", now=now) if one.number == 1))
    tree = queries.read_text(text, when=now).resolved["tree"]["procedures"]["delay"]
    text = pieces.with_piece(text, "procedures", "delay", pieces.written(change(tree)))
    if clocks:
        body = re.sub(r"warn_before: \w+", "warn_before: 30m", pieces.piece_of(text, "clocks", clocks).text)
        text = pieces.with_piece(text, "clocks", clocks, re.sub(r"target: \w+", "target: 2h", body))
    saved = handbooks.save_draft(actor=cast.manager, text=text, now=now)
    return queries.draft_book(cast.manager, saved.id, now=now)


def run(actor, book):
    return trial.run(actor=actor, draft=book, key="delay", now=NOW + timedelta(days=1))


def with_step(step_id, **changes):
    return lambda tree: {**tree, "steps": [{**step, **changes} if step["id"] == step_id else step for step in tree["steps"]]}


def test_an_unchanged_procedure_makes_no_difference(closed, cast):
    found = run(cast.manager, draft(cast))
    assert (found.read, found.refused, found.differing) == (len(closed), [], set())


def test_a_guard_a_role_and_a_lost_way_are_told_with_the_case_and_the_step(closed, cast):
    before = Entry.objects.count()
    guard = {"id": "evidence", "when": {"fact": "case.has_attachment", "is": True}, "message": "没有附件，请先上传照片。"}
    found = run(cast.manager, draft(cast, with_step("check", guards=[guard])))
    assert [(one.case_id, one.step, [str(why.message) for why in one.reasons]) for one in found.refused] == [
        (case.pk, "check", ["没有附件，请先上传照片。"]) for case in reversed(closed)
    ]
    found = run(cast.manager, draft(cast, with_step("check", who=["agent"])))
    assert [one.reasons[0].code for one in found.refused] == ["step_role"] * 2
    assert len(found.differing) == 2
    assert Entry.objects.count() == before


def test_a_shorter_limit_is_counted_with_the_cases_that_break_it(closed, cast):
    book = draft(cast, clocks="solve")
    change = run(cast.manager, book).clocks["solve"]
    assert (change.before, change.after) == (0, 2)
    assert {pk for pk, _number, late in change.cases if late} == {case.pk for case in closed}


def test_cases_out_of_reach_are_not_tried(closed, cast):
    assert run(cast.outsider, draft(cast)).read == 0
    assert run(cast.trainer, draft(cast)).read == 0
