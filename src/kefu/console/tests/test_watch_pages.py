"""The live check on the console: warnings below the box, held on the server, alarms a lead sees and mutes (QA9)."""

import re
from typing import Any

import pytest
from django.urls import reverse

from kefu import conftest as whole_house
from kefu.cases import queries as cases
from kefu.conftest import Cast, Ground
from kefu.console.tests import test_conversations as talks
from kefu.console.tests.cases_world import World
from kefu.kernel import moment
from kefu.watch import actions, queries
from kefu.watch.actions import Said, Talk
from kefu.watch.models import Confirmed

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
hire, enter = whole_house.hire, talks.enter


def at(name: str, **arguments: Any) -> str:
    return reverse(f"console:{name}", kwargs=arguments)


def test_warnings_come_while_typing_and_name_the_better_phrase(cast: Cast, ground: Ground, enter: Any) -> None:
    client = enter(cast.agent)
    shown = client.post(at("watch-check"), {"text": "这个我不知道", "channel": "chat", "site": ground.station.pk}).content.decode()
    assert "notice-warn" in shown
    assert "可以说" in shown
    held = client.post(at("watch-check"), {"text": "你脑残吧", "channel": "chat"}).content.decode()
    assert 'name="confirm"' in held
    assert client.post(at("watch-check"), {"text": "马上为您查询", "channel": "chat"}).content.decode().strip() == ""


def test_an_alarm_is_listed_counted_seen_and_muted(cast: Cast, ground: Ground, enter: Any) -> None:
    talk = Talk(ground.station.pk, cast.agent.id, ref="t1")
    (one,) = actions.hear(actor=cast.system, talk=talk, lines=[Said("customer", "你们脑残吧")], now=moment.now())
    lead = enter(cast.lead)
    assert at("alarm", alarm_id=one.pk) in lead.get(at("alarms")).content.decode()
    assert re.search(r"1 条情绪预警", lead.get(at("alarms-count")).content.decode())
    assert lead.get(at("alarm", alarm_id=one.pk)).status_code == 200
    lead.post(at("alarm-step", alarm_id=one.pk, step="mute"), {"about": "staff", "minutes": "60"})
    assert cast.agent.name in lead.get(at("alarms")).content.decode()
    lead.post(at("alarm-step", alarm_id=one.pk, step="seen"))
    assert queries.waiting(cast.lead) == 0
    for other in (cast.agent, cast.outsider):
        assert enter(other).get(at("alarm", alarm_id=one.pk)).status_code in (403, 404)


def test_a_held_reply_is_stopped_without_script_and_goes_out_with_a_reason(ground: Ground) -> None:
    world = World(ground)
    case = world.case(assignee_id=world.person("agent").pk)
    client = world.client("agent")

    def send(**more: str) -> Any:
        seen = cases.mark(world.actor("agent"), case.pk)[1]
        return client.post(f"/cases/{case.pk}/reply", {"text": "你脑残吧", "channel": "chat", "seen": seen, **more})

    refused = send()
    assert refused.status_code == 422
    page = refused.content.decode()
    assert 'name="confirm"' in page
    assert "你脑残吧</textarea>" in page
    assert send(confirm="客户要求复述原话").status_code == 302
    assert Confirmed.objects.get().subject_id == case.pk
