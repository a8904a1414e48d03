"""Disputes: who may, when, what follows (QA7)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kefu.conftest import NOW, Cast, Ground
from kefu.conversations import actions as conversations
from kefu.conversations.drafts import ConversationDraft
from kefu.disputes import actions, queries, rules
from kefu.disputes.actions import Upload
from kefu.disputes.errors import AlreadyDisputed, NotBreached, NotTheJudge, PersonOnly, WindowClosed, WrongState
from kefu.disputes.models import Dispute, DisputedItem
from kefu.disputes.queries import Place, Wanted
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Denied, Invalid, KefuError, NotFound, Stale
from kefu.kernel.models import AuditEntry, OutboxEvent
from kefu.people.access import actor_for
from kefu.people.models import Staff
from kefu.quality import actions as quality
from kefu.quality import overruling
from kefu.quality.models import Finding, Inspection, Ruling
from kefu.quality.overruling import Mark
from kefu.quality.tests.dialogues import lines

pytestmark = pytest.mark.usefixtures("handbooks")
BAD = "喂 | C: 我要投诉，我的快递呢 | 不知道 | C: 谢谢 | 你脑残吧"
WHY = "客户先说的，我是复述客户的话"
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
# Sunday the 22nd: seven days from the 23rd on, to the 29th, midnight in China.
WINDOW = datetime.fromisoformat("2026-11-30T00:00:00+08:00")


@pytest.fixture
def row(cast: Cast, ground: Ground) -> Inspection:
    no = Staff.objects.get(pk=cast.agent.id).staff_no
    draft = ConversationDraft("test", "one", "call", ground.station.pk, NOW, lines(BAD), staff_no=no)
    (pk,) = conversations.store(actor=cast.system, drafts=[draft], now=NOW).ids
    quality.inspect(actor=cast.inspector, conversation_ids=[pk], now=NOW)
    return Inspection.objects.get()


@pytest.fixture
def second(hire: Callable[..., Any], ground: Ground) -> Actor:
    return actor_for(hire("inspector", ground.hub, name="第二质检"))


def filed(cast: Cast, row: Inspection, *items: str, now: datetime = NOW, uploads: tuple[Upload, ...] = ()) -> Dispute:
    return actions.file(actor=cast.agent, inspection_id=row.pk, items=items or ("taboo",), reason=WHY, now=now, uploads=uploads)


def place(row: Inspection, item: str = "taboo") -> Place:
    return Place(row.subject_kind, row.subject_id, row.handbook, row.version, row.scorecard, item)


def decided(actor: Actor, one: Dispute, verdict: str = "breached", now: datetime = NOW, **more: Any) -> Dispute:
    verdicts = {item.item_key: verdict for item in one.items.all()} | more.pop("verdicts", {})
    return actions.decide(actor=actor, dispute_id=one.pk, verdicts=verdicts, comment="听过录音，结论如此", now=now, **more)


class TestWindows:
    def test_a_window_is_whole_local_days_from_the_day_after(self, row: Inspection) -> None:
        assert queries.window_ends(row) == WINDOW

    def test_the_last_second_counts_and_the_next_does_not(self, cast: Cast, row: Inspection) -> None:
        with pytest.raises(WindowClosed):
            filed(cast, row, now=WINDOW)
        assert not Dispute.objects.exists()
        assert filed(cast, row, now=WINDOW - SECOND).state == "review"

    def test_a_person_who_scores_the_card_opens_the_window_again(self, cast: Cast, row: Inspection) -> None:
        mark = [Mark("polite", "breached", "语气不耐烦")]
        overruling.rule(actor=cast.inspector, inspection_id=row.pk, marks=mark, source="review", now=NOW + 3 * DAY)
        row.refresh_from_db()
        assert queries.windows([row]) == {row.pk: WINDOW + 3 * DAY}

    def test_a_decision_of_a_dispute_does_not(self, cast: Cast, row: Inspection) -> None:
        decided(cast.inspector, filed(cast, row), now=NOW + DAY)
        assert queries.window_ends(Inspection.objects.get()) == WINDOW


class TestFiling:
    def test_it_is_kept_told_and_traced_and_holds_the_breach(self, cast: Cast, row: Inspection) -> None:
        one = filed(cast, row, "taboo", "insult", uploads=(Upload("录音片段.txt", b"proof"),))
        assert {item.item_key for item in one.items.all()} == {"taboo", "insult"}
        assert one.files.count() == 1
        assert (one.clause, one.due_at) == (f"best@{row.version}#penalties.policy", datetime.fromisoformat("2026-11-26T00:00:00+08:00"))
        assert OutboxEvent.objects.get(type="dispute.filed").payload["items"] == ["taboo", "insult"]
        assert AuditEntry.objects.filter(action="dispute.filed", subject_id=one.pk).exists()
        assert queries.held([place(row), place(row, "opening")], now=NOW) == {place(row)}
        assert queries.settled([place(row)], now=NOW) == set()
        assert queries.open_for("conversation", row.subject_id)
        assert queries.open_among("conversation", [row.subject_id, 999]) == {row.subject_id}

    def test_it_is_about_oneself(self, cast: Cast, row: Inspection) -> None:
        for other in (cast.second_agent, cast.lead, cast.outsider):
            with pytest.raises(NotFound):
                actions.file(actor=other, inspection_id=row.pk, items=["taboo"], reason=WHY, now=NOW)
        for without in (cast.inspector, cast.trainer, cast.clerk):
            with pytest.raises(Denied):
                actions.file(actor=without, inspection_id=row.pk, items=["taboo"], reason=WHY, now=NOW)
        assert not Dispute.objects.exists()

    def test_only_breaches_once_each_and_with_a_reason(self, cast: Cast, row: Inspection) -> None:
        with pytest.raises(NotBreached):
            filed(cast, row, "no_such_item")
        with pytest.raises(NotBreached):
            actions.file(actor=cast.agent, inspection_id=row.pk, items=[], reason=WHY, now=NOW)
        with pytest.raises(Invalid) as refused:
            actions.file(actor=cast.agent, inspection_id=row.pk, items=["taboo"], reason="冤", now=NOW)
        assert "reason" in refused.value.fields
        filed(cast, row)
        with pytest.raises(AlreadyDisputed):
            filed(cast, row, "taboo", "insult")
        assert (Dispute.objects.count(), DisputedItem.objects.count()) == (1, 1)

    def test_what_may_be_disputed_says_so_beforehand(self, cast: Cast, row: Inspection) -> None:
        filed(cast, row)
        found = queries.disputable(cast.agent, row.pk, now=NOW)
        assert found.open
        assert found.taken == {"taboo"}
        assert found.until == WINDOW
        assert not queries.disputable(cast.agent, row.pk, now=WINDOW).open
        with pytest.raises(NotFound):
            queries.disputable(cast.lead, row.pk, now=NOW)

    def test_withdrawn_it_may_be_filed_again(self, cast: Cast, row: Inspection) -> None:
        one = filed(cast, row)
        actions.withdraw(actor=cast.agent, dispute_id=one.pk, now=NOW)
        assert queries.held([place(row)], now=NOW) == set()
        assert not queries.open_for("conversation", row.subject_id)
        assert filed(cast, row).pk != one.pk


class TestDeciding:
    def test_accepted_the_card_follows_and_nothing_can_be_brought_against_it(self, cast: Cast, row: Inspection) -> None:
        one = decided(cast.inspector, filed(cast, row), "passed")
        row.refresh_from_db()
        assert (one.state, one.outcome, one.reviewer_id) == ("closed", "accepted", cast.inspector.id)
        assert row.auto_score is not None
        assert row.score > row.auto_score
        assert set(Finding.objects.filter(item_key="taboo").values_list("state", flat=True)) == {"dismissed"}
        assert Ruling.objects.get(standing=True).source == "appeal"
        assert queries.settled([place(row)], now=NOW) == {place(row)}
        told = OutboxEvent.objects.get(type="dispute.decided").payload
        assert (told["outcome"], told["final"], told["stage"]) == ("accepted", True, "appeal")

    def test_rejected_it_may_go_once_to_another_judge(self, cast: Cast, row: Inspection, second: Actor) -> None:
        one = decided(cast.inspector, filed(cast, row))
        assert (one.state, one.outcome) == ("decided", "rejected")
        assert queries.held([place(row)], now=NOW) == {place(row)}
        actions.ask_final(actor=cast.agent, dispute_id=one.pk, reason="请再听一遍", now=NOW)
        with pytest.raises(NotTheJudge):
            decided(cast.inspector, one, "passed")
        done = decided(second, one, "passed")
        assert (done.state, done.outcome, done.review_outcome) == ("closed", "accepted", "rejected")
        assert [(r.source, r.verdict, r.standing) for r in Ruling.objects.order_by("pk")] == [
            ("appeal", "breached", False), ("final", "passed", True),
        ]  # fmt: skip
        with pytest.raises(WrongState):
            actions.ask_final(actor=cast.agent, dispute_id=one.pk, reason="还要再申", now=NOW)

    def test_partly_only_what_was_upheld_goes_on(self, cast: Cast, row: Inspection, second: Actor) -> None:
        one = filed(cast, row, "taboo", "insult")
        decided(cast.inspector, one, verdicts={"taboo": "passed"})
        one.refresh_from_db()
        assert (one.state, one.outcome) == ("decided", "partly")
        actions.ask_final(actor=cast.agent, dispute_id=one.pk, reason="侮辱一项不服", now=NOW)
        # A verdict on what is settled already is not read.
        done = decided(second, one, "breached")
        assert {item.item_key: item.verdict for item in done.items.all()} == {"taboo": "passed", "insult": "breached"}
        assert (done.state, done.outcome) == ("closed", "partly")

    def test_who_scored_the_card_does_not_decide(self, cast: Cast, row: Inspection, second: Actor) -> None:
        overruling.rule(actor=cast.inspector, inspection_id=row.pk, marks=[Mark("polite", "breached", "语气")], source="review", now=NOW)
        one = filed(cast, row)
        assert one.scored_by == [cast.inspector.id]
        with pytest.raises(NotTheJudge):
            decided(cast.inspector, one)
        assert not queries.detail(cast.inspector, one.pk, now=NOW).may_decide
        assert queries.detail(second, one.pk, now=NOW).may_decide
        assert decided(second, one).state == "decided"
        assert queries.overturned(cast.admin, since=NOW.date(), until=NOW.date())[cast.inspector.id].decided == 1

    def test_who_may_not_is_refused_and_nothing_changes(self, cast: Cast, row: Inspection) -> None:
        one = filed(cast, row)
        for actor, error in ((cast.agent, Denied), (cast.lead, Denied), (cast.second_agent, NotFound), (cast.outsider, NotFound)):
            with pytest.raises(error):
                decided(actor, one)
        token = Actor.integration(1, "token", ["quality.view", "dispute.decide", "quality.review"], None)
        with pytest.raises(PersonOnly):
            decided(token, one)
        with pytest.raises(Invalid):
            actions.decide(actor=cast.inspector, dispute_id=one.pk, verdicts={}, comment="听过录音", now=NOW)
        with pytest.raises(Invalid):
            actions.decide(actor=cast.inspector, dispute_id=one.pk, verdicts={"taboo": "passed"}, comment=" ", now=NOW)
        one.refresh_from_db()
        assert (one.state, one.version, Ruling.objects.count()) == ("review", 0, 0)

    def test_two_decide_one_wins(self, cast: Cast, row: Inspection, second: Actor) -> None:
        one = filed(cast, row)
        seen = one.version
        decided(cast.inspector, one, "passed", expected_version=seen)
        with pytest.raises(Stale):
            decided(second, one, "breached", expected_version=seen)
        assert Ruling.objects.count() == 1

    def test_a_lead_says_a_word_and_decides_nothing(self, cast: Cast, row: Inspection) -> None:
        one = filed(cast, row)
        actions.comment(actor=cast.lead, dispute_id=one.pk, text="线路不好，情有可原", now=NOW)
        assert [step.kind for step in queries.detail(cast.agent, one.pk, now=NOW).steps] == ["filed", "commented"]
        with pytest.raises(Denied):
            actions.comment(actor=cast.agent, dispute_id=one.pk, text="自己说一句", now=NOW)


class TestLapsing:
    def test_nobody_decides_after_the_window_and_the_clock_escalates_then_accepts(self, cast: Cast, row: Inspection) -> None:
        one = filed(cast, row)
        assert one.due_at is not None
        with pytest.raises(WindowClosed):
            decided(cast.inspector, one, now=one.due_at)
        assert actions.sweep(now=one.due_at - SECOND) == 0
        assert actions.sweep(now=one.due_at) == 1
        one.refresh_from_db()
        assert one.state == "final"
        assert one.due_at == datetime.fromisoformat("2026-11-29T00:00:00+08:00")
        assert actions.sweep(now=one.due_at) == 1
        one.refresh_from_db()
        assert (one.state, one.outcome, one.by_lapse, one.due_at) == ("closed", "accepted", True, None)
        assert Ruling.objects.get().staff_id is None
        assert actions.sweep(now=NOW + 99 * DAY) == 0

    def test_a_decision_nobody_takes_further_becomes_final_by_itself(self, cast: Cast, row: Inspection) -> None:
        one = decided(cast.inspector, filed(cast, row))
        assert one.due_at is not None
        assert queries.held([place(row)], now=one.due_at - SECOND) == {place(row)}
        assert queries.held([place(row)], now=one.due_at) == set()
        assert queries.settled([place(row)], now=one.due_at) == {place(row)}
        with pytest.raises(WindowClosed):
            actions.ask_final(actor=cast.agent, dispute_id=one.pk, reason="来晚了一秒", now=one.due_at)
        assert actions.sweep(now=one.due_at) == 1
        one.refresh_from_db()
        assert (one.state, one.outcome) == ("closed", "rejected")


def test_judged_again_the_dispute_still_finds_its_card(cast: Cast, row: Inspection) -> None:
    one = filed(cast, row)
    quality.inspect(actor=cast.inspector, conversation_ids=[row.subject_id], now=NOW, again=True)
    fresh = Inspection.objects.get()
    assert fresh.pk != row.pk
    decided(cast.inspector, one, "passed")
    fresh.refresh_from_db()
    assert fresh.score > (fresh.auto_score or 0)


def test_lists_show_each_reader_theirs_with_few_queries(
    cast: Cast, row: Inspection, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    filed(cast, row)
    assert queries.count(cast.second_agent, Wanted(), now=NOW).value == 0
    assert queries.count(cast.outsider, Wanted(), now=NOW).value == 0
    assert queries.count(cast.agent, Wanted(mine=True), now=NOW).value == 1
    assert queries.count(cast.inspector, Wanted(todo=True), now=NOW).value == 1
    assert queries.count(cast.lead, Wanted(todo=True), now=NOW).value == 0
    assert queries.count(cast.inspector, Wanted(late=True), now=NOW + 9 * DAY).value == 1
    filed(cast, row, "insult")
    with django_assert_max_num_queries(2):
        assert len(queries.page(cast.inspector, Wanted(), now=NOW).rows) == 2


_DO = st.sampled_from(["file", "decide", "ask", "withdraw", "sweep", "comment"])
_WHO = st.integers(0, 4)
_STEPS = st.lists(st.tuples(_DO, _WHO, st.sampled_from(["passed", "breached"]), st.integers(0, 3 * 86_400)), min_size=1, max_size=14)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS)
def test_whatever_is_tried_nobody_judges_twice_and_no_decision_falls_outside_its_window(
    cast: Cast, row: Inspection, second: Actor, steps: list[tuple[str, int, str, int]]
) -> None:
    from django.db import transaction

    people = [cast.agent, cast.inspector, second, cast.manager, cast.lead]
    point = transaction.savepoint()
    try:
        now, one = NOW, None
        windows: dict[int, datetime] = {}
        for do, who, verdict, wait in steps:
            now += timedelta(seconds=wait)
            if one is not None:
                one.refresh_from_db()
                due = one.due_at
            try:
                if do == "file":
                    one = filed(cast, row, now=now)
                    assert now < WINDOW
                elif one is None:
                    continue
                elif do == "decide":
                    decided(people[who], one, verdict, now=now)
                    assert due is not None
                    assert now < due
                    windows[people[who].id] = now
                elif do == "ask":
                    actions.ask_final(actor=people[who], dispute_id=one.pk, reason="不服，请终审", now=now)
                elif do == "withdraw":
                    actions.withdraw(actor=people[who], dispute_id=one.pk, now=now)
                elif do == "comment":
                    actions.comment(actor=people[who], dispute_id=one.pk, text="说一句话", now=now)
                else:
                    actions.sweep(now=now)
            except KefuError:
                pass
        for each in Dispute.objects.all():
            judges = [one for one in (each.reviewer_id, each.final_judge_id) if one]
            assert len(judges) == len(set(judges))
            assert cast.agent.id not in judges
            assert sum(step.kind in ("decided", "final", "lapsed") for step in each.steps.all()) <= 2
            assert (each.state in ("closed", "withdrawn")) == (each.closed_at is not None)
            if each.state == "closed":
                assert each.outcome
    finally:
        transaction.savepoint_rollback(point)


def test_windows_by_hand() -> None:
    late = datetime.fromisoformat("2026-11-22T23:59:59+08:00")
    early = datetime.fromisoformat("2026-11-23T00:00:00+08:00")
    assert rules.ends(late, 1) == datetime.fromisoformat("2026-11-24T00:00:00+08:00")
    assert rules.ends(early, 1) == datetime.fromisoformat("2026-11-25T00:00:00+08:00")
    assert rules.outcome_of({"a": "passed", "b": "breached"}) == "partly"
    assert rules.outcome_of({"a": "not_applicable"}) == "accepted"
    assert rules.outcome_of({"a": "breached"}) == "rejected"
