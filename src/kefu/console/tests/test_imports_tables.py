"""Tables taken in from the console: look first, then in; progress, stop, resume; who sees what."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kefu.conftest import NOW
from kefu.console.tests.cases_world import World
from kefu.intake import actions, work
from kefu.intake.models import Intake
from kefu.kernel import moment
from kefu.parcels.models import Parcel

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
HEAD = "运单号,收件人,收件电话,颜色\n"


@pytest.fixture
def world(ground, monkeypatch, settings, tmp_path):
    monkeypatch.setattr(moment, "now", lambda: NOW + timedelta(minutes=10))
    settings.KEFU_HOME = tmp_path
    return World(ground)


def table(count):
    return (HEAD + "".join(f"55800{number:09d},王小明,13812345678,红\n" for number in range(count))).encode()


def send(client, content, **more):
    return client.post("/imports/tables", {"kind": "parcels", "site": "", "file": SimpleUploadedFile("运单.csv", content), **more})


def ticket(answer):
    return re.search(r'name="ticket" value="([^"]+)"', answer.content.decode())[1]


@pytest.mark.parametrize(("role", "status"), [("agent", 200), ("clerk", 200), ("lead", 200), ("manager", 200), ("trainer", 403)])
def test_who_sends_tables(world, role, status):
    client = world.client(role)
    assert client.get("/imports/tables").status_code == status
    home = client.get("/account").content.decode()
    assert ('href="/imports/tables"' in home or 'href="/imports"' in home) == (status == 200)


def test_kinds_are_those_one_may_send(world):
    page = world.client("agent").get("/imports/tables?kind=customers").content.decode()
    assert '<option value="customers" selected>' in page
    assert 'value="parcels"' not in page
    assert send(world.client("agent"), table(1)).status_code == 403
    clerk = world.client("clerk").get("/imports/tables?kind=nothing").content.decode()
    assert 'value="scans"' in clerk


def test_look_first_then_in(world):
    client = world.client("clerk")
    site = str(world.ground.station.pk)
    seen = send(client, table(3) + b"7.5E+13,,,\n", site=site)
    page = seen.content.decode()
    assert seen.status_code == 200
    for words in ("没有用到的列：颜色", "会被拒收的", "列的对应", "南市分部"):
        assert words in page
    assert "13812345678" not in page
    assert not Parcel.objects.exists()
    done = client.post("/imports/tables/run", {"ticket": ticket(seen)}, follow=True).content.decode()
    row = Intake.objects.get()
    assert (row.state, row.stored, row.refused) == ("done", 3, 1)
    assert f"/imports/tables/{row.pk}/refused" in done
    assert "every 1s" not in done
    refused = client.get(f"/imports/tables/{row.pk}/refused")
    assert "7.5E+13" in b"".join(refused.streaming_content).decode("utf-8-sig")
    assert refused["Cache-Control"] == "no-store"
    assert "运单.csv" in client.get("/imports/tables").content.decode()
    for path in ("", "/refused"):
        assert world.client("lead").get(f"/imports/tables/{row.pk}{path}").status_code == 404


def test_a_long_file_shows_how_far_it_is(world):
    client = world.client("clerk")
    seen = send(client, table(actions.AT_ONCE + 10), site=str(world.ground.station.pk))
    page = client.post("/imports/tables/run", {"ticket": ticket(seen)}, follow=True).content.decode()
    row = Intake.objects.get()
    assert "every 1s" in page
    assert client.post(f"/imports/tables/{row.pk}/stop", follow=True).status_code == 200
    stopped = client.get(f"/imports/tables/{row.pk}").content.decode()
    assert "已停止" in stopped
    assert "接着导入" in stopped
    assert client.post(f"/imports/tables/{row.pk}/resume", follow=True).status_code == 200
    assert world.client("lead").post(f"/imports/tables/{row.pk}/stop").status_code == 404
    work.run_due(now=moment.now())
    part = client.get(f"/imports/tables/{row.pk}", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "510" in part


@pytest.mark.parametrize(
    ("content", "more", "status", "words"),
    [
        (b"", {}, 422, "请选择一个有内容的文件"),
        ("颜色\n红\n".encode(), {}, 422, "运单号"),
        (table(1), {"kind": ""}, 404, "找不到"),
        ("姓名,电话\n王,13812345678\n".encode(), {"kind": "customers"}, 422, "请选择这些记录归到哪个站点"),
    ],
)
def test_what_cannot_be_taken_is_said(world, content, more, status, words):
    answer = send(world.client("manager"), content, **more)
    assert answer.status_code == status
    assert words in answer.content.decode()


def test_a_ticket_that_is_none(world):
    answer = world.client("clerk").post("/imports/tables/run", {"ticket": "x"})
    assert answer.status_code == 422
    assert "预览已过期" in answer.content.decode()
