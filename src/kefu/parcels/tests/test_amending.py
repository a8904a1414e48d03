"""Changing what was registered, and void waybills (O9)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from kefu.conftest import NOW
from kefu.kernel.errors import Conflict, Invalid, NotFound
from kefu.kernel.models import AuditEntry, OutboxEvent
from kefu.parcels import actions, amending
from kefu.parcels.drafts import ParcelDraft, Party, ScanDraft
from kefu.parcels.models import Parcel, SubWaybill
from kefu.people.errors import MissingPermission

WAYBILL = "50004090806944"


@pytest.fixture
def draft(ground):
    return ParcelDraft(
        WAYBILL,
        ground.other_station.pk,
        ground.station.pk,
        receiver=Party("钱收件", "13812345678", "南京市玄武区中山路18号"),
        weight=Decimal("1.000"),
        pieces=2,
        sub_waybills=("90000000001", "90000000002"),
        carrier="best",
    )


@pytest.fixture
def parcel(draft, cast):
    return actions.register_parcel(actor=cast.clerk, draft=draft, now=NOW)


def scan(site, waybill=WAYBILL, code="send"):
    return ScanDraft(waybill, code, site.pk, NOW - timedelta(hours=1), operator="1007")


def test_what_differs_is_written_and_told(parcel, draft, cast, ground):
    assert amending.draft_of(cast.clerk, WAYBILL) == draft
    new = replace(draft, weight=Decimal("2.500"), receiver=Party("孙收件", "13812345679", "南京市玄武区中山路18号"), site_id=ground.hub.pk)
    done = amending.amend_parcel(actor=cast.clerk, draft=new, now=NOW)
    assert (set(done.changed), done.before) == ({"weight", "receiver", "site_id"}, draft)
    assert amending.draft_of(cast.clerk, WAYBILL) == new
    old_index = parcel.receiver_phone_index
    parcel.refresh_from_db()
    assert parcel.receiver_phone_index not in ("", old_index)
    told = AuditEntry.objects.get(action="parcel.amended")
    assert "孙收件" not in str(told.data)
    again = amending.amend_parcel(actor=cast.clerk, draft=new, now=NOW)
    assert again.changed == ()
    assert AuditEntry.objects.filter(action="parcel.amended").count() == 1


def edits():
    return [(event.site_id, event.payload["sites"], event.payload["fields"]) for event in OutboxEvent.objects.filter(type="parcels.edited")]


def test_an_edit_is_told_once_with_the_sites_it_concerns(parcel, draft, cast, ground):
    moved = replace(draft, cod_amount=Decimal("88.00"), site_id=ground.hub.pk)
    for _twice in range(2):
        amending.amend_parcel(actor=cast.clerk, draft=moved, now=NOW)
    assert edits() == [(ground.hub.pk, [draft.site_id, ground.hub.pk], ["site_id", "cod_amount"])]
    amending.cancel_parcel(actor=cast.clerk, waybill=WAYBILL, now=NOW)
    assert edits()[1:] == [(ground.hub.pk, [ground.hub.pk], ["cancelled_at"])]


def test_pieces(parcel, draft, cast, ground):
    actions.record_scans(actor=cast.clerk, batch=[scan(ground.station, "90000000002")], now=NOW)
    with pytest.raises(Invalid) as refused:
        amending.amend_parcel(actor=cast.clerk, draft=replace(draft, sub_waybills=("90000000001", "90000000003")), now=NOW)
    assert refused.value.reason == "sub_waybill_taken"
    amending.amend_parcel(actor=cast.clerk, draft=replace(draft, sub_waybills=("90000000009", "90000000002")), now=NOW)
    assert list(SubWaybill.objects.order_by("position").values_list("number", flat=True)) == ["90000000009", "90000000002"]
    with pytest.raises(Invalid) as refused:
        amending.amend_parcel(actor=cast.clerk, draft=replace(draft, pieces=3), now=NOW)
    assert refused.value.reason == "sub_waybill_count"


def test_void(parcel, draft, cast):
    amending.cancel_parcel(actor=cast.clerk, waybill=WAYBILL, now=NOW)
    assert Parcel.objects.get().cancelled_at == NOW
    with pytest.raises(Conflict) as refused:
        amending.amend_parcel(actor=cast.clerk, draft=replace(draft, weight=Decimal(3)), now=NOW)
    assert refused.value.reason == "parcel_cancelled"


def test_a_scanned_one_cannot_be_void(parcel, cast, ground):
    actions.record_scans(actor=cast.clerk, batch=[scan(ground.station)], now=NOW)
    with pytest.raises(Conflict) as refused:
        amending.cancel_parcel(actor=cast.clerk, waybill=WAYBILL, now=NOW)
    assert refused.value.reason == "parcel_scanned"


def test_who_may(parcel, draft, cast):
    with pytest.raises(MissingPermission):
        amending.amend_parcel(actor=cast.agent, draft=draft, now=NOW)
    elsewhere = replace(cast.clerk, sites=frozenset())
    with pytest.raises(NotFound):
        amending.draft_of(elsewhere, WAYBILL)
