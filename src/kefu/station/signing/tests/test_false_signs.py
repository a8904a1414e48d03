"""Patterns of false signatures: what each finds, and what it leaves alone. No database (O10, R45)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kefu.handbook.settings import Setting
from kefu.station.signing.limits import Signs
from kefu.station.signing.patterns import BY_CODE, PATTERNS, Day, Signed, find

ZONE = ZoneInfo("Asia/Shanghai")
TEN = datetime(2026, 11, 22, 10, 0, tzinfo=ZONE)


def number(value):
    return Setting(value, "best@1#texts.station_false_sign")


SIGNS = Signs(
    no_delivery=number(True),
    night_from=number(22),
    night_to=number(6),
    night_least=number(5),
    typed_back_hours=number(12),
    burst_minutes=number(5),
    burst_least=number(15),
    load_most=number(200),
    consent=number(True),
)


def signed(place=0, at=TEN, late=timedelta(minutes=1), **changes):
    values = {"delivered_at": at - timedelta(hours=1), "behalf": False, "consented": None, "courier": "120"}
    return Signed(**({"waybill": f"7512345678{place:04d}", "signed_at": at, "entered_at": at + late} | values | changes))


def hits(rows, loads=None, signs=SIGNS):
    return [(code, hit.waybill[-4:]) for code, hit in find(Day(rows, loads or {}, ZONE), signs)]


def spread(count, gap=timedelta(minutes=2), start=TEN, **changes):
    return [signed(place, start + place * gap, **changes) for place in range(count)]


def test_an_honest_day_is_left_alone():
    assert hits(spread(100)) == []


def test_signed_without_going_out():
    assert hits([signed(delivered_at=None), signed(1)]) == [("no_delivery", "0000")]


@pytest.mark.parametrize(("count", "hour", "expected"), [(5, 23, 5), (4, 23, 0), (5, 2, 5), (5, 21, 0), (5, 6, 0)])
def test_many_at_night(count, hour, expected):
    rows = spread(count, timedelta(minutes=5), TEN.replace(hour=hour))
    assert [code for code, _number in hits(rows)].count("night_batch") == expected


def test_night_is_counted_by_courier():
    rows = spread(3, start=TEN.replace(hour=23)) + spread(3, start=TEN.replace(hour=23), courier="121")
    assert hits(rows) == []


@pytest.mark.parametrize(("hours", "expected"), [(11.9, []), (12, [("typed_back", "0000")])])
def test_typed_in_long_after(hours, expected):
    assert hits([signed(late=timedelta(hours=hours))]) == expected


@pytest.mark.parametrize(("count", "seconds", "expected"), [(15, 21, 15), (14, 21, 0), (15, 22, 0), (30, 10, 30)])
def test_many_within_minutes(count, seconds, expected):
    rows = spread(count, timedelta(seconds=seconds))
    assert [code for code, _number in hits(rows)].count("burst") == expected


def test_only_those_in_the_crowd_are_named():
    rows = [*spread(15, timedelta(seconds=10)), signed(900, TEN + timedelta(hours=2))]
    assert ("burst", "0900") not in hits(rows)
    assert len(hits(rows)) == 15


def test_more_than_a_courier_can_carry():
    assert hits(spread(200)) == []
    found = [hit for code, hit in find(Day(spread(201), {"120": 80}, ZONE), SIGNS) if code == "far_load"]
    assert len(found) == 201
    assert dict(found[0].evidence) == {"count": 201, "most": "200", "taken": 80}


@pytest.mark.parametrize(("behalf", "consented", "expected"), [(True, None, 1), (True, False, 1), (True, True, 0), (False, None, 0)])
def test_on_behalf_without_consent(behalf, consented, expected):
    assert len(hits([signed(behalf=behalf, consented=consented)])) == expected


def test_a_locker_is_filled_at_once_and_that_means_nothing():
    rows = spread(30, timedelta(seconds=5), start=TEN.replace(hour=23), in_store=True, behalf=True, consented=True)
    assert hits(rows) == []
    assert hits([signed(in_store=True, behalf=True, delivered_at=None)]) == [("no_delivery", "0000"), ("no_consent", "0000")]


def test_what_the_handbook_does_not_state_is_not_looked_for():
    rows = spread(300, timedelta(seconds=1), TEN.replace(hour=23), delivered_at=None, behalf=True, late=timedelta(days=2))
    assert hits(rows, signs=Signs()) == []


def test_evidence_fills_its_words_and_cites_its_clause():
    rows = spread(250, timedelta(seconds=1), TEN.replace(hour=23), delivered_at=None, behalf=True, late=timedelta(days=2))
    seen = dict(find(Day(rows, {}, ZONE), SIGNS))
    assert seen.keys() == {one.code for one in PATTERNS}
    for code, hit in seen.items():
        assert str(BY_CODE[code].evidence) % hit.evidence
        assert hit.clause
