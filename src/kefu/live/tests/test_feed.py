"""From a committed event to the streams of those who may hear it, and the sessions behind them, on a real database."""

import asyncio
import json

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from kefu.cases import actions as cases
from kefu.cases import upkeep
from kefu.cases.actions import CaseRequest
from kefu.kernel import moment, outbox
from kefu.live import door
from kefu.live.application import Application
from kefu.live.feed import Feed, Reports
from kefu.live.hearing import frame
from kefu.live.hub import Hub
from kefu.people import actions as people
from kefu.people import queries as people_queries
from kefu.people import sign_in
from kefu.presence import actions as presence

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]


def browser(actor):
    """The session of somebody who has signed in."""
    client = Client()
    staff = people_queries.staff_for_session(actor.id)
    client.force_login(staff)
    key = str(client.session.session_key)
    sign_in.start_session(staff=staff, session_key=key, ip="", user_agent="", now=timezone.now())
    return key


def wired(hub):
    """A reader that hands over to the hub in this thread."""
    return Feed(
        Reports(
            begin=hub.begin,
            publish=hub.publish,
            present=hub.whisper,
            over=lambda keys: hub.end(lambda one: one.session_key in keys, frame({}, event="signed-out")),
            renew=hub.renew,
            listeners=hub.listeners,
        )
    )


@pytest.fixture
def place():
    hub = Hub()
    feed = wired(hub)
    feed.read()
    return hub, feed


def said(stream):
    """Events a stream was told since the last look: name and data."""
    if not stream._waiting:
        return []
    text = b"".join(stream._waiting).decode()
    stream._waiting.clear()
    blocks = [dict(line.split(": ", 1) for line in block.splitlines()) for block in text.strip().split("\n\n")]
    return [(block.get("event", "changes"), json.loads(block["data"])) for block in blocks]


def a_case(actor, site):
    return cases.open_case(actor=actor, request=CaseRequest(site.pk, "delay", "call", "三天没有更新"), now=moment.now())


def test_a_note_is_told_at_its_site_and_to_those_above_and_nowhere_else(cast, ground, place):
    hub, feed = place
    case = a_case(cast.agent, ground.station)
    feed.read()
    streams = {
        name: hub.join(door.listener(browser(getattr(cast, name))), None)
        for name in ("second_agent", "manager", "admin", "outsider", "trainer")
    }
    for stream in streams.values():
        said(stream)
    upkeep.add_note(actor=cast.agent, case_id=case.pk, text="已联系", now=moment.now())
    feed.read()
    seq = outbox.head()
    heard = {name: said(stream) for name, stream in streams.items()}
    expected = [("changes", {"changes": [{"seq": seq, "kind": "case", "id": case.pk}]})]
    assert heard == {"second_agent": expected, "manager": expected, "admin": expected, "outsider": [], "trainer": []}


def test_what_is_taken_back_is_never_told(cast, ground, place):
    hub, feed = place
    case = a_case(cast.agent, ground.station)
    feed.read()
    before = hub.head
    with transaction.atomic():
        upkeep.add_note(actor=cast.agent, case_id=case.pk, text="不算", now=moment.now())
        transaction.set_rollback(True)
    feed.read()
    assert hub.head == before


def test_a_new_process_remembers_what_pages_may_have_missed(cast, ground, place):
    case = a_case(cast.agent, ground.station)
    place[1].read()
    left_at = place[0].head
    for number in range(5):
        upkeep.add_note(actor=cast.agent, case_id=case.pk, text=f"第{number}条", now=moment.now())
    hub = Hub()
    wired(hub).read()
    stream = hub.join(door.listener(browser(cast.second_agent)), left_at)
    (_hello, _since), (kind, data) = said(stream)
    missed = [{"seq": left_at + number, "kind": "case", "id": case.pk} for number in range(1, 6)]
    assert (kind, data["changes"]) == ("changes", missed)


def test_an_ended_session_ends_its_streams_and_no_other(cast, place):
    hub, feed = place
    gone, stays = browser(cast.agent), browser(cast.second_agent)
    streams = [hub.join(door.listener(key), None) for key in (gone, stays)]
    feed.turn()
    assert len(hub) == 2
    sign_in.end_session_of(session_key=gone, now=timezone.now())
    feed.look_at_sessions()
    assert said(streams[0])[-1][0] == "signed-out"
    assert [one.session_key for one in hub.listeners()] == [stays]


def test_somebody_let_out_is_let_out_of_the_stream_at_once(cast, place):
    hub, feed = place
    stream = hub.join(door.listener(browser(cast.agent)), None)
    people.set_active(actor=cast.manager, staff_id=cast.agent.id, active=False, now=moment.now())
    feed.read()
    assert said(stream)[-1][0] == "signed-out"
    assert len(hub) == 0


@pytest.mark.parametrize("cookies", ["", "sessionid=", "sessionid=nobody", "sessionid=\x00\xff; a", "other=1"])
def test_a_visitor_has_no_listener(cookies):
    key = door.session_key(cookies)
    assert not key or door.listener(key) is None


def test_who_comes_and_goes_is_told_to_those_at_the_thing(cast, ground, place):
    hub, feed = place
    now = moment.now()
    case = a_case(cast.agent, ground.station)
    here, elsewhere = (hub.join(door.listener(browser(actor)), None) for actor in (cast.agent, cast.lead))
    presence.be_here(actor=cast.agent, kind="case", subject_id=case.pk, typing=False, now=now)
    feed.turn()
    said(here), said(elsewhere)
    presence.be_here(actor=cast.second_agent, kind="case", subject_id=case.pk, typing=True, now=now)
    feed.look_at_presence()
    assert said(here) == [("presence", {"kind": "case", "id": case.pk})]
    feed.look_at_presence()
    assert said(here) == []
    presence.leave(actor=cast.second_agent, kind="case", subject_id=case.pk)
    feed.look_at_presence()
    assert said(here) == [("presence", {"kind": "case", "id": case.pk})]
    assert said(elsewhere) == []


def test_a_quiet_look_costs_two_statements_however_many_listen(cast, place, django_assert_num_queries):
    hub, feed = place
    listener = door.listener(browser(cast.agent))
    for number in (1, 10):
        for _stream in range(number):
            hub.join(listener, None)
        with django_assert_num_queries(2):
            feed.read()


def test_the_application_answers_visitors_methods_and_pages():
    def django(environ, start):
        start("200 OK", [])
        return [f"{environ['PATH_INFO']} {environ.get('kefu.live')}".encode()]

    async def ask(application, path, method="GET"):
        sent = []

        async def receive():
            await asyncio.sleep(3600)

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "http_version": "1.1", "method": method, "path": path, "query_string": b"", "headers": []}
        await application(scope, receive, send)
        return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])

    async def run():
        application = Application(django)
        application.start = lambda: None
        assert await ask(application, "/cases") == (200, b"/cases None")
        application.hub.begin(0, 41, [])
        application._ready.set()
        assert await ask(application, "/cases") == (200, b"/cases 41")
        assert await ask(application, "/live", "POST") == (405, b"")
        assert await ask(application, "/live") == (200, b"event: signed-out\ndata: {}\n\n")
        application.end_streams()
        assert (await ask(application, "/live"))[0] == 503
        application._bridge.close()

    asyncio.run(run())
