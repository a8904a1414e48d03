"""The monitors' pages: numbers that open rows, work on many and on one, who may, warnings of losses."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.conftest import NOW
from kefu.console.tests.cases_world import World
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.parcels.actions import register_parcels
from kefu.parcels.drafts import ParcelDraft, ScanDraft
from kefu.parcels.recording import record_scans
from kefu.reactions import run as reactions
from kefu.station.monitors import upkeep
from kefu.station.monitors.models import Difference

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
SYSTEM = Actor.system("tests")
HOUR = timedelta(hours=1)


@pytest.fixture
def world(ground, monkeypatch):
    monkeypatch.setattr(moment, "now", lambda: NOW + timedelta(minutes=10))
    return World(ground)


def missing(ground, count=2, ago=20, start=0):
    numbers = [f"7512345678{start + place:04d}" for place in range(count)]
    register_parcels(actor=SYSTEM, drafts=[ParcelDraft(one, ground.station.pk) for one in numbers], now=NOW - (ago + 5) * HOUR)
    sent = [ScanDraft(one, "send", ground.hub.pk, NOW - ago * HOUR, "904", next_site_id=ground.station.pk, truck="苏A1") for one in numbers]
    record_scans(actor=SYSTEM, batch=sent, now=NOW)
    return numbers


def keys(ground, numbers):
    return [f"{ground.station.pk}:{one}:" for one in numbers]


def test_the_page_shows_sets_figures_rows_and_trend(world, ground):
    numbers = missing(ground)
    upkeep.recount_recent(now=NOW, days=31)
    page = world.client("admin").get("/station/monitors").content.decode()
    for words in ("站点 × 差异", "有发未到", "漏做到件", "南市分部", *numbers, "苏A1", "疑似遗失", "data-chart", "对比监控的宽限和判定"):
        assert words in page
    own = world.client("clerk").get("/station/monitors").content.decode()
    assert "站点 × 差异" not in own
    assert 'aria-current="page">有发未到<span class="count">2' in own.replace("\n", "")
    assert numbers[0] not in world.client("clerk").get("/station/monitors?age=3").content.decode()
    assert numbers[0] in world.client("clerk").get("/station/monitors?truck=苏A1").content.decode()
    assert numbers[0] not in world.client("clerk").get("/station/monitors?set=undelivered").content.decode()
    assert world.client("clerk").get("/station/monitors?set=nonsense&from=2026-99-99").status_code == 200


def test_who_may(world, ground):
    numbers = missing(ground)
    assert numbers[0] not in world.client("outsider").get("/station/monitors").content.decode()
    agent = world.client("agent")
    assert 'name="do"' not in agent.get("/station/monitors").content.decode()
    assert agent.post("/station/monitors/bulk", {"do": "take", "row": keys(ground, numbers)}).status_code == 403
    (key, *_rest) = keys(ground, numbers)
    assert world.client("outsider").get(f"/station/monitors/not_arrived/{key}").status_code == 404
    assert world.client("clerk").get("/station/monitors/nonsense/1:2:").status_code == 404
    assert world.client("clerk").get("/station/monitors/not_arrived/x").status_code == 404
    assert world.client("inspector").get("/station/monitors").status_code == 403


def test_work_on_many(world, ground):
    numbers = missing(ground, 3)
    client = world.client("clerk")
    assert "请先勾选" in client.post("/station/monitors/bulk", {"do": "take"}, follow=True).content.decode()
    page = client.post("/station/monitors/bulk", {"do": "take", "row": keys(ground, numbers[:2])}, follow=True).content.decode()
    assert "已处理 2 件" in page
    page = client.post("/station/monitors/bulk", {"do": "conclude", "all": "1", "result": "on_way", "note": "在路上"}, follow=True)
    assert "已处理 3 件" in page.content.decode()
    assert set(Difference.objects.values_list("result", flat=True)) == {"on_way"}
    refused = client.post("/station/monitors/bulk", {"do": "conclude", "all": "1", "result": ""}, follow=True).content.decode()
    assert "请选择处理结果" in refused
    lead = world.client("lead")
    page = lead.post("/station/monitors/bulk", {"do": "take", "row": keys(ground, numbers)}, follow=True).content.decode()
    assert "3 件没有处理：已由" in page


def test_to_problem_parcels_and_urging(world, ground):
    from kefu.station.problems.models import Line, Problem

    numbers = missing(ground, 3)
    client = world.client("clerk")
    client.post("/station/monitors/bulk", {"do": "problem", "row": keys(ground, numbers[:2])})
    reactions.run_all(now=NOW)
    client.post("/station/monitors/bulk", {"do": "urge", "row": keys(ground, numbers[1:])})
    reactions.run_all(now=NOW)
    rows = sorted(Problem.objects.values_list("waybill", "receiver_site_id"))
    assert rows == [(number, ground.hub.pk) for number in numbers]
    assert [one.text[:2] for one in Line.objects.filter(problem__waybill=numbers[1])][-1] == "催件"
    assert Problem.objects.get(waybill=numbers[2]).description.startswith("催件")
    assert Difference.objects.exclude(problem_id=None).count() == 3
    assert "已转问题件" in client.get("/station/monitors").content.decode()


def test_to_cases(world, ground):
    numbers = missing(ground)
    client = world.client("clerk")
    page = client.post("/station/monitors/bulk", {"do": "case", "row": keys(ground, numbers), "case_kind": "loss"}, follow=True)
    assert "已处理 2 件" in page.content.decode()
    again = client.post("/station/monitors/bulk", {"do": "case", "row": keys(ground, numbers), "case_kind": "x"}, follow=True)
    assert "请选择工单类型" in again.content.decode()
    one = client.get(f"/station/monitors/not_arrived/{keys(ground, numbers)[0]}").content.decode()
    assert "打开工单" in one


def test_one_difference(world, ground):
    (number,) = missing(ground, 1)
    client = world.client("clerk")
    address = f"/station/monitors/not_arrived/{keys(ground, [number])[0]}"
    page = client.get(address).content.decode()
    for words in (number, "苏A1", "南京分拨", "我来跟进", "催上一站", "转问题件"):
        assert words in page
    client.post(address, {"do": "edit", "version": "0", "result": "on_way", "note": "司机说在路上"})
    assert "司机说在路上" in client.get(address).content.decode()
    stale = client.post(address, {"do": "edit", "version": "0", "result": "lost", "note": "我写的不能丢"})
    assert stale.status_code == 409
    assert "我写的不能丢" in stale.content.decode()
    wrong = client.post(address, {"do": "edit", "version": "1", "result": "other", "note": ""})
    assert wrong.status_code == 422
    record_scans(actor=SYSTEM, batch=[ScanDraft(number, "arrive", ground.station.pk, NOW, "111")], now=NOW)
    assert "扫描已补齐" in client.get(address).content.decode()


def test_a_lead_takes_note_of_losses(world, ground):
    missing(ground, 2, ago=80)
    upkeep.warn_of_losses(now=NOW)
    reactions.run_all(now=NOW)
    assert "疑似遗失，请安排查找" not in world.client("clerk").get("/station/monitors").content.decode()
    client = world.client("lead")
    page = client.get("/station/monitors").content.decode()
    assert "南市分部 有 2 件发出多日未到件，疑似遗失，请安排查找。" in page
    action = page.split('action="/station/monitors/notices/')[1].split('"')[0]
    answer = client.post(f"/station/monitors/notices/{action}", follow=True).content.decode()
    assert "请安排查找" not in answer
    assert "疑似遗失 3 天" in answer


def test_statements_of_the_page_do_not_grow(world, ground):
    client, counts = world.client("clerk"), []
    for size, start in ((2, 0), (40, 100)):
        missing(ground, size, start=start)
        client.get("/station/monitors")
        with CaptureQueriesContext(connection) as captured:
            client.get("/station/monitors")
        counts.append(len(captured))
    assert counts[1] <= counts[0]


def test_the_board_has_the_figures(world, ground):
    missing(ground, 2)
    upkeep.recount_recent(now=NOW, days=3)
    page = world.client("clerk").get("/station").content.decode()
    assert "/station/monitors?set=not_arrived" in page
