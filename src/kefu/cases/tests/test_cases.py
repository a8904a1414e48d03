"""Cases on their procedure and clocks, through the actions (CASE1, CASE4, CASE8, CASE9)."""

from datetime import timedelta

import pytest

from kefu.cases import actions, files, joining, queries, tasks, upkeep
from kefu.cases.actions import CaseRequest
from kefu.cases.errors import CaseClosed, KindUnknown, LikelyDuplicate, MergeRefused, StepRefused
from kefu.cases.filters import CaseFilter
from kefu.cases.fired import note_fired
from kefu.cases.models import NO_DEADLINE, Case, Entry, Notice
from kefu.clocks import actions as clocks
from kefu.clocks.models import Alarm, Clock
from kefu.clocks.queries import level_of, of_subject
from kefu.conftest import NOW
from kefu.customers import actions as customers
from kefu.handbook import queries as books
from kefu.kernel import outbox, search
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Conflict, Denied, Invalid, NotFound, Stale
from kefu.kernel.files import FileRefused
from kefu.kernel.models import AuditEntry, OutboxEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]

WAYBILL = "50004090806944"
RECEIVE = {
    "caller_name": "王女士",
    "caller_phone": "13812345678",
    "caller_role": "recipient",
    "waybill": WAYBILL,
    "statement": "三天没有更新物流",
    "demand": "尽快派送",
}


@pytest.fixture
def request_(ground):
    """A delay complaint by phone."""
    return CaseRequest(
        site_id=ground.station.pk,
        kind="delay",
        channel="call",
        description="客户反映快件三天没有更新",
        waybill=f" {WAYBILL[:5]} {WAYBILL[5:]} ",
        customer_name="王女士",
        customer_phone="138 1234 5678",
    )


@pytest.fixture
def case(cast, request_):
    """The complaint, just opened by the agent."""
    return actions.open_case(actor=cast.agent, request=request_, now=NOW)


def _step(actor, case, step, after=timedelta(minutes=5), **answers):
    return actions.take_step(actor=actor, case_id=case.pk, step=step, answers=answers, now=NOW + after)


def _counts():
    return Case.objects.count(), Entry.objects.count(), AuditEntry.objects.count(), OutboxEvent.objects.count(), Clock.objects.count()


def test_opening_starts_the_handbooks_clocks_and_leaves_its_record(case, cast, ground):
    case.refresh_from_db()
    assert case.waybill == WAYBILL
    assert case.handbook.startswith("best@")
    assert (case.kind, case.procedure, case.step, case.status, case.level) == ("delay", "delay", "", "open", "normal")
    due = {clock.key: clock.due_at for clock in Clock.objects.all()}
    # Opened on a Sunday at 10:00 in China; the station works every day 08:30–12:00 and 13:00–18:00.
    assert due["call_back"] == NOW + timedelta(hours=2)
    assert due["solve"] == NOW + timedelta(hours=48)
    assert due["law_complaint"] == NOW + timedelta(days=7)
    assert case.next_due_at == due["call_back"]
    assert [entry.kind for entry in case.entries.all()] == ["opened"]
    assert AuditEntry.objects.filter(action="case.opened", subject_id=case.pk, clause__endswith="#procedures.delay").count() == 1
    assert OutboxEvent.objects.get(type="case.opened").payload["case_id"] == case.pk


def test_a_deadline_over_lunch_skips_it(cast, request_):
    later = NOW + timedelta(hours=1, minutes=30)  # 11:30 in China
    case = actions.open_case(actor=cast.agent, request=request_, now=later)
    clock = Clock.objects.get(key="call_back", subject_id=case.pk)
    assert clock.due_at == later + timedelta(hours=3)  # 30 min before lunch, 90 min after it


def test_the_whole_way_with_every_clock_met(case, cast):
    _step(cast.agent, case, "receive", **RECEIVE)
    _step(cast.agent, case, "check", position="not_out", cause="delivery")
    _step(cast.agent, case, "ask_site", asked_site="城北网点")
    _step(cast.agent, case, "call_back", timedelta(hours=1), plan="今晚派送", call_back_result="客户同意", promised_time="2026-11-22T20:00")
    assert Clock.objects.get(key="call_back").state == "met"
    case.refresh_from_db()
    assert (case.status, case.next_due_at) == ("waiting_other", NOW + timedelta(hours=48))
    assert {clock.key for clock in Clock.objects.filter(state="running")} == {"solve", "law_complaint"}


def test_a_skipped_step_is_refused_with_every_reason_and_nothing_is_written(case, cast):
    before = _counts()
    with pytest.raises(StepRefused) as refused:
        _step(cast.agent, case, "call_back", plan="今晚派送", nonsense="x")
    codes = [one.code for one in refused.value.refusals]
    assert codes[0] == "step_skipped"
    assert {"field_unknown", "field_required"} <= set(codes)
    assert "受理投诉" in str(refused.value)
    assert _counts() == before


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("caller_name", "  ", "field_required"),
        ("caller_role", "neighbour", "field_form"),
        ("caller_phone", "12", "field_form"),
        ("waybill", "快递", "field_form"),
        ("statement", "长" * 20001, "field_form"),
    ],
)
def test_bad_answers_are_named_by_field(case, cast, field, value, code):
    with pytest.raises(StepRefused) as refused:
        _step(cast.agent, case, "receive", **{**RECEIVE, field: value})
    assert [(one.code, one.field) for one in refused.value.refusals] == [(code, field)]
    assert field in refused.value.fields


def test_a_role_the_step_is_not_for_is_refused(case, cast):
    with pytest.raises(StepRefused) as refused:
        _step(cast.clerk, case, "receive", **RECEIVE)
    assert [one.code for one in refused.value.refusals] == ["step_role"]


@pytest.mark.parametrize("part", ["outsider", "customer"])
def test_an_outsider_finds_nothing_and_changes_nothing(case, cast, part):
    actor, before = getattr(cast, part), _counts()
    for attempt in (
        lambda: queries.detail(actor, case.pk, now=NOW),
        lambda: upkeep.add_note(actor=actor, case_id=case.pk, text="看看", now=NOW),
        lambda: _step(actor, case, "receive", **RECEIVE),
        lambda: upkeep.assign(actor=actor, case_id=case.pk, staff_id=actor.id, now=NOW),
        lambda: upkeep.urge(actor=actor, case_id=case.pk, text="", now=NOW),
        lambda: files.attach(actor=actor, case_id=case.pk, name="a.txt", content=b"x", content_type="text/plain", now=NOW),
        lambda: queries.clock_explanation(actor, case.pk, 1, now=NOW),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert queries.page(actor, CaseFilter(view="all"), now=NOW).rows == []
    assert _counts() == before


@pytest.mark.parametrize("part", ["inspector", "trainer"])
def test_who_may_only_look_changes_nothing(case, cast, part):
    actor, before = getattr(cast, part), _counts()
    with pytest.raises((Denied, NotFound)):
        upkeep.add_note(actor=actor, case_id=case.pk, text="看看", now=NOW)
    with pytest.raises((Denied, NotFound)):
        _step(actor, case, "receive", **RECEIVE)
    assert _counts() == before


def test_opening_at_a_site_out_of_reach_and_of_an_unknown_kind(cast, request_, ground):
    with pytest.raises(NotFound):
        actions.open_case(actor=cast.outsider, request=request_, now=NOW)
    with pytest.raises(KindUnknown):
        actions.open_case(actor=cast.agent, request=CaseRequest(ground.station.pk, "weather", "call", "下雨"), now=NOW)
    with pytest.raises(Invalid) as refused:
        actions.open_case(actor=cast.agent, request=CaseRequest(ground.station.pk, "delay", "pigeon", ""), now=NOW)
    assert set(refused.value.fields) == {"channel", "description"}
    assert Case.objects.count() == 0


def test_the_same_external_id_opens_one_case(cast, ground):
    wanted = CaseRequest(ground.station.pk, "delay", "platform", "催", external_id="TB-1")
    first = actions.open_case(actor=cast.system, request=wanted, now=NOW)
    assert actions.open_case(actor=cast.system, request=wanted, now=NOW) == first
    with pytest.raises(Invalid):
        actions.open_case(actor=cast.system, request=CaseRequest(ground.station.pk, "delay", "platform", "催", external_id=" "), now=NOW)


def test_what_a_request_names_must_be_in_reach(cast, ground):
    """Another site's customer or people cannot be tied to a case here; nothing is written (SEC2)."""
    theirs = customers.find_or_create(actor=cast.system, site_id=ground.other_station.pk, name="外站客户", phone="13900001111", now=NOW)
    before = _counts()
    plain = {"site_id": ground.station.pk, "kind": "delay", "channel": "call", "description": "延误"}
    for named in ({"customer_id": theirs.pk}, {"customer_id": 10**9}, {"conversation_id": 10**9}):
        with pytest.raises(NotFound):
            actions.open_case(actor=cast.agent, request=CaseRequest(**plain, **named), now=NOW)
    with pytest.raises(Invalid) as refused:
        actions.open_case(actor=cast.agent, request=CaseRequest(**plain, assignee_id=cast.outsider.id), now=NOW)
    assert set(refused.value.fields) == {"assignee"}
    assert _counts() == before


def test_another_sites_external_id_is_another_case(cast, ground):
    here = actions.open_case(actor=cast.system, request=CaseRequest(ground.station.pk, "delay", "hq", "催", external_id="X-1"), now=NOW)
    there = actions.open_case(
        actor=cast.system, request=CaseRequest(ground.other_station.pk, "delay", "hq", "催", external_id="X-1"), now=NOW
    )
    assert here.pk != there.pk


def test_a_twin_is_warned_of_and_a_repeat_rises(case, cast, request_):
    with pytest.raises(LikelyDuplicate) as refused:
        actions.open_case(actor=cast.agent, request=request_, now=NOW)
    assert refused.value.params["number"] == case.number
    Case.objects.filter(pk=case.pk).update(is_open=False, status="closed", closed_at=NOW)
    again = actions.open_case(actor=cast.agent, request=request_, now=NOW + timedelta(days=2))
    assert (again.previous_id, again.repeat_count, again.level) == (case.pk, 1, "repeated")
    assert again.links.get().kind == "repeat"


def test_urging_twice_raises_the_level_by_the_handbooks_rule(case, cast):
    upkeep.urge(actor=cast.agent, case_id=case.pk, text="客户来电催", now=NOW)
    assert Case.objects.get(pk=case.pk).level == "normal"
    upkeep.urge(actor=cast.agent, case_id=case.pk, text="又催", now=NOW)
    case.refresh_from_db()
    assert (case.urge_count, case.level) == (2, "urgent")
    entry = case.entries.get(kind="level")
    assert entry.data == {"from": "normal", "to": "urgent", "why": "rule"}
    assert entry.clause.endswith("#levels.urgent")


def test_two_people_saving_one_case_the_second_is_stale(case, cast):
    upkeep.edit(actor=cast.agent, case_id=case.pk, changes={"title": "甲"}, expected_version=case.version, now=NOW)
    with pytest.raises(Stale):
        upkeep.edit(actor=cast.second_agent, case_id=case.pk, changes={"title": "乙"}, expected_version=case.version, now=NOW)
    with pytest.raises(Stale):
        actions.take_step(actor=cast.second_agent, case_id=case.pk, step="receive", answers=RECEIVE, now=NOW, expected_version=case.version)
    case.refresh_from_db()
    assert case.title == "甲"
    with pytest.raises(Invalid):
        upkeep.edit(actor=cast.agent, case_id=case.pk, changes={"status": "closed", "title": ""}, expected_version=case.version, now=NOW)


def test_taking_and_giving_cases(case, cast):
    upkeep.assign(actor=cast.agent, case_id=case.pk, staff_id=cast.agent.id, now=NOW)
    with pytest.raises(Denied) as refused:
        upkeep.assign(actor=cast.second_agent, case_id=case.pk, staff_id=cast.second_agent.id, now=NOW)
    assert refused.value.reason == "case_taken"
    with pytest.raises(Denied):
        upkeep.assign(actor=cast.agent, case_id=case.pk, staff_id=cast.second_agent.id, now=NOW)
    with pytest.raises(Invalid):
        upkeep.assign(actor=cast.lead, case_id=case.pk, staff_id=cast.outsider.id, now=NOW)
    upkeep.assign(actor=cast.lead, case_id=case.pk, staff_id=cast.second_agent.id, now=NOW)
    assert [notice.what for notice in queries.notices(cast.second_agent)] == ["assigned"]
    assert upkeep.see_notices(actor=cast.second_agent, now=NOW) == 1
    assert queries.notices(cast.second_agent) == []


def test_merge_loses_nothing_and_unmerge_gives_everything_back(case, cast, ground):
    other = actions.open_case(actor=cast.agent, request=CaseRequest(ground.station.pk, "delay", "chat", "同一件事"), now=NOW)
    upkeep.add_note(actor=cast.agent, case_id=case.pk, text="并入前的备注", now=NOW)
    due = {clock.key: clock.due_at for clock in Clock.objects.filter(subject_id=case.pk)}
    with pytest.raises(Denied):
        joining.merge(actor=cast.agent, case_id=case.pk, into_id=other.pk, now=NOW)
    joining.merge(actor=cast.lead, case_id=case.pk, into_id=other.pk, now=NOW)
    case.refresh_from_db()
    assert (case.status, case.is_open, case.merged_into_id, case.next_due_at) == ("merged", False, other.pk, NO_DEADLINE)
    detail = queries.detail(cast.agent, other.pk, now=NOW)
    assert ("并入前的备注", case.number) in [(row.text, row.from_case) for row in detail.timeline]
    while clocks.sweep(now=NOW + timedelta(days=30)):
        pass
    later = NOW + timedelta(days=30)
    broken = {one.subject_id for one in Clock.objects.all() if level_of(one, later) == "breached"}
    assert broken == {other.pk}
    with pytest.raises(CaseClosed):
        _step(cast.agent, case, "receive", **RECEIVE)
    with pytest.raises(MergeRefused):
        joining.merge(actor=cast.lead, case_id=other.pk, into_id=other.pk, now=NOW)
    joining.unmerge(actor=cast.lead, case_id=case.pk, now=NOW + timedelta(hours=1))
    case.refresh_from_db()
    assert (case.status, case.is_open, case.next_due_at) == ("open", True, due["call_back"])
    assert {clock.key: clock.due_at for clock in Clock.objects.filter(subject_id=case.pk)} == due
    with pytest.raises(Conflict):
        joining.unmerge(actor=cast.lead, case_id=case.pk, now=NOW)


def test_pausing_needs_the_handbooks_reason_and_role_and_moves_the_deadline(case, cast):
    solve, back, law = (Clock.objects.get(key=key) for key in ("solve", "call_back", "law_complaint"))

    def pause(actor, clock, reason="customer_away"):
        return upkeep.pause_clock(actor=actor, case_id=case.pk, clock_id=clock.pk, reason=reason, now=NOW)

    with pytest.raises(Denied):
        pause(cast.agent, solve)
    for clock in (back, law):
        with pytest.raises(Conflict) as refused:
            pause(cast.lead, clock)
        assert refused.value.reason == "clock_not_pausable"
    with pytest.raises(Invalid):
        pause(cast.lead, solve, "tired")
    pause(cast.lead, solve)
    with pytest.raises(Conflict):
        pause(cast.lead, solve)
    upkeep.resume_clock(actor=cast.lead, case_id=case.pk, clock_id=solve.pk, now=NOW + timedelta(hours=5))
    solve.refresh_from_db()
    assert (solve.state, solve.due_at) == ("running", NOW + timedelta(hours=53))
    told = queries.clock_explanation(cast.agent, case.pk, solve.pk, now=NOW + timedelta(hours=6))
    assert (told.elapsed_seconds, told.paused_seconds) == (3600, 5 * 3600)
    assert "pause" in {step.code for step in told.steps}


def test_a_pause_within_a_second_holds_the_clock_at_once(case, cast):
    solve = Clock.objects.get(key="solve", subject_id=case.pk)
    at = NOW + timedelta(minutes=3, microseconds=654321)
    upkeep.pause_clock(actor=cast.lead, case_id=case.pk, clock_id=solve.pk, reason="customer_away", now=at)
    solve.refresh_from_db()
    assert solve.state == "paused"
    assert Case.objects.get(pk=case.pk).next_due_at != solve.due_at
    upkeep.resume_clock(actor=cast.lead, case_id=case.pk, clock_id=solve.pk, now=at + timedelta(hours=1))
    solve.refresh_from_db()
    assert (solve.state, solve.due_at) == ("running", NOW + timedelta(hours=49))


def test_a_pause_beyond_its_cap_runs_on_by_itself(case, cast):
    solve = Clock.objects.get(key="solve")
    upkeep.pause_clock(actor=cast.lead, case_id=case.pk, clock_id=solve.pk, reason="customer_away", now=NOW)
    case.refresh_from_db()
    clocks.sweep(now=NOW + timedelta(hours=24))
    solve.refresh_from_db()
    assert (solve.state, solve.due_at) == ("running", NOW + timedelta(hours=72))


def test_fired_clocks_reach_timeline_people_and_level(case, cast):
    upkeep.assign(actor=cast.lead, case_id=case.pk, staff_id=cast.agent.id, now=NOW)
    late = NOW + timedelta(hours=3)
    clocks.sweep(now=late)
    outbox.seal()
    fired = [event for event in outbox.since(0) if event.type == "clocks.fired"]
    from kefu.clocks.events import ClocksFired

    items = [item for event in fired for item in ClocksFired.model_validate(event.payload).items]
    assert [(item.key, item.phase, item.at) for item in items] == [
        ("call_back", "warn", NOW + timedelta(hours=1, minutes=30)),
        ("call_back", "breach", NOW + timedelta(hours=2)),
    ]
    assert note_fired(items, now=late) == 2
    case.refresh_from_db()
    assert case.level == "urgent"
    assert sorted(queries.notices(cast.lead), key=lambda n: n.pk)[0].what == "breach"
    assert {notice.what for notice in queries.notices(cast.agent)} == {"assigned", "warn", "breach"}
    # A reaction that runs twice tells nobody twice.
    before = Notice.objects.count()
    note_fired(items[:1], now=late)
    assert Notice.objects.count() == before
    # The breach is the deadline's, not the sweep's.
    _step(cast.agent, case, "receive", timedelta(hours=4), **RECEIVE)
    broken = {view.key: view.breached_at for view in of_subject("case", case.pk, now=NOW + timedelta(hours=4))}
    assert broken["call_back"] == NOW + timedelta(hours=2)
    assert clocks.sweep(now=late) == 0


def test_meeting_late_before_any_sweep_still_counts_as_broken(case, cast):
    _step(cast.agent, case, "receive", **RECEIVE)
    _step(cast.agent, case, "check", position="not_out", cause="delivery")
    _step(
        cast.agent, case, "call_back", timedelta(hours=2, seconds=1), plan="派送", call_back_result="好", promised_time="2026-11-22T20:00"
    )
    clock = Clock.objects.get(key="call_back")
    assert (clock.state, clock.breached_at) == ("met", NOW + timedelta(hours=2))
    assert not Alarm.objects.filter(clock=clock).exists()


def test_closing_stops_every_clock_and_reopening_starts_them_anew(case, cast):
    Case.objects.filter(pk=case.pk).update(step="track")
    case.refresh_from_db()
    _close_by_withdrawal(case, cast)
    assert not Clock.objects.filter(subject_id=case.pk, state__in=["running", "paused"]).exists()
    assert case.next_due_at == NO_DEADLINE
    with pytest.raises(CaseClosed):
        upkeep.urge(actor=cast.agent, case_id=case.pk, text="", now=NOW)
    with pytest.raises(Invalid):
        upkeep.reopen(actor=cast.agent, case_id=case.pk, reason="嗯", now=NOW)
    later = NOW + timedelta(days=1)
    upkeep.reopen(actor=cast.agent, case_id=case.pk, reason="客户说没有收到", now=later)
    case.refresh_from_db()
    assert (case.is_open, case.reopen_count, case.level) == (True, 1, "repeated")
    running = {clock.key: clock.due_at for clock in Clock.objects.filter(subject_id=case.pk, state="running")}
    assert running["solve"] == later + timedelta(hours=48)


def _close_by_withdrawal(case, cast):
    Case.objects.filter(pk=case.pk).update(step="check")
    case.refresh_from_db()
    step = actions.book_of(case).procedures["delay"].step("withdrawn")
    answers = {field.id: _answer(field) for field in step.fields}
    actions.take_step(actor=cast.lead, case_id=case.pk, step="withdrawn", answers=answers, now=NOW + timedelta(hours=1))
    case.refresh_from_db()
    assert case.status == "closed"


def _answer(field):
    return {
        "choice": field.choices[0].id if field.choices else "",
        "bool": True,
        "phone": "13812345678",
        "datetime": "2026-11-22T20:00",
        "money": "10.00",
        "number": 1,
        "waybill": WAYBILL,
    }.get(field.type, "客户要求撤回投诉")


def test_tasks_are_asked_answered_and_shown_in_the_case(case, cast, ground):
    due = NOW + timedelta(hours=4)
    task = tasks.ask(actor=cast.agent, case_id=case.pk, site_id=ground.other_station.pk, title="核实是否到件", due_at=due, now=NOW)
    with pytest.raises(Invalid):
        tasks.ask(actor=cast.agent, case_id=case.pk, site_id=ground.other_station.pk, title="", due_at=NOW, now=NOW)
    assert [row.pk for row in queries.open_tasks(cast.outsider).rows] == [task.pk]
    with pytest.raises(Invalid):
        tasks.answer(actor=cast.outsider, task_id=task.pk, text=" ", now=NOW)
    tasks.answer(actor=cast.outsider, task_id=task.pk, text="已到件，今晚派送", now=NOW)
    with pytest.raises(Conflict):
        tasks.answer(actor=cast.outsider, task_id=task.pk, text="再说一次", now=NOW)
    detail = queries.detail(cast.agent, case.pk, now=NOW)
    assert detail.tasks[0].answer == "已到件，今晚派送"
    assert detail.timeline[-1].entry.data["phase"] == "answered"


def test_files_are_kept_encrypted_named_safely_and_reads_are_audited(case, cast, tmp_path, settings):
    settings.KEFU_HOME = str(tmp_path)
    row = files.attach(
        actor=cast.agent, case_id=case.pk, name="../../etc/<b>照片</b>\n.jpg", content=b"JPEG-bytes", content_type="image/jpeg", now=NOW
    )
    assert row.name == "b>.jpg"
    again = files.attach(actor=cast.agent, case_id=case.pk, name="x/b>.jpg", content=b"JPEG-bytes", content_type="image/jpeg", now=NOW)
    assert again.pk == row.pk
    stored = tmp_path / "files" / row.stored_as
    assert b"JPEG-bytes" not in stored.read_bytes()
    assert files.download(actor=cast.lead, case_id=case.pk, attachment_id=row.pk, now=NOW).content == b"JPEG-bytes"
    assert AuditEntry.objects.filter(action="attachment.read", subject_id=row.pk).count() == 1
    with pytest.raises(NotFound):
        files.download(actor=cast.outsider, case_id=case.pk, attachment_id=row.pk, now=NOW)
    for name, content in (("empty.txt", b""), ("big.bin", b"x" * (files.SIZE_LIMIT + 1))):
        with pytest.raises(FileRefused):
            files.attach(actor=cast.agent, case_id=case.pk, name=name, content=content, content_type="", now=NOW)
    stored.unlink()
    with pytest.raises(FileRefused) as refused:
        files.download(actor=cast.agent, case_id=case.pk, attachment_id=row.pk, now=NOW)
    assert refused.value.reason == "file_missing"


def test_personal_data_of_a_case_are_unreadable_in_the_database(case, cast):
    from django.db import connection

    _step(cast.agent, case, "receive", **RECEIVE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT description, data FROM cases_case")
        row = cursor.fetchone()
        cursor.execute("SELECT text, data FROM cases_entry")
        entries = cursor.fetchall()
    assert "13812345678" not in str(row) + str(entries)
    assert "三天" not in str(row) + str(entries)


def test_search_finds_two_character_words_numbers_and_waybills_within_reach(case, cast):
    upkeep.add_note(actor=cast.agent, case_id=case.pk, text="已联系派件员老张", now=NOW)
    search.index("case", queries.search_documents([case.pk]))

    def found(actor, text, view="all"):
        return [row.pk for row in queries.page(actor, CaseFilter(view=view, text=text), now=NOW).rows]

    for text in ("更新", "派件员", "老张", WAYBILL, WAYBILL[-6:], case.number, case.number.lower(), "客户反映", "更新 老张"):
        assert found(cast.agent, text) == [case.pk], text
        assert found(cast.outsider, text) == [], text
    assert found(cast.agent, "飞机") == []
    assert found(cast.agent, "' OR 1=1 --") == []
    assert found(cast.agent, "更新", view="closed") == []


def test_pages_cost_the_same_at_two_sizes(cast, ground, django_assert_num_queries):
    def grow(count):
        for number in range(count):
            actions.open_case(actor=cast.agent, request=CaseRequest(ground.station.pk, "delay", "call", f"第{number}件"), now=NOW)

    grow(3)
    first = Case.objects.order_by("pk").first()
    with django_assert_num_queries(1):
        queries.page(cast.agent, CaseFilter(), now=NOW)
    with django_assert_num_queries(1):
        queries.counts(cast.agent, now=NOW)
    queries.detail(cast.agent, first.pk, now=NOW)
    with django_assert_num_queries(4):
        queries.detail(cast.agent, first.pk, now=NOW)
    grow(9)
    for number in range(6):
        upkeep.add_note(actor=cast.agent, case_id=first.pk, text=f"备注{number}", now=NOW)
    with django_assert_num_queries(1):
        assert len(queries.page(cast.agent, CaseFilter(), now=NOW).rows) == 12
    with django_assert_num_queries(4):
        queries.detail(cast.agent, first.pk, now=NOW)


def test_views_and_filters(case, cast, ground):
    def rows(actor=cast.agent, **wanted):
        return [row.pk for row in queries.page(actor, CaseFilter(**wanted), now=NOW).rows]

    assert rows(view="open") == rows(view="unassigned") == rows(view="all") == [case.pk]
    assert rows(view="mine") == rows(view="closed") == rows(view="breached") == []
    upkeep.assign(actor=cast.lead, case_id=case.pk, staff_id=cast.agent.id, now=NOW)
    assert rows(view="mine") == [case.pk]
    assert rows(cast.second_agent, view="mine") == []
    assert rows(kind="delay", level="normal", waybill=WAYBILL.lower()) == [case.pk]
    assert rows(kind="loss") == rows(since=NOW + timedelta(seconds=1)) == []
    late = queries.page(cast.agent, CaseFilter(view="breached"), now=NOW + timedelta(hours=3)).rows
    assert [row.pk for row in late] == [case.pk]
    assert rows(cast.manager, site_id=ground.station.pk) == [case.pk]
    assert rows(cast.manager, site_id=ground.other_station.pk) == []


def test_search_through_a_filter_passes_nothing_over(cast, ground):
    kinds = ("delay", "damage")
    for number in range(12):
        request = CaseRequest(ground.station.pk, kinds[number % 2], "call", f"第{number}件外包装破损")
        actions.open_case(actor=cast.agent, request=request, now=NOW)
    search.index("case", queries.search_documents(list(Case.objects.order_by("pk").values_list("pk", flat=True))))
    wanted = CaseFilter(view="all", text="破损", kind="damage")
    seen, cursor = [], None
    while True:
        page = queries.page(cast.agent, wanted, now=NOW, cursor=cursor, size=4)
        seen.extend(row.pk for row in page.rows)
        assert len(page.rows) <= 4
        cursor = page.next
        if cursor is None:
            break
    assert seen == list(Case.objects.filter(kind="damage").order_by("-pk").values_list("pk", flat=True))


def test_the_nearest_clock_of_a_list_comes_in_one_query(case, cast, request_, django_assert_num_queries):
    from kefu.clocks import queries as clock_queries

    clock_queries.nearest_clocks("case", [case.pk])  # reads the handbook
    with django_assert_num_queries(1):
        found = clock_queries.nearest_clocks("case", [case.pk, case.pk + 1])
    assert set(found) == {case.pk}
    nearest = found[case.pk]
    assert (nearest.key, nearest.due_at) == ("call_back", case.next_due_at)
    assert nearest.warn_at == NOW + timedelta(hours=1, minutes=30)
    assert nearest.clause.title
    _step(cast.agent, case, "receive", **RECEIVE)
    Clock.objects.filter(subject_id=case.pk).update(state="stopped")
    assert clock_queries.nearest_clocks("case", [case.pk]) == {}


TIERS = [
    ("other_station", "", "normal"),
    ("other_station", "vip", "vip"),
    ("station", "vip", "vip"),
    ("station", "", "ordinary"),
    ("shop", "", "normal"),
]


@pytest.mark.parametrize(("desk", "marked", "tier"), TIERS)
def test_a_case_has_a_tier_of_its_own_handbook(ground, desk, marked, tier):
    site, admin = getattr(ground, desk), Actor.system("tests")
    kind = next(iter(books.book_at(site.handbook, NOW).kinds))
    request = CaseRequest(
        site_id=site.pk, kind=kind, channel="call", description="查件", customer_name="王女士", customer_phone="13812345678"
    )
    if marked:
        customer = customers.find_or_create(actor=admin, site_id=site.pk, name="王女士", phone="13812345678", now=NOW)
        customers.set_tier(actor=admin, customer_id=customer.pk, tier=marked, reason="长期合作", now=NOW)
    assert actions.open_case(actor=admin, request=request, now=NOW).tier == tier
