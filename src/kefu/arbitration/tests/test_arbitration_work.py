"""A filing from the site to the money: story, refusals at every step, silence, appeal, closed sites, access, query counts (CASE7)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.arbitration import actions, queries, statements
from kefu.arbitration.drafts import Upload
from kefu.arbitration.errors import (
    AppealedBefore,
    AppealOver,
    MonthLocked,
    MonthNotOver,
    NotAccused,
    NotApplicant,
    Party,
    SamePerson,
    WrongState,
)
from kefu.arbitration.models import Accused, Appeal, Evidence, Filing, Lock, Move, Verdict
from kefu.arbitration.queries import Wanted
from kefu.arbitration.statements import MoveWanted
from kefu.arbitration.tests.conftest import WAYBILL, filed, lost, ruling, taken_to
from kefu.cases import facts
from kefu.cases.actions import book_of
from kefu.cases.models import Entry
from kefu.conftest import NOW
from kefu.kernel.errors import Invalid, NotFound, Stale
from kefu.kernel.models import AuditEntry, OutboxEvent
from kefu.people import access as people
from kefu.people.errors import MissingPermission

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
DAY = timedelta(days=1)
MONTH = date(2026, 11, 1)


def balance():
    """Money by site, headquarters as none."""
    found: dict[int | None, Decimal] = {}
    for site, amount in Move.objects.values_list("site_id", "amount"):
        found[site] = found.get(site, Decimal(0)) + amount
    return found


def whats(desk):
    return [one.data["what"] for one in Entry.objects.filter(case=desk.case, kind="matter").order_by("pk")]


def test_from_the_filing_to_the_money(desk):
    row = taken_to(desk, "decided")
    assert row.due_at == NOW + 3 * DAY
    assert not Move.objects.exists()
    assert actions.go_on(now=NOW + 3 * DAY) == 0
    assert actions.go_on(now=NOW + 3 * DAY + timedelta(seconds=1)) == 1
    assert actions.go_on(now=NOW + 4 * DAY) == 0
    row.refresh_from_db()
    assert (row.state, row.due_at) == ("final", None)
    assert balance() == {desk.ground.station.pk: 300, desk.ground.other_station.pk: -350, None: 50}
    assert whats(desk) == [f"arbitration.{one}" for one in ("filed", "accept", "reply", "rule", "confirm", "finish")]
    assert AuditEntry.objects.filter(action__startswith="arbitration.", subject_id=row.pk).count() == 6
    assert Move.objects.values_list("clause", flat=True).distinct().get().endswith("#texts.arbitration_desk")


def test_the_appeal_is_final_and_only_its_verdict_moves_money(desk):
    row = taken_to(desk, "final")
    assert row.state == "final"
    assert balance() == {desk.ground.station.pk: 150, desk.ground.other_station.pk: -200, None: 50}
    assert list(Verdict.objects.order_by("pk").values_list("round", "confirmed")) == [(1, True), (2, True)]
    with pytest.raises(AppealedBefore):
        actions.appeal(actor=desk.applicant, filing_id=row.pk, text="再来", now=NOW)
    assert actions.go_on(now=NOW + 30 * DAY) == 0


def test_silence_sends_it_on_by_itself(desk):
    row = taken_to(desk, "replying")
    assert row.due_at == NOW + timedelta(hours=72)
    assert actions.go_on(now=NOW + timedelta(hours=72)) == 0
    assert actions.go_on(now=NOW + timedelta(hours=72, seconds=1)) == 1
    row.refresh_from_db()
    assert (row.state, row.accused.get().silent) == ("judging", True)
    with pytest.raises(WrongState):
        actions.reply(actor=desk.accused, filing_id=row.pk, text="来晚了", now=NOW + 4 * DAY)


def test_with_several_accused_the_last_answer_sends_it_on(desk):
    row = filed(desk, accused=(desk.ground.other_station.pk, desk.ground.shop.pk))
    actions.accept(actor=desk.arbiter, filing_id=row.pk, now=NOW)
    actions.reply(actor=desk.accused, filing_id=row.pk, text="没收到", now=NOW)
    row.refresh_from_db()
    assert row.state == "replying"
    with pytest.raises(NotAccused):
        actions.reply(actor=desk.accused, filing_id=row.pk, text="再说一次", now=NOW)
    actions.go_on(now=NOW + 4 * DAY)
    assert dict(Accused.objects.values_list("site_id", "silent")) == {desk.ground.other_station.pk: False, desk.ground.shop.pk: True}


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"waybill": "!"}, "bad_waybill", "waybill"),
        ({"waybill": "50004090806999"}, "unknown_waybill", "waybill"),
        ({"kind": "theft"}, "unknown_type", "kind"),
        ({"kind": "damage", "proof": ""}, "no_proof", "proof"),
        ({"accused": (10**6,)}, "unknown_accused", "accused"),
        ({"abnormal": 4}, "abnormal_over_pieces", "abnormal"),
        ({"claimed": Decimal(-5)}, "bad_amount", "claimed"),
        ({"files": (Upload("a.png", b"1"),) * 7}, "many_files", "files"),
    ],
)
def test_a_refused_filing_leaves_nothing(desk, changes, code, field):
    with pytest.raises(Invalid) as caught:
        filed(desk, **changes)
    assert (caught.value.reason, list(caught.value.fields)) == (code, [field])
    assert not Filing.objects.exists()
    assert not OutboxEvent.objects.filter(type="arbitration.changed").exists()


@pytest.mark.parametrize("changes", [{"site_id": 10**6}, {"case_id": 10**6}])
def test_what_is_out_of_reach_is_not_found(desk, changes):
    with pytest.raises(NotFound):
        filed(desk, **changes)
    with pytest.raises(NotFound):
        filed(desk, site_id=desk.ground.other_station.pk)


def test_a_waybill_is_filed_once_unless_it_was_refused(desk):
    row = filed(desk)
    with pytest.raises(Invalid) as caught:
        filed(desk)
    assert caught.value.reason == "filed_before"
    actions.refuse(actor=desk.arbiter, filing_id=row.pk, text="证据不足", now=NOW)
    again = filed(desk)
    actions.withdraw(actor=desk.applicant, filing_id=again.pk, text="已找到", now=NOW)
    with pytest.raises(Invalid):
        filed(desk)


def test_a_guard_may_ask_whether_it_was_filed(desk):
    def fact(case):
        return facts.of_case(case, book_of(case), now=NOW, asked={"arbitration.filed_before"})["arbitration.filed_before"]

    assert fact(desk.case) is False
    filed(desk, case_id=None)
    assert fact(desk.case) is True
    Filing.objects.update(case_id=desk.case.pk)
    assert fact(desk.case) is False
    Filing.objects.update(case_id=None, state="refused")
    assert fact(desk.case) is False


@pytest.mark.parametrize("state", ["replying", "judging", "decided", "final"])
def test_nothing_is_withdrawn_after_acceptance(desk, state):
    row = taken_to(desk, state)
    with pytest.raises(WrongState):
        actions.withdraw(actor=desk.applicant, filing_id=row.pk, text="不报了", now=NOW)


def test_no_verdict_after_a_withdrawal(desk):
    row = filed(desk)
    with pytest.raises(Invalid):
        actions.withdraw(actor=desk.applicant, filing_id=row.pk, text=" ", now=NOW)
    actions.withdraw(actor=desk.applicant, filing_id=row.pk, text="已找到", now=NOW)
    for step in (
        lambda: actions.accept(actor=desk.arbiter, filing_id=row.pk, now=NOW),
        lambda: actions.rule(actor=desk.arbiter, filing_id=row.pk, ruling=ruling(desk), now=NOW),
    ):
        with pytest.raises(WrongState):
            step()
    assert not Verdict.objects.exists()


def test_the_appeal_window(desk):
    row = taken_to(desk, "decided")
    with pytest.raises(AppealOver) as caught:
        actions.appeal(actor=desk.accused, filing_id=row.pk, text="不服", now=NOW + 3 * DAY + timedelta(seconds=1))
    assert "2026-11-25 10:00" in str(caught.value)
    assert not Appeal.objects.exists()
    actions.appeal(actor=desk.accused, filing_id=row.pk, text="不服", now=NOW + 3 * DAY)
    assert actions.go_on(now=NOW + 9 * DAY) == 0


def test_two_people_decide_and_no_party_does(desk, hire):
    row = taken_to(desk, "auditing")
    with pytest.raises(SamePerson):
        actions.confirm(actor=desk.arbiter, filing_id=row.pk, now=NOW)
    inside = people.actor_for(hire("manager", desk.ground.station))
    with pytest.raises(Party):
        actions.confirm(actor=inside, filing_id=row.pk, now=NOW)
    with pytest.raises(MissingPermission):
        actions.confirm(actor=desk.cast.lead, filing_id=row.pk, now=NOW)
    with pytest.raises(NotFound):
        actions.confirm(actor=people.actor_for(hire("manager", desk.ground.other_station)), filing_id=row.pk, now=NOW)
    actions.send_back(actor=desk.second, filing_id=row.pk, text="罚款过低", now=NOW)
    row.refresh_from_db()
    assert row.state == "judging"
    actions.rule(actor=desk.arbiter, filing_id=row.pk, ruling=ruling(desk, fine="100"), now=NOW)
    actions.confirm(actor=desk.second, filing_id=row.pk, now=NOW)
    assert list(Verdict.objects.order_by("pk").values_list("confirmed", flat=True)) == [False, True]


def test_a_refused_verdict_changes_nothing(desk):
    row = taken_to(desk, "judging")
    with pytest.raises(Invalid) as caught:
        actions.rule(actor=desk.arbiter, filing_id=row.pk, ruling=replace(ruling(desk), awarded=Decimal(301)), now=NOW)
    assert (caught.value.reason, list(caught.value.fields)) == ("over_claimed", ["awarded"])
    with pytest.raises(Stale):
        actions.rule(actor=desk.arbiter, filing_id=row.pk, ruling=ruling(desk), now=NOW, expected_version=row.version - 1)
    assert not Verdict.objects.exists()


def test_who_sees_what(desk, hire, ground):
    row = filed(desk)
    seen = lambda actor: queries.count(actor, Wanted()).value  # noqa: E731
    stranger = people.actor_for(hire("agent", ground.shop))
    assert (seen(desk.applicant), seen(desk.accused), seen(desk.arbiter), seen(stranger), seen(desk.cast.customer)) == (1, 0, 1, 0, 0)
    with pytest.raises(NotFound):
        queries.get(desk.accused, row.pk, now=NOW)
    actions.accept(actor=desk.arbiter, filing_id=row.pk, now=NOW)
    assert seen(desk.accused) == 1
    with pytest.raises(NotApplicant):
        actions.withdraw(actor=desk.accused, filing_id=row.pk, text="我撤", now=NOW)
    with pytest.raises(NotAccused):
        actions.reply(actor=desk.applicant, filing_id=row.pk, text="我答", now=NOW)
    assert queries.get(desk.accused, row.pk, now=NOW).may == {"reply", "evidence"}
    assert queries.get(desk.arbiter, row.pk, now=NOW).may == {"evidence", "assign"}
    assert queries.get(desk.accused, row.pk, now=NOW).phone != "13800138000"


def test_a_proposed_verdict_is_the_desks_alone(desk):
    row = taken_to(desk, "auditing")
    shown = {
        name: len(queries.get(getattr(desk, name), row.pk, now=NOW).verdicts) for name in ("applicant", "accused", "arbiter", "second")
    }
    assert shown == {"applicant": 0, "accused": 0, "arbiter": 1, "second": 1}


def test_evidence_of_both_sides(desk, hire, ground):
    row = taken_to(desk, "replying")
    actions.add_evidence(actor=desk.applicant, filing_id=row.pk, uploads=[Upload("箱.png", b"a")], now=NOW)
    actions.add_evidence(actor=desk.applicant, filing_id=row.pk, uploads=[Upload("箱.png", b"a")], now=NOW)
    actions.reply(actor=desk.accused, filing_id=row.pk, text="见附件", uploads=[Upload("录像.txt", b"b")], now=NOW)
    assert list(Evidence.objects.order_by("pk").values_list("side", "name")) == [("applicant", "箱.png"), ("accused", "录像.txt")]
    theirs = Evidence.objects.get(side="accused")
    found = actions.read_evidence(actor=desk.applicant, filing_id=row.pk, evidence_id=theirs.pk, now=NOW)
    assert found.content == b"b"
    assert AuditEntry.objects.filter(action="arbitration.evidence_read").count() == 1
    stranger = people.actor_for(hire("agent", ground.shop))
    with pytest.raises(NotFound):
        actions.read_evidence(actor=stranger, filing_id=row.pk, evidence_id=theirs.pk, now=NOW)
    with pytest.raises(Invalid):
        actions.add_evidence(actor=desk.applicant, filing_id=row.pk, uploads=[Upload("x", bytes([n])) for n in range(6)], now=NOW)


def test_what_a_closed_site_owes_falls_to_the_site_above(desk):
    taken_to(desk, "decided")
    desk.ground.other_station.is_active = False
    desk.ground.other_station.save()
    actions.go_on(now=NOW + 4 * DAY)
    assert balance() == {desk.ground.station.pk: 300, desk.ground.hub.pk: -350, None: 50}
    assert set(Move.objects.filter(site=desk.ground.hub).values_list("for_site_id", flat=True)) == {desk.ground.other_station.pk}
    assert Filing.objects.get().state == "final"


def test_the_applicant_itself_is_liable(desk):
    row = taken_to(desk, "judging")
    verdict = ruling(desk)
    own = replace(verdict, outcome="applicant", awarded=Decimal(0), shares=[replace(verdict.shares[0], site_id=desk.ground.station.pk)])
    actions.rule(actor=desk.arbiter, filing_id=row.pk, ruling=own, now=NOW)
    actions.confirm(actor=desk.second, filing_id=row.pk, now=NOW)
    actions.go_on(now=NOW + 4 * DAY)
    assert balance() == {desk.ground.station.pk: -50, None: 50}


def test_given_out_by_region_type_and_weight(desk, ground, cast):
    actions.set_arbiter(actor=cast.manager, staff_id=desk.second.id, region_id=ground.hub.pk, kinds=["loss"], weight=2, now=NOW)
    row = filed(desk)
    assert row.arbiter_id == desk.second.id
    actions.assign(actor=desk.arbiter, filing_id=row.pk, staff_id=desk.arbiter.id, now=NOW)
    assert Filing.objects.get().arbiter_id == desk.arbiter.id
    with pytest.raises(Invalid):
        actions.assign(actor=desk.arbiter, filing_id=row.pk, staff_id=cast.lead.id, now=NOW)
    [arbiter] = queries.arbiters(cast.manager)
    assert (arbiter.weight, arbiter.open, arbiter.kinds) == (2, 0, ("loss",))
    actions.drop_arbiter(actor=cast.manager, arbiter_id=arbiter.id, now=NOW)
    assert queries.arbiters(cast.manager) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"weight": 0}, "weight"), ({"weight": 101}, "weight"), ({"kinds": ["theft"]}, "kinds"), ({"region_id": 10**6}, "region")],
)
def test_a_wrong_division_is_refused(desk, ground, cast, changes, field):
    given = {"staff_id": desk.second.id, "region_id": ground.hub.pk, "kinds": [], "weight": 1} | changes
    with pytest.raises(Invalid) as caught:
        actions.set_arbiter(actor=cast.manager, now=NOW, **given)
    assert list(caught.value.fields) == [field]


def test_who_does_not_judge_is_given_nothing(ground, cast, desk):
    with pytest.raises(Invalid):
        actions.set_arbiter(actor=cast.manager, staff_id=cast.lead.id, region_id=ground.hub.pk, kinds=[], weight=1, now=NOW)
    with pytest.raises(MissingPermission):
        actions.set_arbiter(actor=cast.lead, staff_id=desk.second.id, region_id=ground.hub.pk, kinds=[], weight=1, now=NOW)


def test_a_month_is_locked_once_it_is_over(desk, cast, ground):
    taken_to(desk, "final")
    month = statements.statement(cast.manager, ground.station.pk, MONTH)
    assert (month.sums.received, month.sums.total, month.locked_by) == (150, 150, "")
    with pytest.raises(MonthNotOver):
        actions.lock_month(actor=cast.manager, site_id=ground.station.pk, month=MONTH, now=NOW)
    later = NOW + 9 * DAY
    actions.lock_month(actor=cast.manager, site_id=ground.station.pk, month=MONTH, now=later)
    with pytest.raises(MonthLocked):
        actions.lock_month(actor=cast.manager, site_id=ground.station.pk, month=MONTH, now=later)
    assert Lock.objects.count() == 1
    assert statements.statement(desk.applicant, ground.station.pk, MONTH).locked_by == cast.manager.name
    with pytest.raises(NotFound):
        statements.statement(desk.accused, ground.station.pk, MONTH)
    with pytest.raises(MissingPermission):
        actions.lock_month(actor=cast.lead, site_id=ground.station.pk, month=MONTH, now=later)
    assert [one.amount for one in statements.page(desk.accused, MoveWanted()).rows] == [-50, -150]


def count_of(work):
    with CaptureQueriesContext(
        connection,
    ) as caught:
        work()
    return len(caught)


def test_reads_take_as_many_statements_for_many_as_for_few(desk, cast, ground):
    taken_to(desk, "final")
    work = (
        lambda: queries.page(cast.manager, Wanted(), now=NOW),
        lambda: statements.page(cast.manager, MoveWanted()),
        lambda: queries.arbiters(cast.manager),
    )
    for one in work:
        one()
    few = [count_of(one) for one in work]
    for place in range(5):
        waybill = f"5000409080{place:04d}"
        lost(cast, ground, waybill)
        row = filed(desk, waybill=waybill, case_id=None)
        actions.accept(actor=desk.arbiter, filing_id=row.pk, now=NOW)
    assert [count_of(one) for one in work] == few
    assert queries.count(cast.manager, Wanted(waybills=[WAYBILL])).value == 1
