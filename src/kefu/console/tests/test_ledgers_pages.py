"""Ledgers in the console and over the API: the shelf, a ledger's page, its sums, a cell written, a file back in with its diff (SHOP7)."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kefu.conftest import PASSWORD, hire  # noqa: F401
from kefu.desk import handover
from kefu.kernel import moment
from kefu.ledgers import queries
from kefu.ledgers.models import KeptCell
from kefu.ledgers.queries import Wanted
from kefu.ledgers.tests.conftest import filled, paid_claim, shop  # noqa: F401
from kefu.lists.ledgers import list_of
from kefu.people.models import Staff

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
EIGHT = ("open_today", "payments", "liability", "carrier_liability", "repairs", "returns", "urges", "reminders")


def signed_in(actor):
    client = Client()
    username = Staff.objects.get(pk=actor.id).username
    assert client.post("/sign-in", {"username": username, "password": PASSWORD}).status_code == 302
    return client


def address(name, key, **more):
    return reverse(f"console:{name}", kwargs={"handbook": "shop", "key": key, **more})


def read(client, path, status=200, **headers):
    answer = client.get(path, headers=headers)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


def first(shop, key):  # noqa: F811
    return queries.page(shop.lead, shop.ledger(key), Wanted(), now=moment.now()).rows[0]


def test_the_shelf_opens_every_ledger_with_its_rows_and_sums(filled):  # noqa: F811
    client = signed_in(filled.agent)
    shelf = read(client, reverse("console:ledgers"))
    for key in EIGHT:
        assert address("ledger", key) in shelf
        page = read(client, address("ledger", key))
        lead = queries.text(filled.ledger(key), first(filled, key), filled.ledger(key).clause.columns[0])
        assert lead in page
        sums = read(client, address("ledger-totals", key), **{"HX-Request": "true"})
        assert "<html" not in sums
        for link in set(re.findall(r'href="(/ledgers/[^"]+)"', sums)):
            assert "<td" in read(client, link.replace("&amp;", "&"))


def test_another_site_sees_nothing(filled, cast):  # noqa: F811
    other = signed_in(cast.agent)
    assert "/ledgers/shop/" not in read(other, reverse("console:ledgers"))
    for key in EIGHT:
        read(other, address("ledger", key), 404)
        read(other, address("ledger-totals", key), 404)
    row = first(filled, "returns")
    read(other, address("ledger-cell", "returns", row_id=row.id, column="resend_no"), 404)


def test_as_many_queries_for_many_rows(filled):  # noqa: F811
    client = signed_in(filled.agent)
    read(client, address("ledger", "returns"))
    with CaptureQueriesContext(connection) as few:
        read(client, address("ledger", "returns"))
    for _more in range(12):
        filled.sale("return")
    with CaptureQueriesContext(connection) as many:
        read(client, address("ledger", "returns"))
    assert len(many) <= len(few)


def test_a_cell_is_written_where_it_stands_with_and_without_script(filled):  # noqa: F811
    client, row = signed_in(filled.agent), first(filled, "returns")
    path = address("ledger-cell", "returns", row_id=row.id, column="resend_no")
    assert path in read(client, address("ledger", "returns"))
    assert "<html" in read(client, path)
    form = read(client, path, **{"HX-Request": "true"})
    assert "<html" not in form
    assert 'name="seen" value=""' in form
    answer = client.post(path, {"value": "SF99", "seen": ""}, headers={"HX-Request": "true"})
    assert "SF99" in answer.content.decode()
    assert client.post(path, {"value": "SF100", "seen": "SF99"}).status_code == 302
    assert KeptCell.objects.get().value == "SF100"
    stale = client.post(path, {"value": "SF1", "seen": "SF99"})
    assert stale.status_code == 409
    assert "SF100" in stale.content.decode()
    assert KeptCell.objects.get().value == "SF100"


def test_a_refused_cell_says_who_fills_it_in(filled):  # noqa: F811
    client, row = signed_in(filled.agent), first(filled, "carrier_liability")
    path = address("ledger-cell", "carrier_liability", row_id=row.id, column="received")
    assert path not in read(client, address("ledger", "carrier_liability"))
    answer = client.post(path, {"value": "300", "seen": ""})
    assert answer.status_code == 403
    assert "组长" in answer.content.decode()
    wrong = client.post(address("ledger-cell", "carrier_liability", row_id=row.id, column="claimed_at"), {"value": "昨天", "seen": ""})
    assert wrong.status_code == 422
    assert "昨天" in wrong.content.decode()
    assert KeptCell.objects.count() == 0


def test_open_work_is_handed_to_the_next_shift(filled):  # noqa: F811
    client = signed_in(filled.agent)
    assert "交接给下一班" in read(client, address("ledger", "open_today"))
    client.post(address("ledger-handover", "open_today"), {"text": "三件等快递答复"})
    assert [one.text for one in handover.notes(filled.lead, now=moment.now())] == ["三件等快递答复"]
    client.post(address("ledger-handover", "open_today"), {"text": " "})
    assert len(handover.notes(filled.lead, now=moment.now())) == 1


def test_a_file_goes_out_and_comes_back_with_its_diff(filled):  # noqa: F811
    client = signed_in(filled.lead)
    ledger = filled.ledger("returns")
    code = list_of(ledger).file_columns[0].value(first(filled, "returns"))
    file = SimpleUploadedFile("returns.csv", f"售后单号,补发单号,核对码\n,SF77,{code}\n".encode("utf-8-sig"))
    preview = client.post(reverse("console:import-tables"), {"kind": "ledger", "file": file}).content.decode()
    assert "SF77" in preview
    assert "改后" in preview
    assert "不写入" in preview  # the emptied number of the refund
    assert KeptCell.objects.count() == 0
    file = SimpleUploadedFile("returns.csv", f"补发单号,核对码\nSF77,{code}\n".encode("utf-8-sig"))
    preview = client.post(reverse("console:import-tables"), {"kind": "ledger", "file": file}).content.decode()
    ticket = re.search(r'name="ticket" value="([^"]+)"', preview)[1]
    client.post(reverse("console:import-tables-run"), {"ticket": ticket})
    assert KeptCell.objects.get().value == "SF77"


@pytest.mark.usefixtures("filled")
def test_saved_views_lead_back_to_the_ledger(filled):  # noqa: F811
    client = signed_in(filled.agent)
    answer = client.post(
        reverse("console:list-view-new", kwargs={"key": "ledger-shop-returns"}), {"name": "我的", "scope": "own", "today": "1"}
    )
    assert answer.status_code == 302
    assert answer["Location"].startswith(address("ledger", "returns"))
