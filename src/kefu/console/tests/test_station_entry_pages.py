"""Pages of waybill entry and of area tables: the form, its warnings, changes, collection, void numbers, areas (OPS2, R19, R47)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from kefu.conftest import NOW
from kefu.console.tests.cases_world import World
from kefu.kernel import moment
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ScanDraft
from kefu.station.areas import actions as areas
from kefu.station.areas import queries as area_queries
from kefu.station.areas.drafts import AreaDraft
from kefu.station.entry import queries

pytestmark = [pytest.mark.django_db, pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.usefixtures("handbooks")]
WAYBILL = "50004090806944"
ADDRESS = "江苏省南京市江宁区东山街道竹山路1号"


class People:
    """One of each role at the station, by role."""

    def __init__(self, ground):
        self._world = World(ground)

    def __getattr__(self, role):
        return self._world.actor(role)

    def client(self, role):
        return self._world.client(role)


@pytest.fixture
def cast(ground):
    return People(ground)


@pytest.fixture
def area(ground, cast):
    draft = AreaDraft("江苏省南京市江宁区", "home", date(2026, 1, 1), date(2025, 12, 1))
    return areas.add_area(actor=cast.admin, site_id=ground.other_station.pk, draft=draft, now=NOW - timedelta(days=90))


@pytest.fixture
def form(ground, area):
    return {
        "waybill": WAYBILL, "site": ground.station.pk, "sent_on": f"{moment.now():%Y-%m-%d}", "collector": "C01", "goods": "衣服",
        "sender_name": "赵寄件", "sender_phone": "13900001111", "sender_address": "南京市鼓楼区中央路1号", "receiver_name": "钱收件",
        "receiver_phone": "13812345678", "receiver_address": ADDRESS, "pieces": "1", "payment": "sender", "scope": "domestic",
        "weight": "1.2", "id_verified": "1",
    }  # fmt: skip


def at(name, **kwargs):
    return reverse(f"console:{name}", kwargs=kwargs)


def test_the_form_saves_and_keeps_the_sender_for_the_next(cast, form):
    clerk = cast.client("clerk")
    page = clerk.get(at("station-entry-new"))
    assert page.status_code == 200
    saved = clerk.post(at("station-entry-new"), form | {"do": "next"})
    assert (saved.status_code, saved.url) == (302, f"{at('station-entry-new')}?after={WAYBILL}")
    after = clerk.get(saved.url).content.decode()
    assert "赵寄件" in after
    assert "钱收件" not in after
    again = clerk.get(f"{saved.url}&all=1").content.decode()
    assert "钱收件" in again
    assert f'value="{WAYBILL}"' not in again
    listed = clerk.get(at("station-entry")).content.decode()
    assert WAYBILL in listed
    assert "钱收件" not in listed


def test_refusals_stand_at_their_fields_and_warnings_are_accepted(cast, form):
    clerk = cast.client("clerk")
    wrong = clerk.post(at("station-entry-new"), form | {"goods": "汽油", "receiver_phone": "1", "length": "长"})
    assert wrong.status_code == 422
    wrong = clerk.post(at("station-entry-new"), form | {"goods": "汽油", "receiver_phone": "1"})
    text = wrong.content.decode()
    assert wrong.status_code == 422
    assert "禁寄词" in text
    assert 'id="receiver_phone-error"' in text
    doubtful = clerk.post(at("station-entry-new"), form | {"pieces": "2"})
    assert doubtful.status_code == 409
    assert 'name="accept" value="entry_no_subs"' in doubtful.content.decode()
    assert clerk.post(at("station-entry-new"), form | {"pieces": "2", "accept": "entry_no_subs"}).status_code == 302
    assert queries.get(cast.clerk, WAYBILL).row.warnings == ("entry_no_subs",)


def test_a_pasted_block_with_and_without_script(cast, form):
    clerk = cast.client("clerk")
    block = f"孙收件 13812345679 {ADDRESS}"
    page = clerk.post(at("station-entry-new"), form | {"do": "split-receiver", "receiver_block": block}).content.decode()
    assert 'value="孙收件"' in page
    assert 'value="13812345679"' in page
    told = clerk.post(at("station-entry-split"), form | {"text": block}).json()
    assert told == {"name": "孙收件", "phone": "13812345679", "company": "", "address": ADDRESS}


def test_the_check_says_weights_and_area(cast, form, area):
    clerk = cast.client("clerk")
    part = clerk.post(at("station-entry-check"), form | {"length": "30", "width": "30", "height": "20"}).content.decode()
    assert "3.000" in part
    assert "城北网点" in part
    assert at("station-area", area_id=area.pk) in part
    assert "禁寄词" in clerk.post(at("station-entry-check"), form | {"goods": "汽油"}).content.decode()
    # Nothing is reproached to an empty form.
    assert "entry-said" not in clerk.post(at("station-entry-check"), {"site": form["site"]}).content.decode()


def test_changing_with_a_reason_and_its_history(cast, form, ground):
    clerk = cast.client("clerk")
    clerk.post(at("station-entry-new"), form)
    sent = ScanDraft(WAYBILL, "send", ground.station.pk, moment.now() - timedelta(minutes=5), operator="1007")
    parcels.record_scans(actor=cast.clerk, batch=[sent], now=moment.now())
    change = at("station-entry-change", waybill=WAYBILL)
    assert clerk.get(change).status_code == 200
    new = form | {"weight": "5", "version": "0"}
    assert "发件后必填" in (refused := clerk.post(change, new)).content.decode()
    assert refused.status_code == 422
    assert clerk.post(change, new | {"reason": "客户又加了一件"}).status_code == 302
    page = clerk.get(at("station-entry-one", waybill=WAYBILL)).content.decode()
    assert "客户又加了一件" in page
    assert "13812345678" not in page
    assert clerk.post(change, new | {"reason": "客户又加了一件"}).status_code == 409


def test_collection_and_void_numbers(cast, ground):
    clerk = cast.client("clerk")
    given = {"site": ground.station.pk, "collector": "C01", "lines": f"{WAYBILL} 1.5\n50004090806945，2\n坏单\n"}
    page = clerk.post(at("station-entry-collections"), given).content.decode()
    assert "坏单" in page
    assert queries.scale_of(WAYBILL) == Decimal("1.5")
    assert clerk.post(at("station-entry-collections"), given | {"lines": f"{WAYBILL} 很重"}).status_code == 200
    assert clerk.post(at("station-entry-collections"), given | {"lines": WAYBILL, "collector": ""}).status_code == 200
    void = {"site": ground.station.pk, "numbers": "50004090806999", "reason": "面单打印坏了"}
    assert clerk.post(at("station-entry-voids"), void).status_code == 302
    assert "50004090806999" in clerk.get(at("station-entry-voids")).content.decode()
    assert "已有扫描" in clerk.post(at("station-entry-voids"), void | {"numbers": WAYBILL}).content.decode()


def test_area_pages(cast, ground, area):
    clerk = cast.client("clerk")
    page = clerk.get(at("station-areas") + "?address=江宁区东山街道竹山路").content.decode()
    assert "送货上门" in page
    assert "城北网点" in page
    assert "没有网点公布" in clerk.get(at("station-areas") + "?address=杭州市西湖区").content.decode()
    assert clerk.get(at("station-area", area_id=area.pk)).status_code == 200
    assert clerk.get(at("station-area-new")).status_code == 403
    admin = cast.client("admin")
    today = moment.now().date()
    row = {"site": ground.station.pk, "region": "南京市江宁区汤山街道", "kind": "station", "published_on": f"{today}", "surcharge": "2.5"}
    assert admin.post(at("station-area-new"), row | {"valid_from": f"{today}"}).status_code == 302
    change = at("station-area-change", area_id=area.pk)
    body = {
        "version": area.version,
        "kind": "none",
        "published_on": f"{today}",
        "valid_from": f"{today + timedelta(days=3)}",
        "do": "change",
    }
    early = admin.post(change, body)
    assert early.status_code == 422
    assert "派送范围的公布和变更" in early.content.decode()
    assert admin.post(change, body | {"valid_from": f"{today + timedelta(days=11)}"}).status_code == 302
    assert [one.kind for one in area_queries.timeline(cast.admin, area.pk)] == ["none", "home"]
    assert admin.post(change, body | {"valid_from": "x"}).status_code == 422


@pytest.mark.parametrize(("part", "status"), [("clerk", 200), ("lead", 200), ("agent", 200), ("trainer", 403)])
def test_who_may_look(cast, part, status):
    reader = cast.client(part)
    assert reader.get(at("station-entry")).status_code == status
    assert reader.get(at("station-entry-new")).status_code == (200 if part in ("clerk", "lead") else 403)
