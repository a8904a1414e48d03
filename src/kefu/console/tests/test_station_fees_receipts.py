"""Pages of delivery fees and return receipts (OPS4, OPS6, O11, O13)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kefu.conftest import PASSWORD, Ground
from kefu.kernel.actor import Actor
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ParcelDraft, ScanDraft
from kefu.parcels.recording import record_scans
from kefu.people import actions as people
from kefu.people.actions import NewStaff
from kefu.station.fees import actions as fees
from kefu.station.fees import cards, queries
from kefu.station.fees.cards import NewCard
from kefu.station.fees.models import DeliveryFee, FeeStatement, RateCard
from kefu.station.receipts import actions as receipts
from kefu.station.receipts.models import Receipt

SYSTEM = Actor.system("station")
SIGNED = datetime(2026, 10, 20, 6, 0, tzinfo=UTC)
BAND = {"from_kg": "0", "base": "1.2", "over_kg": "3", "per_kg": "0.3", "step": "0.5"}


@pytest.fixture
def opened(ground: Ground) -> dict[str, Client]:
    """A clerk's, a manager's and an agent's browser."""
    found = {}
    for role, site in (("clerk", ground.station), ("manager", ground.hub), ("agent", ground.station)):
        new = NewStaff(username=f"fee-{role}", staff_no=f"F{role}", name="孙师傅", role=role, site=site, password=PASSWORD)
        people.create_staff(actor=SYSTEM, new=new, now=timezone.now())
        client = Client()
        assert client.post("/sign-in", {"username": f"fee-{role}", "password": PASSWORD}).status_code == 302
        found[role] = client
    return found


@pytest.fixture
def day(ground: Ground, now: datetime) -> tuple[DeliveryFee, Receipt]:
    """A card, a signed heavy parcel that wants its receipt, and what follows from it."""
    new = NewCard(ground.hub.pk, "2026 派费", date(2026, 10, 1), "测试估算", [BAND])
    cards.add_card(actor=SYSTEM, new=new, now=now)
    draft = ParcelDraft("75000000000001", ground.station.pk, ground.other_station.pk, weight=D("8.46"), receipt_kind="original")
    row = parcels.register_parcel(actor=SYSTEM, draft=draft, now=now)
    scans = [ScanDraft(row.waybill, code, ground.station.pk, SIGNED + timedelta(minutes=at)) for at, code in enumerate(("deliver", "sign"))]
    record_scans(actor=SYSTEM, batch=scans, now=now)
    fees.refresh(actor=SYSTEM, parcel_ids=[row.pk], now=now)
    receipts.follow(actor=SYSTEM, parcel_ids=[row.pk], now=now)
    return DeliveryFee.objects.get(), Receipt.objects.get()


def read(client: Client, name: str, query: str = "", **arguments: Any) -> str:
    answer = client.get(reverse(f"console:{name}", kwargs=arguments) + query)
    assert answer.status_code == 200, name
    return answer.content.decode()


def send(client: Client, name: str, given: dict[str, Any], status: int = 302, **arguments: Any) -> str:
    answer = client.post(reverse(f"console:{name}", kwargs=arguments), given)
    assert answer.status_code == status, (name, answer.content.decode()[:2000])
    return answer.content.decode()


def test_the_query_opens_down_to_the_sum(opened: dict[str, Client], day: tuple[DeliveryFee, Receipt]) -> None:
    fee, _receipt = day
    listed = read(opened["clerk"], "station-fees", "?lightest=3.001&first=2026-10-01&last=2026-10-31")
    assert "75000000000001" in listed
    assert "2.85" in listed
    assert "75000000000001" not in read(opened["clerk"], "station-fees", "?heaviest=3")
    one = read(opened["clerk"], "station-fee", fee_id=fee.pk)
    assert "（8.46 − 3）千克，按 0.5 进位为 5.5 千克 × 0.3 元" in one
    assert "测试估算" in one


def test_a_dispute_and_its_end(opened: dict[str, Client], day: tuple[DeliveryFee, Receipt]) -> None:
    fee, _receipt = day
    wrong = send(opened["clerk"], "station-fee-dispute", {"version": 0, "reason": "other"}, 422, fee_id=fee.pk)
    assert "请写明争议的内容" in wrong
    send(opened["clerk"], "station-fee-dispute", {"version": 0, "reason": "weight", "wanted": "5", "note": "复称"}, fee_id=fee.pk)
    fee.refresh_from_db()
    assert fee.state == "disputed"
    assert "查看工单" in read(opened["clerk"], "station-fee", fee_id=fee.pk)
    send(opened["manager"], "station-fee-decide", {"version": fee.version, "verdict": "changed"}, 422, fee_id=fee.pk)
    send(opened["manager"], "station-fee-decide", {"version": fee.version, "verdict": "changed", "amount": "5"}, fee_id=fee.pk)
    fee.refresh_from_db()
    assert (fee.state, fee.total) == ("open", 5)


def test_a_month_from_collecting_to_payment(opened: dict[str, Client], ground: Ground, day: tuple[DeliveryFee, Receipt]) -> None:
    manager = opened["manager"]
    send(manager, "station-fees-collect", {"site": ground.station.pk, "month": "2026-10"})
    row = FeeStatement.objects.get()
    assert "2.85" in read(manager, "station-fees-statement", statement_id=row.pk)
    send(manager, "station-fees-settle", {"version": 99}, 409, statement_id=row.pk)
    send(manager, "station-fees-settle", {"version": row.version}, statement_id=row.pk)
    send(manager, "station-fees-settle", {"version": row.version + 1, "paid": "1"}, statement_id=row.pk)
    row.refresh_from_db()
    assert row.state == "paid"
    assert "2026-10" in read(opened["clerk"], "station-fees-statements")
    assert "75000000000001" in read(opened["clerk"], "station-fees", f"?statement={row.pk}")


def test_cards_are_tried_added_and_ended(opened: dict[str, Client], ground: Ground, day: tuple[DeliveryFee, Receipt]) -> None:
    manager = opened["manager"]
    tried = read(manager, "station-fees-rates", f"?site={ground.station.pk}&day=2026-10-20&own=8.46")
    assert "进位为 5.5 千克" in tried
    given = {"site": ground.station.pk, "title": "站点派费", "valid_from": "2026-12-01", "source": "合同", "band-0-from_kg": "0"}
    wrong = send(manager, "station-fees-rate-new", given, 422)
    assert "至少要有一个重量段" in wrong
    filled = given | {
        "band-0-base": "1.5",
        "item-0-charge": "receipt",
        "item-0-rule": "each",
        "item-0-amount": "2",
        "item-0-when": "receipt",
    }
    send(manager, "station-fees-rate-new", filled)
    made = RateCard.objects.get(title="站点派费")
    assert "合同" in read(manager, "station-fees-rate", card_id=made.pk)
    assert "1.5" in read(manager, "station-fees-rate-new", f"?like={made.pk}")
    send(manager, "station-fees-rate-end", {"version": 0, "valid_until": "2026-11-01"}, 422, card_id=made.pk)
    send(manager, "station-fees-rate-end", {"version": 0, "valid_until": "2026-12-31"}, card_id=made.pk)
    send(manager, "station-fees-rate-end", {"version": 1, "withdraw": "1"}, card_id=made.pk)
    assert opened["clerk"].get(reverse("console:station-fees-rate-new")).status_code == 403


def test_reckoning_extras_and_bulk(opened: dict[str, Client], ground: Ground, day: tuple[DeliveryFee, Receipt]) -> None:
    fee, _receipt = day
    manager = opened["manager"]
    send(manager, "station-fees-reckon", {"site": ground.station.pk, "first": "2026-10-01", "last": "2026-10-31"})
    send(manager, "station-fee-extras", {"version": fee.version, "floors": "2", "round_trip": "1"}, fee_id=fee.pk)
    send(opened["clerk"], "station-fees-bulk", {"row": fee.pk, "do": "dispute", "reason": "rate"})
    assert queries.detail(SYSTEM, fee.pk).row.state == "disputed"
    assert read(opened["clerk"], "station-fees-network")


def test_receipts_from_the_gun_to_the_chain(opened: dict[str, Client], day: tuple[DeliveryFee, Receipt]) -> None:
    _fee, row = day
    clerk = opened["clerk"]
    listed = read(clerk, "station-receipts", "?due=unregistered")
    assert "75000000000001" in listed
    told = send(clerk, "station-receipts-note", {"state": "1", "numbers": "75000000000001\n75000000000001\n75999999999999"}, 200)
    assert "登记 1 票" in told
    assert "没有这个运单或回单" in told
    assert send(clerk, "station-receipts-note", {"state": "1", "numbers": ""}, 422)
    send(clerk, "station-receipts-bulk", {"row": row.pk, "do": "note", "state": "2", "courier_no": "SF1234567890123"})
    shown = read(clerk, "station-receipt", receipt_id=row.pk)
    assert "SF1234567890123" in shown
    assert "派中心已收" in shown
    row.refresh_from_db()
    send(clerk, "station-receipt-undo", {"version": row.version, "reason": ""}, 422, receipt_id=row.pk)
    send(clerk, "station-receipt-undo", {"version": row.version, "reason": "扫错"}, receipt_id=row.pk)
    send(clerk, "station-receipt-step", {"state": "2"}, receipt_id=row.pk)
    assert "派中心已收" in send(clerk, "station-receipt-step", {"state": "4"}, 409, receipt_id=row.pk)


def test_a_receipt_lost_found_and_pictured(opened: dict[str, Client], day: tuple[DeliveryFee, Receipt]) -> None:
    _fee, row = day
    clerk = opened["clerk"]
    send(clerk, "station-receipt-lost", {"version": row.version, "reason": " "}, 422, receipt_id=row.pk)
    send(clerk, "station-receipt-lost", {"version": row.version, "reason": "交接丢失"}, receipt_id=row.pk)
    assert "查看工单" in read(clerk, "station-receipt", receipt_id=row.pk)
    send(clerk, "station-receipt-found", {"version": row.version + 1}, receipt_id=row.pk)
    picture = SimpleUploadedFile("回单.png", b"\x89PNG\r\n\x1a\n123")
    send(clerk, "station-receipt-images", {"file": picture}, receipt_id=row.pk)
    send(clerk, "station-receipt-images", {"file": SimpleUploadedFile("a.exe", b"MZ")}, 422, receipt_id=row.pk)
    send(clerk, "station-receipt-images", {}, 422, receipt_id=row.pk)
    image = row.images.get()
    address = reverse("console:station-receipt-image", kwargs={"receipt_id": row.pk, "image_id": image.pk})
    answer = opened["agent"].get(address)
    assert answer.content.startswith(b"\x89PNG")
    assert "attachment" in answer["Content-Disposition"]


def test_an_agent_reads_receipts_and_sees_no_fees(opened: dict[str, Client], day: tuple[DeliveryFee, Receipt]) -> None:
    _fee, row = day
    agent = opened["agent"]
    assert "登记下一步" not in read(agent, "station-receipt", receipt_id=row.pk)
    assert agent.get(reverse("console:station-fees")).status_code == 403
    assert agent.get(reverse("console:station-receipts-note")).status_code == 403


def test_the_board_counts_both(opened: dict[str, Client], day: tuple[DeliveryFee, Receipt]) -> None:
    shown = read(opened["manager"], "station")
    assert "待结算账单" in shown
    assert "应回未登" in shown
