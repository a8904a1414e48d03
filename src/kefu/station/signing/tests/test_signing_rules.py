"""What is wrong with a sign-off, as a table, without a database (O10, R11)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from kefu.handbook.settings import Setting
from kefu.parcels.known import Known, Seen
from kefu.parcels.vocabulary import StateCode
from kefu.station.signing.drafts import SignDraft
from kefu.station.signing.limits import Limits
from kefu.station.signing.rules import Before, When, problems
from kefu.station.signing.words import SCAN_OF, STORES, Signer

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
WHEN = When(NOW, ZoneInfo("Asia/Shanghai"))
NUMBER = "75123456789012"
ON = Setting(True, "best@1#texts.station_signing")
LIMITS = Limits(consent=ON, delivery_first=ON, courier_matches=ON, paid_first=ON)
OUT = Seen(1, "deliver", NOW - timedelta(hours=2), 1, "111", "120", "")
AGREED = {"consent_by": "收件人", "consent_how": "phone"}


def parcel(*scans, **changes):
    values = {"asked": NUMBER, "waybill": NUMBER, "parcel_id": 1, "site_id": 1, "state": StateCode.OUT_FOR_DELIVERY.value}
    return Known(**(values | changes), scans=scans or (OUT,))


def draft(**changes):
    return SignDraft(**({"waybill": NUMBER, "site_id": 1, "signed_at": NOW - timedelta(hours=1)} | changes))


def found(given, known=None, before=None, limits=LIMITS, **named):
    return problems(given, known or parcel(), before or Before(), limits, WHEN, **named)


def codes(*given, **named):
    return [one.code for one in found(*given, **named)]


def test_the_receiver_signs():
    assert codes(draft()) == []
    assert codes(draft(courier="120")) == []


@pytest.mark.parametrize(
    ("given", "known", "before", "code"),
    [
        (draft(), parcel(asked="运单"), None, "bad_waybill"),
        (draft(), Known(NUMBER, NUMBER), None, "unknown_waybill"),
        (draft(), parcel(state=StateCode.SIGNED.value, signed_at=NOW), None, "already_signed"),
        (draft(), None, Before(whole=True, at=NOW), "already_signed"),
        (draft(), None, Before(whole=True, stored=True, at=NOW), "already_stored"),
        (draft(), parcel(state=StateCode.RETURNING.value), None, "returned"),
        (draft(), parcel(state=StateCode.RETURNED.value), None, "returned"),
        (draft(), parcel(state=StateCode.INTERCEPTED.value), None, "intercepted"),
        (draft(), parcel(state=StateCode.FORWARDED.value), None, "forwarded"),
        (draft(), parcel(state=StateCode.REFUSED.value), None, "refused_parcel"),
        (draft(), parcel(cancelled=True), None, "cancelled"),
        (draft(signed_at=NOW + timedelta(seconds=1)), None, None, "future"),
        (draft(signed_at=NOW - timedelta(hours=3)), None, None, "before_delivery"),
        (draft(), parcel(Seen(1, "arrive", NOW, 1, "", "", "")), None, "no_delivery"),
        (draft(), parcel(Seen(1, "deliver", NOW - timedelta(hours=2), 2, "", "120", "")), None, "no_delivery"),
        (draft(courier="121"), None, None, "courier_differs"),
        (draft(signer="ghost"), None, None, "unknown_signer"),
        (draft(signer="family", **AGREED), None, None, "name_missing"),
        (draft(signer="family", signer_name="李四"), None, None, "consent_missing"),
        (draft(signer="family", signer_name="李四", consent_by="收件人", consent_how="dream"), None, None, "consent_missing"),
        (draft(signer="doorstep"), None, None, "consent_missing"),
        (draft(signer="locker", **AGREED), None, None, "place_missing"),
        (draft(signer="station", place="菜鸟驿站"), None, None, "consent_missing"),
        (draft(situation="lost"), None, None, "unknown_situation"),
        (draft(situation="damaged"), None, None, "note_missing"),
        (draft(situation="short"), None, None, "note_missing"),
        (draft(situation="partial"), parcel(pieces=3), None, "pieces_missing"),
        (draft(situation="partial", pieces=3), parcel(pieces=3), None, "pieces_wrong"),
        (draft(situation="partial", pieces=1), parcel(pieces=1), None, "pieces_wrong"),
        (draft(pieces=1), parcel(pieces=3), None, "pieces_wrong"),
        (draft(), parcel(cod_amount=Decimal(50)), None, "unpaid"),
        (draft(cod_collected=Decimal("49.99")), parcel(cod_amount=Decimal(50)), None, "unpaid"),
        (draft(freight_collected=Decimal(5)), parcel(freight_amount=Decimal(12)), None, "unpaid"),
        (draft(cod_collected=Decimal(60)), parcel(cod_amount=Decimal(50)), None, "overpaid"),
        (draft(cod_collected=Decimal(-1)), None, None, "bad_amount"),
        (draft(cod_collected=Decimal("NaN")), None, None, "bad_amount"),
        (draft(note="长" * 401), None, None, "too_long"),
    ],
)
def test_what_is_refused_says_what_to_do(given, known, before, code):
    wrong = found(given, known, before)
    assert [one.code for one in wrong] == [code]
    assert wrong[0].words
    assert "%(" not in wrong[0].words
    assert wrong[0].field


def test_everything_wrong_is_told_at_once():
    given = draft(signer="family", situation="damaged", signed_at=NOW + timedelta(hours=1))
    assert codes(given) == ["future", "name_missing", "consent_missing", "note_missing"]


def test_parts_leave_room_for_the_rest():
    three = parcel(pieces=3)
    assert codes(draft(situation="partial", pieces=2), three) == []
    signed = replace(three, state=StateCode.SIGNED.value)
    assert codes(draft(), signed, Before(pieces=2)) == []
    assert codes(draft(situation="partial", pieces=1), signed, Before(pieces=1)) == []
    assert codes(draft(situation="partial", pieces=2), signed, Before(pieces=1)) == ["pieces_wrong"]
    assert codes(draft(), signed, Before(pieces=3, whole=True)) == ["already_signed"]


def test_money_is_collected_once_and_never_in_a_row():
    owes = parcel(cod_amount=Decimal(50), freight_amount=Decimal(12), pieces=2)
    paid = draft(cod_collected=Decimal(50), freight_collected=Decimal(12))
    assert codes(paid, owes) == []
    assert codes(draft(), owes, many=True) == ["collect_single"]
    assert codes(paid, owes, many=True) == []
    assert codes(draft(), owes, Before(pieces=1)) == []


def test_the_receiver_collects_at_the_station_without_a_courier():
    assert codes(draft(), parcel(Seen(1, "self", NOW - timedelta(hours=2), 1, "", "", ""))) == []


def test_what_the_handbook_does_not_state_is_not_checked():
    loose = draft(signer="family", signer_name="李四", courier="999")
    assert codes(loose, parcel(cod_amount=Decimal(50)), limits=Limits()) == []
    assert codes(draft(), parcel(Seen(1, "arrive", NOW, 1, "", "", "")), limits=Limits()) == []


def test_a_refusal_by_a_setting_cites_its_clause():
    for given, known in ((draft(signer="doorstep"), None), (draft(courier="9"), None), (draft(), parcel(cod_amount=Decimal(1)))):
        assert found(given, known)[0].clause == ON.clause


def test_every_signer_has_its_scan():
    assert {signer: str(SCAN_OF[signer]) for signer in Signer if signer in STORES} == dict.fromkeys(STORES, "in_store")
    assert (SCAN_OF["self"], SCAN_OF["guard"]) == ("sign", "agent_sign")
