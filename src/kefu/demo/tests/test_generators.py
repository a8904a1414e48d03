"""The pure generators: the same seed gives the same world, and what they give is lifelike (PLAT1)."""

import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from kefu.demo import names, planted, routes
from kefu.demo.casework.answers import Matter
from kefu.demo.casework.script import script
from kefu.demo.casework.seeds import FATES, seeds
from kefu.demo.casework.walk import way_through
from kefu.demo.cast import DESKS, STAFF, agents_of
from kefu.demo.plan import Plan
from kefu.demo.roster import on_duty
from kefu.demo.stories import stories
from kefu.demo.tests.conftest import END
from kefu.demo.world import make
from kefu.handbook.posts import may_act_as
from kefu.people.permissions import Role

_UNASSIGNED = re.compile(r"1(54|42|43)\d{8}")


@pytest.fixture(scope="module")
def world(plan, books):
    """One small world."""
    return make(plan, books)


def test_the_same_seed_gives_the_same_world_and_another_seed_another(plan, books, world):
    again = make(Plan(plan.seed, plan.scale, plan.end), books)
    assert [talk.lines for talk in again.talks] == [talk.lines for talk in world.talks]
    assert again.planted == world.planted
    assert again.acts == world.acts
    assert again.parcels == world.parcels
    other = make(replace(plan, seed=8), books)
    assert [talk.lines for talk in other.talks] != [talk.lines for talk in world.talks]


def test_sizes_follow_the_scale():
    full = Plan(1, 1.0, END)
    assert (full.parcels, full.conversations, full.cases) == (20_000, 3_000, 1_500)
    assert len(full.windows()) == 60
    assert full.windows()[-1][1] == END


def test_forty_people_hold_every_role_but_the_customers():
    assert len(STAFF) == 40
    assert {one.role for one in STAFF} == {role.value for role in Role} - {"customer"}
    assert len({one.staff_no for one in STAFF}) == len({one.username for one in STAFF}) == 40


def test_parcels_go_their_ways(plan, world):
    assert len(world.parcels) == plan.parcels
    assert len({one.waybill for one in world.parcels}) == plan.parcels
    scans = [scan for one in world.parcels for scan in one.scans]
    assert 5.5 < len(scans) / len(world.parcels) < 7.5
    assert any(scan.received - scan.at > timedelta(hours=1) for scan in scans)
    codes = Counter(scan.code for scan in scans)
    assert {"collect", "send", "arrive", "deliver", "sign", "in_store", "out_store", "problem"} <= codes.keys()
    assert all(parcel.scans[0].code == "collect" for parcel in world.parcels)


def test_every_fate_of_parcels_occurs_in_a_larger_world():
    assert {one.fate for one in routes.parcels(Plan(3, 0.1, END))} == set(routes.FATES)


def test_no_telephone_number_can_be_somebodys(plan, world):
    numbers = [phone for one in world.parcels for phone in (one.sender.phone, one.receiver.phone)]
    said = re.findall(r"(?<!\d)1\d{10}(?!\d)", "\n".join(line.text for talk in world.talks for line in talk.lines))
    assert all(_UNASSIGNED.fullmatch(number) for number in [*numbers, *said, names.phone(plan.dice("x"))])


def test_conversations_belong_to_parcels_that_were_there(plan, world):
    told = [talk.story for talk in world.talks]
    assert len({story.external_id for story in told}) == len(told) == plan.conversations
    assert all(story.parcel.registered <= story.at for story in told if story.parcel is not None)
    assert {story.scene.desk for story in told} == set(DESKS)
    assert all(story.agent in on_duty(story.scene.desk, story.at) for story in told)


def test_somebody_is_always_on_duty(plan):
    for hour in range(24 * 7):
        for desk in DESKS:
            assert set(on_duty(desk, plan.start + timedelta(hours=hour))) <= set(agents_of(desk))
            assert on_duty(desk, plan.start + timedelta(hours=hour))


def test_every_procedure_can_be_walked_to_an_end(plan, books):
    scene = stories(plan, [])[0].scene
    for desk, book in books.items():
        for key, procedure in book.procedures.items():
            ends = set()
            for number in range(12):
                taken = way_through(book, key, Matter(procedure.kinds[0], scene), plan.dice(desk, key, number), plan.start)
                assert taken[0].step == procedure.start
                assert all(may_act_as(book, procedure.step(one.step).who, one.role) for one in taken)
                assert [one.at for one in taken] == sorted(one.at for one in taken)
                ends.add(taken[-1].end)
            assert True in ends, f"{desk} {key}"


def test_cases_have_every_fate_and_every_kind_in_the_full_plan(books):
    full = Plan(5, 0.3, END)
    parcels = list(routes.parcels(full))
    found = seeds(full, stories(full, parcels), parcels, books)
    assert len(found) == full.cases
    assert {one.fate for one in found} == set(FATES)
    for desk, book in books.items():
        used = {book.procedure_for(one.kind)[0] for one in found if one.desk == desk}
        assert used == set(book.procedures), desk


def test_scripts_begin_with_the_opening_and_go_on_in_order(plan, books, world):
    for seed in world.seeds.values():
        acts = script(plan, seed, books[seed.desk])
        assert acts[0].kind == "open"
        assert [act.at for act in acts] == sorted(act.at for act in acts)
        assert all("{" not in str(act.data.get("text", "")) for act in acts)


def test_planted_rows_point_at_the_lines_that_were_said(world):
    said = {talk.story.external_id: talk for talk in world.talks}
    rows = [row for row in world.planted if row.subject == "conversation"]
    assert rows
    assert all(row.line is None or row.line < len(said[row.external_id].lines) for row in rows)


def test_the_planted_list_is_read_back_as_written(world):
    assert planted.write(world.planted) == len(world.planted)
    assert list(planted.read()) == world.planted
