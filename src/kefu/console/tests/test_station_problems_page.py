"""Pages of problem parcels and of forwarding: lists, forms, thread, steps; refusals keep what was typed (OPS8, OPS10)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse

from kefu.conftest import NOW
from kefu.console.tests.cases_world import World
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ParcelDraft, ScanDraft
from kefu.station.forwarding import actions as forwarding
from kefu.station.forwarding.drafts import ForwardDraft
from kefu.station.forwarding.models import Forward
from kefu.station.problems import actions
from kefu.station.problems.drafts import ProblemDraft
from kefu.station.problems.models import Line, Problem

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
WAYBILL = "50004090806944"
SYSTEM = Actor.system("tests")


@pytest.fixture
def world(ground, monkeypatch):
    monkeypatch.setattr(moment, "now", lambda: NOW + timedelta(minutes=10))
    return World(ground)


def at(name, **arguments):
    return reverse(f"console:{name}", kwargs=arguments)


@pytest.fixture
def parcel(ground):
    """Sent by 城北网点, arrived at 南市分部."""
    draft = ParcelDraft(WAYBILL, ground.station.pk, origin_site_id=ground.other_station.pk)
    parcels.register_parcel(actor=SYSTEM, draft=draft, now=NOW - timedelta(days=3))
    steps = [("collect", ground.other_station, 60), ("arrive", ground.station, 20)]
    scans = [ScanDraft(WAYBILL, code, site.pk, NOW - timedelta(hours=hours)) for code, site, hours in steps]
    parcels.record_scans(actor=SYSTEM, batch=scans, now=NOW)


@pytest.fixture
def problem(parcel, world):
    return actions.report(actor=world.actor("agent"), draft=ProblemDraft(WAYBILL, "PR211", description="联系不上 13812345678"), now=NOW)


@pytest.fixture
def asked(parcel, world):
    draft = ForwardDraft(WAYBILL, "out_of_area", "outside", company="EMS", confirmed_at=NOW, confirmed_by_way="call")
    return forwarding.request_forward(actor=world.actor("clerk"), draft=draft, now=NOW)


def test_the_list_and_its_views(problem, world):
    page = world.client("outsider").get(at("station-problems") + "?box=in&open=1").content.decode()
    assert WAYBILL in page
    assert "地址不详电话联系不上" in page
    assert "13812345678" not in page
    assert WAYBILL not in world.client("outsider").get(at("station-problems") + "?box=out").content.decode()


def test_reporting_many_keeps_those_refused(parcel, world, ground):
    client = world.client("agent")
    form = client.get(at("station-problem-new") + f"?waybill={WAYBILL}").content.decode()
    assert "默认：城北网点" in form
    assert "PR211" in form
    assert "最多 400 字" in form
    sent = {"waybills": f"{WAYBILL}\n不是单号\n99990000111122", "kind": "pr211", "site": ground.station.pk, "description": "联系不上"}
    answer = client.post(at("station-problem-new"), sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "不是单号" in page
    assert "没有可用的默认接收网点" in page
    assert "联系不上" in page
    assert Problem.objects.count() == 1
    one = client.post(at("station-problem-new"), {**sent, "waybills": "99990000111122", "receiver": ground.other_station.pk})
    assert one["Location"] == at("station-problem", problem_id=Problem.objects.last().pk)


def test_a_phrase_fills_the_form_without_script(parcel, world, ground):
    answer = world.client("agent").post(
        at("station-problem-new"), {"waybills": WAYBILL, "description": "急：", "use": "0", "site": ground.station.pk}
    )
    page = answer.content.decode()
    assert (answer.status_code == 200 and "急：南市分部（NS01）2026-11-22" in page) or "急：南市分部（NS01）" in page
    assert not Problem.objects.exists()


def test_the_thread_is_read_answered_and_ended(problem, world):
    us, them = world.client("agent"), world.client("outsider")
    page = them.get(at("station-problem", problem_id=problem.pk)).content.decode()
    assert "南市分部" in page
    assert "13812345678" in page
    problem.refresh_from_db()
    assert problem.receiver_unread == 0
    reply = at("station-problem-reply", problem_id=problem.pk)
    assert them.post(reply, {"text": "请再打一次", "version": problem.version}).status_code == 302
    stale = us.post(reply, {"text": "我写的很长", "version": problem.version})
    assert stale.status_code == 409
    assert "我写的很长" in stale.content.decode()
    assert "对方刚回复过" in stale.content.decode()
    nothing = us.post(at("station-problem-close", problem_id=problem.pk), {"result": ""})
    assert nothing.status_code == 422
    assert "请选择处理结果" in nothing.content.decode()
    us.post(at("station-problem-close", problem_id=problem.pk), {"result": "corrected"})
    done = us.get(at("station-problem", problem_id=problem.pk)).content.decode()
    assert "信息已更正" in done
    assert 'name="text"' not in done
    assert [one.told for one in Line.objects.order_by("pk")] == ["reply", "closed"]


def test_ticked_problems_are_ended_together(problem, world):
    answer = world.client("agent").post(at("station-problems-bulk"), {"do": "close", "row": [problem.pk], "result": "found"}, follow=True)
    problem.refresh_from_db()
    assert problem.state == "done"
    assert "已处理 1 件" in answer.content.decode()


def test_a_problem_becomes_a_case(problem, world):
    answer = world.client("agent").post(at("station-problem-case", problem_id=problem.pk))
    assert "/cases/" in answer["Location"]
    assert "已转工单" in world.client("agent").get(at("station-problem", problem_id=problem.pk)).content.decode()


def test_other_sites_find_nothing(problem, asked, world, ground):
    world.ground = replace(ground, other_station=ground.shop)
    stranger = world.client("outsider")
    assert stranger.get(at("station-problem", problem_id=problem.pk)).status_code == 404
    assert stranger.post(at("station-problem-reply", problem_id=problem.pk), {"text": "看"}).status_code == 404
    assert stranger.get(at("station-forward", forward_id=asked.pk)).status_code == 404
    assert stranger.post(at("station-forward-step", forward_id=asked.pk, step="withdraw"), {"text": "看"}).status_code == 404


def test_asking_to_forward(parcel, world, ground):
    client = world.client("clerk")
    page = client.get(at("station-forward-new") + f"?waybill={WAYBILL}").content.decode()
    assert WAYBILL in page
    assert "收件人</option>" not in page
    sent = {
        "waybill": WAYBILL,
        "reason": "out_of_area",
        "way": "outside",
        "company": "",
        "payer": "own",
        "site": ground.station.pk,
        "note": "急",
    }
    refused = client.post(at("station-forward-new"), sent)
    assert refused.status_code == 422
    assert "请填写承接公司" in refused.content.decode()
    assert "急" in refused.content.decode()
    done = client.post(at("station-forward-new"), {**sent, "company": "EMS"})
    assert done["Location"] == at("station-forward", forward_id=Forward.objects.get().pk)


def test_a_request_step_by_step(asked, world):
    clerk, lead = world.client("clerk"), world.client("lead")
    page = at("station-forward", forward_id=asked.pk)
    assert "同意转件" not in clerk.get(page).content.decode()
    assert "同意转件" in lead.get(page).content.decode()

    def step(client, name, **sent):
        return client.post(at("station-forward-step", forward_id=asked.pk, step=name), sent)

    refused = step(lead, "refuse", text="")
    assert refused.status_code == 422
    assert "请填写驳回原因" in refused.content.decode()
    assert step(clerk, "approve", text="").status_code == 403
    step(lead, "approve", text="可以")
    wrong = step(clerk, "hand-on", new_waybill="")
    assert wrong.status_code == 422
    assert "新单号" in wrong.content.decode()
    step(clerk, "hand-on", new_waybill="1234567890123")
    asked.refresh_from_db()
    assert asked.state == "forwarded"
    assert "1234567890123" in clerk.get(page).content.decode()
    assert step(clerk, "nothing").status_code == 404


def test_leads_decide_many(asked, world):
    answer = world.client("lead").post(at("station-forwarding-bulk"), {"do": "approve", "row": [asked.pk]}, follow=True)
    asked.refresh_from_db()
    assert asked.state == "approved"
    assert answer.status_code == 200


def test_the_board_counts_what_waits(problem, asked, world):
    page = world.client("lead").get(at("station")).content.decode()
    assert "station/problems?" in page
    assert "station/forwarding?" in page
