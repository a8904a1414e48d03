"""Problem parcels and forwarding over the API, to the case they become (OPS8, OPS10)."""

from datetime import timedelta

import pytest

from kefu.conftest import NOW
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ParcelDraft, ScanDraft

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks", "story")]
WAYBILL = "50004090806944"


@pytest.fixture
def parcel(ground, cast):
    """Sent by 城北网点, arrived at 南市分部."""
    draft = ParcelDraft(WAYBILL, ground.station.pk, origin_site_id=ground.other_station.pk)
    parcels.register_parcel(actor=cast.system, draft=draft, now=NOW - timedelta(days=3))
    steps = [("collect", ground.other_station, 60), ("arrive", ground.station, 20)]
    scans = [ScanDraft(WAYBILL, code, site.pk, NOW - timedelta(hours=hours)) for code, site, hours in steps]
    parcels.record_scans(actor=cast.system, batch=scans, now=NOW)


def test_a_problem_from_its_report_to_its_end(parcel, signed_in, cast, ground):
    us, them = signed_in(cast.agent), signed_in(cast.outsider)
    types = us.ok("GET", f"/problems/types?site={ground.station.pk}")
    assert {"PR20", "PR211"} <= {one["code"] for one in types["types"]}
    assert types["description_most"] == 400
    assert us.ok("GET", f"/problems/receiver?waybill={WAYBILL}&site={ground.station.pk}") == {"site_id": ground.other_station.pk}
    wanted = {"waybill": WAYBILL, "kind": "PR211", "description": "联系不上", "phones": ["13812345678"], "external_id": "erp-1"}
    done = us.ok("POST", "/problems", {"problems": [wanted, {**wanted, "kind": "PR999", "external_id": None}]})
    assert [(one["place"], one["code"]) for one in done["refused"]] == [(1, "unknown_kind")]
    number = done["stored"]["0"]
    assert us.ok("POST", "/problems", {"problems": [wanted]})["present"] == {"0": number}
    thread = them.ok("POST", f"/problems/{number}/replies", {"text": "请再联系一次", "version": 0})
    assert (thread["state"], thread["lines"][0]["own"], thread["phones"]) == ("working", True, ["138******78"])
    assert us.refused(409, "POST", f"/problems/{number}/replies", {"text": "好", "version": 0})["code"] == "stale"
    assert us.refused(422, "POST", f"/problems/{number}/close", {"result": "done"})["code"] == "no_result"
    case = us.ok("POST", f"/problems/{number}/case")
    assert case["fresh"]
    assert us.ok("GET", f"/cases/{case['case_id']}")["waybill"] == WAYBILL
    assert us.ok("POST", f"/problems/{number}/case") == {"case_id": case["case_id"], "fresh": False}
    ended = us.ok("POST", f"/problems/{number}/close", {"result": "corrected"})
    assert (ended["state"], [one["told"] for one in ended["lines"]]) == ("done", ["reply", "case", "closed"])
    assert us.ok("POST", "/lists/problems/search", {"filter": {"state": "done"}})["rows"][0]["values"]["state"] == "done"


def test_an_intercept_is_refused_by_the_code_of_carriers(parcel, signed_in, cast, ground):
    wanted = {"waybill": WAYBILL, "kind": "kf20", "description": "买家退款", "way": "2"}
    scan = ScanDraft(WAYBILL, "deliver", ground.station.pk, NOW)
    parcels.record_scans(actor=cast.system, batch=[scan], now=NOW)
    [refused] = signed_in(cast.outsider).ok("POST", "/problems", {"problems": [wanted]})["refused"]
    assert refused["code"] == "E23120"
    assert "E23120" in refused["message"]


def test_a_forwarding_from_asking_to_settling(parcel, signed_in, cast, ground):
    clerk, lead, manager = signed_in(cast.clerk), signed_in(cast.lead), signed_in(cast.manager)
    asked = {"waybill": WAYBILL, "reason": "out_of_area", "way": "outside", "company": "EMS", "fee": "8.00", "payer": "receiver"}
    [refused] = clerk.ok("POST", "/forwards", {"forwards": [asked]})["refused"]
    assert refused["code"] == "receiver_pays"
    assert "R19a" in refused["message"]
    number = clerk.ok("POST", "/forwards", {"forwards": [{**asked, "payer": "own"}]})["stored"]["0"]
    path = f"/forwards/{number}"
    assert lead.refused(409, "POST", f"{path}/approve", {})["code"] == "forward.not_confirmed"
    clerk.ok("POST", f"{path}/confirm", {"at": NOW.isoformat(), "way": "call"})
    clerk.refused(403, "POST", f"{path}/approve", {})
    assert lead.ok("POST", f"{path}/approve", {"text": "同意"})["state"] == "approved"
    assert clerk.refused(422, "POST", f"{path}/hand-on", {})["code"] == "bad_new_waybill"
    assert clerk.ok("POST", f"{path}/hand-on", {"new_waybill": "1234567890123"})["state"] == "forwarded"
    assert clerk.ok("POST", f"{path}/sign", {"at": NOW.isoformat()})["state"] == "signed"
    settled = manager.ok("POST", f"{path}/settle", {"fee": "8.00", "payer": "own"})
    assert (settled["state"], [one["mark"] for one in settled["steps"]]) == ("settled", ["done"] * 5)
    assert clerk.ok("POST", f"{path}/case")["fresh"]
    signed_in(cast.outsider).refused(404, "GET", path)
    assert (
        clerk.ok("POST", "/lists/forwards/search", {"filter": {"state": "settled"}})["rows"][0]["values"]["new_waybill"] == "1234567890123"
    )
