"""Scanning and signing over the API, to the case of a signature that looks false (OPS1, OPS3)."""

from datetime import timedelta

import pytest

from kefu.conftest import NOW
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ParcelDraft, ScanDraft
from kefu.people import queries as people

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks", "story")]
A, B = "75123456789012", "75123456789013"


@pytest.fixture
def here(ground, cast):
    site = ground.station.pk
    parcels.register_parcels(actor=cast.system, drafts=[ParcelDraft(one, site) for one in (A, B)], now=NOW - timedelta(days=1))
    scans = [ScanDraft(one, "arrive", site, NOW - timedelta(hours=3), "0") for one in (A, B)]
    parcels.record_scans(actor=cast.system, batch=scans, now=NOW)
    return site


def test_scans_are_answered_one_by_one_and_taken_back(here, signed_in, cast):
    clerk = signed_in(cast.clerk)
    courier = people.me(cast.clerk).staff_no
    wanted = {"site": here, "mode": "deliver", "courier": courier, "scans": [{"number": A}, {"number": A}, {"number": "运单"}]}
    done = clerk.ok("POST", "/station/scans", wanted)
    assert (done["ok"] + done["warn"], done["refused"]) == (1, 2)
    assert [one["notices"][0]["code"] for one in done["answers"][1:]] == ["repeat", "bad_waybill"]
    one = clerk.ok("POST", "/station/scans", wanted | {"scans": [{"number": B}]})["answers"][0]
    assert one["codes"] == ["deliver"]
    assert clerk.ok("POST", f"/station/scans/{one['id']}/undo", {"reason": "扫错"})["undone_at"]
    assert clerk.refused(409, "POST", f"/station/scans/{one['id']}/undo", {})["code"] == "undo_done"
    assert signed_in(cast.agent).refused(403, "POST", "/station/scans", wanted)
    rows = clerk.ok("POST", "/lists/gun-answers/search", {"filter": {"tone": "refused"}})["rows"]
    assert len(rows) == 2


def test_a_sign_off_from_entry_to_undo(here, signed_in, cast):
    clerk, lead = signed_in(cast.clerk), signed_in(cast.lead)
    at = (NOW - timedelta(minutes=5)).isoformat()
    wanted = {"waybill": A, "site": here, "signed_at": at, "signer": "family"}
    refused = clerk.refused(422, "POST", "/station/sign-offs", wanted)
    assert refused["code"] == "no_delivery"
    assert {one["code"] for one in refused["reasons"]} == {"no_delivery", "name_missing", "consent_missing"}
    out = [ScanDraft(A, "deliver", here, NOW - timedelta(hours=1), "0", courier="120")]
    parcels.record_scans(actor=cast.system, batch=out, now=NOW)
    full = wanted | {"signer_name": "张三丰", "consent_by": "收件人", "consent_how": "phone"}
    row = clerk.ok("POST", "/station/sign-offs", full, status=201)
    assert "三丰" not in row["signer_name"]
    row = clerk.ok("PATCH", f"/station/sign-offs/{row['id']}", {"version": 0, "relation": "父亲"})
    assert clerk.refused(409, "PATCH", f"/station/sign-offs/{row['id']}", {"version": 0, "relation": "x"})["code"] == "stale"
    found = clerk.ok("GET", f"/station/sign-offs/{row['id']}")
    assert found["edits"][0]["changes"]["relation"] == ["", "父亲"]
    assert clerk.refused(403, "POST", f"/station/sign-offs/{row['id']}/undo", {"version": 1, "reason": "录错"})
    assert lead.ok("POST", f"/station/sign-offs/{row['id']}/undo", {"version": 1, "reason": "录错"})["stage"] == "undone"
    assert signed_in(cast.outsider).refused(404, "GET", f"/station/sign-offs/{row['id']}")


def test_a_signature_that_looks_false_becomes_one_case(here, signed_in, cast):
    lead = signed_in(cast.lead)
    sign = [ScanDraft(A, "agent_sign", here, NOW, "0", courier="120")]
    parcels.record_scans(actor=cast.system, batch=sign, now=NOW)
    day = {"site": here, "day": "2026-11-22"}
    assert lead.ok("POST", "/station/false-signs/examine", day) == {"found": 2}
    assert lead.ok("POST", "/station/false-signs/examine", day) == {"found": 0}
    rows = lead.ok("POST", "/lists/false-signs/search", {"filter": {"pattern": "no_delivery"}})["rows"]
    key = rows[0]["key"]
    case = lead.ok("POST", f"/station/false-signs/{key}/case")
    assert case["fresh"]
    assert lead.ok("POST", f"/station/false-signs/{key}/case") == {"case_id": case["case_id"], "fresh": False}
    assert lead.ok("POST", f"/station/false-signs/{key}/clear", {"reason": "已核实"})["cleared_by"] == cast.lead.name
    rate = lead.ok("GET", f"/station/sign-rate?site={here}&day=2026-11-22")
    assert (rate["sent"], rate["cutoff_hour"]) == (0, 12)
