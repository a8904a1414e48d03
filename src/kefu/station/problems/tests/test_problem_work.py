"""Reporting, answering, ending: problems between two sites, under the permissions of both (OPS8, O15)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.conftest import NOW
from kefu.kernel.errors import Invalid, NotFound, Stale
from kefu.kernel.models import AuditEntry, OutboxEvent
from kefu.parcels import actions as parcels
from kefu.parcels.bars import standing_against
from kefu.parcels.drafts import ParcelDraft, ScanDraft
from kefu.parcels.models import Parcel, Scan
from kefu.people.errors import MissingPermission
from kefu.reactions.run import run_all
from kefu.station.problems import actions, imports, queries
from kefu.station.problems.drafts import ProblemDraft, Upload
from kefu.station.problems.errors import REASONS, Ended, NotTheirs
from kefu.station.problems.models import Line, Picture, Problem
from kefu.station.problems.pictures import picture
from kefu.station.problems.queries import Wanted

WAYBILL = "50004090806944"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


@pytest.fixture
def parcel(ground, cast):
    """On its way from 城北网点 to 南市分部, arrived there."""
    draft = ParcelDraft(WAYBILL, ground.station.pk, origin_site_id=ground.other_station.pk)
    parcels.register_parcel(actor=cast.system, draft=draft, now=NOW - timedelta(days=3))
    steps = [("collect", ground.other_station, 60), ("send", ground.hub, 40), ("arrive", ground.station, 20)]
    scans = [ScanDraft(WAYBILL, code, site.pk, NOW - timedelta(hours=hours)) for code, site, hours in steps]
    parcels.record_scans(actor=cast.system, batch=scans, now=NOW)
    return Parcel.objects.get(waybill=WAYBILL)


def draft(**more):
    return replace(ProblemDraft(WAYBILL, "PR211", description="电话 13812345678 联系不上"), **more)


@pytest.fixture
def problem(parcel, cast):
    return actions.report(actor=cast.agent, draft=draft(), now=NOW)


def count():
    return Problem.objects.count(), Line.objects.count(), AuditEntry.objects.count(), OutboxEvent.objects.count(), Scan.objects.count()


def test_a_report_goes_to_the_first_node_with_its_scan(problem, ground, cast, parcel):
    assert (problem.reporter_site_id, problem.receiver_site_id) == (ground.station.pk, ground.other_station.pk)
    assert (problem.kind, problem.group, problem.state, problem.receiver_unread) == ("pr211", "delivery", "open", 1)
    assert problem.clause.startswith("best@")
    assert problem.clause.endswith("#texts.problem_pr211")
    assert problem.alarm_at == NOW + timedelta(days=8)
    assert problem.answer_due_at == NOW + timedelta(hours=4)
    scan = Scan.objects.get(code="problem")
    assert (scan.reason, scan.site_id) == ("PR211", ground.station.pk)
    assert scan.operator
    parcel.standing.refresh_from_db()
    assert parcel.standing.state == "problem"
    told = OutboxEvent.objects.filter(type="problem.changed").order_by("pk")
    assert [(one.site_id, one.payload["news"]) for one in told] == [(ground.station.pk, False), (ground.other_station.pk, True)]


def test_personal_data_is_encrypted_and_masked(parcel, cast):
    row = actions.report(actor=cast.agent, draft=draft(phones=("13812345678",), account="6222021234567890123"), now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT description, phones, account FROM problems_problem WHERE id = %s", [row.pk])
        assert not any("13812345678" in cell or "6222021" in cell for cell in cursor.fetchone())
    [listed] = queries.page(cast.agent, Wanted(), now=NOW).rows
    assert "13812345678" not in listed.description
    thread = queries.thread(cast.agent, row.pk, now=NOW)
    assert thread.phones == ["138******78"]
    assert thread.account == "6222******0123"
    assert queries.thread(cast.agent, row.pk, now=NOW, clear=True).phones == ["13812345678"]
    with pytest.raises(MissingPermission):
        queries.thread(cast.clerk, row.pk, now=NOW, clear=True)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"waybill": "没有"}, "bad_waybill"),
        ({"kind": "PR999"}, "unknown_kind"),
        ({"site_id": 10**6}, "no_site"),
        ({"description": ""}, "no_description"),
        ({"description": "字" * 401}, "long_description"),
        ({"phones": tuple(f"1380000111{last}" for last in range(5))}, "many_phones"),
        ({"phones": ("110",)}, "bad_phone"),
        ({"images": (Upload("a.exe", b"MZ"),)}, "not_image"),
        ({"images": (Upload("a.png", PNG),) * 9}, "many_images"),
        ({"waybill": "99990000111122"}, "no_receiver"),
        ({"receiver_site_id": 10**6}, "closed_receiver"),
        ({"account": "1" * 99}, "long_field"),
    ],
)
def test_what_cannot_be_reported(more, reason, parcel, cast):
    before = count()
    with pytest.raises(Invalid) as refused:
        actions.report(actor=cast.agent, draft=draft(**more), now=NOW)
    assert refused.value.reason == reason
    assert str(REASONS[reason]) in [str(text) for text in refused.value.fields.values()]
    assert count() == before


def test_own_and_closed_receivers_and_foreign_sites(parcel, ground, cast):
    own = actions.report_many(actor=cast.agent, drafts=[draft(receiver_site_id=ground.station.pk)], now=NOW)
    elsewhere = actions.report_many(actor=cast.agent, drafts=[draft(site_id=ground.other_station.pk)], now=NOW)
    type(ground.other_station).objects.filter(pk=ground.other_station.pk).update(is_active=False)
    closed = actions.report_many(actor=cast.agent, drafts=[draft()], now=NOW)
    shop = actions.report_many(actor=cast.manager, drafts=[draft(site_id=ground.hub.pk)], now=NOW)
    assert [one.refused.get(0) for one in (own, elsewhere, closed)] == ["own_receiver", "no_site", "closed_receiver"]
    assert shop.refused.get(0) == "closed_receiver"


def test_a_site_without_types_in_its_handbook(parcel, ground, cast):
    done = actions.report_many(actor=cast.admin, drafts=[draft(site_id=ground.shop.pk)], now=NOW)
    assert done.refused == {0: "no_kinds"}


def test_what_was_signed_takes_damage_only(parcel, ground, cast):
    parcels.record_scans(actor=cast.system, batch=[ScanDraft(WAYBILL, "sign", ground.station.pk, NOW)], now=NOW)
    done = actions.report_many(actor=cast.agent, drafts=[draft(), draft(kind="PR30")], now=NOW)
    assert done.refused == {0: "already_signed"}
    assert list(done.stored) == [1]
    assert not Scan.objects.filter(code="problem").exists()


def test_one_open_problem_of_a_type_at_a_site(problem, cast):
    done = actions.report_many(actor=cast.agent, drafts=[draft(), draft(kind="PR20"), draft(kind="PR20")], now=NOW)
    assert done.refused == {0: "open_already", 2: "open_already"}
    assert list(done.stored) == [1]


def test_the_same_external_id_is_the_same_problem(parcel, cast, ground):
    first = actions.report_many(actor=cast.system, drafts=[draft(site_id=ground.station.pk, external_id="m-1")], now=NOW)
    again = actions.report_many(actor=cast.system, drafts=[draft(site_id=ground.station.pk, external_id="m-1")], now=NOW)
    assert again.present == first.stored
    assert not again.stored
    assert Problem.objects.count() == 1


def test_a_batch_costs_no_more_statements_than_one(ground, cast):
    def cost(start, size):
        numbers = [str(start + one) for one in range(size)]
        drafts = [ProblemDraft(one, "PR20", receiver_site_id=ground.other_station.pk, description="超区") for one in numbers]
        with CaptureQueriesContext(connection) as seen:
            assert len(actions.report_many(actor=cast.agent, drafts=drafts, now=NOW).stored) == size
        return len(seen)

    cost(40000000000000, 2)
    # Lists of keys are made as long as the next of a few lengths: one statement more at most.
    assert cost(50000000000000, 10) + 1 >= cost(60000000000000, 60)


def test_answers_go_back_and_forth(problem, cast, ground):
    line = actions.reply(actor=cast.outsider, problem_id=problem.pk, text="请再打一次", now=NOW, expected_version=problem.version)
    problem.refresh_from_db()
    assert (line.site_id, problem.state, problem.reporter_unread) == (ground.other_station.pk, "working", 1)
    assert problem.answer_due_at is None
    actions.reply(actor=cast.agent, problem_id=problem.pk, text="已联系", now=NOW, images=[Upload("a.png", PNG)])
    thread = queries.thread(cast.agent, problem.pk, now=NOW)
    assert [(one.own, one.text) for one in thread.lines] == [(False, "请再打一次"), (True, "已联系")]
    shown = picture(actor=cast.outsider, problem_id=problem.pk, picture_id=thread.lines[1].pictures[0].id, now=NOW)
    assert (shown.content, shown.content_type) == (PNG, "image/png")


def test_two_sites_answering_at_once(problem, cast):
    actions.reply(actor=cast.outsider, problem_id=problem.pk, text="一", now=NOW, expected_version=problem.version)
    before = count()
    with pytest.raises(Stale):
        actions.reply(actor=cast.agent, problem_id=problem.pk, text="二", now=NOW, expected_version=problem.version)
    with pytest.raises(Stale):
        actions.close(actor=cast.agent, problem_id=problem.pk, result="found", text="", now=NOW, expected_version=problem.version)
    assert count() == before


def test_read_marks_are_of_the_own_site(problem, cast):
    actions.mark_read(actor=cast.manager, problem_id=problem.pk, now=NOW)
    actions.mark_read(actor=cast.agent, problem_id=problem.pk, now=NOW)
    problem.refresh_from_db()
    assert problem.receiver_unread == 1
    assert queries.count(cast.outsider, Wanted(unread=True), now=NOW).value == 1
    actions.mark_read(actor=cast.outsider, problem_id=problem.pk, now=NOW)
    problem.refresh_from_db()
    assert (problem.receiver_unread, problem.receiver_read_at) == (0, NOW)
    assert queries.count(cast.outsider, Wanted(unread=True), now=NOW).value == 0


@pytest.mark.parametrize(
    ("result", "text", "code"),
    [("", "", "no_result"), ("signed", "", "no_result"), ("other", " ", "no_text"), ("intercepted", "", "not_intercept")],
)
def test_ending_needs_a_result(result, text, code, problem, cast):
    before = count()
    with pytest.raises(Invalid) as refused:
        actions.close(actor=cast.agent, problem_id=problem.pk, result=result, text=text, now=NOW)
    assert refused.value.reason == code
    assert count() == before


def test_what_has_ended_is_left_alone(problem, cast):
    actions.close(actor=cast.outsider, problem_id=problem.pk, result="corrected", text="地址已更正", now=NOW)
    problem.refresh_from_db()
    assert (problem.state, problem.result, problem.closed_at) == ("done", "corrected", NOW)
    for write in (
        lambda: actions.reply(actor=cast.agent, problem_id=problem.pk, text="还有", now=NOW),
        lambda: actions.cancel(actor=cast.agent, problem_id=problem.pk, reason="错", now=NOW),
    ):
        with pytest.raises(Ended):
            write()


def test_only_who_reported_takes_it_back(problem, cast):
    with pytest.raises(NotTheirs):
        actions.cancel(actor=cast.outsider, problem_id=problem.pk, reason="不是我们的", now=NOW)
    with pytest.raises(Invalid):
        actions.cancel(actor=cast.agent, problem_id=problem.pk, reason=" ", now=NOW)
    assert actions.cancel(actor=cast.agent, problem_id=problem.pk, reason="录错", now=NOW).state == "cancelled"


def test_passing_on_changes_who_sees_it(problem, ground, cast):
    with pytest.raises(Invalid):
        actions.pass_on(actor=cast.agent, problem_id=problem.pk, receiver_site_id=ground.station.pk, reason="错", now=NOW)
    actions.pass_on(actor=cast.outsider, problem_id=problem.pk, receiver_site_id=ground.hub.pk, reason="在分拨", now=NOW)
    problem.refresh_from_db()
    assert (problem.receiver_site_id, problem.state, problem.receiver_unread) == (ground.hub.pk, "open", 1)
    with pytest.raises(NotFound):
        queries.thread(cast.outsider, problem.pk, now=NOW)


def test_reach(problem, ground, cast, hire):
    from kefu.people import access

    stranger = access.actor_for(hire("agent", ground.shop))
    for call in (
        lambda: queries.thread(stranger, problem.pk, now=NOW),
        lambda: actions.reply(actor=stranger, problem_id=problem.pk, text="看看", now=NOW),
        lambda: actions.mark_read(actor=stranger, problem_id=problem.pk, now=NOW),
    ):
        with pytest.raises(NotFound):
            call()
    assert not queries.page(stranger, Wanted(), now=NOW).rows
    assert [one.mine for one in queries.page(cast.outsider, Wanted(), now=NOW).rows] == ["in"]
    assert [one.mine for one in queries.page(cast.clerk, Wanted(), now=NOW).rows] == ["out"]
    with pytest.raises(MissingPermission):
        actions.report(actor=cast.inspector, draft=draft(), now=NOW)
    with pytest.raises(MissingPermission):
        actions.reply(actor=cast.inspector, problem_id=problem.pk, text="看看", now=NOW)


def test_a_waybill_out_of_sight_tells_nothing(parcel, ground, cast, hire):
    from kefu.people import access

    stranger = access.actor_for(hire("lead", ground.other_station))
    assert queries.receiver_for(cast.agent, WAYBILL, ground.station.pk) == ground.other_station.pk
    far = access.actor_for(hire("agent", ground.hub))
    assert queries.receiver_for(stranger, WAYBILL, ground.other_station.pk) == ground.station.pk
    assert queries.receiver_for(far, "99990000111122", ground.hub.pk) is None


def test_a_signature_ends_open_problems_with_a_note(problem, parcel, ground, cast):
    damage = actions.report(actor=cast.agent, draft=draft(kind="PR10"), now=NOW)
    parcels.record_scans(actor=cast.system, batch=[ScanDraft(WAYBILL, "sign", ground.station.pk, NOW + timedelta(minutes=1))], now=NOW)
    run_all(now=NOW)
    problem.refresh_from_db()
    damage.refresh_from_db()
    assert (problem.state, problem.result) == ("done", "signed")
    assert Line.objects.get(problem=problem).told == "signed"
    assert damage.state == "open"
    run_all(now=NOW)
    assert Line.objects.filter(problem=problem).count() == 1


def test_a_scan_that_ought_not_to_follow_is_noted_once(parcel, ground, cast):
    row = actions.report(actor=cast.agent, draft=draft(kind="PR20"), now=NOW)
    for minute in (1, 2):
        scan = ScanDraft(WAYBILL, "deliver", ground.station.pk, NOW + timedelta(minutes=minute))
        parcels.record_scans(actor=cast.system, batch=[scan], now=NOW)
        run_all(now=NOW)
    [line] = Line.objects.filter(problem=row)
    assert (line.told, line.data) == ("barred", {"scan": "deliver"})


def test_who_judges_a_scan_hears_of_open_problems(parcel, cast):
    row = actions.report(actor=cast.agent, draft=draft(kind="PR20"), now=NOW)
    [bar] = standing_against([WAYBILL, "75123456789099"])[WAYBILL]
    assert (bar.title, bar.title_en, bar.clause) == ("超区", "Out of area", row.clause)
    assert {"transfer", "problem"} <= bar.allowed
    assert "deliver" not in bar.allowed
    actions.close(actor=cast.agent, problem_id=row.pk, result="corrected", text="", now=NOW)
    assert standing_against([WAYBILL]) == {}


def test_ageing_is_found_by_its_alarm(problem, cast):
    early, late = NOW + timedelta(days=7), NOW + timedelta(days=8)
    assert not queries.page(cast.agent, Wanted(alarm="return"), now=early).rows
    [row] = queries.page(cast.agent, Wanted(alarm="return"), now=late).rows
    assert (row.alarm, row.answer_late) == ("return", True)
    counts = queries.counts(cast.outsider, now=late)
    assert [one.value for one in (counts.to_answer, counts.unread, counts.late, counts.open)] == [1, 1, 1, 1]


def test_intercepts(parcel, ground, cast):
    asked = draft(kind="kf20", way="2", description="买家退款，请拦截")
    row = actions.report(actor=cast.outsider, draft=asked, now=NOW)
    assert (row.receiver_site_id, row.way) == (ground.station.pk, "2")
    assert not Scan.objects.filter(code="problem").exists()
    again = actions.report_many(actor=cast.outsider, drafts=[asked], now=NOW)
    assert again.refused == {0: "E23121"}
    actions.close(actor=cast.agent, problem_id=row.pk, result="intercepted", text="", now=NOW)
    scan = Scan.objects.get(code="intercept")
    assert (scan.site_id, scan.reason) == (ground.station.pk, "W2")
    for way, code in (("9", "E23108"), ("1", "E23121")):
        refused = actions.report_many(actor=cast.outsider, drafts=[replace(asked, way=way)], now=NOW)
        assert refused.refused == {0: code}


def test_pictures_are_kept_once_and_only_for_the_two(problem, cast, ground, hire):
    from kefu.people import access

    actions.reply(actor=cast.agent, problem_id=problem.pk, text="", now=NOW, images=[Upload("../../a.png", PNG), Upload("b.png", PNG)])
    [kept] = Picture.objects.all()
    assert kept.name == "a.png"
    stranger = access.actor_for(hire("agent", ground.shop))
    with pytest.raises(NotFound):
        picture(actor=stranger, problem_id=problem.pk, picture_id=kept.pk, now=NOW)
    picture(actor=cast.agent, problem_id=problem.pk, picture_id=kept.pk, now=NOW)
    assert AuditEntry.objects.filter(action="problem.picture_read").count() == 1


def test_lists_cost_the_same_at_any_length(ground, cast):
    def cost(start, size):
        drafts = [
            ProblemDraft(str(start + one), "PR20", receiver_site_id=ground.other_station.pk, description="超区") for one in range(size)
        ]
        actions.report_many(actor=cast.agent, drafts=drafts, now=NOW)
        with CaptureQueriesContext(connection) as seen:
            queries.page(cast.agent, Wanted(late=True), now=NOW + timedelta(days=2))
            queries.counts(cast.agent, now=NOW)
        return len(seen)

    assert cost(50000000000000, 3) >= cost(60000000000000, 30)


def test_a_table_of_problems(tmp_path, parcel, ground, cast):
    path = tmp_path / "problems.csv"
    rows = [
        "运单号,问题小类,描述,接收网点,电话",
        f"{WAYBILL},PR211,联系不上,,13800001111",
        "7.51235E+13,PR20,超区,城北网点,",
        "50004090806945,超区,不在派送范围,CB01,",
        "50004090806946,没有,描述,CB01,",
        "50004090806947,PR20,描述,没有的网点,",
    ]
    path.write_bytes("\r\n".join(rows).encode("gbk"))
    from kefu.intake.catalogue import Given, named
    from kefu.kernel.imports import preview, run

    def source():
        return named("problems").open(Given(cast.clerk, path, NOW, None))

    assert [one.reason for one in preview(source()).problems] == ["digits_lost"]
    done = run(actor=cast.clerk, source=source(), now=NOW)
    assert (done.stored, done.present, done.refused) == (2, 0, 3)
    again = run(actor=cast.clerk, source=source(), now=NOW)
    assert (again.stored, again.present, again.refused) == (0, 2, 3)
    assert imports.COLUMNS[0].field == "waybill"
