"""Rules of problem parcels on plain values: default receiver, phrases, form, intercept refusals (O15)."""

from dataclasses import replace
from datetime import datetime
from importlib.resources import files

import pytest

from kefu.conftest import NOW
from kefu.handbook.loader import read
from kefu.parcels.journeys import Journey, Node
from kefu.station.problems import rules
from kefu.station.problems.errors import REASONS
from kefu.station.problems.kinds import kind_in, kinds_of
from kefu.station.problems.limits import limits_of
from kefu.station.problems.rules import Form, Intercept, Limits
from kefu.station.problems.vocabulary import Alarm, Follow, Way

FIRST, MIDDLE, LAST, NEXT = 1, 2, 3, 4


def node(code: str, site: int, to: int | None = None) -> Node:
    return Node(code, NOW, site, to)


@pytest.fixture(scope="module")
def book():
    """The rules of the station, which carriers' handbooks extend."""
    return read((files("kefu.handbook") / "builtin" / "best.yaml").read_bytes(), bases=_bases).handbook


def _bases(key: str) -> str | None:
    return (files("kefu.handbook") / "builtin" / f"{key}.yaml").read_text()


@pytest.mark.parametrize(
    ("nodes", "own", "delivering", "expected"),
    [
        ([node("collect", FIRST), node("arrive", LAST)], LAST, None, FIRST),
        ([node("collect", FIRST), node("send", MIDDLE), node("arrive", LAST)], FIRST, None, LAST),
        ([node("collect", FIRST), node("load", FIRST, NEXT)], FIRST, None, NEXT),
        ([node("collect", FIRST), node("load", MIDDLE, NEXT)], FIRST, None, NEXT),
        # The next site counts for the last event only, and only for 装车.
        ([node("load", FIRST, NEXT), node("arrive", LAST)], FIRST, None, LAST),
        ([node("collect", FIRST), node("send", MIDDLE, NEXT)], FIRST, None, MIDDLE),
        # For others than the first node the first node is asked, even while it is on a truck.
        ([node("collect", FIRST), node("load", MIDDLE, NEXT)], LAST, None, FIRST),
        ([node("load", FIRST)], FIRST, NEXT, NEXT),
        ([node("collect", FIRST)], FIRST, LAST, LAST),
        ([node("collect", FIRST)], FIRST, FIRST, None),
        ([], FIRST, LAST, LAST),
        ([], FIRST, None, None),
    ],
)
def test_who_is_told_when_nobody_says(nodes, own, delivering, expected):
    assert rules.default_receiver(nodes, own, delivering) == expected


def test_phrases_take_in_every_variable_and_leave_blanks_to_fill():
    values = {"工号": "1007", "网点编号": "NS01", "网点名称": "南市分部", "日期": "2026-11-22", "姓名": "李晓"}
    said = rules.filled("#网点名称#（#网点编号#）#日期##工号##姓名#，#未知#", values)
    assert said == "南市分部（NS01）2026-11-221007李晓，#未知#"
    assert rules.filled("#工号#请回复", {}) == "#工号#请回复"


def test_phones_in_a_field():
    assert rules.phones_in(" 13800001111，025-83200001;13800001111 ") == ["13800001111", "025-83200001"]


LIMITS = Limits(description=400, phones=4, images=8, intercepts=2, timed_products=frozenset({"时效件"}), channels=frozenset({"console"}))
FORM = Form("地址不详", ("13800001111",), "", "", 0)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({}, None),
        ({"description": "  "}, "no_description"),
        ({"description": "字" * 400}, None),
        ({"description": "字" * 401}, "long_description"),
        ({"phones": ("13800001111", "13800001112", "13800001113", "13800001114")}, None),
        ({"phones": tuple(f"1380000111{last}" for last in range(5))}, "many_phones"),
        ({"phones": ("12",)}, "bad_phone"),
        ({"images": 8}, None),
        ({"images": 9}, "many_images"),
        ({"account": "6" * 81}, "long_field"),
        ({"courier": "C" * 21}, "long_field"),
    ],
)
def test_what_a_form_may_hold(more, reason):
    assert rules.form_problem(replace(FORM, **more), LIMITS) == reason


def test_without_the_clause_nothing_is_limited():
    long = replace(FORM, description="字" * 4000, images=30, phones=tuple(f"138000011{last}" for last in range(10, 40)))
    assert rules.form_problem(long, Limits()) is None


MOVING = Journey("Y1", (node("collect", FIRST), node("send", FIRST, NEXT)), parcel_id=1, state="in_transit", site_id=LAST)
ASKED = Intercept(way="2", channel="console", open_already=False, earlier=0, site_active=True)


@pytest.mark.parametrize(
    ("asked", "journey", "code"),
    [
        ({}, {}, None),
        ({}, {"state": "signed"}, "E23101"),
        ({}, {"parcel_id": None, "nodes": ()}, "E23102"),
        ({"way": "9"}, {}, "E23108"),
        ({}, {"product": "时效件"}, "E23111"),
        ({}, {"nodes": (node("collect", FIRST), node("in_store", LAST)), "state": "stored"}, "E23112"),
        ({}, {"state": "forwarded"}, "E23113"),
        ({}, {"freight_collect": True}, "E23114"),
        ({}, {"cod": True}, "E23115"),
        ({"earlier": 2}, {}, "E23116"),
        ({"earlier": 1}, {}, None),
        ({"channel": "shop"}, {}, "E23118"),
        ({}, {"nodes": ()}, "E23119"),
        ({}, {"nodes": (node("collect", FIRST), node("deliver", LAST)), "state": "out_for_delivery"}, "E23120"),
        ({"open_already": True}, {}, "E23121"),
        ({"site_active": False}, {}, "E23122"),
        ({}, {"state": "returning"}, "E23123"),
        ({}, {"nodes": (node("hold", LAST),), "state": "held"}, "E23124"),
    ],
)
def test_every_refusal_of_an_intercept(asked, journey, code):
    assert rules.intercept_problem(replace(ASKED, **asked), replace(MOVING, **journey), LIMITS) == code
    assert code is None or code in str(REASONS[code])


def test_every_code_of_the_carrier_is_refused_somewhere():
    listed = {f"E231{number:02}" for number in (1, 2, 8, 11, 12, 13, 14, 15, 16, 18, 19, 20, 21, 22, 23, 24)}
    assert listed == {code for code in REASONS if code.startswith("E")}


def test_types_of_the_handbook(book):
    kinds = {kind.code: kind for kind in kinds_of(book)}
    listed = "PR001 PR002 PR10 PR11 PR20 PR30 PR40 PR50 PR60 PR70 PR100 PR110 PR120 PR130 PR140 PR210 PR211 PR212 PR213 PR214 PR215"
    assert set(f"{listed} PR216 PR220 PR230 PR240 PR250 PR260 PR270".split()) <= set(kinds)
    assert len({kind.group for kind in kinds.values()}) >= 6
    for kind in kinds.values():
        assert kind.alarm in Alarm.values, kind.key
        assert kind.follow in Follow.values, kind.key
        assert kind.title_en, kind.key
        assert kind.group_title != kind.group, kind.key
    # O15: 地址不详 8 days → return, 留仓 3, 客户不在 2, 有发未到 3 → loss alert.
    ages = {code: (kinds[code].limit.days, kinds[code].alarm) for code in ("PR211", "KF09", "KF05", "KF03")}
    assert ages == {"PR211": (8, "return"), "KF09": (3, "held"), "KF05": (2, "absent"), "KF03": (3, "loss")}
    assert kind_in(book, "pr20") == kind_in(book, "PR20") == kind_in(book, "超区") == kinds["PR20"]
    assert kind_in(book, "nothing") is None


def test_what_may_follow(book):
    out_of_area = kind_in(book, "PR20")
    assert rules.barred(out_of_area, "deliver")
    assert not rules.barred(out_of_area, "transfer")
    assert not rules.barred(out_of_area, "problem")
    assert not rules.barred(replace(out_of_area, then=frozenset()), "deliver")


def test_after_a_signature_only_some_types(book):
    signed = replace(MOVING, state="signed")
    assert rules.parcel_problem(kind_in(book, "PR211"), signed) == "already_signed"
    assert rules.parcel_problem(kind_in(book, "PR10"), signed) is None
    assert rules.parcel_problem(kind_in(book, "PR211"), MOVING) is None


def test_ageing():
    at = datetime(2026, 11, 22, tzinfo=NOW.tzinfo)
    assert rules.alarmed("open", at, at)
    assert rules.alarmed("working", at, at)
    assert not rules.alarmed("done", at, at)
    assert not rules.alarmed("open", None, at)
    assert not rules.alarmed("open", at, at.replace(year=2025))


def test_limits_of_the_handbook(book):
    found = limits_of(book)
    assert (found.description, found.phones, found.images, found.batch) == (400, 4, 8, 200)
    assert found.clause.endswith("#texts.station_problems")
    assert "时效件" in found.timed_products
    assert set(Way.values) == {"1", "2", "3"}
