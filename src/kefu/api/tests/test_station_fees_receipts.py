"""Delivery fees and return receipts over the API (OPS4, OPS6)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from kefu.conftest import NOW
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ParcelDraft, ScanDraft
from kefu.station.fees import actions as fees
from kefu.station.fees.models import DeliveryFee
from kefu.station.receipts import actions as receipts
from kefu.station.receipts.models import Receipt

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks", "story")]
WAYBILL = "50004090806944"
SIGNED = NOW - timedelta(days=30)
BAND = {"from_kg": "0", "base": "1.2", "over_kg": "3", "per_kg": "0.3"}


@pytest.fixture
def parcel(ground, cast):
    """Heavy, signed last month, and its sender wants the receipt."""
    draft = ParcelDraft(WAYBILL, ground.station.pk, ground.other_station.pk, weight=Decimal("8.46"), receipt_kind="original")
    row = parcels.register_parcel(actor=cast.system, draft=draft, now=SIGNED)
    parcels.record_scans(actor=cast.system, batch=[ScanDraft(WAYBILL, "sign", ground.station.pk, SIGNED)], now=NOW)
    receipts.follow(actor=cast.system, parcel_ids=[row.pk], now=NOW)
    return row


def test_a_month_of_fees(parcel, signed_in, cast, ground):
    clerk, manager = signed_in(cast.clerk), signed_in(cast.manager)
    card = {"site": ground.hub.pk, "title": "2026 派费", "valid_from": "2026-10-01", "source": "测试", "bands": [BAND]}
    made = manager.ok("POST", "/fees/rates", card)
    assert manager.refused(409, "POST", "/fees/rates", card)["code"] == "fee.cards_overlap"
    assert clerk.refused(403, "POST", "/fees/rates", card)
    assert [one["id"] for one in clerk.ok("GET", "/fees/rates")] == [made["id"]]
    trial = clerk.ok("GET", f"/fees/trial?site={ground.station.pk}&day=2026-10-23&weight=8.46")
    assert (trial["card"], trial["total"]) == (made["id"], "2.85")
    assert "5.5 千克 × 0.3 元" in trial["lines"][1]["reckoning"]
    span = {"site": ground.station.pk, "first": "2026-10-01", "last": "2026-10-31"}
    assert manager.ok("POST", "/fees/reckon", span)["made"] == 1
    number = DeliveryFee.objects.get().pk
    fee = clerk.ok("GET", f"/fees/{number}")
    assert (fee["waybill"], fee["total"], fee["state"]) == (WAYBILL, "2.85", "open")
    assert clerk.refused(422, "POST", f"/fees/{number}/disputes", {"version": 0, "reason": "luck"})["fields"].keys() == {"reason"}
    disputed = clerk.ok("POST", f"/fees/{number}/disputes", {"version": 0, "reason": "weight", "wanted": "5.00"})
    assert clerk.ok("GET", f"/cases/{disputed['case']}")["waybill"] == WAYBILL
    version = disputed["fee"]["version"]
    assert clerk.refused(403, "POST", f"/fees/{number}/decision", {"version": version, "verdict": "upheld"})
    decided = manager.ok("POST", f"/fees/{number}/decision", {"version": version, "verdict": "upheld"})
    noted = manager.ok("POST", f"/fees/{number}/extras", {"version": decided["version"], "floors": 2})
    assert noted["floors"] == 2
    statement = manager.ok("POST", "/fees/statements", {"site": ground.station.pk, "month": "2026-10-15"})
    assert (statement["count"], statement["total"]) == (1, "2.85")
    address = f"/fees/statements/{statement['id']}"
    settled = manager.ok("POST", f"{address}/settle", {"version": statement["version"]})
    assert manager.refused(409, "POST", f"{address}/settle", {"version": settled["version"]})["code"] == "fee.statement_locked"
    assert manager.ok("POST", f"{address}/pay", {"version": settled["version"]})["state"] == "paid"
    assert clerk.ok("GET", address)["state"] == "paid"
    rows = clerk.ok("POST", "/lists/station-fees/search", {"filter": {"statement": str(statement["id"])}})["rows"]
    assert rows[0]["values"]["state"] == "paid"
    ended = manager.ok("POST", f"/fees/rates/{made['id']}/end", {"version": 0, "valid_until": "2026-12-31"})
    assert ended["valid_until"] == "2026-12-31"


def test_a_receipt_on_its_way_back(parcel, signed_in, cast, ground):
    agent, clerk, them = signed_in(cast.agent), signed_in(cast.clerk), signed_in(cast.outsider)
    number = Receipt.objects.get().pk
    assert agent.ok("GET", "/receipts/counts")["unregistered"] == "1"
    done = clerk.ok("POST", "/receipts/steps", {"steps": [{"number": WAYBILL, "state": 1}, {"number": WAYBILL, "state": 4}]})
    assert (done["stored"], [one["code"] for one in done["refused"]]) == (1, ["receipt.skipped"])
    shown = them.ok("GET", f"/receipts/{number}")
    assert [step["mark"] for step in shown["steps"]] == ["done", "next", "later", "later", "later"]
    assert agent.refused(403, "POST", "/receipts/steps", {"steps": [{"number": WAYBILL, "state": 2}]})
    back = clerk.ok("POST", f"/receipts/{number}/undo", {"version": shown["version"], "reason": "扫错"})
    lost = clerk.ok("POST", f"/receipts/{number}/lost", {"version": back["version"], "reason": "交接丢失"})
    assert lost["receipt"]["lost"]
    assert clerk.ok("GET", f"/cases/{lost['case']}")["waybill"] == WAYBILL
    found = clerk.ok("POST", f"/receipts/{number}/found", {"version": lost["receipt"]["version"]})
    assert not found["lost"]
    rows = agent.ok("POST", "/lists/station-receipts/search", {"filter": {"due": "unregistered"}})["rows"]
    assert rows[0]["values"]["waybill"] == WAYBILL


def test_fees_are_out_of_reach_elsewhere(parcel, signed_in, cast, hire, ground):
    from kefu.people.access import actor_for

    fees.refresh(actor=cast.system, parcel_ids=[parcel.pk], now=NOW)
    elsewhere = signed_in(actor_for(hire("clerk", ground.other_station)))
    assert elsewhere.refused(404, "GET", f"/fees/{DeliveryFee.objects.get().pk}")
    assert DeliveryFee.objects.get().signed_on == date(2026, 10, 23)
