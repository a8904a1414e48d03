"""Inspections in the database: who may, once per version, again, previews, lists and figures (QA2, HB2, HB3, SEC2)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.cases import actions as cases
from kefu.cases.joining import link_conversation
from kefu.cases.upkeep import add_note
from kefu.conftest import NOW, Cast, Ground
from kefu.conversations import actions as conversations
from kefu.conversations.drafts import ConversationDraft
from kefu.handbook import queries as handbooks
from kefu.handbook.refs import ClauseRef
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Conflict, Denied, NotFound
from kefu.kernel.models import AuditEntry, OutboxEvent
from kefu.people.models import Staff
from kefu.quality import access, acknowledging, actions, queries
from kefu.quality.models import Finding, Inspection
from kefu.quality.preview import preview
from kefu.quality.tests.dialogues import lines

BAD = "喂 | C: 我要投诉，我的快递呢 | 不知道，我的电话是13812345678 | C: 谢谢 | 你脑残吧"
GOOD = (
    "您好，南市分部工号{no}，很高兴为您服务，请问有什么可以帮您 | C: 到哪了 | 请您稍等，在南京，今天派送 | C: 谢谢"
    " | 不客气，请问还有什么可以帮到您，感谢您的来电，再见"
)
DAY = date(2026, 11, 22)

pytestmark = pytest.mark.usefixtures("handbooks")


@pytest.fixture
def store(cast: Cast, ground: Ground) -> Callable[..., list[int]]:
    """Stores conversations of the agent and returns their ids."""
    numbers = dict(Staff.objects.values_list("pk", "staff_no"))
    count = 0

    def make(*texts: str, agent: Any = None, site: Any = None, channel: str = "call", at: datetime = NOW) -> list[int]:
        nonlocal count
        drafts = []
        for text in texts:
            count += 1
            no = numbers[(agent or cast.agent).id]
            drafts.append(
                ConversationDraft("test", f"t{count}", channel, (site or ground.station).pk, at, lines(text.format(no=no)), staff_no=no)
            )
        return list(conversations.store(actor=cast.system, drafts=drafts, now=NOW).ids)

    return make


def _held(ground: Ground, staff: Staff) -> list[int]:
    system = Actor.system("tests")
    draft = ConversationDraft("test", "stranger", "call", ground.station.pk, NOW, lines(BAD), staff_no=staff.staff_no)
    return list(conversations.store(actor=system, drafts=[draft], now=NOW).ids)


def test_a_conversation_is_judged_by_the_version_in_force(cast: Cast, store: Any) -> None:
    bad, good = store(BAD, GOOD)
    done = actions.inspect(actor=cast.inspector, conversation_ids=[bad, good, bad], now=NOW)
    assert (done.read, done.inspected, done.already, done.skipped, done.unknown) == (2, 2, 0, 0, 0)
    row = Inspection.objects.get(subject_id=bad)
    assert (row.handbook, row.scorecard, row.day, row.staff_id, row.current) == ("best", "service", DAY, cast.agent.id, True)
    assert len(row.states) == 19
    assert row.finding_count == row.findings.count() == done.findings
    assert row.points == sum(f.points for f in row.findings.all())
    assert row.money == sum(f.money for f in row.findings.all())
    assert not row.passed
    taboo = row.findings.filter(item_key="taboo").order_by("pk").first()
    assert taboo is not None
    assert handbooks.clause(taboo.item).value.title == "服务禁语"
    assert ClauseRef.parse(taboo.item).version == row.version
    assert lines(BAD)[taboo.line].text[taboo.start : taboo.end] == "喂"
    assert Inspection.objects.get(subject_id=good).score == 100
    assert AuditEntry.objects.filter(action="quality.inspected").count() == 1
    events = OutboxEvent.objects.filter(type="quality.inspected")
    assert {(e.subject_kind, e.subject_id, e.site_id) for e in events} == {
        ("conversation", bad, row.site_id),
        ("conversation", good, row.site_id),
    }


def test_matched_words_are_masked(cast: Cast, store: Any) -> None:
    (pk,) = store("您好 | C: 什么时候到，我电话13812345678")
    actions.inspect(actor=cast.inspector, conversation_ids=[pk], now=NOW)
    found = Finding.objects.get(code="never_answered")
    assert "13812345678" not in found.matched
    assert "什么时候到" in found.matched
    assert not any("13812345678" in str(value) for value in Finding.objects.values_list("detail", flat=True))


def test_again_replaces_and_keeps_what_people_did(cast: Cast, store: Any) -> None:
    (pk,) = store(BAD)
    actions.inspect(actor=cast.inspector, conversation_ids=[pk], now=NOW)
    first = Inspection.objects.get()
    Finding.objects.filter(item_key="taboo").update(state=Finding.State.ACKNOWLEDGED)
    again = actions.inspect(actor=cast.inspector, conversation_ids=[pk], now=NOW)
    assert (again.inspected, again.already) == (0, 1)
    assert Inspection.objects.get().pk == first.pk
    forced = actions.inspect(actor=cast.inspector, conversation_ids=[pk], now=NOW, again=True)
    assert (forced.inspected, forced.already) == (1, 0)
    second = Inspection.objects.get()
    assert second.pk != first.pk
    assert second.findings.count() == first.finding_count
    assert set(second.findings.filter(item_key="taboo").values_list("state", flat=True)) == {"acknowledged"}
    assert set(second.findings.exclude(item_key="taboo").values_list("state", flat=True)) == {"open"}


def test_one_takes_note_of_findings_about_oneself(cast: Cast, store: Any) -> None:
    (pk,) = store(BAD)
    actions.inspect(actor=cast.inspector, conversation_ids=[pk], now=NOW)
    mine = acknowledging.to_acknowledge(cast.agent)
    assert mine
    first = mine[0]
    before = first.inspection.score
    for other in (cast.second_agent, cast.lead, cast.outsider, cast.inspector):
        assert acknowledging.to_acknowledge(other) == []
        with pytest.raises(NotFound):
            acknowledging.acknowledge(actor=other, finding_id=first.pk, now=NOW)
    for _twice in range(2):
        acknowledging.acknowledge(actor=cast.agent, finding_id=first.pk, now=NOW)
    first.refresh_from_db()
    assert (first.state, first.inspection.score) == ("acknowledged", before)
    assert first.pk not in [one.pk for one in acknowledging.to_acknowledge(cast.agent)]
    assert AuditEntry.objects.filter(action="finding.acknowledged").count() == 1
    Finding.objects.filter(pk=first.pk).update(state=Finding.State.CONFIRMED)
    with pytest.raises(Conflict):
        acknowledging.acknowledge(actor=cast.agent, finding_id=first.pk, now=NOW)


def test_only_who_may_inspect_inspects(cast: Cast, store: Any) -> None:
    (pk,) = store(BAD)
    for actor in (cast.agent, cast.lead, cast.clerk, cast.outsider, cast.customer):
        with pytest.raises(Denied):
            actions.inspect(actor=actor, conversation_ids=[pk], now=NOW)
        with pytest.raises(Denied):
            actions.inspect_pending(actor=actor, now=NOW)
    assert not Inspection.objects.exists()
    assert not AuditEntry.objects.filter(action="quality.inspected").exists()


def test_out_of_reach_looks_unknown(cast: Cast, ground: Ground, store: Any, hire: Any) -> None:
    from kefu.people.access import actor_for

    (pk,) = store(GOOD, agent=cast.outsider, site=ground.other_station)
    narrow = actor_for(hire("inspector", ground.station))
    done = actions.inspect(actor=narrow, conversation_ids=[pk, 999_999], now=NOW)
    assert (done.read, done.inspected, done.unknown) == (2, 0, 2)


def test_channels_without_a_card_and_times_without_a_handbook_are_skipped(cast: Cast, store: Any) -> None:
    ids = [*store(BAD, channel="email"), *store(BAD, at=datetime(2020, 1, 1, tzinfo=UTC))]
    done = actions.inspect(actor=cast.inspector, conversation_ids=ids, now=NOW)
    assert (done.skipped, done.inspected) == (2, 0)


def test_pending_takes_what_is_left_and_goes_on(cast: Cast, store: Any) -> None:
    ids = store(*[GOOD] * 5)
    actions.inspect(actor=cast.inspector, conversation_ids=ids[:2], now=NOW)
    seen: list[int] = []
    first = actions.inspect_pending(actor=cast.inspector, now=NOW, limit=2, progress=seen.append)
    assert (first.inspected, seen) == (2, [2])
    rest = actions.inspect_pending(actor=cast.system, now=NOW)
    assert rest.inspected == 1
    assert actions.inspect_pending(actor=cast.system, now=NOW).read == 0
    assert Inspection.objects.count() == 5


def test_the_number_of_statements_does_not_grow(cast: Cast, store: Any) -> None:
    counts = []
    for size in (3, 60):
        ids = store(*[BAD] * size)
        with CaptureQueriesContext(connection) as seen:
            actions.inspect(actor=cast.inspector, conversation_ids=ids, now=NOW)
        # Bulk inserts come in batches of what a database takes at once.
        counts.append(sum(not query["sql"].startswith("INSERT") for query in seen))
    assert counts[1] <= counts[0] <= 12


def test_agents_see_their_own_others_those_in_reach(cast: Cast, ground: Ground, store: Any) -> None:
    mine, other, elsewhere = *store(BAD), *store(BAD, agent=cast.second_agent), *store(BAD, agent=cast.outsider, site=ground.other_station)
    actions.inspect(actor=cast.system, conversation_ids=[mine, other, elsewhere], now=NOW)
    seen = {
        name: {row.subject_id for row in access.visible_inspections(getattr(cast, name))}
        for name in ("agent", "second_agent", "outsider", "lead", "inspector", "trainer", "manager", "admin", "clerk", "customer")
    }
    everything = {mine, other, elsewhere}
    assert seen == {
        "agent": {mine}, "second_agent": {other}, "outsider": {elsewhere}, "lead": {mine, other}, "inspector": everything,
        "trainer": {mine, other}, "manager": everything, "admin": everything, "clerk": set(), "customer": set(),
    }  # fmt: skip
    assert queries.findings_of(cast.outsider, mine) is None
    assert queries.findings_of(cast.agent, other) is None
    with pytest.raises(NotFound):
        access.get_inspection(cast.outsider, Inspection.objects.get(subject_id=mine).pk)
    with pytest.raises((Denied, NotFound)):
        queries.scorecard_of(cast.agent, cast.second_agent.id, since=DAY, until=DAY)
    with pytest.raises(Denied):
        queries.coverage(cast.agent, site_id=ground.station.pk, day=DAY)


def test_findings_beside_the_lines(cast: Cast, store: Any) -> None:
    (pk,) = store(BAD)
    actions.inspect(actor=cast.system, conversation_ids=[pk], now=NOW)
    with CaptureQueriesContext(connection) as seen:
        card = queries.findings_of(cast.agent, pk)
    assert card is not None
    assert len(seen) <= 4
    assert [item.key for item in card.items[:3]] == ["opening", "closing", "mandarin"]
    by_key = {item.key: item for item in card.items}
    assert by_key["taboo"].state == "breached"
    assert by_key["taboo"].money == 50
    assert by_key["voice"].why == "no_times"
    assert handbooks.clause(by_key["record"].ref).value.title == "信息记录"
    assert sum((item.money for item in card.items), Decimal(0)) == card.inspection.money
    places = [(f.line, f.start) for f in card.findings if f.line is not None]
    assert places == sorted(places)


def test_pages_of_findings(cast: Cast, ground: Ground, store: Any) -> None:
    ids = [*store(*[BAD] * 4), *store(BAD, agent=cast.second_agent, at=NOW - timedelta(days=2))]
    actions.inspect(actor=cast.system, conversation_ids=ids, now=NOW)
    total = Finding.objects.count()
    cursor, seen = None, []
    while True:
        page = queries.findings_page(cast.lead, cursor=cursor, size=7)
        seen += [row.pk for row in page.rows]
        cursor = page.next
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == total
    wanted = queries.Filters(item="insult", staff_id=cast.agent.id, day_from=DAY, day_to=DAY, mode="auto")
    assert len(queries.findings_page(cast.lead, wanted).rows) == queries.findings_count(cast.lead, wanted).value == 4
    assert not queries.findings_page(cast.lead, queries.Filters(item="insult", state="confirmed")).rows
    assert not queries.findings_page(cast.outsider, wanted).rows
    with CaptureQueriesContext(connection) as queried:
        [(row.staff.name, row.site.name) for row in queries.findings_page(cast.lead).rows]
    assert len(queried) == 1
    assert {row.subject_id for row in queries.inspections_page(cast.lead, day=DAY).rows} == set(ids[:4])


def test_the_card_of_an_agent(cast: Cast, ground: Ground, store: Any, hire: Any) -> None:
    stranger = hire("agent", ground.station)  # of no team
    actions.inspect(actor=cast.system, conversation_ids=_held(ground, stranger), now=NOW)
    ids = [*store(*[BAD] * 3), *store(GOOD), *store(*[GOOD] * 4, agent=cast.second_agent), *store(BAD, at=NOW - timedelta(days=8))]
    actions.inspect(actor=cast.system, conversation_ids=ids, now=NOW)
    card = queries.scorecard_of(cast.agent, cast.agent.id, since=DAY - timedelta(days=30), until=DAY)
    assert (card.inspections, card.fatal, card.staff_id) == (5, 0, cast.agent.id)
    taboo = next(item for item in card.items if item.key == "taboo")
    assert (taboo.total.applicable, taboo.total.breached, taboo.total.passed, taboo.total.rate) == (5, 4, 1, 0.8)
    assert sorted(taboo.weeks) == [date(2026, 11, 9), date(2026, 11, 16)]
    assert taboo.weeks[date(2026, 11, 9)].breached == 1
    assert (taboo.team.applicable, taboo.team.breached) == (9, 4)
    assert taboo.money == 200
    wanted = queries.Filters(item="taboo", staff_id=cast.agent.id, day_from=DAY - timedelta(days=30), day_to=DAY)
    opened = queries.findings_page(cast.agent, wanted).rows
    assert len(opened) == taboo.findings
    assert sum((row.money for row in opened), Decimal(0)) == taboo.money
    assert card.money == sum((item.money for item in card.items), Decimal(0))
    assert card.points == sum((item.points for item in card.items), Decimal(0))
    voice = next(item for item in card.items if item.key == "voice")
    assert voice.total.rate is None


def test_cards_and_coverage_cost_the_same_at_any_size(cast: Cast, ground: Ground, store: Any) -> None:
    counts = []
    for size in (2, 40):
        actions.inspect(actor=cast.system, conversation_ids=store(*[BAD, GOOD] * size), now=NOW)
        with CaptureQueriesContext(connection) as seen:
            queries.scorecard_of(cast.lead, cast.agent.id, since=DAY, until=DAY)
            queries.coverage(cast.lead, site_id=ground.station.pk, day=DAY)
        counts.append(len(seen))
    assert counts[1] <= counts[0] <= 9


def test_coverage(cast: Cast, ground: Ground, store: Any) -> None:
    ids = store(BAD, GOOD, GOOD, GOOD)
    actions.inspect(actor=cast.system, conversation_ids=ids[:3], now=NOW)
    found = queries.coverage(cast.lead, site_id=ground.station.pk, day=DAY)
    assert (found.conversations, found.inspected, found.breached, found.share) == (4, 3, 1, 0.75)
    assert queries.coverage(cast.lead, site_id=None, day=DAY - timedelta(days=1)).share is None


def test_preview_of_a_draft_writes_nothing(cast: Cast, store: Any) -> None:
    bad, _ = store(BAD, GOOD)
    book = handbooks.book_at("best", NOW)
    words = tuple(word for word in book.lexicons["taboo"].words if word.term not in ("喂", "不知道"))
    lexicon = book.lexicons["taboo"].model_copy(update={"words": words})
    draft = book.model_copy(update={"lexicons": {**book.lexicons, "taboo": lexicon}})
    before = (Inspection.objects.count(), Finding.objects.count(), AuditEntry.objects.count())
    out = preview(actor=cast.manager, draft=draft, since=NOW - timedelta(days=1), until=NOW + timedelta(days=1))
    assert (out.read, out.changed, out.more) == (2, 1, False)
    assert (out.items["taboo"].breached_before, out.items["taboo"].breached_after) == (1, 0)
    assert [(c.conversation_id, c.item, c.before, c.after) for c in out.samples] == [(bad, "taboo", "breached", "passed")]
    one = out.staff[cast.agent.id]
    assert one.money_before - one.money_after == 50
    assert (Inspection.objects.count(), Finding.objects.count(), AuditEntry.objects.count()) == before
    with pytest.raises(Denied):
        preview(actor=cast.lead, draft=draft, since=NOW, until=NOW)


def test_a_new_version_leaves_the_old_verdict_and_only_one_counts(cast: Cast, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (pk,) = store(BAD)
    actions.inspect(actor=cast.system, conversation_ids=[pk], now=NOW)
    Inspection.objects.update(version=777)
    actions.inspect(actor=cast.system, conversation_ids=[pk], now=NOW)
    assert sorted(Inspection.objects.values_list("version", "current"), key=lambda v: v[0])[-1] == (777, False)
    assert Inspection.objects.filter(current=True).count() == 1
    assert Finding.objects.filter(current=True).count() == Inspection.objects.get(current=True).finding_count
    assert queries.findings_page(cast.lead).rows[0].inspection_id == Inspection.objects.get(current=True).pk


def test_cases_from_their_facts(cast: Cast, ground: Ground) -> None:
    request = cases.CaseRequest(
        site_id=ground.station.pk, kind="delay", channel="call", description="客户来电反映快件三天没有更新物流", waybill="YT1"
    )
    case = cases.open_case(actor=cast.agent, request=request, now=NOW)
    done = actions.inspect_cases(actor=cast.inspector, case_ids=[case.pk, 999], now=NOW + timedelta(days=4))
    assert (done.inspected, done.unknown) == (1, 1)
    card = queries.card_of(cast.inspector, "case", case.pk)
    assert card is not None
    states = {item.key: item.state for item in card.items}
    assert (states["record"], states["solve_rate"], states["opening"]) == ("passed", "breached", "not_applicable")


@pytest.mark.parametrize(("ended_by", "mode"), [("", "auto"), ("agent", "auto"), ("customer", "review")])
def test_who_ended_the_talk_is_handed_on(cast: Cast, ground: Ground, ended_by: str, mode: str) -> None:
    """A customer who hangs up leaves no time for the closing: that is for a person to judge."""
    facts = {"ended_by": ended_by} if ended_by else {}
    draft = ConversationDraft("test", "ended", "call", ground.station.pk, NOW, lines("您好 | C: 到哪了 | 在路上"), facts=facts)
    done = conversations.store(actor=cast.system, drafts=[draft], now=NOW)
    actions.inspect(actor=cast.inspector, conversation_ids=list(done.ids), now=NOW)
    assert Finding.objects.get(item_key="closing").mode == mode


@pytest.mark.parametrize(
    ("opened", "noted", "judged_at", "late"),
    [
        (timedelta(minutes=10), None, timedelta(days=1), []),
        (timedelta(hours=3), None, timedelta(days=1), [{"seconds": 10500, "limit": 7200}]),
        (timedelta(hours=-1), timedelta(minutes=20), timedelta(days=1), []),
        (timedelta(hours=-1), timedelta(minutes=2), timedelta(days=1), []),
        (timedelta(hours=-1), timedelta(hours=4), timedelta(days=1), [{"seconds": 14100, "limit": 7200}]),
        (timedelta(hours=-1), None, timedelta(hours=1), []),
        (timedelta(hours=-1), None, timedelta(hours=6), [{"seconds": 21300, "limit": 7200}]),
    ],
    ids=["opened soon", "opened late", "noted soon", "noted meanwhile", "noted late", "not yet", "never"],
)
def test_how_long_a_record_took(
    cast: Cast, ground: Ground, opened: timedelta, noted: timedelta | None, judged_at: timedelta, late: list[dict[str, int]]
) -> None:
    """The talk lasts from now to five minutes later; ``best`` wants its record within two hours."""
    draft = ConversationDraft(
        "test", "talk", "call", ground.station.pk, NOW, lines("您好 | C: 到哪了"), ended_at=NOW + timedelta(minutes=5)
    )
    (talk,) = conversations.store(actor=cast.system, drafts=[draft], now=NOW).ids
    request = cases.CaseRequest(ground.station.pk, "delay", "call", "三天没有更新，客户要求今天送到", assignee_id=cast.agent.id)
    case = cases.open_case(actor=cast.agent, request=request, now=NOW + opened)
    link_conversation(actor=cast.lead, case_id=case.pk, conversation_id=talk, now=NOW + timedelta(minutes=6))
    if noted is not None:
        add_note(actor=cast.agent, case_id=case.pk, text="已联系网点", now=NOW + noted)
    actions.inspect_cases(actor=cast.inspector, case_ids=[case.pk], now=NOW + judged_at)
    assert list(Finding.objects.filter(code="record_late").values_list("detail", flat=True)) == late
