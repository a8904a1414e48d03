"""A person's verdict over the machine's (QA6, QA7): the card, its findings and the figures follow, what the machine said stays."""

from decimal import Decimal
from typing import Any

import pytest

from kefu.conftest import NOW, Cast, Ground
from kefu.conversations import actions as conversations
from kefu.conversations.drafts import ConversationDraft
from kefu.kernel.errors import Denied, Invalid, NotFound, Stale
from kefu.kernel.models import AuditEntry, OutboxEvent
from kefu.people.models import Staff
from kefu.quality import actions, figures, overruling, queries
from kefu.quality.models import Finding, Inspection, Ruling
from kefu.quality.overruling import Mark
from kefu.quality.tests.dialogues import lines

BAD = "喂 | C: 我要投诉，我的快递呢 | 不知道 | C: 谢谢 | 你脑残吧"
WHY = "客户先说的“喂”，客服是照读"

pytestmark = pytest.mark.usefixtures("handbooks")


@pytest.fixture
def row(cast: Cast, ground: Ground) -> Inspection:
    no = Staff.objects.get(pk=cast.agent.id).staff_no
    draft = ConversationDraft("test", "one", "call", ground.station.pk, NOW, lines(BAD), staff_no=no)
    (pk,) = conversations.store(actor=cast.system, drafts=[draft], now=NOW).ids
    actions.inspect(actor=cast.inspector, conversation_ids=[pk], now=NOW)
    return Inspection.objects.get()


def ruled(cast: Cast, row: Inspection, *marks: Mark, source: str = "review") -> Inspection:
    return overruling.rule(actor=cast.inspector, inspection_id=row.pk, marks=marks, source=source, now=NOW)


def sums(row: Inspection) -> tuple[Decimal, Decimal]:
    found = row.findings.all()
    return sum((f.points for f in found), Decimal(0)), sum((f.money for f in found), Decimal(0))


def test_what_a_person_clears_costs_nothing_and_the_machine_is_still_heard(cast: Cast, row: Inspection) -> None:
    machine = (row.score, row.points, row.money, row.states)
    cost = overruling.card_of(row).item("taboo")
    assert cost is not None
    after = ruled(cast, row, Mark("taboo", "passed", WHY))
    after.refresh_from_db()
    assert (after.auto_score, after.auto_points, after.auto_money, after.auto_states) == machine
    assert (after.points, after.money) == (machine[1] - cost.penalty.points * cost.weight, machine[2] - cost.penalty.money)
    assert sums(after) == (after.points, after.money)
    assert set(after.findings.filter(item_key="taboo").values_list("state", flat=True)) == {"dismissed"}
    assert overruling.automatic(after)["taboo"] == "breached"
    shown = queries.card_of(cast.inspector, "conversation", row.subject_id)
    assert shown is not None
    assert {item.key: item.state for item in shown.items}["taboo"] == "passed"


def test_what_only_a_person_saw_costs_what_the_item_costs(cast: Cast, row: Inspection) -> None:
    fresh = next(
        item for item in overruling.card_of(row).items() if overruling.automatic(row)[item.id] in ("passed", "not_applicable", "manual")
    )
    after = ruled(cast, row, Mark(fresh.id, "breached", "语气明显不耐烦", line=2, start=0, end=3, matched="不知道"))
    found = after.findings.get(item_key=fresh.id)
    assert (found.mode, found.state, found.line, found.matched) == ("hand", "confirmed", 2, "不知道")
    assert (found.points, found.money) == (fresh.penalty.points * fresh.weight, fresh.penalty.money)
    assert sums(after) == (after.points, after.money)
    back = ruled(cast, after, Mark(fresh.id, "passed", "再听一遍，语气正常"), source="appeal")
    assert not back.findings.filter(item_key=fresh.id).exists()
    assert (back.score, back.points, back.money) == (row.score, row.points, row.money)


def test_the_newest_verdict_stands_and_all_are_kept(cast: Cast, row: Inspection) -> None:
    ruled(cast, row, Mark("taboo", "passed", WHY))
    last = ruled(cast, row, Mark("taboo", "breached"), source="final")
    assert (last.score, last.points, last.money) == (row.score, row.points, row.money)
    kept = queries.rulings_of(cast.inspector, row.pk)
    assert [(one.source, one.verdict, one.standing) for one in kept] == [("review", "passed", False), ("final", "breached", True)]
    assert set(last.findings.filter(item_key="taboo").values_list("state", flat=True)) == {"confirmed"}


def test_judged_again_under_the_same_version_the_person_still_stands(cast: Cast, row: Inspection) -> None:
    after = ruled(cast, row, Mark("taboo", "passed", WHY))
    actions.inspect(actor=cast.inspector, conversation_ids=[row.subject_id], now=NOW, again=True)
    fresh = Inspection.objects.get()
    assert fresh.pk != row.pk
    assert (fresh.score, fresh.points, fresh.money, fresh.states) == (after.score, after.points, after.money, after.states)
    assert fresh.auto_score == row.score


def test_a_verdict_against_the_machine_needs_a_reason_and_nothing_is_half_written(cast: Cast, row: Inspection) -> None:
    with pytest.raises(Invalid) as refused:
        ruled(cast, row, Mark("dialect", "not_applicable"), Mark("taboo", "passed", "  "))
    assert refused.value.code in ("reason_needed", "unknown_item")
    with pytest.raises(Invalid) as unknown:
        ruled(cast, row, Mark("no_such_item", "passed"))
    assert unknown.value.code == "unknown_item"
    assert not Ruling.objects.exists()
    assert Inspection.objects.get().auto_score is None


def test_two_at_once_one_is_told(cast: Cast, row: Inspection, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second read the card before the first ruled."""
    seen = overruling.access.get_inspection(cast.inspector, row.pk)
    ruled(cast, row, Mark("taboo", "passed", WHY))
    monkeypatch.setattr(overruling.access, "get_inspection", lambda *_: seen)
    with pytest.raises(Stale):
        ruled(cast, row, Mark("taboo", "breached"))
    assert Ruling.objects.count() == 1


def test_only_reviewers_in_reach_rule(cast: Cast, row: Inspection) -> None:
    for actor, error in ((cast.agent, Denied), (cast.lead, Denied), (cast.outsider, (Denied, NotFound)), (cast.customer, Denied)):
        with pytest.raises(error):
            overruling.rule(actor=actor, inspection_id=row.pk, marks=[Mark("taboo", "passed", WHY)], source="review", now=NOW)


def test_figures_and_lists_follow(cast: Cast, row: Inspection) -> None:
    def day() -> dict[str, Any]:
        start = NOW.replace(hour=0)
        return {measure: value for measure, _, value in figures.of_day(row.site_id, start, NOW)}

    before = day()
    taboo = row.findings.filter(item_key="taboo").count()
    after = ruled(cast, row, Mark("taboo", "passed", WHY))
    assert day()["findings"] == before["findings"] - taboo
    assert day()["score"] == after.score
    listed = queries.findings_count(cast.inspector, queries.Filters(mode="auto"))
    assert listed.value == day()["findings"]
    assert queries.findings_count(cast.inspector, queries.Filters(mode="auto", state="dismissed")).value == taboo
    event = OutboxEvent.objects.get(type="quality.ruled")
    assert (event.payload["items"], event.payload["day"]) == (["taboo"], row.day.isoformat())
    assert AuditEntry.objects.filter(action="quality.ruled").count() == 1


def test_findings_waiting_for_a_person_are_breaches_once_confirmed(cast: Cast, row: Inspection) -> None:
    waiting = Finding.objects.filter(mode="review").first()
    if waiting is None:
        pytest.fail("the conversation of this test has a finding for review")
    before = row.review_count
    after = ruled(cast, row, Mark(waiting.item_key, "breached", "确实如此"))
    assert after.review_count < before
    assert queries.findings_count(cast.inspector, queries.Filters(mode="review")).value == after.review_count
