"""Waybill entry and served areas over the API (OPS2, O9, R19, R47)."""

import pytest

from kefu.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks", "story")]
WAYBILL = "50004090806944"
ADDRESS = "江苏省南京市江宁区东山街道竹山路1号"
ROW = {"region": "江苏省南京市江宁区", "kind": "home", "valid_from": "2026-01-01", "published_on": "2025-12-01"}


@pytest.fixture
def table(signed_in, cast, ground):
    done = signed_in(cast.admin).ok("POST", "/areas", {"site": ground.other_station.pk, "areas": [ROW, {**ROW, "kind": "?"}, ROW]})
    assert (done["stored"], done["present"], [one["code"] for one in done["refused"]]) == (1, 1, ["area_kind"])


@pytest.fixture
def body(ground, table):
    return {
        "waybill": WAYBILL, "site": ground.station.pk, "sent_on": f"{NOW.date()}", "collector": "C01", "goods": "衣服", "weight": "1.2",
        "sender": {"name": "赵寄件", "phone": "13900001111"}, "receiver": {"name": "钱收件", "phone": "13812345678", "address": ADDRESS},
        "length": "30", "width": "30", "height": "20", "id_verified": True,
    }  # fmt: skip


def test_areas_are_asked_and_changed(table, signed_in, cast, ground):
    clerk, admin = signed_in(cast.clerk), signed_in(cast.admin)
    said = clerk.ok("POST", "/areas/served", {"site": ground.other_station.pk, "address": ADDRESS})
    assert (said["verdict"], said["served"], said["region"]["street"]) == ("home", True, "东山街道")
    [one] = clerk.ok("POST", "/areas/serving", {"address": ADDRESS})
    assert one["site_id"] == ground.other_station.pk
    number = said["area"]["id"]
    assert clerk.ok("GET", f"/areas/{number}")["kind"] == "home"
    change = {"kind": "none", "published_on": f"{NOW.date()}", "valid_from": "2027-06-01", "version": 0}
    clerk.refused(403, "POST", f"/areas/{number}/change", change)
    new = admin.ok("POST", f"/areas/{number}/change", change)
    assert (new["kind"], new["valid_from"]) == ("none", "2027-06-01")
    assert admin.refused(409, "POST", f"/areas/{number}/change", change)["code"] == "stale"
    ending = {"valid_to": "2027-09-01", "published_on": f"{NOW.date()}", "version": 0}
    assert admin.ok("POST", f"/areas/{new['id']}/end", ending)["valid_to"] == "2027-09-01"
    assert len(clerk.ok("POST", "/lists/areas/search", {"filter": {"q": "江宁"}})["rows"]) == 2


def test_a_pasted_party(signed_in, cast):
    said = signed_in(cast.clerk).ok("POST", "/addresses/split", {"text": f"钱收件 13812345678 {ADDRESS}"})
    assert (said["name"], said["phone"], said["region"]["path"]) == ("钱收件", "13812345678", "江苏省/南京市/江宁区/东山街道")


def test_a_waybill_from_its_check_to_its_history(body, signed_in, cast, ground):
    clerk = signed_in(cast.clerk)
    look = clerk.ok("POST", "/entries/check", body)
    assert (look["findings"], look["volume_weight"], look["billing_weight"], look["deliver_site"]) == (
        [], "3.000", "3.000", ground.other_station.pk,
    )  # fmt: skip
    wrong = clerk.ok("POST", "/entries/check", body | {"goods": "汽油"})["findings"]
    assert [(one["code"], one["field"], one["refuses"]) for one in wrong] == [("entry_banned", "goods", True)]
    assert wrong[0]["clause"].endswith("texts.station_entry_banned")
    done = clerk.ok("POST", "/entries", {"entries": [body, {**body, "waybill": "坏"}, {**body, "waybill": "50004090806955", "pieces": 3}]})
    assert (done["stored"], done["doubtful"], [one["code"] for one in done["refused"]]) == (2, 1, ["bad_waybill"])
    card = clerk.ok("GET", f"/entries/{WAYBILL}")
    assert (card["receiver_name"], card["version"], card["area_verdict"]) == ("钱*", 0, "home")
    told = clerk.ok("PUT", f"/entries/{WAYBILL}", body | {"weight": "5", "version": 0})
    assert {one["field"] for one in told} == {"weight", "billing_weight"}
    assert clerk.refused(409, "PUT", f"/entries/{WAYBILL}", body | {"version": 0})["code"] == "stale"
    doubt = clerk.refused(409, "PUT", f"/entries/{WAYBILL}", body | {"pieces": 2, "version": 1})
    assert (doubt["code"], doubt["params"]["codes"]) == ("entry_doubtful", ["entry_no_subs"])
    assert [one["field"] for one in clerk.ok("GET", f"/entries/{WAYBILL}/changes")] == ["billing_weight", "weight"]
    signed_in(cast.outsider).refused(404, "GET", f"/entries/{WAYBILL}")


def test_collections_void_numbers_and_the_rate(body, signed_in, cast, ground):
    clerk = signed_in(cast.clerk)
    site = ground.station.pk
    assert clerk.ok("POST", "/void-numbers", {"site": site, "waybills": ["50004090806999"], "reason": "面单打印坏了"}) == {"stored": 1}
    given = [{"waybill": WAYBILL, "weight": "1.2"}, {"waybill": "50004090806999"}]
    taken = {"site": site, "collector": "C01", "collected_at": NOW.isoformat(), "parcels": given}
    done = clerk.ok("POST", "/collections", taken)
    assert (done["stored"], [one["code"] for one in done["refused"]]) == (1, ["collect_void"])
    day = f"{NOW.date()}"
    before = clerk.ok("GET", f"/entries/figures/rate?day_from={day}&day_to={day}&site={site}")
    clerk.ok("POST", "/entries", {"entries": [body]})
    after = clerk.ok("GET", f"/entries/figures/rate?day_from={day}&day_to={day}&site={site}")
    assert (after["collected"] - before["collected"], after["entered"] - before["entered"]) == (0, 1)
    signed_in(cast.agent).refused(403, "POST", "/collections", taken)
    for name, count in (("entries", 1), ("collections", 1), ("void-numbers", 1)):
        assert len(clerk.ok("POST", f"/lists/{name}/search", {"filter": {}})["rows"]) == count
