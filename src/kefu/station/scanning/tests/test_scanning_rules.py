"""What a gun answers, as a table: parcels, guns, times in; codes out. No database."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from kefu.handbook.settings import Setting
from kefu.parcels.bars import Bar
from kefu.parcels.known import Known, Seen
from kefu.parcels.vocabulary import StateCode
from kefu.station.scanning.limits import Limits
from kefu.station.scanning.modes import SCANS, reason_code, reason_words
from kefu.station.scanning.notices import HINTS, MESSAGES, REFUSALS, WARNINGS, Notice, read, stored, tone_of
from kefu.station.scanning.rules import Gun, Load, Moment, attempts, judge, may_undo, scans_of

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)  # 10:00 in China
ZONE = ZoneInfo("Asia/Shanghai")
HERE, ELSEWHERE = 1, 2
NUMBER = "75123456789012"


def number(value):
    return Setting(value, "best@1#texts.station_delivery_scan")


LIMITS = Limits(
    repeat_minutes=number(10),
    future_minutes=number(5),
    oldest_hours=number(72),
    daily_load_most=number(150),
    undo_minutes=number(30),
    second_attempt_hours=number(8),
    hours_from=number(8),
    hours_to=number(20),
    attempts_least=number(2),
)


def seen(code, minutes_ago=0.0, *, site=HERE, operator="111", courier="", piece=""):
    return Seen(1, code, NOW - timedelta(minutes=minutes_ago), site, operator, courier, piece)


def parcel(*scans, **changes):
    values = {"asked": NUMBER, "waybill": NUMBER, "parcel_id": 1, "site_id": HERE, "state": StateCode.ARRIVED.value}
    return Known(**(values | changes), scans=tuple(sorted(scans, key=lambda one: one.at)))


ARRIVED = seen("arrive", 60)


def gun(mode="deliver", **changes):
    return Gun(**({"mode": mode, "site_id": HERE, "courier": "120", "operator": "111"} | changes))


def answer(known, held=None, at=NOW, now=NOW, limits=LIMITS, count=0):
    return judge(known, held or gun(), Moment(at, now, ZONE), limits, Load(count, lambda no: f"师傅{no}", lambda _id: "城北"))


def codes(*given, **named):
    return [one.code for one in answer(*given, **named)]


def test_a_parcel_that_is_here_goes_out_without_a_word():
    assert codes(parcel(ARRIVED)) == []


@pytest.mark.parametrize(
    ("known", "held", "code"),
    [
        (parcel(ARRIVED, asked="", waybill=""), gun(), "bad_waybill"),
        (parcel(ARRIVED, asked="运单", waybill="运单"), gun(), "bad_waybill"),
        (parcel(ARRIVED, state=StateCode.SIGNED.value, signed_at=NOW - timedelta(hours=1)), gun(), "signed"),
        (parcel(ARRIVED, state=StateCode.RETURNED.value), gun(), "returned"),
        (parcel(ARRIVED, state=StateCode.RETURNING.value), gun(), "returning"),
        (parcel(ARRIVED, state=StateCode.INTERCEPTED.value), gun(), "intercepted"),
        (parcel(ARRIVED, state=StateCode.FORWARDED.value), gun(), "forwarded"),
        (parcel(ARRIVED, cancelled=True), gun(), "cancelled"),
        (parcel(ARRIVED, in_bag=7), gun(), "bag_number"),
        (parcel(ARRIVED), gun(courier="", courier_problem="courier_missing"), "courier_missing"),
        (parcel(ARRIVED), gun(courier="9", courier_problem="courier_unknown"), "courier_unknown"),
        (parcel(ARRIVED), gun(courier_problem="courier_inactive"), "courier_inactive"),
        (parcel(ARRIVED), gun(courier_problem="courier_elsewhere"), "courier_elsewhere"),
        (parcel(ARRIVED), gun("hold"), "reason_missing"),
        (parcel(ARRIVED), gun("send"), "next_missing"),
        (parcel(ARRIVED, state=StateCode.SIGNED.value), gun("hold", reason="absent"), "signed"),
        (parcel(ARRIVED, state=StateCode.SIGNED.value), gun("send", next_site_id=2), "signed"),
        (parcel(ARRIVED, state=StateCode.SIGNED.value), gun("arrive_deliver"), "signed"),
        (parcel(ARRIVED, seen("deliver", 4, courier="120")), gun(), "repeat"),
        (parcel(ARRIVED, seen("deliver", 4, operator="112")), gun(), "other_gun"),
        (parcel(seen("arrive", 4)), gun("arrive"), "repeat"),
        (parcel(ARRIVED), gun("refuse"), "reason_missing"),
        (parcel(ARRIVED), gun("return"), "reason_missing"),
        (parcel(ARRIVED), gun("intercept"), "reason_missing"),
        (parcel(ARRIVED, state=StateCode.SIGNED.value), gun("refuse", reason="unwanted"), "signed"),
        (parcel(ARRIVED, state=StateCode.SIGNED.value), gun("return", reason="sender"), "signed"),
        (parcel(ARRIVED, state=StateCode.SIGNED.value), gun("intercept", reason="sender"), "signed"),
        (parcel(ARRIVED, state=StateCode.RETURNING.value), gun("return", reason="sender"), "returning"),
        (parcel(ARRIVED, state=StateCode.FORWARDED.value), gun("refuse", reason="unwanted"), "forwarded"),
        (parcel(ARRIVED, state=StateCode.INTERCEPTED.value), gun("intercept", reason="sender"), "intercepted"),
        (parcel(ARRIVED, in_bag=7), gun("return", reason="sender"), "bag_number"),
        (parcel(ARRIVED, seen("refuse", 4)), gun("refuse", reason="unwanted"), "repeat"),
    ],
)
def test_a_refusal_stands_alone_and_says_what_to_do(known, held, code):
    found = answer(known, held)
    assert [one.code for one in found] == [code]
    assert found[0].tone == "refused"
    assert found[0].words
    assert "%(" not in found[0].words


@pytest.mark.parametrize(
    ("ago", "code"),
    [(timedelta(minutes=-6), "future"), (timedelta(minutes=-5), ""), (timedelta(hours=73), "too_old"), (timedelta(hours=72), "")],
)
def test_devices_with_wrong_clocks(ago, code):
    found = [one for one in answer(parcel(seen("arrive", 60 * 80)), at=NOW - ago) if one.tone == "refused"]
    assert [one.code for one in found] == ([code] if code else [])
    assert all(one.clause for one in found)


OUT = seen("deliver", 30, courier="120")
YESTERDAY = seen("deliver", 60 * 24, courier="120")


@pytest.mark.parametrize(
    ("known", "held", "expected"),
    [
        (parcel(ARRIVED), gun("refuse", reason="unwanted"), ["not_out"]),
        (parcel(ARRIVED, OUT), gun("refuse", reason="unwanted"), []),
        (parcel(ARRIVED, OUT), gun("return", reason="undelivered"), ["few_attempts"]),
        (parcel(ARRIVED, YESTERDAY, OUT), gun("return", reason="undelivered"), []),
        (parcel(ARRIVED, OUT), gun("return", reason="sender"), []),
        (parcel(ARRIVED, state=StateCode.INTERCEPTED.value), gun("return", reason="sender"), []),
        (parcel(ARRIVED), gun("intercept", reason="sender"), []),
    ],
)
def test_what_ought_to_come_before_a_refusal_or_a_return(known, held, expected):
    assert codes(known, held) == expected


def barred(*allowed):
    return (Bar(frozenset(allowed), "超区", "Out of area", "best@1#texts.problem_pr20"),)


@pytest.mark.parametrize("mode", ["deliver", "arrive_deliver", "hold", "send", "return"])
def test_an_open_problem_allows_only_the_scans_of_its_type(mode):
    held = gun(mode, reason="other", next_site_id=ELSEWHERE)
    (found,) = answer(parcel(ARRIVED, bars=barred("transfer")), held)
    assert (found.code, found.tone, found.clause) == ("not_allowed", "refused", "best@1#texts.problem_pr20")
    assert "超区" in found.words
    with override("en"):
        assert "Out of area" in found.words
    code = SCANS[mode][-1]
    assert "not_allowed" not in codes(parcel(ARRIVED, bars=barred("transfer", code)), held)
    assert "not_allowed" in codes(parcel(ARRIVED, bars=barred(code) + barred("transfer")), held)


@pytest.mark.parametrize("mode", ["arrive", "refuse", "intercept"])
def test_what_has_happened_is_not_barred_by_a_problem(mode):
    assert "not_allowed" not in codes(parcel(ARRIVED, OUT, bars=barred("transfer")), gun(mode, reason="other"))


@pytest.mark.parametrize(
    ("mode", "given", "kept"),
    [("return", "寄件人要求", "sender"), ("return", " sender ", "sender"), ("refuse", "寄件人要求", "寄件人要求"), ("send", "x", "x")],
)
def test_reasons_in_words_are_kept_as_codes(mode, given, kept):
    assert reason_code(mode, given) == kept
    assert reason_words(kept) in (given.strip(), "寄件人要求")


def test_the_edge_of_the_repeat_window():
    assert "repeat" in codes(parcel(ARRIVED, seen("deliver", 9.9, courier="120")))
    assert "repeat" not in codes(parcel(ARRIVED, seen("deliver", 10, courier="120")))


def test_a_piece_is_not_the_repeat_of_another_piece():
    one = parcel(ARRIVED, seen("deliver", 1, courier="120", piece="SUB0000001"), asked="SUB0000002", pieces=2)
    assert codes(one) == ["piece"]


@pytest.mark.parametrize(
    ("known", "held", "code"),
    [
        (parcel(), gun(), "not_arrived"),
        (parcel(seen("arrive", 60, site=ELSEWHERE)), gun(), "not_arrived"),
        (parcel(ARRIVED, parcel_id=None, site_id=None), gun(), "not_registered"),
        (parcel(ARRIVED, site_id=ELSEWHERE), gun(), "misrouted"),
        (parcel(site_id=ELSEWHERE), gun("arrive"), "misrouted"),
        (parcel(state=StateCode.SIGNED.value), gun("arrive"), "arrived_signed"),
        (parcel(ARRIVED, problem_open=True), gun(), "problem_open"),
        (parcel(ARRIVED, state=StateCode.REFUSED.value), gun(), "was_refused"),
        (parcel(ARRIVED, state=StateCode.STORED.value), gun(), "stored"),
        (parcel(ARRIVED, seen("deliver", 30, courier="121")), gun(), "passed_on"),
    ],
)
def test_a_warning_lets_the_scan_through(known, held, code):
    found = answer(known, held)
    assert code in [one.code for one in found]
    assert tone_of(found) == "warn"


def test_both_scans_at_once_leave_out_an_arrival_that_is_there():
    assert list(scans_of(parcel(), gun("arrive_deliver"))) == ["arrive", "deliver"]
    assert list(scans_of(parcel(ARRIVED), gun("arrive_deliver"))) == ["deliver"]
    assert codes(parcel(), gun("arrive_deliver")) == ["also_arrived"]
    assert codes(parcel(ARRIVED), gun("arrive_deliver")) == []


def test_attempts_are_goings_out_not_scans():
    first, again = seen("deliver", 24 * 60, courier="120"), seen("deliver", 24 * 60 - 30, courier="121")
    assert attempts(parcel(ARRIVED, first)) == 1
    assert attempts(parcel(ARRIVED, first, again)) == 1
    assert attempts(parcel(ARRIVED, first, seen("problem", 23 * 60), seen("deliver", 60))) == 2


def test_a_second_attempt_comes_eight_hours_after_the_first():
    tried = parcel(seen("arrive", 900), seen("deliver", 7 * 60, courier="120"), seen("problem", 6 * 60))
    assert codes(tried) == ["too_soon", "attempt"]
    late = parcel(seen("arrive", 900), seen("deliver", 8 * 60, courier="120"), seen("problem", 6 * 60))
    found = answer(late)
    assert [one.code for one in found] == ["attempt"]
    assert found[0].params == {"number": 2}


@pytest.mark.parametrize(("hour", "night"), [(7, True), (8, False), (19, False), (20, True)])
def test_delivery_hours(hour, night):
    at = datetime(2026, 11, 22, hour, 30, tzinfo=ZONE)
    assert ("night" in codes(parcel(seen("arrive", 24 * 60)), at=at, now=at)) is night


@pytest.mark.parametrize(("count", "heavy"), [(149, False), (150, True)])
def test_the_load_of_a_courier(count, heavy):
    assert ("load" in codes(parcel(ARRIVED), count=count)) is heavy


def test_what_a_courier_wants_to_know():
    found = answer(parcel(ARRIVED, pieces=3, cod_amount=Decimal("120.5"), freight_amount=Decimal(8)))
    assert {one.code: dict(one.params) for one in found} == {"pieces": {"count": 3}, "collect": {"amount": "128.50"}}
    assert tone_of(found) == "ok"


def test_a_whole_bag_may_arrive_but_not_go_out():
    bag = Known("BAG0001", "BAG0001", in_bag=7)
    assert codes(bag, gun("arrive")) == ["bag"]
    assert codes(bag) == ["bag_number"]


def test_what_the_handbook_does_not_state_is_not_checked():
    tried = parcel(seen("deliver", 1, courier="120"), seen("problem", 0.5), ARRIVED)
    assert codes(tried, limits=Limits(), count=9999) == ["attempt"]
    assert codes(parcel(ARRIVED), at=NOW + timedelta(days=2), limits=Limits()) == []


@pytest.mark.parametrize(
    ("minutes", "own", "others", "code"),
    [
        (29, True, False, ""),
        (31, True, False, "undo_too_late"),
        (1, False, False, "undo_not_own"),
        (9 * 60, False, True, ""),
        (11 * 60, False, True, "undo_other_day"),
    ],
)
def test_who_may_take_a_scan_back(minutes, own, others, code):
    at = NOW - timedelta(minutes=minutes)
    assert may_undo(at=at, now=NOW, own=own, may_others=others, minutes=number(30), zone=ZONE) == code
    assert may_undo(at=at, now=NOW, own=True, may_others=False, minutes=None, zone=ZONE) == "undo_too_late"


def test_every_code_has_one_tone_and_is_kept_as_a_code():
    assert len(MESSAGES) == len(REFUSALS) + len(WARNINGS) + len(HINTS)
    notice = Notice("attempt", {"number": 2}, "best@1#texts.x")
    assert read(stored([notice])) == [notice]
    assert notice.words == "第 2 次派送。"
