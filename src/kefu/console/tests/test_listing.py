"""The list kit: its state in the address, saved views, columns, pages, bulk work, nothing personal in an address, bounded cost."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from kefu.conftest import NOW
from kefu.console import listing
from kefu.console.listing_rows import chooser, columns, drawn
from kefu.console.tests.cases_world import PHONE, WAYBILL, World
from kefu.customers import actions as customers
from kefu.desk.models import SavedView
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.lists.customers import CUSTOMERS
from kefu.lists.parcels import PARCELS
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ParcelDraft
from kefu.people.models import Staff

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def world(ground, monkeypatch):
    monkeypatch.setattr(moment, "now", lambda: NOW + timedelta(minutes=10))
    return World(ground)


def html(answer):
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def heads(page):
    return [re.sub(r"<[^>]+>", "", head) for head in re.findall(r"<th[^>]*>(.*?)</th>", page)]


def fill(world, start, count):
    system, site = Actor.system("tests"), world.ground.station.pk
    for number in range(start, start + count):
        parcels.register_parcel(actor=system, draft=ParcelDraft(f"5500000{number:07d}", site, carrier="best"), now=NOW)


def test_only_the_list_is_refreshed(world):
    world.parcel()
    part = html(world.client("agent").get("/parcels", headers=HTMX))
    assert "<html" not in part
    assert WAYBILL in part
    assert "本站寄出" in part


def test_columns_and_density_stand_in_the_address(world):
    world.parcel()
    client = world.client("agent")
    usual = html(client.get("/parcels"))
    assert heads(usual) == ["运单号", "状态", "最近扫描", "最近扫描时间", "收件人", "收件电话", "承运公司", "录单时间"]
    assert "table-dense" in usual
    page = html(client.get("/parcels?cols=carrier&cols=bogus&density=normal"))
    assert heads(page) == ["运单号", "承运公司"]
    assert "table-dense" not in page
    assert 'name="cols" value="carrier"' in page
    # A lead reaches more than one site, so it is said which.
    assert "派件网点" in heads(html(world.client("manager").get("/parcels"))) or len(world.actor("manager").sites) == 1


def test_conditions_are_chips_that_can_be_taken_away(world):
    world.parcel()
    client = world.client("agent")
    page = html(client.get("/parcels?state=signed&sent=1&bogus=1&site=x"))
    assert "没有符合条件的记录" in page
    chips = re.findall(r'<li class="chip">.*?</li>', page, re.S)
    assert len(chips) == 1
    assert 'href="/parcels?sent=1"' in chips[0]
    assert 'aria-current="page">本站寄出' in page
    assert "录单或导入扫描记录后" in page


def test_pages_go_by_cursor_with_the_filter(world):
    fill(world, 0, 60)
    client = world.client("agent")
    first = html(client.get("/parcels?density=normal"))
    assert first.count('class="lead"') == listing.PAGE
    further = re.search(r'rel="next"[^>]*href="([^"]+)"', first)[1].replace("&amp;", "&")
    assert "density=normal" in further
    second = html(client.get(f"/parcels{further}"))
    assert second.count('class="lead"') == 10
    assert client.get("/parcels?cursor=junk").status_code == 422


def test_views_are_saved_for_this_list_only(world):
    world.parcel()
    client = world.client("lead")
    form = {"name": "异常件", "scope": "team", "f-state": "problem", "f-cols": "carrier,bogus", "f-density": "normal", "f-phone": PHONE}
    saved = client.post("/lists/parcels/views/new", form)
    view = SavedView.objects.get()
    assert (view.list_key, view.values, view.columns, view.density) == ("parcels", {"state": "problem"}, ["carrier"], "normal")
    assert saved["Location"] == f"/parcels?state=problem&saved={view.pk}&cols=carrier&density=normal"
    assert "异常件" in html(client.get(saved["Location"]))
    assert "异常件" in html(world.client("agent").get("/parcels"))
    assert "异常件" not in html(client.get("/cases/views"))
    assert "异常件" not in html(client.get("/customers"))
    assert client.post("/lists/parcels/views/new", {"name": ""}, follow=True).status_code == 200
    assert world.client("agent").post(f"/lists/parcels/views/{view.pk}/delete").status_code == 403
    assert client.post(f"/lists/customers/views/{view.pk}/delete").status_code == 404
    client.post(f"/lists/parcels/views/{view.pk}/delete")
    assert not SavedView.objects.exists()


def test_a_list_out_of_reach_keeps_no_views(world):
    clerk = world.client("clerk")
    assert clerk.get("/customers").status_code == 403
    assert clerk.post("/lists/customers/views/new", {"name": "x"}).status_code == 403
    assert clerk.post("/lists/nothing/views/new", {"name": "x"}).status_code == 404
    assert clerk.post("/lists/parcels/views/new", {"name": "x", "scope": "team"}, follow=True).status_code == 200
    assert not SavedView.objects.exists()


def test_what_is_personal_is_sent_in_a_form_only(world):
    system, site = Actor.system("tests"), world.ground.station.pk
    for number in range(55):
        customers.find_or_create(actor=system, site_id=site, name=f"王小明{number}", phone=f"139{number:04d}5678", now=NOW)
    client = world.client("agent")
    assert html(client.get("/customers?q=5678")).count('class="lead"') == 50
    page = html(client.post("/customers", {"q": "5678"}))
    assert "q=5678" not in page
    assert 'rel="next"' not in page
    cursor = re.search(r'name="cursor" value="([^"]+)"', page)[1]
    assert html(client.post("/customers", {"q": "5678", "cursor": cursor})).count('class="lead"') == 5
    assert html(client.post("/customers", {"q": "没有这个人"})).count('class="lead"') == 0


def test_the_cost_does_not_grow_with_the_list(world):
    client = world.client("agent")
    fill(world, 0, 3)
    client.get("/parcels")
    with CaptureQueriesContext(connection) as few:
        client.get("/parcels?state=collected")
    fill(world, 3, 40)
    with CaptureQueriesContext(connection) as many:
        client.get("/parcels?state=collected")
    assert len(few) == len(many) <= 14


def test_who_chose_what_for_bulk_work(world):
    system, site = Actor.system("tests"), world.ground.station.pk
    ids = [customers.find_or_create(actor=system, site_id=site, name="赵", phone=f"1390000000{n}", now=NOW).pk for n in range(3)]

    def read(form, role="agent"):
        request = RequestFactory().post("/x", form)
        request.actor = world.actor(role)
        return listing.chosen(request, CUSTOMERS)

    ticked = read({"do": "close", "row": [str(ids[0]), str(ids[0]), "x"], "f-tier": "", "f-bogus": "1"})
    assert (ticked.do, ticked.ticked, ticked.all, ticked.nothing) == ("close", (str(ids[0]), "x"), False, False)
    assert ticked.keys(CUSTOMERS, NOW) == [str(ids[0]), "x"]
    everything = read({"do": "close", "all": "1", "f-site": str(site)})
    assert sorted(everything.keys(CUSTOMERS, NOW)) == sorted(map(str, ids))
    assert everything.back(CUSTOMERS) == f"/customers?site={site}"
    assert read({"all": "1"}, role="outsider").keys(CUSTOMERS, NOW) == []
    assert read({}).nothing
    assert read({"all": "1", "f-q": "13900000001"}).keys(CUSTOMERS, NOW) == [str(ids[1])]
    assert "q=" not in read({"all": "1", "f-q": "13900000001"}).back(CUSTOMERS)


def test_cells_link_only_where_the_reader_may_go(world):
    world.parcel()
    ask = listing.Ask(world.actor("agent"), {}, NOW)
    rows = PARCELS.page(ask, None, 5).rows
    shown = columns(PARCELS, (), several_sites=True)
    assert drawn(world.actor("agent"), PARCELS, shown, rows)[0].lead.href == f"/parcels/{WAYBILL}"
    stranger = Actor("integration", 1, "ERP", permissions=frozenset(), sites=frozenset())
    assert drawn(stranger, PARCELS, shown, rows)[0].lead.href == ""
    assert [key for key, _title, on in chooser(PARCELS, shown[:2], several_sites=False) if on] == ["state"]
    assert "site" not in [key for key, _title, _on in chooser(PARCELS, shown, several_sites=False)]


def test_in_english(world):
    world.parcel()
    client = world.client("agent")
    Staff.objects.filter(pk=world.person("agent").pk).update(language="en")
    page = html(client.get("/parcels", headers={"Accept-Language": "en"}))
    assert "Waybill" in page
    assert "运单号" not in re.sub(r"<script.*?</script>", "", page, flags=re.S)
