"""Dialogues: lifelike in length and time, clean unless something is planted, and then found (QA2, QA10)."""

from collections import Counter

import pytest

from kefu.demo import names
from kefu.demo.cast import BRANDS, DESKS, SITES, agents_of
from kefu.demo.dialogue import breaches
from kefu.demo.dialogue.bank import Scene, bank
from kefu.demo.dialogue.timing import lines_of
from kefu.quality.dialogue import Dialogue
from kefu.quality.inspector import compile_card

_SITES = {site.key: site.name for site in SITES}


def _scene(dice, desk, topic, channel):
    agent = dice.choice(agents_of(desk))
    return Scene(
        desk=desk,
        channel=channel,
        topic=topic,
        site_name=_SITES[desk],
        brand=BRANDS[desk],
        staff_no=agent.staff_no,
        agent_name=agent.name,
        customer=names.person(dice),
        waybill="50001234567890",
        order_no="261122000000000001",
        goods=dice.choice(names.GOODS),
        place=dice.choice(names.FAR_PLACES),
        street=names.street(dice),
        courier=dice.choice(names.COURIERS),
        carrier="中通快递",
        days=4,
        amount=260,
        promised="今天下午六点",
        day_part="下午",
    )


def _scenes(plan, each=3):
    for desk in DESKS:
        for topic in bank("shop" if desk == "shop" else "express"):
            for channel in ("chat",) if desk == "shop" else ("call", "chat"):
                for number in range(each):
                    dice = plan.dice("test", desk, topic, channel, number)
                    yield _scene(dice, desk, topic, channel), dice


@pytest.fixture(scope="module")
def cards(books):
    """The compiled card of each desk."""
    return {desk: compile_card(book, "service") for desk, book in books.items()}


def _inspect(cards, talk, lines):
    scene = talk.scene
    return cards[scene.desk].inspect(Dialogue(scene.channel, lines, site_name=scene.site_name, staff_no=scene.staff_no))


def test_lengths_times_and_words_are_lifelike(plan):
    lengths = []
    for scene, dice in _scenes(plan):
        talk = breaches.conversation(scene, dice, breaches.choose(scene, dice, 1))
        lines, _behind = lines_of(talk, dice)
        lengths.append(len(lines))
        assert all("{" not in line.text and line.text for line in lines)
        assert [line.at for line in lines] == sorted(line.at for line in lines)
        assert all(line.end is None or line.end > line.at for line in lines)
        assert {line.side for line in lines} >= {"agent", "customer"}
    assert min(lengths) >= 8
    assert max(lengths) <= 44
    assert 16 < sum(lengths) / len(lengths) < 28


def test_conversations_without_a_breach_lose_no_points(plan, cards):
    for scene, dice in _scenes(plan, each=6):
        talk = breaches.conversation(scene, dice)
        result = _inspect(cards, talk, lines_of(talk, dice)[0])
        breached = [(item.item, item.hits) for item in result.items if item.state == "breached"]
        assert not breached, (scene.topic, scene.channel, breached)


def test_planted_breaches_are_found(plan, cards):
    planted, found = Counter(), Counter()
    for number, (scene, dice) in enumerate(_scenes(plan, each=24)):
        talk = breaches.conversation(scene, dice, breaches.choose(scene, dice, 1 + number % 2))
        result = _inspect(cards, talk, lines_of(talk, dice)[0])
        hit = {item.item for item, _hit in result.hits}
        for one in talk.planted:
            for item in one.items:
                planted[one.kind, item] += 1
                found[one.kind, item] += item in hit
    assert len({kind for kind, _item in planted}) == len(bank("breaches"))
    assert sum(found.values()) / sum(planted.values()) > 0.97
    missed = {key: found[key] / planted[key] for key in planted if found[key] / planted[key] < 0.9}
    # A bare complaint about waiting is only a weak sign for the inspection; it asks for two of them.
    assert set(missed) <= {("apology_missing", "polite")}


def test_breaches_that_undo_each_other_are_not_planted_together(plan):
    for scene, dice in _scenes(plan, each=8):
        kinds = breaches.choose(scene, dice, 3)
        ways = [bank("breaches")[kind]["how"] for kind in kinds]
        assert len(set(kinds)) == len(kinds)
        assert ways.count("opening") <= 1
        assert "curt" not in ways or len(ways) == 1
