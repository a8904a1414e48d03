"""Calibration sessions: blind until shown, agreement per item, the agreed mark, inspectors' deviation (QA7)."""

from collections.abc import Callable
from typing import Any

import pytest

from kefu.calibration import actions, queries
from kefu.calibration.actions import Said
from kefu.calibration.errors import AlreadyHandedIn, NotAMember, SessionClosed, TooFew
from kefu.calibration.models import Mark, Session
from kefu.calibration.queries import Wanted
from kefu.conftest import NOW, Cast, Ground
from kefu.conversations import actions as conversations
from kefu.conversations.drafts import ConversationDraft
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Denied, Invalid, NotFound, Stale
from kefu.kernel.models import AuditEntry, OutboxEvent
from kefu.people.access import actor_for
from kefu.people.models import Staff
from kefu.quality import actions as quality
from kefu.quality.models import Inspection
from kefu.quality.tests.dialogues import lines

pytestmark = pytest.mark.usefixtures("handbooks")
BAD = "喂 | C: 我要投诉，我的快递呢 | 不知道 | C: 谢谢 | 你脑残吧"


@pytest.fixture
def second(hire: Callable[..., Any], ground: Ground) -> Actor:
    return actor_for(hire("inspector", ground.hub, name="第二质检"))


@pytest.fixture
def session(cast: Cast, ground: Ground, second: Actor) -> Session:
    no = Staff.objects.get(pk=cast.agent.id).staff_no
    drafts = [ConversationDraft("test", str(n), "call", ground.station.pk, NOW, lines(f"{BAD}{n}"), staff_no=no) for n in range(2)]
    ids = conversations.store(actor=cast.system, drafts=drafts, now=NOW).ids
    quality.inspect(actor=cast.inspector, conversation_ids=ids, now=NOW)
    members = [cast.inspector.id, second.id, cast.manager.id]
    return actions.open_session(actor=cast.manager, title="十一月校准", conversation_ids=ids, staff_ids=members, days=3, now=NOW)


def marked(actor: Actor, session: Session, **verdicts: str) -> None:
    for talk in session.talks.all():
        said = {key: Said(verdict, "理由") for key, verdict in verdicts.items()}
        actions.mark(actor=actor, session_id=session.pk, talk_id=talk.pk, said=said, now=NOW)
    actions.hand_in(actor=actor, session_id=session.pk, now=NOW)


@pytest.fixture
def shown(cast: Cast, session: Session, second: Actor) -> Session:
    marked(cast.inspector, session, taboo="breached", polite="passed")
    marked(second, session, taboo="breached", polite="breached")
    return actions.reveal(actor=cast.manager, session_id=session.pk, now=NOW)


def test_only_a_leader_opens_one_and_what_is_wrong_stands_at_its_field(cast: Cast, ground: Ground) -> None:
    call = {"title": "", "conversation_ids": [], "staff_ids": [cast.inspector.id], "days": 0, "now": NOW}
    for actor in (cast.inspector, cast.lead, cast.agent):
        with pytest.raises(Denied):
            actions.open_session(actor=actor, **call)
    with pytest.raises(Invalid) as refused:
        actions.open_session(actor=cast.manager, **call)
    assert set(refused.value.fields) == {"title", "conversations", "members", "days"}
    with pytest.raises(Invalid) as unknown:
        actions.open_session(actor=cast.manager, **call | {"title": "x", "days": 1, "conversation_ids": [99], "staff_ids": [1, 2]})
    assert set(unknown.value.fields) == {"conversations"}
    assert not Session.objects.exists()


def test_while_people_mark_nobody_sees_what_others_marked(cast: Cast, session: Session, second: Actor) -> None:
    marked(cast.inspector, session, taboo="breached")
    for reader in (second, cast.manager, cast.admin):
        seen = queries.detail(reader, session.pk)
        assert (seen.items, seen.differences, seen.own_marked) == ((), (), {})
    talk = session.talks.first()
    _session, _talk, _items, mine = queries.own_sheet(second, session.pk, talk.pk)
    assert mine == {}
    with pytest.raises(NotFound):
        queries.own_sheet(cast.admin, session.pk, talk.pk)
    # Nor does the trail or an event say it.
    trail = str(list(AuditEntry.objects.filter(action__startswith="calibration").values_list("data", flat=True)))
    assert "breached" not in trail + str(list(OutboxEvent.objects.filter(type="calibration.changed").values_list("payload", flat=True)))


def test_marks_are_handed_in_once_by_members(cast: Cast, session: Session, second: Actor, hire: Callable[..., Any], ground: Ground) -> None:
    stranger = actor_for(hire("inspector", ground.hub, name="第三质检"))
    talk = session.talks.first()
    with pytest.raises(NotAMember):
        actions.mark(actor=stranger, session_id=session.pk, talk_id=talk.pk, said={}, now=NOW)
    with pytest.raises(Invalid):
        actions.hand_in(actor=second, session_id=session.pk, now=NOW)
    with pytest.raises(Invalid):
        actions.mark(actor=second, session_id=session.pk, talk_id=talk.pk, said={"no_item": Said("passed")}, now=NOW)
    marked(second, session, taboo="passed")
    with pytest.raises(AlreadyHandedIn):
        actions.mark(actor=second, session_id=session.pk, talk_id=talk.pk, said={"taboo": Said("breached")}, now=NOW)
    with pytest.raises(AlreadyHandedIn):
        actions.hand_in(actor=second, session_id=session.pk, now=NOW)
    assert set(Mark.objects.values_list("verdict", flat=True)) == {"passed"}


def test_shown_they_are_compared_and_marks_nobody_handed_in_are_thrown_away(cast: Cast, session: Session, second: Actor) -> None:
    with pytest.raises(TooFew):
        actions.reveal(actor=cast.manager, session_id=session.pk, now=NOW)
    talk = session.talks.first()
    actions.mark(actor=cast.manager, session_id=session.pk, talk_id=talk.pk, said={"taboo": Said("passed")}, now=NOW)
    marked(cast.inspector, session, taboo="breached", polite="passed")
    marked(second, session, taboo="breached", polite="breached")
    seen = session.version
    shown = actions.reveal(actor=cast.manager, session_id=session.pk, now=NOW, expected_version=seen)
    with pytest.raises((Stale, SessionClosed)):
        actions.reveal(actor=cast.manager, session_id=session.pk, now=NOW, expected_version=seen)
    assert not Mark.objects.filter(staff_id=cast.manager.id).exists()
    found = queries.detail(second, session.pk)
    by_item = {one.item_key: (one.alpha, one.agreed, one.unlike) for one in found.items}
    assert by_item["taboo"] == (1.0, 1.0, 0)
    assert by_item["polite"] == (-0.5, 0.0, 2)
    assert shown.agreed == 0.5
    assert [one.item_key for one in found.differences if one.unlike] == ["polite", "polite"]
    assert found.left == 2


def test_it_ends_when_all_that_differed_is_agreed(cast: Cast, shown: Session, second: Actor) -> None:
    before = list(Inspection.objects.values_list("score", flat=True))
    with pytest.raises(Invalid):
        actions.close(actor=cast.manager, session_id=shown.pk, now=NOW)
    for talk in shown.talks.all():
        actions.agree(
            actor=cast.manager, session_id=shown.pk, talk_id=talk.pk, item_key="polite", verdict="breached", note="没有用敬语", now=NOW
        )
    with pytest.raises(Denied):
        actions.close(actor=cast.inspector, session_id=shown.pk, now=NOW)
    closed = actions.close(actor=cast.manager, session_id=shown.pk, now=NOW)
    assert closed.state == "closed"
    found = {row.staff_id: row for row in queries.deviations(cast.manager, since=NOW.date(), until=NOW.date())}
    assert (found[cast.inspector.id].marks, found[cast.inspector.id].off, found[cast.inspector.id].lenient) == (4, 2, 2)
    assert (found[second.id].off, found[second.id].rate) == (0, 0.0)
    # The agreed mark teaches inspectors; what agents were judged by stays.
    assert list(Inspection.objects.values_list("score", flat=True)) == before


def test_lists_show_each_reader_theirs(cast: Cast, session: Session, django_assert_num_queries: Callable[..., Any]) -> None:
    assert queries.count(cast.agent, Wanted()).value == 0
    assert queries.count(cast.lead, Wanted()).value == 0
    assert queries.count(cast.inspector, Wanted(todo=True)).value == 1
    with django_assert_num_queries(1):
        (row,) = queries.page(cast.inspector, Wanted()).rows
    assert (row.people, row.done, row.conversations) == (3, 0, 2)
    with pytest.raises(NotFound):
        queries.detail(cast.outsider, session.pk)
