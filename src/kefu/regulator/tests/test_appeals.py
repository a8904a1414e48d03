"""An appeal from the authority to its end: limits as clocks, approval by another person, verdict, rate, keeping, disclosure (R25–R31)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from kefu.cases import actions as cases
from kefu.cases.actions import CaseRequest
from kefu.cases.models import Case, Entry, Link
from kefu.clocks.models import Clock
from kefu.conftest import NOW
from kefu.kernel.errors import Invalid, NotFound, Stale
from kefu.kernel.models import AuditEntry
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ParcelDraft
from kefu.people.errors import MissingPermission
from kefu.regulator import actions, figures, imports, queries, rules
from kefu.regulator.drafts import Upload
from kefu.regulator.errors import AnswerWaits, KeptUntil, NoAnswer, SamePerson, StillOpen, WrongState
from kefu.regulator.models import Answer, Appeal
from kefu.regulator.queries import Wanted
from kefu.regulator.tests.conftest import WAYBILL, taken_to

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
DAY = timedelta(days=1)


def clocks(row):
    return {one.key: one for one in Clock.objects.filter(subject_kind="case", subject_id=row.case_id)}


def whats(case_id):
    return [one.data["what"] for one in Entry.objects.filter(case_id=case_id, kind="matter").order_by("pk")]


def test_the_limits_of_the_law_run_from_when_it_was_received(appeals):
    row = appeals.file()
    found = clocks(row)
    assert found["regulator_answer"].due_at == row.received_at + 15 * DAY
    assert found["regulator_answer"].clause.endswith("#clocks.regulator_answer")
    # Saturday: two working days end on Tuesday evening.
    assert found["regulator_accept"].due_at == datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    case = Case.objects.get(pk=row.case_id)
    assert (case.kind, case.channel, case.waybill) == ("regulator", "regulator", WAYBILL)
    assert "王" not in case.title + case.description


def test_from_filing_to_the_verdict(appeals):
    row = taken_to(appeals, "closed")
    assert (row.state, row.verdict) == ("closed", "valid")
    assert whats(row.case_id) == [f"appeal.{one}" for one in ("filed", "accepted", "written", "answered", "opinion", "fed_back", "closed")]
    found = clocks(row)
    assert {key: found[key].state for key in queries.CLOCKS} == dict.fromkeys(queries.CLOCKS, "met")
    assert found["regulator_centre"].due_at == NOW + 30 * DAY
    # Sunday: three working days end on Wednesday evening.
    assert found["mediation_feedback"].due_at == datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


def test_the_complaint_is_tied_and_raised(appeals):
    request = CaseRequest(appeals.ground.station.pk, "delay", "call", "慢", waybill=WAYBILL)
    complaint = cases.open_case(actor=appeals.cast.agent, request=request, now=NOW - DAY)
    row = appeals.file()
    complaint.refresh_from_db()
    assert (row.complaint_id, complaint.level) == (complaint.pk, "regulator")
    assert Link.objects.filter(case_id=row.case_id, target_kind="case", target_id=complaint.pk).exists()
    assert "appeal.filed" in whats(complaint.pk)


def test_nothing_personal_stands_in_the_case(appeals):
    row = taken_to(appeals, "closed")
    entries = Entry.objects.filter(case_id=row.case_id)
    told = " ".join(f"{one.text} {one.data}" for one in entries)
    assert not [word for word in ("王女士", "13800138000", "已查明", "建议退还") if word in told]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"number": " "}, "no_number"), ({"waybill": "x"}, "bad_waybill"), ({"kind": "rain"}, "unknown_kind"),
        ({"appellant": ""}, "no_appellant"), ({"statement": " "}, "no_statement"), ({"party": "king"}, "unknown_party"),
        ({"received_at": NOW + DAY}, "future"),
    ],
)  # fmt: skip
def test_what_cannot_be_filed(appeals, changes, code):
    with pytest.raises(Invalid) as refused:
        appeals.file(**changes)
    assert refused.value.reason == code
    assert not Appeal.objects.exists()
    assert not Case.objects.exists()


def test_a_number_is_filed_once_and_a_shop_has_no_appeals(appeals):
    appeals.file()
    with pytest.raises(Invalid) as refused:
        appeals.file()
    assert refused.value.reason == "known_number"
    draft = replace(appeals.draft, number="N2", site_id=appeals.ground.shop.pk)
    with pytest.raises(Invalid) as refused:
        actions.file_appeal(actor=appeals.cast.admin, draft=draft, now=NOW)
    assert refused.value.reason == "no_kinds"


def test_an_answer_goes_out_only_when_another_approved_it(appeals):
    row, cast = taken_to(appeals, "accepted"), appeals.cast
    with pytest.raises(NoAnswer):
        actions.approve_answer(actor=cast.manager, appeal_id=row.pk, now=NOW)
    actions.write_answer(actor=cast.manager, appeal_id=row.pk, text="第一稿", now=NOW, uploads=[Upload("底单.txt", b"proof")])
    with pytest.raises(AnswerWaits):
        actions.write_answer(actor=cast.lead, appeal_id=row.pk, text="第二稿", now=NOW)
    with pytest.raises(SamePerson):
        actions.approve_answer(actor=cast.manager, appeal_id=row.pk, now=NOW)
    with pytest.raises(MissingPermission):
        actions.approve_answer(actor=cast.lead, appeal_id=row.pk, now=NOW)
    with pytest.raises(Stale):
        actions.approve_answer(actor=cast.admin, appeal_id=row.pk, now=NOW, expected_version=0)
    actions.return_answer(actor=cast.admin, appeal_id=row.pk, note="请写明赔偿金额", now=NOW)
    actions.write_answer(actor=cast.lead, appeal_id=row.pk, text="第二稿", now=NOW)
    actions.approve_answer(actor=cast.manager, appeal_id=row.pk, now=NOW)
    assert list(Answer.objects.order_by("number").values_list("number", "state")) == [(1, "returned"), (2, "approved")]
    page = queries.open_file(cast.manager, row.pk, now=NOW)
    file = next(one for answer in page.answers for one in answer.files)
    assert actions.read_file(actor=cast.lead, appeal_id=row.pk, file_id=file.id, now=NOW).content == b"proof"
    assert AuditEntry.objects.filter(action="appeal.file_read").count() == 1


@pytest.mark.parametrize("state", ["received", "accepted", "closed"])
def test_steps_out_of_order_change_nothing(appeals, state):
    row, lead = taken_to(appeals, state), appeals.cast.lead
    with pytest.raises(WrongState):
        actions.note_opinion(actor=lead, appeal_id=row.pk, text="意见", now=NOW)
    with pytest.raises(WrongState):
        actions.feed_back(actor=lead, appeal_id=row.pk, text="反馈", now=NOW)
    with pytest.raises(WrongState):
        actions.close(actor=lead, appeal_id=row.pk, verdict="valid", text="结论", now=NOW)
    version = row.version
    row.refresh_from_db()
    assert row.version == version


def test_a_mediation_is_answered_before_it_is_closed(appeals):
    row, lead = taken_to(appeals, "mediation"), appeals.cast.lead
    with pytest.raises(Invalid) as refused:
        actions.close(actor=lead, appeal_id=row.pk, verdict="invalid", text="无责", now=NOW)
    assert refused.value.reason == "not_fed_back"
    with pytest.raises(Invalid):
        actions.close(actor=lead, appeal_id=row.pk, verdict="maybe", text="无责", now=NOW)
    actions.close(actor=lead, appeal_id=row.pk, verdict="withdrawn", text="申诉人撤回", now=NOW)
    assert clocks(row)["mediation_feedback"].state == "met"


def test_only_permitted_people_see_it_and_every_opening_is_recorded(appeals):
    row = appeals.file()
    for actor in (appeals.cast.agent, appeals.cast.outsider, appeals.cast.inspector, appeals.cast.clerk, appeals.cast.customer):
        assert not queries.rows(actor, Wanted()).exists()
        with pytest.raises(NotFound):
            queries.open_file(actor, row.pk, now=NOW)
        with pytest.raises(MissingPermission):
            queries.page(actor, Wanted())
        with pytest.raises(MissingPermission):
            actions.write_answer(actor=actor, appeal_id=row.pk, text="答复", now=NOW)
    assert not AuditEntry.objects.filter(action="appeal.opened").exists()
    page = queries.open_file(appeals.cast.lead, row.pk, now=NOW)
    assert "王女士" not in page.appellant
    assert "13800138000" not in page.phone
    assert queries.open_file(appeals.cast.lead, row.pk, now=NOW, clear=True).phone == "13800138000"
    assert list(AuditEntry.objects.filter(subject_kind="appeal").order_by("pk").values_list("action", flat=True)) == [
        "appeal.filed", "appeal.opened", "appeal.unmasked",
    ]  # fmt: skip


def test_the_file_is_kept_three_years(appeals):
    row, manager = taken_to(appeals, "answered"), appeals.cast.manager
    with pytest.raises(StillOpen):
        actions.dispose(actor=manager, appeal_id=row.pk, now=NOW + 4000 * DAY)
    actions.close(actor=appeals.cast.lead, appeal_id=row.pk, verdict="invalid", text="企业无责", now=NOW)
    with pytest.raises(MissingPermission):
        actions.dispose(actor=appeals.cast.lead, appeal_id=row.pk, now=NOW + 1095 * DAY)
    with pytest.raises(KeptUntil):
        actions.dispose(actor=manager, appeal_id=row.pk, now=NOW + 1095 * DAY - timedelta(seconds=1))
    assert Appeal.objects.exists()
    actions.dispose(actor=manager, appeal_id=row.pk, now=NOW + 1095 * DAY)
    assert not Appeal.objects.exists()
    assert not Answer.objects.exists()
    assert AuditEntry.objects.get(action="appeal.disposed").data["number"] == "SS20261121001"


@pytest.mark.parametrize(
    ("complained", "refused", "posted", "party", "before", "expected"),
    [
        (8, False, 20, True, False, True), (6, False, 20, True, False, False), (6, True, 20, True, False, True),
        (None, False, 20, True, False, None), (8, False, 366, True, False, False), (8, False, None, True, False, None),
        (8, False, 20, False, False, False), (8, False, 20, True, True, False), (7, False, 365, True, False, True),
    ],
)  # fmt: skip
def test_who_may_appeal_and_when(complained, refused, posted, party, before, expected):
    asked = rules.Asked(
        None if complained is None else NOW - complained * DAY,
        None if posted is None else (NOW - posted * DAY).date(),
        refused,
        party,
        before,
    )
    found = rules.checks(asked, complaint_for=7 * DAY, within=366 * DAY, now=NOW, zone=UTC)
    assert rules.may_appeal(found) is expected


def test_what_a_complaint_may_come_to(appeals):
    request = CaseRequest(appeals.ground.station.pk, "delay", "call", "慢", waybill=WAYBILL)
    case = cases.open_case(actor=appeals.cast.agent, request=request, now=NOW)
    assert queries.threat(appeals.cast.agent, case.pk, now=NOW).may is False
    found = queries.threat(appeals.cast.agent, case.pk, now=NOW + 7 * DAY)
    assert found.may is True
    assert found.clause.endswith("#texts.appeal_rules")


def test_the_rate_per_million_opens_to_its_appeals(appeals):
    parcels.register_parcel(actor=appeals.cast.system, draft=ParcelDraft(WAYBILL, appeals.ground.station.pk), now=NOW)
    parcels.register_parcel(actor=appeals.cast.system, draft=ParcelDraft("50004090806945", appeals.ground.station.pk), now=NOW)
    taken_to(appeals, "closed")
    appeals.file(number="SS2", waybill="50004090806945")
    line = next(one for one in figures.rates(appeals.cast.manager, date(2026, 11, 1)) if one.site_id == appeals.ground.station.pk)
    assert (line.appeals, line.valid, line.parcels) == (2, 1, 2)
    assert (line.rate, line.valid_rate) == (1_000_000, 500_000)
    opened = queries.rows(appeals.cast.manager, Wanted(site_id=line.site_id, day_from=date(2026, 11, 1), day_to=date(2026, 11, 30)))
    assert opened.count() == line.appeals
    with pytest.raises(MissingPermission):
        figures.rates(appeals.cast.agent, date(2026, 11, 1))


TABLE = """申诉编号,快递单号,申诉类型,申诉人,申诉内容,转办时间,联系电话,网点
SS1,50004090806944,延误,王女士,太慢,2026-11-21 09:00,13800138000,NS01
SS2,50004090806945,丢失短少,李先生,丢了,2026-11-21 09:00,,南市分部
SS3,50004090806946,下雨,李先生,丢了,2026-11-21 09:00,,NS01
SS4,50004090806947,延误,李先生,丢了,哪天,,NS01
SS5,50004090806948,延误,李先生,丢了,2026-11-21 09:00,,没有这个网点
"""


def test_the_authority_s_table_is_taken_in_once(appeals, tmp_path):
    from kefu.kernel.imports import Fault

    path = tmp_path / "申诉.csv"
    path.write_text(TABLE, encoding="utf-8")
    source = imports.open_appeals(actor=appeals.cast.lead, path=path, now=NOW)
    items = list(source.records())
    faults = [one.reason for one in items if isinstance(one, Fault)]
    good = [one for one in items if not isinstance(one, Fault)]
    assert faults == ["bad_time"]
    assert [source.check(one.value) for one in good] == [None, None, "unknown_kind", None]
    batch = [one.value for one in good]
    done = source.store(batch, 1)
    assert (done.stored, done.present, list(done.refused)) == (2, 0, [(2, "unknown_kind"), (3, "no_site")])
    again = source.store(batch, 2)
    assert (again.stored, again.present) == (0, 2)
    with pytest.raises(MissingPermission):
        imports.open_appeals(actor=appeals.cast.agent, path=path, now=NOW)


def test_pages_ask_a_fixed_number_of_questions(appeals, django_assert_max_num_queries):
    appeals.file()
    with django_assert_max_num_queries(5):
        assert len(queries.page(appeals.cast.lead, Wanted()).rows) == 1
    for number in range(6):
        appeals.file(number=f"X{number}", waybill=f"5000409080700{number}")
    with django_assert_max_num_queries(5):
        assert len(queries.page(appeals.cast.lead, Wanted()).rows) == 7
