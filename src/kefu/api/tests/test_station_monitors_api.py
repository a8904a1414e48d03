"""The monitors over the API: what a station's own system does with them in a day (OPS5)."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from kefu.api.tests.conftest import Caller
from kefu.conftest import NOW, Cast, Ground

pytestmark = pytest.mark.django_db


def scan(waybill: str, code: str, site: int, ago: float, **more: Any) -> dict[str, Any]:
    return {"waybill": waybill, "code": code, "site": site, "scanned_at": (NOW - timedelta(hours=ago)).isoformat(), **more}


@pytest.fixture
def root(signed_in: Callable[[Any], Caller], cast: Cast) -> Caller:
    """Who may do all."""
    return signed_in(cast.admin)


def test_from_the_figures_to_the_case(root: Caller, ground: Ground) -> None:
    station, number = ground.station.pk, "75123456789012"
    root.ok("POST", "/scans", {"scans": [scan(number, "arrive", station, 20)]})
    sets = {one["key"]: one for one in root.ok("GET", f"/monitors/sets?site={station}")}
    assert sets["not_arrived"]["loss_days"] == 3
    assert sets["undelivered"]["tolerance_hours"] == 12
    assert sets["undelivered"]["clause"].endswith("#texts.station_monitors")
    assert "not_sent_on" not in sets
    totals = root.ok("GET", f"/monitors/totals?set=undelivered&site={station}")
    assert (totals["expected"], totals["count"], sum(totals["ages"])) == (1, 1, 1)
    (row,) = root.ok("GET", "/monitors/differences?set=undelivered")["rows"]
    assert (row["waybill"], row["version"], row["handler"]) == (number, 0, "")
    picked = {"set": "undelivered", "keys": [row["key"]]}
    done = root.ok("POST", "/monitors/conclude", {**picked, "result": "other", "note": "等下一班"})
    assert list(done["done"]) == [row["key"]]
    case = root.ok("POST", "/monitors/cases", {**picked, "case_kind": "delay"})["done"][row["key"]]
    assert root.ok("POST", "/monitors/cases", {**picked, "case_kind": "delay"})["done"][row["key"]] == case
    assert root.ok("GET", f"/cases/{case}")["waybill"] == number
    (row,) = root.ok("GET", "/monitors/differences?set=undelivered&work=done")["rows"]
    assert (row["result"], row["note"]) == ("other", "等下一班")
    root.ok("POST", "/scans", {"scans": [scan(number, "deliver", station, 1)]})
    assert root.ok("GET", "/monitors/differences?set=undelivered")["rows"] == []
    gone = root.ok("POST", "/monitors/release", picked)
    assert gone["refused"] == {row["key"]: "此快件已不在差异中（扫描已补齐），不用再处理。"}


def test_refusals(root: Caller, ground: Ground) -> None:
    for method, path, body, status, code in (
        ("GET", "/monitors/differences?set=nonsense", None, 422, "no_such_set"),
        ("GET", "/monitors/differences?since=2026-01-01&until=2026-03-01", None, 422, "span_too_long"),
        ("GET", "/monitors/differences?age=9", None, 422, "invalid_request"),
        ("GET", "/monitors/sets?site=999999", None, 404, "not_found"),
        ("POST", "/monitors/release", {"set": "undelivered", "keys": ["x"]}, 404, "not_found"),
        ("POST", "/monitors/conclude", {"set": "undelivered", "keys": [f"{ground.station.pk}:7:"], "result": "x"}, 422, "no_result"),
        ("PATCH", f"/monitors/differences/undelivered/{ground.station.pk}:7:", {"version": 0}, 409, "difference_settled"),
    ):
        answer = root.call(method, path, body)
        assert answer.status_code == status, path
        assert json.loads(answer.content)["error"]["code"] == code, path
