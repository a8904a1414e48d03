"""The ledger: nothing before its window, nothing twice, nothing changed, sums that agree (QA8)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import models

from kefu.conftest import NOW, Cast, Ground
from kefu.conversations import actions as conversations
from kefu.conversations.drafts import ConversationDraft
from kefu.disputes import queries as disputes
from kefu.kernel.errors import Conflict, Denied, Invalid, NotFound, Stale
from kefu.kernel.models import AuditEntry, OutboxEvent
from kefu.penalties import actions, posting, queries, statements
from kefu.penalties.models import Entry, Month, Objection, Pending, Sheet
from kefu.people.models import Staff
from kefu.quality import actions as quality
from kefu.quality import overruling
from kefu.quality.models import Inspection
from kefu.quality.overruling import Mark
from kefu.quality.tests.dialogues import lines
from kefu.reactions import run as reactions

BAD = "喂 | C: 我要投诉，我的快递呢 | 不知道 | C: 谢谢 | 你脑残吧"
WHY = "客户先说的“喂”，客服是照读"
LATER = NOW + timedelta(days=9)
NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)

pytestmark = pytest.mark.usefixtures("handbooks")
Talk = Callable[..., Inspection]


@pytest.fixture
def talk(cast: Cast, ground: Ground) -> Talk:
    """A conversation of an agent, stored, inspected and heard of by the ledger."""

    def make(at: datetime = NOW, actor: Any = None, text: str = BAD) -> Inspection:
        no = Staff.objects.get(pk=(actor or cast.agent).id).staff_no
        key = f"t{Inspection.objects.count()}"
        draft = ConversationDraft("test", key, "call", ground.station.pk, at, lines(text), staff_no=no)
        (pk,) = conversations.store(actor=cast.system, drafts=[draft], now=at).ids
        quality.inspect(actor=cast.inspector, conversation_ids=[pk], now=at)
        actions.note(subject_kind="conversation", subject_ids=[pk], now=at)
        return Inspection.objects.get(subject_kind="conversation", subject_id=pk)

    return make


def agree(sheet: Sheet | None = None) -> None:
    """Sums of lines are those of sheets, of statements and of figures; nobody is over a cap; the ledger's own rows agree."""
    for one in Sheet.objects.all():
        found = one.lines.aggregate(points=models.Sum("points"), money=models.Sum("money"), n=models.Count("pk"))
        assert (one.points, one.money, one.entries) == (found["points"], found["money"], found["n"])
        standing = [e for e in one.lines.filter(kind="breach") if not (hasattr(e, "reversed_by") and e.reversed_by.month == one.month)]
        assert one.used_money == -sum((e.money for e in standing), Decimal(0))
        assert one.used_points == -sum((e.points for e in standing), Decimal(0))


def shown(cast: Cast, month: date) -> tuple[Decimal, Decimal]:
    found = statements.sums(cast.manager, month=month)
    sheets = statements.page(cast.manager, statements.Wanted(month=month)).rows
    assert found.points == sum((one.points for one in sheets), Decimal(0))
    assert found.money == sum((one.money for one in sheets), Decimal(0))
    for one in sheets:
        whole = statements.statement(cast.manager, one.staff_id, month)
        assert sum((line.money for line in whole.lines), Decimal(0)) == one.money == whole.deducted + whole.given
    return found.points, found.money


def test_nothing_enters_before_its_window_ends_and_everything_once_after_it(cast: Cast, talk: Talk) -> None:
    row = talk()
    end = disputes.window_ends(row)
    assert actions.settle(now=end - timedelta(seconds=1)).entered == 0
    assert not Entry.objects.exists()
    done = actions.settle(now=end)
    items = {one.item_key for one in row.findings.all() if one.points or one.money}
    assert items
    assert done.entered == len(items) == Entry.objects.count()
    assert actions.settle(now=end).entered == 0
    actions.note(subject_kind="conversation", subject_ids=[row.subject_id], now=end)
    assert not Pending.objects.exists()
    points, money = shown(cast, NOVEMBER)
    assert (points, money) == (-row.points, -row.money)
    agree()
    assert AuditEntry.objects.filter(action="penalty.entered").count() == len(items)
    assert OutboxEvent.objects.filter(type="penalty.changed").count() == len(items)


def test_a_killed_run_goes_on_where_it_was(cast: Cast, talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in range(4):
        talk(NOW + timedelta(minutes=place))
    whole, calls = posting.post, []

    def dies(*args: Any, **more: Any) -> Any:
        calls.append(1)
        if len(calls) == 6:
            raise RuntimeError("killed")
        return whole(*args, **more)

    monkeypatch.setattr(posting, "post", dies)
    with pytest.raises(RuntimeError):
        actions.settle(now=LATER)
    agree()
    monkeypatch.setattr(posting, "post", whole)
    actions.settle(now=LATER)
    keys = list(Entry.objects.values_list("subject_id", "item_key"))
    assert len(keys) == len(set(keys))
    assert len({subject for subject, _ in keys}) == 4
    agree()


def test_what_is_under_dispute_waits_and_what_is_taken_back_never_enters(cast: Cast, talk: Talk) -> None:
    from kefu.disputes import actions as filing

    row = talk()
    filed = filing.file(actor=cast.agent, inspection_id=row.pk, items=["taboo"], reason="客户先说的喂，我是照着念的，请复听录音", now=NOW)
    done = actions.settle(now=LATER)
    assert done.held == 1
    assert not Entry.objects.filter(item_key="taboo").exists()
    assert Entry.objects.exists()
    filing.decide(
        actor=cast.inspector, dispute_id=filed.pk, verdicts={"taboo": "passed"}, comment="复听属实，予以撤销", now=NOW + timedelta(days=1)
    )
    reactions.run_all(now=LATER)
    actions.settle(now=LATER + timedelta(days=30))
    assert not Entry.objects.filter(item_key="taboo").exists()
    agree()


def test_a_ruling_takes_an_entered_line_back_by_a_line_against_it(cast: Cast, talk: Talk) -> None:
    row = talk()
    actions.settle(now=LATER)
    before = {one.pk: (one.points, one.money, one.reason) for one in Entry.objects.all()}
    line = Entry.objects.get(item_key="taboo")
    overruling.rule(actor=cast.inspector, inspection_id=row.pk, marks=[Mark("taboo", "passed", WHY)], source="final", now=LATER)
    reactions.run_all(now=LATER)
    back = Entry.objects.get(reverses=line)
    assert (back.points, back.money, back.cause, back.month) == (-line.points, -line.money, "ruling", line.month)
    assert {one.pk: (one.points, one.money, one.reason) for one in Entry.objects.filter(pk__in=before)} == before
    agree()
    actions.note(subject_kind="conversation", subject_ids=[row.subject_id], now=LATER)
    assert Entry.objects.filter(reverses=line).count() == 1
    # Judged a breach anew: it enters again, after a window of its own.
    overruling.rule(actor=cast.inspector, inspection_id=row.pk, marks=[Mark("taboo", "breached", WHY)], source="review", now=LATER)
    reactions.run_all(now=LATER)
    assert actions.settle(now=LATER + timedelta(days=2)).entered == 0
    assert actions.settle(now=LATER + timedelta(days=9)).entered == 1
    assert sorted(Entry.objects.filter(item_key="taboo", reverses=None).values_list("turn", flat=True)) == [0, 1]
    agree()


def test_a_locked_month_never_changes(cast: Cast, ground: Ground, talk: Talk) -> None:
    talk(NOW)
    with pytest.raises(Conflict) as early:
        actions.lock_month(actor=cast.manager, site_id=ground.station.pk, month=NOVEMBER, now=NOW)
    assert early.value.reason == "month_not_over"
    december = datetime(2026, 12, 2, 2, tzinfo=NOW.tzinfo)
    with pytest.raises(Conflict) as waits:
        actions.lock_month(actor=cast.manager, site_id=ground.station.pk, month=NOVEMBER, now=december)
    assert waits.value.reason == "month_unsettled"
    actions.settle(now=december)
    locked = actions.lock_month(actor=cast.manager, site_id=ground.station.pk, month=NOVEMBER, now=december)
    with pytest.raises(Conflict):
        actions.lock_month(actor=cast.manager, site_id=ground.station.pk, month=NOVEMBER, now=december)
    kept = list(Entry.objects.filter(month=NOVEMBER).order_by("pk").values())
    sums, line = shown(cast, NOVEMBER), Entry.objects.get(item_key="taboo")
    actions.waive(actor=cast.manager, entry_id=line.pk, reason="首次违规，已当面辅导", now=december)
    late = talk(NOW + timedelta(hours=1))
    Pending.objects.filter(subject_id=late.subject_id).update(due_at=NOW)  # final in November, found only now
    actions.settle(now=december)
    assert list(Entry.objects.filter(month=NOVEMBER).order_by("pk").values()) == kept
    assert shown(cast, NOVEMBER) == sums
    assert Entry.objects.get(reverses=line).month == DECEMBER
    assert set(Entry.objects.filter(subject_id=late.subject_id).values_list("month", flat=True)) == {DECEMBER}
    assert Month.objects.get(pk=locked.pk).entries == len(kept)
    agree()


def test_repeats_cost_more_and_say_what_they_count_and_a_month_has_its_cap(cast: Cast, talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    from kefu.penalties import rules, terms

    policy = rules.Policy(Decimal("1.5"), 30, None, Decimal(160))
    monkeypatch.setattr(terms, "policy_of", lambda _book: terms.PolicyTerms(policy, "best@1#penalties.policy"))
    for place in range(4):
        talk(NOW + timedelta(minutes=place), text="喂 | C: 我的快递呢 | 您好，请问单号是多少")
    actions.settle(now=LATER)
    taboo = list(Entry.objects.filter(item_key="taboo").order_by("pk"))
    assert taboo[0].multiplier == 1
    assert taboo[1].multiplier == Decimal("1.5")
    assert taboo[1].counted == [taboo[0].pk]
    assert taboo[2].counted == [taboo[0].pk, taboo[1].pk]
    sheet = Sheet.objects.get()
    assert sheet.used_money == 160
    assert any(one.capped_money for one in Entry.objects.all())
    agree()
    # A waiver in the same month frees its room under the cap.
    actions.waive(actor=cast.manager, entry_id=taboo[0].pk, reason="首次违规，已当面辅导", now=LATER)
    agree()
    talk(NOW + timedelta(hours=2), text="喂 | C: 我的快递呢 | 您好，请问单号是多少")
    actions.settle(now=LATER)
    assert Sheet.objects.get().used_money <= 160
    agree()


def test_an_objection_is_answered_by_somebody_else_and_a_waiver_says_why(cast: Cast, talk: Talk) -> None:
    talk()
    actions.settle(now=LATER)
    line = Entry.objects.get(item_key="taboo")
    for actor, error in ((cast.second_agent, NotFound), (cast.outsider, NotFound), (cast.lead, Denied)):
        with pytest.raises(error):
            actions.object_to(actor=actor, entry_id=line.pk, reason="不是我的会话，当天我休息", now=LATER)
    with pytest.raises(Invalid):
        actions.object_to(actor=cast.agent, entry_id=line.pk, reason=" ", now=LATER)
    filed = actions.object_to(actor=cast.agent, entry_id=line.pk, reason="当天系统故障，请核对", now=LATER)
    with pytest.raises(Conflict):
        actions.object_to(actor=cast.agent, entry_id=line.pk, reason="当天系统故障，请核对", now=LATER)
    with pytest.raises(Conflict):
        actions.waive(actor=cast.manager, entry_id=line.pk, reason="首次违规，已当面辅导", now=LATER)
    for actor in (cast.agent, cast.lead):
        with pytest.raises(Denied):
            actions.answer_objection(actor=actor, objection_id=filed.pk, upheld=True, answer="情况属实", now=LATER)
    with pytest.raises(Stale):
        actions.answer_objection(actor=cast.manager, objection_id=filed.pk, upheld=True, answer="情况属实", now=LATER, expected_version=7)
    assert Entry.objects.filter(reverses=None).count() == Entry.objects.count()
    actions.answer_objection(actor=cast.manager, objection_id=filed.pk, upheld=True, answer="情况属实", now=LATER)
    assert Entry.objects.get(reverses=line).cause == "objection"
    with pytest.raises(Conflict):
        actions.waive(actor=cast.manager, entry_id=line.pk, reason="首次违规，已当面辅导", now=LATER)
    assert Objection.objects.get().state == "upheld"
    agree()


def test_who_sees_what(cast: Cast, talk: Talk) -> None:
    talk()
    actions.settle(now=LATER)
    line = Entry.objects.first()
    assert line is not None
    for actor, seen in ((cast.agent, True), (cast.lead, True), (cast.manager, True), (cast.second_agent, False), (cast.outsider, False),
                        (cast.customer, False)):  # fmt: skip
        assert bool(queries.page(actor, queries.Wanted()).rows) is seen
        if seen:
            assert queries.detail(actor, line.pk).row.id == line.pk
            assert statements.statement(actor, cast.agent.id, NOVEMBER).lines
        else:
            with pytest.raises(NotFound):
                queries.detail(actor, line.pk)
            with pytest.raises(NotFound):
                statements.statement(actor, cast.agent.id, NOVEMBER)


def test_a_statement_is_acknowledged_as_it_was_read(cast: Cast, talk: Talk) -> None:
    with pytest.raises(NotFound):
        actions.acknowledge(actor=cast.agent, month=NOVEMBER, now=NOW)
    talk()
    actions.settle(now=LATER)
    seen = Sheet.objects.get().entries
    actions.acknowledge(actor=cast.agent, month=NOVEMBER, now=LATER, entries=seen)
    assert statements.statement(cast.agent, cast.agent.id, NOVEMBER).sheet.acknowledged
    actions.waive(actor=cast.manager, entry_id=Entry.objects.first().pk, reason="首次违规，已当面辅导", now=LATER)  # type: ignore[union-attr]
    assert not statements.statement(cast.agent, cast.agent.id, NOVEMBER).sheet.acknowledged
    with pytest.raises(Stale):
        actions.acknowledge(actor=cast.agent, month=NOVEMBER, now=LATER, entries=seen)


def test_the_legal_floor_is_warned_of(cast: Cast, talk: Talk) -> None:
    talk()
    actions.settle(now=LATER)
    found = statements.statement(cast.manager, cast.agent.id, NOVEMBER)
    assert found.floor_clause.endswith("texts.wage_floor")
    assert not found.floor.known
    assert found.floor.over == max(Decimal(0), -found.sheet.money - 498)
    actions.note_wage(actor=cast.manager, staff_id=cast.agent.id, month=NOVEMBER, wage="2,500", now=LATER)
    after = statements.statement(cast.manager, cast.agent.id, NOVEMBER)
    assert (after.floor.known, after.floor.most, after.wage) == (True, Decimal(10), "2500.00")
    assert after.floor.over == -after.sheet.money - 10
    assert statements.statement(cast.lead, cast.agent.id, NOVEMBER).wage == ""
    with pytest.raises(Invalid):
        actions.note_wage(actor=cast.manager, staff_id=cast.agent.id, month=NOVEMBER, wage="很多", now=LATER)
