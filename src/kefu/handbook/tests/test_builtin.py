"""The handbooks that come with the product are clean, named in both languages, and reachable in every corner (HB1)."""

import pytest
from django.utils import translation

from kefu.handbook import builtin
from kefu.handbook.loader import compiled, read
from kefu.handbook.posts import may_act_as, titles_of
from kefu.handbook.schema import BASE_ROLES, EVENT_TITLES, Event
from kefu.handbook.tests.test_sources import book


@pytest.mark.parametrize("key", builtin.KEYS)
def test_a_built_in_handbook_has_no_problems(key):
    found = read(builtin.text(key), file=f"{key}.yaml", bases=builtin.text)
    assert [str(one) for one in found.problems] == []
    assert found.handbook.abstract is (key in builtin.BASES)


@pytest.mark.parametrize("key", builtin.KEYS)
def test_every_clause_has_a_title_in_both_languages_and_a_source(key):
    nameless = [clause_id for clause_id, clause in book(key).clauses() if not clause.title or not clause.title_en]
    assert nameless == []
    chinese = [clause_id for clause_id, clause in book(key).clauses() if any(char >= "\u4e00" for char in clause.title_en)]
    assert chinese == []
    ways = [way for procedure in book(key).procedures.values() for step in procedure.steps for way in step.next]
    assert [way.title for way in ways if way.title and not way.title_en] == []
    unsourced = [
        clause_id
        for clause_id, clause in book(key).clauses()
        if hasattr(clause, "source") and not clause.source and clause_id.count(".") == 1
    ]
    assert unsourced == []


@pytest.mark.parametrize("key", builtin.KEYS)
def test_forms_and_refusals_are_worded_in_both_languages(key):
    missing = []
    for name, procedure in book(key).procedures.items():
        for step in procedure.steps:
            missing += [f"{name}.{step.id}.{field.id}" for field in step.fields if not field.label_en]
            missing += [f"{name}.{step.id}.{field.id}.{one.id}" for field in step.fields for one in field.choices if not one.label_en]
            missing += [f"{name}.{step.id}.{guard.id}" for guard in step.guards if not guard.message_en]
    assert missing == []


@pytest.mark.parametrize("key", builtin.KEYS[1:])
def test_a_stored_handbook_is_the_same_as_the_one_read(key):
    found = read(builtin.text(key), file=f"{key}.yaml", bases=builtin.text)
    again = compiled(found.resolved, version=4)
    assert again.version == 4
    assert again.model_dump() == found.handbook.model_dump()
    assert again.origins == found.handbook.origins


@pytest.mark.parametrize("key", builtin.KEYS)
def test_every_clause_is_found_by_its_id_and_no_id_is_used_twice(key):
    ids = [clause_id for clause_id, _clause in book(key).clauses()]
    assert len(ids) == len(set(ids))
    assert all(book(key).clause(clause_id) is clause for clause_id, clause in book(key).clauses())
    for wrong in ("", "clocks", "clocks.", "clocks.nothing", "nothing.here", "scorecards.service.items.nothing", "handbook"):
        assert book(key).clause(wrong) is None


@pytest.mark.parametrize("key", [key for key in builtin.KEYS if key not in builtin.BASES])
def test_each_handbook_has_a_card_an_opening_a_closing_and_a_penalty_policy(key):
    one = book(key)
    assert one.scorecards["service"].items()
    assert one.scripts["opening"].slots
    assert one.scripts["closing"].slots
    assert one.penalties["policy"].appeal_days == 7
    assert one.clocks_for("complaint") or key == "shop"


def test_a_tier_changes_its_clocks():
    zto = book("zto")
    assert zto.clocks_for("delay", level="normal", tier="normal")["first_plan"].target.total_seconds() == 24 * 3600
    assert zto.clocks_for("delay", level="normal", tier="vip")["first_plan"].target.total_seconds() == 12 * 3600
    assert "ticket_urgent" not in zto.clocks_for("delay", level="normal", tier="vip")
    assert "ticket" not in zto.clocks_for("delay", level="urgent", tier="vip")


def test_calendars_become_windows_of_the_kernel():
    station = book("best").calendars["station"].week
    assert [[(one.start_minute, one.end_minute) for one in day] for day in station] == [[(510, 720), (780, 1080)]] * 7
    assert book("best").calendars["office"].week[5] == ()


def test_posts_of_a_handbook_act_as_sign_in_roles():
    shop = book("shop")
    assert may_act_as(shop, ["aftersales"], "agent")
    assert not may_act_as(shop, ["aftersales_lead"], "agent")
    assert may_act_as(shop, ["aftersales_lead"], "admin")
    assert not may_act_as(shop, ["finance"], "manager")
    assert titles_of(shop, ["aftersales", "lead"]) == "售后客服、客服组长"
    with translation.override("en"):
        assert titles_of(shop, ["aftersales", "lead"]) == "After-sales agent, Team lead"


def test_vocabularies_agree_with_each_other():
    assert {event.value for event in Event} == set(EVENT_TITLES)
    assert {role.acts_as for role in book("shop").roles.values()} <= set(BASE_ROLES)
