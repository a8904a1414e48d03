"""Labels, how right the rules are, and drafts tried by several workers (QA10, SEC2)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kefu.bench import actions, queries, scores, work
from kefu.bench.errors import NothingToTry, SpanTooLong, UnknownItem, UnknownSource
from kefu.bench.errors import TrialEnded as TrialEndedError
from kefu.bench.models import Change, Chunk, Label, Total, Trial
from kefu.bench.rules import Confusion, Said, truth
from kefu.conftest import NOW, Cast, Ground
from kefu.conversations import actions as conversations
from kefu.conversations.drafts import ConversationDraft
from kefu.handbook import builtin, item_pieces
from kefu.handbook.errors import HandbookInvalid
from kefu.kernel.errors import Denied, NotFound
from kefu.kernel.models import AuditEntry, OutboxEvent
from kefu.people.models import Staff
from kefu.quality import actions as quality
from kefu.quality import overruling
from kefu.quality.models import Inspection
from kefu.quality.tests.dialogues import lines
from kefu.reactions import run as reactions

BAD = "您好 | C: 我的快递呢 | 不知道 | C: 哦 | 再见"
GOOD = "您好 | C: 我的快递呢 | 马上为您查询 | C: 好 | 再见"
TABOO = {
    "id": "taboo",
    "title": "服务禁语",
    "source": "B ch1",
    "definition": "禁语。",
    "penalty": {"points": 7, "money": 70},
    "detector": {"kind": "rule", "when": {"words": ["马上"]}},
}
DRAFT = item_pieces.with_item(builtin.text("best") or "", "service", {}, "taboo", TABOO)
SPAN = {"since": NOW - timedelta(days=30), "until": NOW + timedelta(days=1)}

pytestmark = pytest.mark.usefixtures("handbooks")


@pytest.fixture
def store(cast: Cast, ground: Ground) -> Callable[..., list[int]]:
    """Stores conversations of the agent and returns their ids."""
    count = 0
    no = Staff.objects.get(pk=cast.agent.id).staff_no

    def make(*texts: str, at: datetime = NOW, site: Any = None) -> list[int]:
        nonlocal count
        drafts = []
        for text in texts:
            count += 1
            drafts.append(ConversationDraft("test", f"b{count}", "chat", (site or ground.station).pk, at, lines(text), staff_no=no))
        return list(conversations.store(actor=cast.system, drafts=drafts, now=NOW).ids)

    return make


def begin(cast: Cast, text: str = DRAFT, **more: Any) -> Trial:
    return actions.begin(actor=more.pop("actor", cast.manager), text=text, title="草稿", now=NOW, **{**SPAN, **more})


def test_the_strongest_and_newest_word_counts() -> None:
    one, later = ("conversation", 1), NOW + timedelta(hours=1)
    said = [
        Said(one, "a", True, "review", later),
        Said(one, "a", False, "appeal", NOW),
        Said(one, "b", True, "hand", NOW),
        Said(one, "b", False, "hand", later),
    ]
    assert truth(said) == {(one, "a"): False, (one, "b"): False}
    assert truth([Said(one, "a", True, "hand", NOW), Said(one, "a", False, "hand", NOW)]) == {(one, "a"): True}


def test_precision_and_recall() -> None:
    found = Confusion()
    assert (found.precision, found.recall) == (None, None)
    for letter, breached in (("b", True), ("b", True), ("b", False), ("p", True), ("r", True), ("n", True), ("p", False)):
        found.add(letter, breached=breached)
    assert (found.precision, found.recall, found.reached, found.total) == (2 / 3, 2 / 5, 3 / 5, 7)


def test_a_label_is_kept_once_and_may_be_changed(cast: Cast, store: Any) -> None:
    (talk,) = store(BAD)
    for breached in (True, True, False):
        actions.label(actor=cast.inspector, subject_kind="conversation", subject_id=talk, item_key="taboo", breached=breached, now=NOW)
    row = Label.objects.get()
    assert (row.breached, row.source, row.by_id, row.staff_id, row.line) == (False, "hand", cast.inspector.id, cast.agent.id, -1)
    assert AuditEntry.objects.filter(action="bench.labelled").count() == OutboxEvent.objects.filter(type="bench.labelled").count() == 2


def test_who_may_label(cast: Cast, store: Any) -> None:
    (talk,) = store(BAD)
    given: dict[str, Any] = {"subject_kind": "conversation", "subject_id": talk, "item_key": "taboo", "breached": True, "now": NOW}
    for nobody in (cast.agent, cast.lead, cast.trainer, cast.clerk, cast.customer):
        with pytest.raises(Denied):
            actions.label(actor=nobody, **given)
    with pytest.raises(NotFound):
        actions.label(actor=cast.inspector, **{**given, "subject_id": talk + 1})
    with pytest.raises(UnknownItem):
        actions.label(actor=cast.inspector, **{**given, "item_key": "nothing"})
    with pytest.raises(UnknownSource):
        actions.label(actor=cast.inspector, source="rumour", **given)
    assert not Label.objects.exists()
    assert actions.collect(actor=cast.system, **{**given, "subject_id": talk + 1}, source="review") is None


def test_labels_of_another_site_are_not_seen(cast: Cast, store: Any) -> None:
    (talk,) = store(BAD)
    actions.label(actor=cast.inspector, subject_kind="conversation", subject_id=talk, item_key="taboo", breached=True, now=NOW)
    assert len(queries.labels_page(cast.inspector).rows) == 1
    assert not queries.labels_page(cast.outsider).rows
    with pytest.raises(Denied):
        scores.scores(cast.outsider)


def test_what_the_machine_said_is_held_beside_labels(cast: Cast, store: Any) -> None:
    bad, good, other = store(BAD, GOOD, GOOD)
    quality.inspect(actor=cast.system, conversation_ids=[bad, good, other], now=NOW)
    for talk, breached in ((bad, True), (good, False), (other, True)):
        actions.label(
            actor=cast.inspector, subject_kind="conversation", subject_id=talk, item_key="taboo", breached=breached, now=NOW, line=2
        )
    found = scores.scores(cast.inspector)
    (row,) = found.rows
    assert (row.item, row.version, found.labels, found.subjects) == ("taboo", "best@1", 3, 3)
    assert (row.confusion.hit_right, row.confusion.passed_right, row.confusion.missed) == (1, 1, 1)
    missed = scores.behind(cast.inspector, item="taboo", version="best@1", name="missed")
    assert [(one.id, one.line, one.sentence) for one in missed] == [(other, 2, "马上为您查询")]


def test_a_draft_is_held_beside_the_version_in_force(cast: Cast, store: Any) -> None:
    from kefu.handbook import queries as handbooks

    bad, good = store(BAD, GOOD)
    quality.inspect(actor=cast.system, conversation_ids=[bad, good], now=NOW)
    for talk in (bad, good):
        actions.label(actor=cast.inspector, subject_kind="conversation", subject_id=talk, item_key="taboo", breached=talk == bad, now=NOW)
    draft = handbooks.read_text(DRAFT, when=NOW).handbook
    rows = {row.version: row.confusion for row in scores.scores(cast.inspector, draft=draft).rows}
    assert (rows["best@1"].precision, rows["draft"].precision, rows["draft"].hit_wrong, rows["draft"].missed) == (1.0, 0.0, 1, 1)
    assert [one.id for one in scores.behind(cast.inspector, item="taboo", version="draft", name="hit_wrong", draft=draft)] == [good]


@pytest.mark.django_db(transaction=True)
def test_rulings_become_labels_and_the_machines_word_stays_its_own(cast: Cast, store: Any) -> None:
    (bad,) = store(BAD)
    quality.inspect(actor=cast.system, conversation_ids=[bad], now=NOW)
    row = Inspection.objects.get(subject_id=bad)
    mark = overruling.Mark("taboo", "passed", "客户引用的话")
    overruling.rule(actor=cast.inspector, inspection_id=row.pk, marks=[mark], source="review", now=NOW)
    reactions.run_all(now=NOW)
    label = Label.objects.get()
    assert (label.breached, label.source, label.by_id, label.item_key) == (False, "review", cast.inspector.id, "taboo")
    (found,) = scores.scores(cast.inspector).rows
    assert found.confusion.hit_wrong == 1


def test_a_trial_tells_what_would_change_by_item_agent_and_money(cast: Cast, store: Any) -> None:
    bad, good, _same = store(BAD, GOOD, "您好 | C: 在吗 | 在的")
    trial = begin(cast)
    assert (trial.total, trial.chunks.count()) == (3, 1)
    assert work.run_due(now=NOW) == 3
    found = queries.standing(cast.manager, trial.pk)
    assert (found.trial.state, found.done, found.read, found.changed) == ("done", 3, 3, 2)
    (item,) = found.items
    assert (item.item, item.more, item.fewer) == ("taboo", 1, 1)
    (staff,) = found.staff
    assert (staff.staff_id, staff.conversations) == (cast.agent.id, 3)
    assert staff.money_after - staff.money_before == Decimal(20) == item.money
    rows = {row.conversation_id: row for row in Change.objects.all()}
    assert (rows[bad].before, rows[bad].after, rows[bad].matched, rows[bad].line) == ("b", "p", "不知道", 2)
    assert (rows[good].before, rows[good].after, rows[good].sentence) == ("p", "b", "马上为您查询")
    assert len(queries.examples(cast.manager, trial)) == 2
    assert not Inspection.objects.exists()
    assert AuditEntry.objects.filter(action="bench.trial_done").count() == 1


def test_a_chunk_is_done_once_whoever_comes_second(cast: Cast, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "CHUNK", 2)
    store(BAD, GOOD, BAD, GOOD, BAD)
    trial = begin(cast)
    assert trial.chunks.count() == 3
    first = work._take(trial, NOW)
    assert first is not None
    later = NOW + work.LEASE + timedelta(seconds=1)
    stolen = work._take(trial, later)
    assert stolen is not None
    assert stolen.pk == first.pk
    assert work._work(trial, stolen, later) == 2
    assert work._work(trial, first, later) == 0
    assert Chunk.objects.filter(done=True).count() == 1
    assert sum(one.conversations for one in Total.objects.all()) == 2
    assert work.run_due(now=later) == 3
    assert sum(one.conversations for one in Total.objects.all()) == 5
    trial.refresh_from_db()
    assert trial.state == "done"


def test_a_worker_that_died_leaves_nothing_behind_but_its_lease(cast: Cast, store: Any) -> None:
    store(BAD)
    trial = begin(cast)
    assert work._take(trial, NOW) is not None
    assert work.run_due(now=NOW) == 0
    assert work.run_due(now=NOW + work.LEASE + timedelta(seconds=1)) == 1
    trial.refresh_from_db()
    assert trial.state == "done"


def test_a_stopped_trial_goes_no_further(cast: Cast, store: Any) -> None:
    store(BAD)
    trial = begin(cast)
    actions.stop(actor=cast.manager, trial_id=trial.pk, now=NOW)
    assert work.run_due(now=NOW) == 0
    with pytest.raises(TrialEndedError):
        actions.stop(actor=cast.manager, trial_id=trial.pk, now=NOW)


def test_what_cannot_be_tried_is_refused_and_nothing_written(cast: Cast, ground: Ground, store: Any) -> None:
    store(BAD, at=NOW - timedelta(days=400))
    with pytest.raises(NothingToTry):
        begin(cast)
    with pytest.raises(HandbookInvalid):
        begin(cast, text=DRAFT.replace("words:", "wards:"))
    with pytest.raises(SpanTooLong):
        begin(cast, since=NOW + timedelta(days=2))
    for nobody in (cast.agent, cast.inspector, cast.lead):
        with pytest.raises(Denied):
            begin(cast, actor=nobody)
    assert not Trial.objects.exists()


def test_a_trial_is_not_seen_elsewhere(cast: Cast, store: Any) -> None:
    store(BAD)
    trial = begin(cast)
    for other in (cast.outsider, cast.agent):
        with pytest.raises((NotFound, Denied)):
            queries.standing(other, trial.pk)
    assert queries.standing(cast.inspector, trial.pk).trial.pk == trial.pk
