"""Plans, tasks, scoring and coverage through the actions (QA6)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from kefu.conftest import NOW, Cast, Ground
from kefu.conversations import actions as conversations
from kefu.conversations.drafts import ConversationDraft
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Denied, Invalid, NotFound, Stale
from kefu.kernel.models import AuditEntry, OutboxEvent
from kefu.people.access import actor_for
from kefu.people.models import Staff
from kefu.quality import actions as quality
from kefu.quality import overruling
from kefu.quality.models import Inspection, Ruling
from kefu.quality.overruling import Mark
from kefu.quality.tests.dialogues import lines
from kefu.review import actions, coverage, queries
from kefu.review.drafts import PlanDraft, Terms
from kefu.review.errors import AlreadyOpen, NotAble, NotYours, TaskClosed, TaskTaken
from kefu.review.models import Plan, Task
from kefu.review.queries import Wanted
from kefu.review.scoring import Verdict

pytestmark = pytest.mark.usefixtures("handbooks")
BAD = "喂 | C: 我要投诉，我的快递呢 | 不知道 | C: 谢谢 | 你脑残吧"
GOOD = "您好，南市分部，很高兴为您服务 | C: 谢谢 | 不客气，感谢您的来电，再见"
DAY = timedelta(days=1)


@pytest.fixture
def talk(cast: Cast, ground: Ground) -> Callable[..., int]:
    """Stores and inspects a conversation."""

    def make(name: str, text: str = GOOD, who: Actor = cast.agent, at: Any = NOW - DAY, **facts: Any) -> int:
        no = Staff.objects.get(pk=who.id).staff_no
        draft = ConversationDraft("test", name, "call", ground.station.pk, at, lines(text), staff_no=no, facts=facts)
        (pk,) = conversations.store(actor=cast.system, drafts=[draft], now=NOW).ids
        quality.inspect(actor=cast.inspector, conversation_ids=[pk], now=NOW)
        return int(pk)

    return make


@pytest.fixture
def second(hire: Callable[..., Any], ground: Ground) -> Actor:
    return actor_for(hire("inspector", ground.hub, name="第二质检"))


def planned(cast: Cast, ground: Ground, method: str = "all", **terms: Any) -> Plan:
    draft = PlanDraft("日常抽检", ground.hub.pk, method, "week", terms=Terms(**terms))
    return actions.create_plan(actor=cast.manager, draft=draft, now=NOW)


def one_task(cast: Cast, talk: Callable[..., int], text: str = BAD) -> Task:
    return actions.start_spot_check(actor=cast.inspector, conversation_id=talk("spot", text), now=NOW)


def verdicts(actor: Actor, task: Task, **other: Any) -> dict[str, Verdict]:
    """As the machine said, manual and unsure items passed; ``other`` items otherwise."""
    sheet = queries.sheet(actor, task.pk)
    found = {one.item.key: Verdict(one.verdict or "passed") for one in sheet.items}
    return found | other


def submitted(actor: Actor, task: Task, **more: Any) -> Task:
    given = more.pop("verdicts", None) or verdicts(actor, task, **more.pop("other", {}))
    card = Inspection.objects.get(subject_id=task.conversation_id, current=True)
    call = {"inspection_id": card.pk, "comment": "整体不错", "now": NOW, **more}
    return actions.submit(actor=actor, task_id=task.pk, verdicts=given, **call)


class TestPlans:
    def test_only_who_plans_may_and_what_is_wrong_is_said_at_its_field(self, cast: Cast, ground: Ground) -> None:
        draft = PlanDraft("", ground.hub.pk, "per_agent", terms=Terms(due_days=0))
        for actor in (cast.inspector, cast.lead, cast.agent):
            with pytest.raises(Denied):
                actions.create_plan(actor=actor, draft=draft, now=NOW)
        with pytest.raises(Invalid) as refused:
            actions.create_plan(actor=cast.manager, draft=draft, now=NOW)
        assert set(refused.value.fields) == {"name", "amount", "due_days"}
        planned(cast, ground)
        with pytest.raises(Invalid) as twice:
            planned(cast, ground)
        assert twice.value.reason == "plan_name"
        assert Plan.objects.count() == 1

    def test_the_handbook_gives_the_first_numbers_with_their_clause(self, cast: Cast, ground: Ground) -> None:
        terms, clause = queries.usual_terms(cast.manager, ground.station.pk, NOW)
        assert (terms.amount, terms.new_amount, terms.new_days, terms.silence) == (2, 5, 90, 10)
        assert terms.words == ("投诉", "赔偿", "起诉", "监管")
        assert clause.endswith("#texts.quality_sampling")

    def test_a_draw_makes_tasks_that_say_why_and_shares_them_out(
        self, cast: Cast, ground: Ground, talk: Callable[..., int], second: Actor
    ) -> None:
        for number in range(4):
            talk(f"g{number}", who=cast.agent if number % 2 else cast.second_agent)
        bad = talk("bad", BAD)
        planned(cast, ground, "per_agent", amount=1, triggers=("words", "failed"), words=("投诉",))
        assert actions.draw_due(now=NOW) == 2
        tasks = {one.conversation_id: one for one in Task.objects.all()}
        assert [why["code"] for why in tasks[bad].why] == ["failed", "words"]
        assert {one.staff_id for one in tasks.values()} == {cast.agent.id, cast.second_agent.id}
        assert {one.inspector_id for one in tasks.values()} == {cast.inspector.id, second.id}
        assert OutboxEvent.objects.filter(type="review.drawn", payload__tasks=2).count() == 1
        assert actions.draw_due(now=NOW) == 0
        plan = Plan.objects.get()
        assert plan.next_at is not None
        assert plan.next_at > NOW

    def test_triggers(self, cast: Cast, ground: Ground, talk: Callable[..., int]) -> None:
        quiet = talk("quiet", "@@".replace("@@", "A@0-2: 您好 | C@30-31: 喂"))
        rated = talk("rated", rating=1)
        talk("fine", rating=5)
        planned(cast, ground, "must", triggers=("silence", "low_rating"), silence=10, rating=2)
        actions.draw_due(now=NOW)
        assert {one.conversation_id: [why["code"] for why in one.why] for one in Task.objects.all()} == {
            quiet: ["silence"], rated: ["low_rating"],
        }  # fmt: skip

    def test_new_staff_are_looked_at_more(self, cast: Cast, ground: Ground, talk: Callable[..., int]) -> None:
        Staff.objects.filter(pk=cast.agent.id).update(hired_on=(NOW - 20 * DAY).date())
        Staff.objects.filter(pk=cast.second_agent.id).update(hired_on=(NOW - 900 * DAY).date())
        for number in range(10):
            talk(f"t{number}", who=cast.agent if number % 2 else cast.second_agent, at=NOW - DAY + number * timedelta(minutes=1))
        planned(cast, ground, "per_agent", amount=2, new_amount=4, new_days=90)
        actions.draw_due(now=NOW + DAY)
        drawn = [one.staff_id for one in Task.objects.all()]
        assert (drawn.count(cast.agent.id), drawn.count(cast.second_agent.id)) == (4, 2)

    def test_a_preview_writes_nothing_and_is_what_is_drawn(self, cast: Cast, ground: Ground, talk: Callable[..., int]) -> None:
        for number in range(6):
            talk(f"p{number}", at=NOW - timedelta(hours=number))
        plan = planned(cast, ground, "spot", amount=3)
        draft = PlanDraft(plan.name, plan.site_id, plan.method, plan.period, terms=Terms.read(plan.terms))
        seen = actions.preview(actor=cast.manager, draft=draft, plan_id=plan.pk, now=NOW)
        assert not Task.objects.exists()
        assert actions.draw_now(actor=cast.manager, plan_id=plan.pk, now=NOW) == len(seen.drawn) == 3
        assert set(Task.objects.values_list("conversation_id", flat=True)) == {one.id for one in seen.drawn}

    def test_paused_it_draws_nothing_and_a_week_that_ended_is_not_drawn_afterwards(
        self, cast: Cast, ground: Ground, talk: Callable[..., int]
    ) -> None:
        talk("one")
        plan = planned(cast, ground)
        actions.pause_plan(actor=cast.manager, plan_id=plan.pk, paused=True, now=NOW)
        assert actions.draw_due(now=NOW + 5 * DAY) == 0
        actions.pause_plan(actor=cast.manager, plan_id=plan.pk, paused=False, now=NOW + 2 * DAY)
        assert actions.draw_due(now=NOW + 4 * DAY) == 0

    def test_two_plans_do_not_give_one_talk_to_two_people(self, cast: Cast, ground: Ground, talk: Callable[..., int]) -> None:
        talk("one")
        planned(cast, ground)
        other = PlanDraft("专项", ground.station.pk, "all", "day", terms=Terms())
        actions.create_plan(actor=cast.manager, draft=other, now=NOW)
        assert actions.draw_due(now=NOW + DAY) == 1


class TestTasks:
    def test_two_take_one_gets_it(self, cast: Cast, ground: Ground, talk: Callable[..., int], second: Actor) -> None:
        task = one_task(cast, talk)
        actions.release(actor=cast.inspector, task_id=task.pk, now=NOW)
        seen = Task.objects.get().version
        actions.take(actor=second, task_id=task.pk, now=NOW, expected_version=seen)
        with pytest.raises(TaskTaken):
            actions.take(actor=cast.inspector, task_id=task.pk, now=NOW, expected_version=seen)
        assert Task.objects.get().inspector_id == second.id
        # The same person twice is the same.
        actions.take(actor=second, task_id=task.pk, now=NOW)

    def test_a_take_from_an_old_page_is_stale(self, cast: Cast, talk: Callable[..., int], second: Actor) -> None:
        task = one_task(cast, talk)
        seen = task.version
        actions.release(actor=cast.inspector, task_id=task.pk, now=NOW)
        with pytest.raises(Stale):
            actions.take(actor=second, task_id=task.pk, now=NOW, expected_version=seen)

    def test_nobody_scores_their_own_team(self, cast: Cast, ground: Ground, talk: Callable[..., int], hire: Callable[..., Any]) -> None:
        own = actor_for(hire("inspector", ground.station, name="组内质检", team=ground.team))
        pk = talk("team", BAD)
        with pytest.raises(NotAble):
            actions.start_spot_check(actor=own, conversation_id=pk, now=NOW)
        task = actions.start_spot_check(actor=cast.inspector, conversation_id=pk, now=NOW)
        with pytest.raises(Invalid):
            actions.reassign(actor=cast.manager, task_id=task.pk, inspector_id=own.id, now=NOW)
        with pytest.raises(AlreadyOpen):
            actions.start_spot_check(actor=cast.manager, conversation_id=pk, now=NOW)

    def test_who_may_not_finds_nothing(self, cast: Cast, talk: Callable[..., int]) -> None:
        task = one_task(cast, talk)
        for actor in (cast.agent, cast.lead, cast.outsider, cast.trainer):
            with pytest.raises((Denied, NotFound)):
                actions.take(actor=actor, task_id=task.pk, now=NOW)
            assert queries.count(actor, Wanted(), now=NOW).value == 0
        with pytest.raises(Denied):
            actions.reassign(actor=cast.inspector, task_id=task.pk, inspector_id=cast.manager.id, now=NOW)
        assert Task.objects.get().version == task.version

    def test_dropped_for_a_reason(self, cast: Cast, talk: Callable[..., int]) -> None:
        task = one_task(cast, talk)
        with pytest.raises(Invalid):
            actions.drop(actor=cast.inspector, task_id=task.pk, reason=" ", now=NOW)
        actions.drop(actor=cast.inspector, task_id=task.pk, reason="录音听不清", now=NOW)
        with pytest.raises(TaskClosed):
            actions.take(actor=cast.inspector, task_id=task.pk, now=NOW)


class TestScoring:
    def test_both_scores_are_kept_and_the_card_follows(self, cast: Cast, talk: Callable[..., int]) -> None:
        task = one_task(cast, talk)
        machine = Inspection.objects.get().score
        actions.note_opened(actor=cast.inspector, row=task, now=NOW)
        done = submitted(cast.inspector, task, other={"taboo": Verdict("passed", "转述客户的话")}, now=NOW + timedelta(minutes=3))
        card = Inspection.objects.get()
        assert (done.state, done.auto_score, done.score, done.changed_items, done.seconds) == (
            "done",
            machine,
            card.score,
            1 + _unsure(task),
            180,
        )
        assert card.score > machine
        assert card.auto_score == machine
        assert set(Ruling.objects.values_list("source", flat=True)) == {"review"}
        told = OutboxEvent.objects.get(type="review.scored").payload
        assert (told["auto_score"], told["score"]) == (str(machine), str(card.score))
        assert AuditEntry.objects.filter(action="review.scored").exists()
        assert [one.pk for one in queries.scores_of(cast.agent, task.conversation_id)] == [task.pk]
        assert queries.scores_of(cast.second_agent, task.conversation_id) == []

    def test_a_different_word_needs_a_reason_and_every_item_a_verdict(self, cast: Cast, talk: Callable[..., int]) -> None:
        task = one_task(cast, talk)
        with pytest.raises(Invalid) as refused:
            submitted(cast.inspector, task, other={"taboo": Verdict("passed"), "polite": Verdict("")})
        assert set(refused.value.fields) == {"reason-taboo", "verdict-polite"}
        assert not Ruling.objects.exists()
        assert Task.objects.get().state == "assigned"

    def test_twice_is_refused_and_so_is_somebody_else(self, cast: Cast, talk: Callable[..., int], second: Actor) -> None:
        task = one_task(cast, talk)
        with pytest.raises(NotYours):
            submitted(second, task)
        seen = Task.objects.get().version
        submitted(cast.inspector, task, expected_version=seen)
        with pytest.raises(Stale):
            submitted(cast.inspector, task, expected_version=seen)
        with pytest.raises(TaskClosed):
            submitted(cast.inspector, task)
        assert OutboxEvent.objects.filter(type="review.scored").count() == 1

    def test_judged_anew_meanwhile_the_page_is_old(self, cast: Cast, talk: Callable[..., int]) -> None:
        task = one_task(cast, talk)
        old = Inspection.objects.get().pk
        quality.inspect(actor=cast.inspector, conversation_ids=[task.conversation_id], now=NOW, again=True)
        with pytest.raises(Stale):
            submitted(cast.inspector, task, inspection_id=old)

    def test_a_draft_is_kept_and_changes_no_figure(self, cast: Cast, talk: Callable[..., int]) -> None:
        task = one_task(cast, talk)
        before = Inspection.objects.get().score
        given = {"taboo": Verdict("passed", "转述", 0)}
        actions.save_draft(actor=cast.inspector, task_id=task.pk, verdicts=given, comment="写到一半", now=NOW)
        sheet = queries.sheet(cast.inspector, task.pk)
        taboo = next(one for one in sheet.items if one.item.key == "taboo")
        assert (taboo.automatic, taboo.verdict, taboo.reason, sheet.task.comment) == ("breached", "passed", "转述", "写到一半")
        assert Inspection.objects.get().score == before

    def test_what_a_dispute_decided_stays(self, cast: Cast, talk: Callable[..., int]) -> None:
        task = one_task(cast, talk)
        card = Inspection.objects.get()
        marks = [Mark("taboo", "passed", "复核认为不成立")]
        overruling.rule(actor=cast.manager, inspection_id=card.pk, marks=marks, source="appeal", now=NOW)
        sheet = queries.sheet(cast.inspector, task.pk)
        assert [one.item.key for one in sheet.items if one.settled] == ["taboo"]
        submitted(cast.inspector, task, other={"taboo": Verdict("breached", "我认为成立")})
        assert Ruling.objects.get(item_key="taboo", standing=True).verdict == "passed"


def _unsure(task: Task) -> int:
    """Items the machine left to people, which the helper passes."""
    card = Inspection.objects.get(subject_id=task.conversation_id)
    return sum(state in ("review", "manual") for state in overruling.automatic(card).values())


class TestFigures:
    def test_coverage_counts_what_machine_and_people_judged(self, cast: Cast, talk: Callable[..., int]) -> None:
        talk("a")
        talk("b", who=cast.second_agent)
        submitted(cast.inspector, one_task(cast, talk))
        day = (NOW - DAY).date()
        (row,) = coverage.coverage(cast.inspector, by="day", since=day, until=day)
        assert (row.conversations, row.automatic, row.scored) == (3, 3, 1)
        agents = {one.key: (one.conversations, one.scored) for one in coverage.coverage(cast.lead, by="agent", since=day, until=day)}
        assert agents == {cast.agent.id: (2, 1), cast.second_agent.id: (1, 0)}
        (team,) = coverage.coverage(cast.manager, by="team", since=day, until=day)
        assert team.title.endswith("一组")
        assert coverage.coverage(cast.inspector, by="day", since=NOW.date(), until=NOW.date()) == []
        with pytest.raises(Denied):
            coverage.coverage(cast.agent, by="day", since=day, until=day)

    def test_workload(self, cast: Cast, talk: Callable[..., int], second: Actor) -> None:
        task = one_task(cast, talk)
        actions.note_opened(actor=cast.inspector, row=task, now=NOW)
        submitted(cast.inspector, task, now=NOW + timedelta(minutes=6))
        actions.start_spot_check(actor=cast.inspector, conversation_id=talk("later"), now=NOW)
        found = {one.inspector_id: one for one in coverage.workload(cast.lead, since=NOW.date(), until=NOW.date(), now=NOW + 9 * DAY)}
        assert (found[cast.inspector.id].in_hand, found[cast.inspector.id].late, found[cast.inspector.id].scored) == (1, 1, 1)
        assert found[cast.inspector.id].minutes == 6.0

    def test_lists_take_few_queries_however_long(
        self, cast: Cast, ground: Ground, talk: Callable[..., int], django_assert_num_queries: Callable[..., Any]
    ) -> None:
        for number in range(6):
            talk(f"q{number}")
        planned(cast, ground)
        actions.draw_due(now=NOW)
        with django_assert_num_queries(1):
            assert len(queries.page(cast.inspector, Wanted(mine=True), now=NOW).rows) == 6
        with django_assert_num_queries(1):
            queries.plans(cast.inspector, now=NOW)
