"""Fan-out in one process: resume, caps, slow readers, sessions; on an event loop, without a database."""

import asyncio
import json
from dataclasses import replace

import pytest

from kefu.kernel.actor import Actor
from kefu.live import hub as hubs
from kefu.live.hearing import Change
from kefu.live.hub import Hub, Listener

HERE, THERE = 7, 8
PERSON = Actor(kind="staff", id=1, name="李晓", permissions=frozenset({"case.view"}), sites=frozenset({HERE}))


def listener(number=1, **changed):
    return Listener(f"session-{number}", replace(PERSON, id=number, **changed))


def case(seq, id_=1, site=HERE):
    return Change(seq, "case", id_, site)


async def taken(stream):
    """Everything said so far: (event, numbers told)."""
    piece = await asyncio.wait_for(stream.next(), 1)
    out = []
    for block in piece.decode().strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if line)
        if fields:
            data = json.loads(fields["data"])
            out.append((fields.get("event", "changes"), [one["seq"] for one in data.get("changes", [])] or data.get("seq")))
    return out


def begun(head=10, floor=0, ring=()):
    hub = Hub()
    hub.begin(floor, head, ring)
    return hub


def test_a_new_page_hears_from_now_and_a_resuming_one_what_it_missed():
    async def run():
        hub = begun(ring=[case(8), case(9, site=THERE), case(10)])
        fresh, back = hub.join(listener(1), None), hub.join(listener(2), 7)
        assert await taken(fresh) == [("hello", 10)]
        assert await taken(back) == [("hello", 7), ("changes", [8, 10])]
        hub.publish([case(11, id_=4), case(12, id_=5)], 12)
        assert await taken(fresh) == await taken(back) == [("changes", [11, 12])]

    asyncio.run(run())


def test_numbers_before_and_behind_every_gap_arrive_once():
    async def run():
        hub, heard = begun(head=0), []
        stream = hub.join(listener(), 0)
        for seq in range(1, 321):
            hub.publish([case(seq, id_=seq)], seq)
            if seq % 37 == 0:
                for _event, numbers in await taken(stream):
                    heard += numbers if isinstance(numbers, list) else []
                hub.leave(stream)
            if seq % 37 == 20 and seq > 37:
                stream = hub.join(listener(), heard[-1])
        for _event, numbers in await taken(stream):
            heard += numbers if isinstance(numbers, list) else []
        assert heard == list(range(1, 321))

    asyncio.run(run())


@pytest.mark.parametrize(("since", "word"), [(4, "reset"), (5, "hello"), (10, "hello"), (11, "reset")])
def test_what_is_no_longer_remembered_or_not_yet_known_loads_the_page_again(since, word):
    async def run():
        stream = begun(floor=5, ring=[case(6), case(10)]).join(listener(), since)
        assert (await taken(stream))[0][0] == word

    asyncio.run(run())


def test_the_memory_is_bounded_and_its_floor_moves(monkeypatch):
    monkeypatch.setattr(hubs, "REMEMBERED", 3)

    async def run():
        hub = begun(head=0)
        for seq in range(1, 6):
            hub.publish([case(seq)], seq)
        assert (await taken(hub.join(listener(1), 1)))[0] == ("reset", 5)
        assert await taken(hub.join(listener(2), 2)) == [("hello", 2), ("changes", [3, 4, 5])]

    asyncio.run(run())


def test_nobody_hears_of_another_site_and_a_beat_moves_them_on():
    async def run():
        hub = begun()
        stranger = hub.join(listener(sites=frozenset({THERE})), None)
        await taken(stranger)
        hub.publish([case(11)], 11)
        hub.beat()
        assert await taken(stranger) == [("beat", 11)]

    asyncio.run(run())


def test_the_oldest_stream_of_somebody_with_too_many_is_closed(monkeypatch):
    monkeypatch.setattr(hubs, "MOST_PER_PERSON", 2)

    async def run():
        hub = begun()
        first, second, third = (hub.join(listener(), None) for _ in range(3))
        other = hub.join(listener(2), None)
        assert [event for event, _ in await taken(first)] == ["hello", "closed"]
        assert await first.next() == b""
        assert len(hub) == 3
        hub.publish([case(11)], 11)
        for stream in (second, third, other):
            assert (await taken(stream))[-1] == ("changes", [11])

    asyncio.run(run())


def test_a_reader_that_does_not_read_is_cut_and_costs_nothing_more(monkeypatch):
    monkeypatch.setattr(hubs, "_MOST_WAITING", 200)

    async def run():
        hub = begun()
        slow = hub.join(listener(), None)
        for seq in range(11, 60):
            hub.publish([case(seq)], seq)
        assert await slow.next() == b""

    asyncio.run(run())


def test_an_ended_session_gets_its_last_word_and_the_others_go_on():
    async def run():
        hub = begun()
        gone, stays = hub.join(listener(1), None), hub.join(listener(2), None)
        hub.end(lambda one: one.session_key == "session-1", b"event: signed-out\ndata: {}\n\n")
        assert [event for event, _ in await taken(gone)] == ["hello", "signed-out"]
        assert await gone.next() == b""
        hub.publish([case(11)], 11)
        assert ("changes", [11]) in await taken(stays)

    asyncio.run(run())


def test_a_changed_reach_counts_from_the_next_event_on():
    async def run():
        hub = begun()
        stream = hub.join(listener(), None)
        await taken(stream)
        hub.renew(listener(sites=frozenset({THERE})))
        hub.publish([case(11), case(12, site=THERE)], 12)
        assert await taken(stream) == [("changes", [12])]

    asyncio.run(run())


def test_who_is_here_is_whispered_only_to_those_who_are():
    async def run():
        hub = begun()
        near, far = hub.join(listener(1), None), hub.join(listener(2), None)
        hub.whisper("case", 5, frozenset({1}))
        assert [event for event, _ in await taken(near)] == ["hello", "presence"]
        assert [event for event, _ in await taken(far)] == ["hello"]

    asyncio.run(run())
