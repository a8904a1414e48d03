"""Coaching notes and the library of good passages; a person's page tells nothing of a colleague."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kefu import conftest as whole_house
from kefu.coaching import actions, queries
from kefu.coaching.actions import NewClip, NewNote
from kefu.coaching.models import Clip, Note
from kefu.conftest import NOW, Cast, Ground
from kefu.console.tests import test_conversations as talks
from kefu.kernel.errors import Conflict, Denied, Invalid, NotFound, Stale
from kefu.quality import standing

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
hire, enter, store = whole_house.hire, talks.enter, talks.store
DAY = date(2026, 11, 22)


def said(text: str) -> list[tuple[str, str]]:
    """``agent | C: customer``."""
    parts = [part.strip() for part in text.split("|")]
    return [("customer", part[2:].strip()) if part.startswith("C:") else ("agent", part) for part in parts]


def at(name: str, **arguments: Any) -> str:
    return reverse(f"console:{name}", kwargs=arguments)


def new(cast: Cast, **more: Any) -> NewNote:
    return NewNote(**{"staff_id": cast.agent.id, "text": "先问清单号再查询", **more})


def test_a_note_is_written_answered_and_done(cast: Cast) -> None:
    row = actions.write_note(actor=cast.lead, new=new(cast, next_step="听三通优秀录音", due_on=DAY), now=NOW)
    with pytest.raises(Denied):
        actions.answer_note(actor=cast.lead, note_id=row.pk, answer="好的", now=NOW)
    with pytest.raises(Stale):
        actions.answer_note(actor=cast.agent, note_id=row.pk, answer="好的", now=NOW, expected_version=5)
    actions.answer_note(actor=cast.agent, note_id=row.pk, answer="明白，照做", now=NOW)
    with pytest.raises(Denied):
        actions.finish_note(actor=cast.agent, note_id=row.pk, now=NOW)
    actions.finish_note(actor=cast.trainer, note_id=row.pk, now=NOW)
    with pytest.raises(Conflict):
        actions.answer_note(actor=cast.agent, note_id=row.pk, answer="再说一句", now=NOW)
    found = queries.note(cast.agent, row.pk)
    assert (found.state, found.answer, found.author) == ("done", "明白，照做", cast.lead.name)


def test_what_cannot_be_is_not_written(cast: Cast, ground: Ground, store: Any) -> None:
    (other,) = store(talks.GOOD, agent=cast.second_agent)
    refusals = [
        (cast.agent, new(cast), Denied), (cast.outsider, new(cast), Denied), (cast.lead, new(cast, staff_id=cast.lead.id), Denied),
        (cast.lead, new(cast, staff_id=cast.outsider.id), NotFound), (cast.lead, new(cast, text=" "), Invalid),
        (cast.lead, new(cast, next_step="听录音"), Invalid), (cast.lead, new(cast, due_on=DAY), Invalid),
        (cast.lead, new(cast, conversation_id=other), NotFound),
    ]  # fmt: skip
    for actor, note, error in refusals:
        with pytest.raises(error):
            actions.write_note(actor=actor, new=note, now=NOW)
    assert not Note.objects.exists()


def test_notes_are_for_the_agent_and_who_coaches_them(cast: Cast) -> None:
    row = actions.write_note(actor=cast.lead, new=new(cast), now=NOW)
    for actor in (cast.agent, cast.lead, cast.trainer, cast.manager):
        assert queries.note(actor, row.pk).id == row.pk
    for actor in (cast.second_agent, cast.outsider, cast.customer):
        with pytest.raises(NotFound):
            queries.note(actor, row.pk)
        assert not queries.notes_page(actor, queries.NotesWanted(), today=DAY).rows


def test_a_passage_is_put_forward_published_found_masked(cast: Cast, store: Any) -> None:
    (talk,) = store(said("您好，请问单号 | C: 我电话13812345678，单号忘了 | 没关系，我帮您查"))
    row = actions.nominate(actor=cast.agent, new=NewClip(talk, 0, 2, "主动帮客户查单", "不推诿", tag="查件"), now=NOW)
    with pytest.raises(NotFound):
        queries.clip(cast.second_agent, row.pk)
    with pytest.raises(Denied):
        actions.publish(actor=cast.lead, clip_id=row.pk, now=NOW)
    actions.publish(actor=cast.trainer, clip_id=row.pk, now=NOW)
    _found, lines = queries.clip(cast.second_agent, row.pk)
    assert len(lines) == 3
    assert "13812345678" not in lines[1].text
    assert [one.id for one in queries.clips_page(cast.second_agent, queries.ClipsWanted(text="查件 主动")).rows] == [row.pk]
    assert not queries.clips_page(cast.second_agent, queries.ClipsWanted(text="理赔")).rows
    with pytest.raises(NotFound):
        queries.clip(cast.outsider, row.pk)
    with pytest.raises(Conflict):
        actions.publish(actor=cast.trainer, clip_id=row.pk, now=NOW)
    actions.withdraw(actor=cast.trainer, clip_id=row.pk, now=NOW)
    with pytest.raises(NotFound):
        queries.clip(cast.second_agent, row.pk)


@pytest.mark.parametrize(("first", "last"), [(2, 1), (0, 99), (-1, 1)])
def test_lines_that_are_not_there_are_refused(cast: Cast, store: Any, first: int, last: int) -> None:
    (talk,) = store(talks.GOOD)
    with pytest.raises(Invalid):
        actions.nominate(actor=cast.agent, new=NewClip(talk, first, last, "标题", "理由"), now=NOW)
    assert not Clip.objects.exists()


def test_a_passage_is_put_forward_once(cast: Cast, store: Any) -> None:
    (talk,) = store(talks.GOOD)
    actions.nominate(actor=cast.agent, new=NewClip(talk, 0, 1, "标题", "理由"), now=NOW)
    with pytest.raises(Conflict):
        actions.nominate(actor=cast.lead, new=NewClip(talk, 0, 1, "标题", "理由"), now=NOW)


def test_standing_is_a_share_only_and_silent_in_small_teams(cast: Cast, ground: Ground, store: Any, hire: Any) -> None:
    from kefu.people import access

    store(talks.GOOD)
    span = {"since": DAY - timedelta(days=5), "until": DAY}
    assert standing.standing_of(cast.agent, cast.agent.id, **span).percentile is None
    for place in range(3):
        other = access.actor_for(hire("agent", ground.station, f"同事{place}", ground.team))
        store(talks.BAD, agent=other)
    found = standing.standing_of(cast.agent, cast.agent.id, **span)
    assert found.percentile == 100
    with pytest.raises((NotFound, Denied)):
        standing.standing_of(cast.outsider, cast.agent.id, **span)


def test_the_own_page_shows_sentence_and_better_phrase_and_no_colleague(cast: Cast, enter: Any, store: Any) -> None:
    store(said("喂 | C: 我的快递呢 | 这个我不知道"))
    store(said("喂 | C: 我的快递呢 | 别问我"), agent=cast.second_agent)
    client = enter(cast.agent)
    address = f"{at('coaching-own')}?since=2026-11-01&until=2026-11-30"
    page = client.get(address).content.decode()
    assert "这个我不知道" in page
    assert "可以说" in page
    assert cast.second_agent.name not in page
    assert "别问我" not in page
    acknowledged = client.post(
        at("finding-acknowledge", finding_id=queries.findings(cast.agent, cast.agent.id, since=DAY, until=DAY)[0].finding.pk)
    )
    assert acknowledged.status_code == 302
    lead = enter(cast.lead)
    assert lead.get(at("coaching-person", staff_id=cast.agent.id)).status_code == 200
    for other in (cast.second_agent, cast.outsider):
        assert enter(other).get(at("coaching-person", staff_id=cast.agent.id)).status_code == 404
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for _place in range(3):
        store(said("喂 | C: 我的快递呢 | 这个我不知道"))
    with CaptureQueriesContext(connection) as more:
        client.get(address)
    assert len(more) <= len(few)


def test_the_pages_write_and_keep_what_was_typed(cast: Cast, enter: Any, store: Any) -> None:
    (talk,) = store(talks.GOOD)
    lead = enter(cast.lead)
    refused = lead.post(at("coaching-new"), {"staff": cast.agent.id, "text": "先问清单号", "next_step": "听录音"})
    assert refused.status_code == 422
    assert "先问清单号</textarea>" in refused.content.decode()
    made = lead.post(at("coaching-new"), {"staff": cast.agent.id, "text": "先问清单号", "conversation": talk, "line": "0"})
    note = Note.objects.get()
    assert made["Location"].endswith(at("coaching-note", note_id=note.pk))
    own = enter(cast.agent)
    assert "先问清单号" in own.get(at("coaching-note", note_id=note.pk)).content.decode()
    own.post(at("coaching-step", note_id=note.pk, step="answer"), {"answer": "明白，照做", "version": "0"})
    assert "明白，照做" in lead.get(at("coaching-note", note_id=note.pk)).content.decode()
    assert lead.get(f"{at('clip-new')}?conversation={talk}").status_code == 200
    lead.post(at("clip-new"), {"conversation": talk, "first": "1", "last": "2", "title": "开场", "why": "自然亲切"})
    clip = Clip.objects.get()
    enter(cast.trainer).post(at("clip-step", clip_id=clip.pk, step="publish"))
    assert "自然亲切" in own.get(at("clip", clip_id=clip.pk)).content.decode()
    for name in ("coaching", "clips"):
        assert own.get(at(name)).status_code == 200
