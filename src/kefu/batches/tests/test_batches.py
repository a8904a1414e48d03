"""Bulk work: started, done case by case with the starter's rights at that time, stopped, taken back (CASE8)."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from kefu.batches import actions, queries, work
from kefu.batches.actions import BatchRequest
from kefu.batches.case_kinds import Note
from kefu.batches.errors import CannotUndo, KindUnknown, NotActive, NothingChosen, TooLarge, TooManyAtOnce
from kefu.batches.models import Batch, BatchItem
from kefu.cases import actions as case_actions
from kefu.cases import upkeep
from kefu.cases.actions import CaseRequest
from kefu.cases.models import Case, Entry, Link
from kefu.conftest import NOW
from kefu.kernel.errors import Invalid, NotFound
from kefu.kernel.models import AuditEntry, OutboxEvent
from kefu.people.errors import MissingPermission
from kefu.people.models import Staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
LONG = timedelta(minutes=5)


@pytest.fixture
def open_cases(cast, ground):
    """Opens so many cases at a site."""

    def make(count, site=None, actor=None):
        made = []
        for number in range(count):
            request = CaseRequest(site_id=(site or ground.station).pk, kind="delay", channel="call", description=f"三天没有更新 {number}")
            made.append(case_actions.open_case(actor=actor or cast.admin, request=request, now=NOW).pk)
        return made

    return make


def _start(actor, action="assign", ids=(), matching=None, ticket=None, **parameters):
    request = BatchRequest(action=action, parameters=parameters, case_ids=ids, matching=matching, ticket=ticket)
    return actions.start(actor=actor, request=request, now=NOW)


def _run(now=NOW):
    handled = 0
    while (step := work.run_due(now=now, budget=LONG)) > 0:
        handled += step
    return handled


def _counts(batch):
    batch.refresh_from_db()
    return batch.state, batch.done, batch.refused, batch.skipped


def test_assigning_many_cases_goes_through_the_action_of_one(cast, open_cases):
    ids = open_cases(3)
    batch = _start(cast.lead, ids=ids, staff=cast.agent.id)
    assert _counts(batch) == ("queued", 0, 0, 0)
    assert _run() == 3
    assert _counts(batch) == ("done", 3, 0, 0)
    assert set(Case.objects.values_list("assignee_id", flat=True)) == {cast.agent.id}
    assert Entry.objects.filter(kind="assigned", actor_id=cast.lead.id).count() == 3
    assert AuditEntry.objects.filter(action="case.assigned", actor_id=cast.lead.id).count() == 3
    assert list(AuditEntry.objects.filter(subject_kind="batch").values_list("action", flat=True)) == ["batch.started", "batch.done"]
    assert set(OutboxEvent.objects.filter(type="batch.changed").values_list("subject_id", flat=True)) == {batch.pk}
    assert _run() == 0


@pytest.mark.parametrize(
    ("action", "parameters", "what"),
    [
        ("level", {"level": "urgent", "reason": "大批量延误"}, "level"),
        ("note", {"text": "天气原因，全线延误"}, "note"),
        ("urge", {"text": "平台批量催单"}, "urged"),
    ],
)
def test_every_work_leaves_its_entry_in_each_case(cast, open_cases, action, parameters, what):
    batch = _start(cast.lead, action, open_cases(2), **parameters)
    _run()
    assert _counts(batch)[:2] == ("done", 2)
    assert Entry.objects.filter(kind=what, actor_id=cast.lead.id).values("case").distinct().count() == 2


def test_a_step_asks_the_guards_of_every_case(cast, open_cases):
    ids = open_cases(2)
    case = Case.objects.get(pk=ids[0])
    first = case_actions.book_of(case).procedures[case.procedure].steps[0]
    batch = _start(cast.agent, "step", ids, step=first.id, answers={})
    _run()
    state, done, refused, _skipped = _counts(batch)
    assert state == "done"
    assert done + refused == 2
    for item in batch.items.filter(outcome="refused"):
        assert item.code == "step_refused"
        assert queries.words(item)
    assert Case.objects.exclude(step="").count() == done


def test_everything_the_filter_holds_is_taken_as_it_is_when_started(cast, open_cases):
    open_cases(3)
    batch = _start(cast.lead, "note", matching={"kind": "delay", "assignee": "none"}, text="统一回访")
    assert batch.total == 3
    open_cases(1)
    _run()
    assert _counts(batch) == ("done", 3, 0, 0)
    assert queries.choice(batch) == {"kind": "delay", "assignee": "none"}
    assert Entry.objects.filter(kind="note").count() == 3


def test_reasons_are_worded_in_the_language_of_the_reader(cast, ground, open_cases, hire):
    elsewhere = hire("agent", ground.other_station)
    batch = _start(cast.lead, ids=open_cases(1), staff=elsewhere.pk)
    _run()
    assert _counts(batch) == ("done", 0, 1, 0)
    item = batch.items.get()
    assert item.code == "invalid"
    assert queries.words(item) == "请选择本站点的在岗人员。"
    with override("en"):
        assert "请选择" not in queries.words(item)


def test_a_case_already_as_wanted_is_skipped(cast, open_cases):
    ids = open_cases(2)
    upkeep.assign(actor=cast.lead, case_id=ids[0], staff_id=cast.agent.id, now=NOW)
    batch = _start(cast.lead, ids=ids, staff=cast.agent.id)
    _run()
    assert _counts(batch) == ("done", 1, 0, 1)


def test_cases_out_of_reach_are_not_found_and_not_touched(cast, ground, open_cases):
    theirs = open_cases(2, site=ground.other_station)
    batch = _start(cast.lead, "note", theirs, text="越权")
    _run()
    assert _counts(batch) == ("done", 0, 2, 0)
    assert set(batch.items.values_list("code", flat=True)) == {"not_found"}
    assert not Entry.objects.filter(kind="note").exists()
    assert [row.title for row in queries.items(cast.lead, batch.pk).rows] == ["", ""]


def test_an_agent_may_not_give_cases_to_others(cast, open_cases):
    batch = _start(cast.agent, ids=open_cases(2), staff=cast.second_agent.id)
    _run()
    assert _counts(batch) == ("done", 0, 2, 0)
    assert set(batch.items.values_list("code", flat=True)) == {"missing_permission"}
    assert not Case.objects.exclude(assignee=None).exists()


def test_rights_are_those_of_the_moment_each_case_is_done(cast, open_cases):
    batch = _start(cast.lead, ids=open_cases(2), staff=cast.agent.id)
    Staff.objects.filter(pk=cast.lead.id).update(role="agent")
    _run()
    assert _counts(batch) == ("done", 0, 2, 0)


def test_who_left_does_nothing_any_more(cast, open_cases):
    batch = _start(cast.lead, ids=open_cases(2), staff=cast.agent.id)
    Staff.objects.filter(pk=cast.lead.id).update(is_active=False)
    _run()
    assert _counts(batch) == ("failed", 0, 0, 2)
    assert queries.failure(batch)
    assert not Case.objects.exclude(assignee=None).exists()


@pytest.mark.parametrize(
    ("part", "action", "parameters", "error"),
    [
        ("lead", "burn", {}, KindUnknown),
        ("lead", "assign", {"staff": "somebody"}, Invalid),
        ("lead", "note", {"text": "  "}, Invalid),
        ("lead", "level", {"level": "urgent", "reason": "急"}, Invalid),
        ("lead", "step", {"step": ""}, Invalid),
        ("lead", "parent", {"parent": "K9999999"}, Invalid),
        ("agent", "level", {"level": "urgent", "reason": "大批量延误"}, MissingPermission),
        ("inspector", "note", {"text": "看看"}, MissingPermission),
    ],
)
def test_what_cannot_be_started_queues_nothing(cast, open_cases, part, action, parameters, error):
    with pytest.raises(error):
        _start(getattr(cast, part), action, open_cases(1), **parameters)
    assert not Batch.objects.exists()
    assert not BatchItem.objects.exists()


def test_nothing_or_too_much_chosen_is_refused_whole(cast, open_cases, monkeypatch):
    with pytest.raises(NothingChosen):
        _start(cast.lead, "note", [], text="无")
    with pytest.raises(NothingChosen):
        _start(cast.lead, "note", matching={"kind": "damage"}, text="无")
    with pytest.raises(Invalid):
        _start(cast.lead, "note", matching={"owner": "me"}, text="无")
    monkeypatch.setattr(actions, "MOST_CASES", 2)
    with pytest.raises(TooLarge):
        _start(cast.lead, "note", open_cases(3), text="太多")
    assert not Batch.objects.exists()


def test_the_same_form_sent_twice_starts_one_batch(cast, open_cases):
    ids = open_cases(1)
    first = _start(cast.lead, "note", ids, text="一次", ticket="f1")
    assert _start(cast.lead, "note", ids, text="一次", ticket="f1").pk == first.pk
    assert _start(cast.agent, "note", ids, text="一次", ticket="f1").pk != first.pk
    _run()
    assert Entry.objects.filter(kind="note").count() == 2


def test_nobody_fills_the_queue_alone(cast, open_cases, monkeypatch):
    monkeypatch.setattr(actions, "MOST_AT_ONCE", 1)
    ids = open_cases(1)
    _start(cast.lead, "note", ids, text="一")
    with pytest.raises(TooManyAtOnce):
        _start(cast.lead, "note", ids, text="二")
    _run()
    _start(cast.lead, "note", ids, text="三")


def test_stopping_leaves_the_rest_untouched(cast, open_cases):
    batch = _start(cast.lead, "note", open_cases(4), text="停")
    assert work.run_due(now=NOW, budget=timedelta(microseconds=-1)) == 0
    actions.stop(actor=cast.lead, batch_id=batch.pk, now=NOW)
    assert _run() == 0
    assert _counts(batch) == ("stopped", 0, 0, 4)
    assert not Entry.objects.filter(kind="note").exists()
    with pytest.raises(NotActive):
        actions.stop(actor=cast.lead, batch_id=batch.pk, now=NOW)


def test_a_case_in_hand_when_the_batch_is_stopped_is_taken_back(cast, open_cases):
    """The stop commits while a worker is inside a case: that case counts as not done."""
    from kefu.batches import kinds

    batch = _start(cast.lead, "note", open_cases(1), text="停")
    turn = work._Turn(batch, kinds.named("note"), {"text": "停"}, cast.lead, "gone", NOW)
    actions.stop(actor=cast.lead, batch_id=batch.pk, now=NOW)
    with pytest.raises(work._Ended):
        work._handle(turn, [batch.items.get()])
    assert not Entry.objects.filter(kind="note").exists()


@pytest.fixture
def together(monkeypatch):
    """Cases share a transaction on both databases, however long it takes."""
    monkeypatch.setattr(work, "_most", lambda: 25)
    monkeypatch.setattr(work, "_HELD", 60.0)


@pytest.mark.usefixtures("together")
def test_a_case_refused_amid_others_takes_none_with_it(cast, ground, open_cases):
    mine, theirs, more = open_cases(2), open_cases(1, site=ground.other_station), open_cases(2)
    upkeep.assign(actor=cast.lead, case_id=more[0], staff_id=cast.agent.id, now=NOW)
    batch = _start(cast.lead, ids=[*mine, *theirs, *more], staff=cast.agent.id)
    _run()
    assert _counts(batch) == ("done", 3, 1, 1)
    assert batch.items.get(outcome="refused").case_id == theirs[0]
    assert batch.items.get(outcome="skipped").case_id == more[0]
    done = batch.items.filter(outcome="done").order_by("pk")
    assert [(item.case_id, item.undo["before"], item.why) for item in done] == [(pk, None, []) for pk in (*mine, more[1])]
    assert all(NOW <= item.at < NOW + LONG for item in batch.items.all())
    assert Entry.objects.filter(kind="assigned").count() == 4


@pytest.mark.usefixtures("together")
def test_cases_in_hand_when_the_batch_is_stopped_are_all_taken_back(cast, open_cases):
    from kefu.batches import kinds

    batch = _start(cast.lead, "note", open_cases(3), text="停")
    turn = work._Turn(batch, kinds.named("note"), {"text": "停"}, cast.lead, "gone", NOW)
    with pytest.raises(work._Ended):
        work._handle(turn, list(batch.items.all()))
    assert not Entry.objects.filter(kind="note").exists()
    assert _counts(batch) == ("queued", 0, 0, 0)


@pytest.mark.usefixtures("together")
def test_a_case_another_worker_has_done_is_not_done_twice(cast, open_cases):
    from kefu.batches import kinds

    batch = _start(cast.lead, "note", open_cases(2), text="两次")
    read_before, items = _start(cast.lead, "note", open_cases(1), text="别的"), list(batch.items.all())
    assert _run() == 3
    Batch.objects.filter(pk=batch.pk).update(state="running", lease="mine")
    turn = work._Turn(batch, kinds.named("note"), {"text": "两次"}, cast.lead, "mine", NOW)
    with pytest.raises(work._Ended):
        work._handle(turn, items)
    assert Entry.objects.filter(kind="note").count() == 3
    assert (_counts(batch)[1], _counts(read_before)[1]) == (2, 1)


@pytest.mark.usefixtures("together")
def test_a_transaction_that_breaks_is_done_case_by_case(cast, open_cases):
    """A circle of waiting ends one transaction: its cases are taken up again one at a time, none twice, none left out."""

    class Breaking(Note):
        key, asked = "breaking", 0

        def apply(self, actor, case_id, given, now):
            Breaking.asked += 1
            super().apply(actor, case_id, given, now)
            if Breaking.asked == 3:
                raise OperationalError("deadlock detected")

    batch = _start(cast.lead, "note", open_cases(4), text="死锁")
    turn = work._Turn(batch, Breaking(), {"text": "死锁"}, cast.lead, "mine", NOW)
    Batch.objects.filter(pk=batch.pk).update(state="running", lease="mine")
    assert work._items(turn, float("inf")) == 4
    assert Breaking.asked == 3 + 4
    assert Entry.objects.filter(kind="note").values("case").distinct().count() == Entry.objects.filter(kind="note").count() == 4
    assert _counts(batch) == ("running", 4, 0, 0)


def test_a_batch_in_other_hands_is_left_alone_until_its_lease_is_over(cast, open_cases):
    batch = _start(cast.lead, "note", open_cases(1), text="租约")
    Batch.objects.filter(pk=batch.pk).update(state="running", lease="other", leased_until=NOW + timedelta(seconds=5))
    assert _run() == 0
    assert _run(NOW + timedelta(seconds=6)) == 1
    assert _counts(batch) == ("done", 1, 0, 0)


def test_batches_share_the_worker_in_turns(cast, open_cases):
    ids = open_cases(2)
    first, second = _start(cast.lead, "note", ids, text="甲"), _start(cast.agent, "note", ids, text="乙")
    Batch.objects.filter(pk=first.pk).update(worked_at=NOW + timedelta(seconds=1))
    work.run_due(now=NOW, budget=LONG)
    assert list(Entry.objects.filter(kind="note").order_by("pk").values_list("actor_id", flat=True)[:2]) == [cast.agent.id] * 2
    assert _counts(first)[0] == _counts(second)[0] == "done"


def test_undo_gives_back_what_has_not_moved_on(cast, open_cases):
    ids = open_cases(3)
    upkeep.assign(actor=cast.lead, case_id=ids[0], staff_id=cast.second_agent.id, now=NOW)
    batch = _start(cast.lead, ids=ids, staff=cast.agent.id)
    _run()
    upkeep.urge(actor=cast.agent, case_id=ids[1], text="", now=NOW)
    back = actions.undo(actor=cast.lead, batch_id=batch.pk, now=NOW)
    _run(NOW + timedelta(minutes=1))
    assert _counts(back) == ("done", 2, 1, 0)
    assert back.items.get(outcome="refused").code == "batch_moved_on"
    assert dict(Case.objects.values_list("pk", "assignee_id")) == {ids[0]: cast.second_agent.id, ids[1]: cast.agent.id, ids[2]: None}
    # The one that moved on may be tried again; what was taken back is not.
    again = actions.undo(actor=cast.lead, batch_id=batch.pk, now=NOW)
    assert again.total == 1


def test_ties_to_a_parent_can_be_taken_back(cast, open_cases):
    parent, *ids = open_cases(3)
    batch = _start(cast.agent, "parent", [*ids, parent], parent=f"k{parent:07d}")
    _run()
    assert _counts(batch) == ("done", 2, 1, 0)
    assert Link.objects.filter(kind="parent", target_id=parent).count() == 2
    Link.objects.filter(case_id=ids[0]).delete()
    back = actions.undo(actor=cast.agent, batch_id=batch.pk, now=NOW)
    _run()
    assert _counts(back) == ("done", 1, 1, 0)
    assert not Link.objects.filter(kind="parent").exists()
    assert Entry.objects.filter(kind="linked", data__undone=True).count() == 1


def test_what_has_no_inverse_runs_still_or_is_an_undo_cannot_be_taken_back(cast, open_cases):
    ids = open_cases(1)
    noted = _start(cast.lead, "note", ids, text="备注")
    running = _start(cast.lead, ids=ids, staff=cast.agent.id)
    with pytest.raises(CannotUndo, match="没有相反"):
        actions.undo(actor=cast.lead, batch_id=noted.pk, now=NOW)
    with pytest.raises(CannotUndo):
        actions.undo(actor=cast.lead, batch_id=running.pk, now=NOW)
    _run()
    back = actions.undo(actor=cast.lead, batch_id=running.pk, now=NOW)
    with pytest.raises(CannotUndo):  # one at a time
        actions.undo(actor=cast.lead, batch_id=running.pk, now=NOW)
    _run()
    for spent in (running, back):
        with pytest.raises(CannotUndo):
            actions.undo(actor=cast.lead, batch_id=spent.pk, now=NOW)


def test_batches_are_seen_by_who_started_them_and_by_auditors(cast, open_cases):
    batch = _start(cast.lead, "note", open_cases(1), text="谁看")
    for part in ("agent", "outsider", "inspector"):
        with pytest.raises(NotFound):
            queries.items(getattr(cast, part), batch.pk)
        with pytest.raises(NotFound):
            actions.stop(actor=getattr(cast, part), batch_id=batch.pk, now=NOW)
    for part in ("lead", "manager", "admin"):
        assert len(queries.items(getattr(cast, part), batch.pk).rows) == 1
    assert queries.page(cast.manager).rows == []
    assert [row.pk for row in queries.page(cast.manager, mine=False).rows] == [batch.pk]


def test_the_cost_of_a_case_and_of_a_page_does_not_grow(cast, open_cases):
    counted, pages = [], []
    for size in (1, 2, 12):
        batch = _start(cast.lead, "note", open_cases(size), text="计数")
        with CaptureQueriesContext(connection) as seen:
            _run()
        counted.append((size, len(seen)))
        with CaptureQueriesContext(connection) as seen:
            queries.items(cast.lead, batch.pk)
        pages.append(len(seen))
    (_one, _first), (two, small), (many, large) = counted
    assert pages[1] == pages[2]
    # Where cases share a transaction, begin, end and counters are shared too.
    assert (large - small) / (many - two) <= (8 if connection.features.has_select_for_update else 14)


def test_batches_are_forgotten_after_their_time(cast, open_cases):
    batch = _start(cast.lead, ids=open_cases(1), staff=cast.agent.id)
    _run()
    back = actions.undo(actor=cast.lead, batch_id=batch.pk, now=NOW)
    _run()
    assert work.forget_old(now=NOW + timedelta(days=80)) == 0
    assert work.forget_old(now=NOW + timedelta(days=91)) == 1
    assert not Batch.objects.filter(pk=back.pk).exists()
    assert work.forget_old(now=NOW + timedelta(days=91)) == 1
