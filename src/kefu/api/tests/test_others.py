"""Parcels, customers, conversations, handbooks and search over the API."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from kefu.api.tests import world
from kefu.api.tests.conftest import Caller
from kefu.conftest import NOW, Ground
from kefu.kernel.models import AuditEntry
from kefu.reactions import run as reactions

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks", "story")]
WAYBILL = "557000000000011"


def _scan(ground: Ground, code: str, hours: float, **more: Any) -> dict[str, Any]:
    return {"waybill": WAYBILL, "code": code, "site": ground.station.pk, "scanned_at": (NOW - timedelta(hours=hours)).isoformat(), **more}


def test_a_parcel_is_registered_scanned_and_tracked(erp: Caller, ground: Ground) -> None:
    receiver = {"name": "李小龙", "phone": "13900139000", "address": "南京市玄武区中山路8号3栋201"}
    bad = {"waybill": "x", "site": ground.station.pk}
    parcel = {"waybill": " 5570000 00000011 ", "site": ground.station.pk, "receiver": receiver, "weight": "1.250"}
    done = erp.ok("POST", "/parcels", {"parcels": [parcel, bad]})
    assert (done["read"], done["stored"], done["refused"][0]["place"], done["refused"][0]["code"]) == (2, 1, 1, "bad_waybill")
    scans = [_scan(ground, "collect", 100), _scan(ground, "arrive", 20), _scan(ground, "arrive", 20), _scan(ground, "deliver", -1)]
    done = erp.ok("POST", "/scans", {"scans": scans})
    assert (done["stored"], done["present"], [one["code"] for one in done["refused"]]) == (2, 1, ["future"])
    assert erp.ok("POST", "/scans", {"scans": scans[:2]})["present"] == 2

    response = erp.call("GET", f"/parcels/{WAYBILL}")
    assert "13900139000" not in response.content.decode()
    assert "3栋201" not in response.content.decode()
    found = erp.ok("GET", f"/parcels/{WAYBILL}")
    assert (found["state"], [line["code"] for line in found["lines"]]) == ("arrived", ["collect", "arrive"])
    assert (found["parcel"]["receiver"]["name"], found["parcel"]["weight"]) == ("李*", "1.250")
    assert (found["judgement"]["verdict"], found["judgement"]["late"]) == ("late", True)
    assert found["judgement"]["clauses"][0].startswith("best@1#")
    many = erp.ok("GET", f"/parcels/traces?number={WAYBILL}&number=557000000000099&number={WAYBILL}")
    assert ([one["waybill"] for one in many["found"]], many["unknown"]) == ([WAYBILL], ["557000000000099"])
    assert len(erp.ok("GET", f"/parcels/{WAYBILL}/queries")) == 3
    erp.refused(404, "GET", "/parcels/557000000000099")
    numbers = "&".join(f"number={n}" for n in range(51))
    assert erp.refused(422, "GET", f"/parcels/traces?{numbers}")["fields"].keys() == {"number"}


def test_a_customer_is_found_by_any_writing_of_the_number_and_unmasked_for_a_reason(erp: Caller, ground: Ground) -> None:
    made = erp.ok("POST", "/customers", {"site": ground.station.pk, "name": "张三丰", "phone": "+86 138-0013-8000"})
    assert erp.ok("POST", "/customers", {"site": ground.station.pk, "phone": "13800138000"})["id"] == made["id"]
    assert [one["id"] for one in erp.ok("POST", "/customers/by-phone", {"phone": "0086 138 0013 8000"})] == [made["id"]]
    assert (made["name"], made["contacts"][0]["value"]) == ("张*", "138******00")
    path = f"/customers/{made['id']}"
    assert erp.refused(422, "POST", f"{path}/unmask", {"field": "name", "reason": "x"})["code"] == "reason_too_short"
    assert erp.ok("POST", f"{path}/unmask", {"field": "name", "reason": "回拨客户"}) == {"field": "name", "value": "张三丰"}
    erp.refused(404, "POST", f"{path}/unmask", {"field": "password", "reason": "回拨客户"})
    assert AuditEntry.objects.filter(action="customer.unmasked").count() == 1
    assert erp.ok("PATCH", path, {"version": 0, "note": "下午方便"})["version"] == 1
    assert erp.refused(409, "PATCH", path, {"version": 0, "note": "上午方便"})["code"] == "stale"


def test_conversations_come_in_once_and_bad_ones_are_named(erp: Caller, ground: Ground) -> None:
    good = world.chat("c-1", ground.station.pk)
    no_id, no_lines = world.chat(" ", ground.station.pk), {**world.chat("c-2", ground.station.pk), "lines": []}
    other = {**good, "lines": [{"side": "customer", "text": "换了内容"}]}
    done = erp.ok("POST", "/conversations", {"conversations": [good, no_id, no_lines]})
    assert (done["read"], done["stored"], done["present"]) == (3, 1, 0)
    assert [(one["place"], one["code"]) for one in done["refused"]] == [(1, "empty_id"), (2, "no_lines")]
    assert erp.ok("POST", "/conversations", {"conversations": [good]})["present"] == 1
    assert erp.ok("POST", "/conversations", {"conversations": [other]})["refused"][0]["code"] == "id_in_use"
    found = erp.ok("GET", f"/conversations/{done['ids'][0]}")
    assert [line["side"] for line in found["lines"]] == ["customer", "agent"]
    assert "13800138000" not in str(found)
    clear = erp.ok("POST", f"/conversations/{found['id']}/unmask", {"reason": "核对电话"})
    assert "13800138000" in clear[0]["text"]
    assert erp.refused(422, "POST", "/conversations", {"conversations": [good] * 201})["fields"].keys() == {"conversations"}


def test_search_looks_everywhere_the_caller_may(erp: Caller, ground: Ground, by_token: Callable[..., Caller]) -> None:
    erp.ok("POST", "/conversations", {"conversations": [world.chat("c-1", ground.station.pk)]})
    case = erp.ok("POST", "/cases", world.new_case(ground.station.pk, waybill=WAYBILL))
    erp.ok("POST", "/parcels", {"parcels": [{"waybill": WAYBILL, "site": ground.station.pk}]})
    erp.ok("POST", "/customers", {"site": ground.station.pk, "name": "包裹大王", "phone": "13800138000"})
    reactions.run_all(now=NOW)
    assert [hit["kind"] for hit in erp.ok("GET", "/search?q=包裹")["hits"]] == ["case", "conversation", "customer"]
    assert [hit["kind"] for hit in erp.ok("GET", f"/search?q={WAYBILL}")["hits"]] == ["case", "parcel"]
    assert [hit["id"] for hit in erp.ok("GET", f"/search?q={case['number']}&kind=case")["hits"]] == [case["id"]]
    narrow = by_token(["customer.view"], sites=[ground.station.pk])
    assert [hit["kind"] for hit in narrow.ok("GET", "/search?q=包裹")["hits"]] == ["customer"]
    assert erp.refused(422, "GET", "/search?q=")["fields"].keys() == {"q"}
    assert erp.ok("GET", "/search?q=%27%22%20OR%20*%20NEAR(")["hits"] == []


def test_handbooks_are_read_checked_compared_and_tried(erp: Caller, ground: Ground) -> None:
    assert {one["key"] for one in erp.ok("GET", "/handbooks")} >= {"best", "shop"}
    contents = erp.ok("GET", "/handbooks/best/contents")
    assert contents["name"] == "best@1"
    clause = erp.ok("GET", "/clauses?ref=best%401%23clocks.call_back")
    assert (clause["ref"], clause["title_en"]) == ("best@1#clocks.call_back", "Call back within 2 hours")
    assert erp.refused(404, "GET", "/clauses?ref=best%401%23clocks.none")["code"] == "handbook_not_found"
    assert erp.refused(404, "GET", "/clauses?ref=nonsense")["code"] == "handbook_not_found"
    broken = "handbook: mine\ntitle: 我的\neffective_from: 2026-12-01\nclocks:\n  a:\n    target: soon\n"
    checked = erp.ok("POST", "/handbooks/check", {"text": broken})
    assert (checked["ok"], checked["key"]) == (False, "mine")
    assert ("clocks.a.target", 6, 13) in {(one["path"], one["line"], one["column"]) for one in checked["problems"]}
    draft = erp.ok("POST", "/handbooks/drafts", {"text": broken})
    error = erp.refused(422, "POST", f"/handbooks/versions/{draft['id']}/force", {})
    assert error["code"] == "handbook_invalid"
    assert ("clocks.a.target", 6) in {(one["field"], one["line"]) for one in error["reasons"]}
    in_force = next(one["id"] for one in erp.ok("GET", "/handbooks/versions?key=best"))
    assert erp.ok("GET", f"/handbooks/diff?old={in_force}&new={in_force}") == []
    erp.ok("POST", "/conversations", {"conversations": [world.chat("c-1", ground.station.pk)]})
    tried = erp.ok("POST", "/handbooks/preview", {"version": in_force})
    assert (tried["read"], tried["changed"]) == (1, 0)
