"""Tracking on pages: the box, the ticks, accounts, the trace with its carriers, and the API beside it."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kefu.conftest import NOW
from kefu.console.tests.cases_world import WAYBILL, World
from kefu.integrations.carriers.stand_in.answers import IDENTITY, SALT, SECRET
from kefu.integrations.carriers.stand_in.server import StandIn, serving
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.models import AuditEntry
from kefu.station.tracking import boxes
from kefu.station.tracking.accounts import AccountDraft, add_account
from kefu.station.tracking.carriers import CarrierEvent, Found
from kefu.station.tracking.models import CarrierAccount, CarrierAsk, CarrierTrace
from kefu.station.tracking.storing import store
from kefu.station.tracking.working import work_due

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
LATER = NOW + timedelta(minutes=10)
STRANGER = "YT1000000000001"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def world(ground: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(moment, "now", lambda: LATER)
    return World(ground)


@pytest.fixture
def stand_in(ground: Any, socket_enabled: None) -> Iterator[StandIn]:
    """The stand-in with an account of the station at it."""
    app = StandIn(anchor=NOW - timedelta(days=2), clock=lambda: LATER)
    with serving(app) as address:
        draft = AccountDraft(ground.station.pk, "kuaidi100", "快递100", f"{address}/kuaidi100", IDENTITY, SECRET, SALT)
        add_account(actor=Actor.system("tests"), draft=draft, now=NOW)
        yield app


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


@pytest.mark.parametrize("role", ["agent", "lead", "clerk", "manager"])
def test_numbers_in_what_is_known_out(world: World, role: str) -> None:
    world.parcel()
    client = world.client(role)
    assert "一次最多" in text(client.get("/station/tracking"))
    answer = client.post("/station/tracking/look", {"numbers": f"{WAYBILL}\n{STRANGER}\n7.51235E+13 张三"}, follow=True)
    page = text(answer)
    for words in (WAYBILL, "派件中", "南市分部", STRANGER, "查不到", "7.51235E+13", "科学计数法", "张三", f'href="/parcels/{WAYBILL}"'):
        assert words in page
    assert f'href="/parcels/{STRANGER}"' not in page
    assert AuditEntry.objects.filter(action__in=("parcel.traced", "parcel.trace_refused")).count() == 2


def test_a_file_of_numbers_and_its_filters(world: World) -> None:
    world.parcel()
    client = world.client("clerk")
    file = SimpleUploadedFile("单号.csv", f"序号,快递单号\n1,{WAYBILL}\n2,{STRANGER}\n".encode("gbk"))
    answer = client.post("/station/tracking/look", {"file": file}, follow=True)
    assert STRANGER in text(answer)
    address = answer.redirect_chain[-1][0]
    assert STRANGER not in text(client.get(f"{address}&state=out_for_delivery")).split('id="list"')[1].split("csrfmiddlewaretoken")[0]
    assert WAYBILL in text(client.get(f"{address}&q={WAYBILL}"))


def test_nothing_given_is_said(world: World) -> None:
    page = text(world.client("clerk").post("/station/tracking/look", {"numbers": "  "}, follow=True))
    assert "没有读到运单号" in page


def test_another_persons_box_is_not_found(world: World) -> None:
    world.parcel()
    owner, other = world.client("clerk"), world.client("agent")
    address = owner.post("/station/tracking/look", {"numbers": WAYBILL}).headers["Location"]
    assert WAYBILL in text(owner.get(address))
    assert other.get(address).status_code == 404


def test_ticked_numbers_are_put_to_their_carriers_and_answered(world: World, stand_in: StandIn) -> None:
    client = world.client("clerk")
    page = text(client.post("/station/tracking/bulk", {"do": "query", "row": [STRANGER, "SF1234567890123"]}, follow=True))
    assert "已排队 2 个单号" in page
    assert work_due(now=LATER, chance=Random(1), at_once=1) == 2
    asks = text(client.get("/station/tracking/asks"))
    assert "已答复" in asks
    assert "电话后四位" in asks  # 顺丰 wants a phone
    trace = text(client.get(f"/parcels/{STRANGER}"))
    assert "（模拟）" in trace
    assert "13800001" not in trace
    assert world.client("outsider").get(f"/parcels/{STRANGER}").status_code == 404
    assert "请先勾选单号" in text(client.post("/station/tracking/bulk", {"do": "query"}, follow=True))


@pytest.mark.urls("kefu.config.urls")
def test_a_subscription_and_its_push(world: World, stand_in: StandIn) -> None:
    client = world.client("clerk")
    client.post(f"/station/tracking/ask/{STRANGER}", {"do": "subscribe"})
    assert work_due(now=LATER, chance=Random(1), at_once=1) == 1
    account = CarrierAccount.objects.get()
    address = stand_in.subscribed["kuaidi100", STRANGER]
    assert address.endswith(f"/api/v1/carriers/kuaidi100/{account.token}")
    from kefu.integrations.carriers.stand_in.answers import pushed

    fields = pushed("kuaidi100", STRANGER, stand_in.steps(STRANGER), sent_at="")
    path = f"/api/v1/carriers/kuaidi100/{account.token}"
    for _ in range(2):
        answer = client.post(path, urlencode(fields), FORM)
        assert answer.json() == {"result": True, "returnCode": "200", "message": "成功"}
    assert CarrierTrace.objects.count() == len(stand_in.steps(STRANGER))
    forged = client.post(path, urlencode(fields | {"sign": "0" * 32}), FORM)
    assert (forged.status_code, forged.json()["result"]) == (403, False)
    assert client.post("/api/v1/carriers/kuaidi100/none", urlencode(fields), FORM).status_code == 404


def test_the_trace_shows_both_sources_as_one(world: World) -> None:
    world.parcel()
    event = CarrierEvent(LATER - timedelta(minutes=1), "problem", "派件员李四 13812345678 联系不上收件人", "南京市", "204")
    store(vendor="kuaidi100", found=[Found(WAYBILL, [event], "zto")], now=LATER)
    page = text(world.client("agent").get(f"/parcels/{WAYBILL}"))
    assert "快递100" in page
    assert "联系不上收件人" in page
    assert "13812345678" not in page
    assert "还没有问过快递公司" in page


@pytest.mark.parametrize(("tail", "said"), [("5678", "相符"), ("0000", "不符"), ("", "不符")])
def test_the_identity_of_a_caller(world: World, tail: str, said: str) -> None:
    world.parcel()
    from kefu.parcels.queries import is_party

    page = text(world.client("agent").post(f"/station/tracking/identity/{WAYBILL}", {"tail": tail}, follow=True))
    assert ("可以告知" in page) is is_party(WAYBILL, tail)
    assert AuditEntry.objects.filter(action="parcel.identity_checked").exists()


def test_accounts_are_for_administrators_and_never_show_a_key(world: World) -> None:
    for role in ("agent", "clerk", "manager"):
        assert world.client(role).get("/station/tracking/accounts").status_code == 403
    client = world.client("admin")
    form = {"vendor": "zto", "site": str(world.ground.station.pk), "name": "中通", "base_url": "https://api.zto.com", "identity": "KEY"}
    assert "请填写快递公司给的密钥" in client.post("/station/tracking/accounts", form).content.decode()
    page = text(client.post("/station/tracking/accounts", form | {"secret": "SEHRGEHEIM"}, follow=True))
    assert "SEHRGEHEIM" not in page
    row = CarrierAccount.objects.get()
    here = f"/station/tracking/accounts/{row.pk}"
    client.post(here, form | {"version": "0", "name": "中通二"})
    row.refresh_from_db()
    assert (row.name, row.secret, row.per_minute) == ("中通二", "SEHRGEHEIM", 60)
    assert client.post(here, form | {"version": "0"}).status_code == 422
    client.post(f"{here}/switch", {"version": "1", "on": "0"})
    assert "已停用" in text(client.get("/station/tracking/accounts"))


def test_the_board_says_what_waits(world: World, stand_in: StandIn) -> None:
    client = world.client("clerk")
    client.post("/station/tracking/bulk", {"do": "query", "row": [STRANGER]})
    assert "排队查询" in text(client.get("/station"))
    assert CarrierAsk.objects.count() == 1


def test_a_thousand_numbers_are_read_in_a_fixed_number_of_statements(world: World, django_assert_max_num_queries: Any) -> None:
    client = world.client("clerk")
    numbers = "\n".join(f"YT{place:013d}" for place in range(boxes.MOST))
    address = client.post("/station/tracking/look", {"numbers": numbers}).headers["Location"]
    client.get(address)
    with django_assert_max_num_queries(30):
        page = text(client.get(address))
    assert "1,000" in page or "1000" in page
