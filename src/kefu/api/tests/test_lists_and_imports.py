"""Lists by their definitions, and tables taken in, over the API (PLAT2)."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.api.tests.conftest import BASE, Caller, Story
from kefu.conftest import NOW, Cast, Ground
from kefu.kernel.actor import Actor
from kefu.lists import catalogue
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ParcelDraft, Party

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
PHONE = "13812345678"


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Any) -> None:
    settings.KEFU_HOME = tmp_path


def _fill(ground: Ground, start: int, count: int) -> None:
    for number in range(start, start + count):
        draft = ParcelDraft(f"5500000{number:07d}", ground.station.pk, carrier="best", receiver=Party("王女士", PHONE, "中山路 18 号"))
        parcels.register_parcel(actor=Actor.system("tests"), draft=draft, now=NOW)


def test_lists_name_what_the_caller_may_see(signed_in: Callable[..., Caller], cast: Cast, story: Story) -> None:
    lead = {one["key"]: one for one in signed_in(cast.lead).ok("GET", "/lists")}
    clerk = {one["key"] for one in signed_in(cast.clerk).ok("GET", "/lists")}
    assert "customers" in lead
    assert "customers" not in clerk
    found = lead["parcels"]
    assert {one["name"]: (one["kind"], one["private"]) for one in found["filters"]}["phone"] == ("text", True)
    assert {"value": "signed", "title": "已签收"} in next(one for one in found["filters"] if one["name"] == "state")["choices"]
    assert found["columns"][0] == {"key": "waybill", "title": "运单号", "kind": "code"}
    assert {key for key in lead if not key.startswith("ledger-")} <= set(catalogue.LISTS)
    assert {key for key in lead if key.startswith("ledger-")} == {f"ledger-best-{name}" for name in ("open_today", "payments", "liability")}


def test_rows_are_values_by_column_and_page_to_the_end(signed_in: Callable[..., Caller], cast: Cast, ground: Ground, story: Story) -> None:
    _fill(ground, 0, 7)
    agent = signed_in(cast.agent)
    seen: list[str] = []
    cursor = ""
    while True:
        page = agent.ok("GET", f"/lists/parcels?size=3&cursor={cursor}")
        seen += [one["values"]["waybill"] for one in page["rows"]]
        cursor = page["next"]
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == 7
    row = agent.ok("GET", "/lists/parcels?size=1")["rows"][0]["values"]
    assert (row["carrier"], PHONE in str(row)) == ("best", False)
    assert signed_in(cast.outsider).ok("GET", "/lists/parcels")["rows"] == []


def test_unknown_filters_are_refused_by_name_and_private_ones_go_in_a_body(
    signed_in: Callable[..., Caller], cast: Cast, ground: Ground, story: Story
) -> None:
    _fill(ground, 0, 1)
    agent = signed_in(cast.agent)
    for query, field in (("bogus=1", "bogus"), ("state=flying", "state"), ("site=x", "site"), (f"phone={PHONE}", "phone")):
        assert field in agent.refused(422, "GET", f"/lists/parcels?{query}")["fields"], query
    assert len(agent.ok("POST", "/lists/parcels/search", {"filter": {"phone": PHONE}})["rows"]) == 1
    assert agent.ok("POST", "/lists/parcels/search", {"filter": {"phone": "13900000000"}})["rows"] == []
    assert "bogus" in agent.refused(422, "POST", "/lists/parcels/search", {"filter": {"bogus": "1"}})["fields"]
    agent.refused(404, "GET", "/lists/nothing")
    signed_in(cast.clerk).refused(404, "GET", "/lists/customers")


def test_a_list_costs_the_same_at_any_length(signed_in: Callable[..., Caller], cast: Cast, ground: Ground, story: Story) -> None:
    agent = signed_in(cast.agent)
    costs = []
    for start, count in ((0, 2), (2, 20)):
        _fill(ground, start, count)
        agent.ok("GET", "/lists/parcels?size=100")
        with CaptureQueriesContext(connection) as seen:
            agent.ok("GET", "/lists/parcels?size=100")
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 8


def _send(caller: Caller, content: str, query: str) -> Any:
    data = {"file": SimpleUploadedFile("运单.csv", content.encode())}
    return caller.client.post(f"{BASE}/imports?{query}", data, headers=caller.headers)


def test_a_table_is_looked_at_then_taken_in(signed_in: Callable[..., Caller], cast: Cast, ground: Ground, story: Story) -> None:
    clerk, lead = signed_in(cast.clerk), signed_in(cast.lead)
    assert "parcels" in [one["kind"] for one in clerk.ok("GET", "/imports/kinds")]
    content = f"运单号,收件人,收件电话,颜色\n5580000000001,王小明,{PHONE},红\n7.5E+13,,,\n"
    answer = _send(clerk, content, f"kind=parcels&site={ground.station.pk}")
    assert answer.status_code == 201, answer.content
    look = json.loads(answer.content)
    assert (look["read"], look["good"], look["unknown"], look["complete"]) == (2, 1, ["颜色"], True)
    assert (look["refused"][0]["row"], look["refused"][0]["code"]) == (3, "digits_lost")
    assert PHONE not in str(look)
    lead.refused(404, "POST", f"/imports/{look['ticket']}/run")
    done = clerk.ok("POST", f"/imports/{look['ticket']}/run")
    assert (done["state"], done["stored"], done["refused"], done["has_refused_file"]) == ("done", 1, 1, True)
    assert clerk.ok("POST", f"/imports/{look['ticket']}/run")["id"] == done["id"]
    assert clerk.ok("GET", f"/imports/{done['id']}") == done
    assert [one["id"] for one in clerk.ok("GET", "/imports")["rows"]] == [done["id"]]
    file = clerk.call("GET", f"/imports/{done['id']}/refused")
    assert "7.5E+13" in b"".join(file.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    for path in ("", "/refused"):
        lead.refused(404, "GET", f"/imports/{done['id']}{path}")
    assert clerk.refused(409, "POST", f"/imports/{done['id']}/stop")["code"] == "intake_ended"


def test_tables_that_cannot_be_taken(signed_in: Callable[..., Caller], cast: Cast, ground: Ground, story: Story) -> None:
    clerk = signed_in(cast.clerk)
    assert _send(signed_in(cast.agent), "运单号\n5580000000001\n", "kind=parcels").status_code == 403
    assert _send(clerk, "运单号\n5580000000001\n", f"kind=parcels&site={ground.other_station.pk}").status_code == 404
    assert _send(clerk, "运单号\n5580000000001\n", "kind=nothing").status_code == 404
    assert _send(clerk, "", "kind=parcels").status_code == 422
    assert _send(clerk, "颜色\n红\n", "kind=parcels").status_code == 422
    assert _send(clerk, "运单号\n5580000000001\n", "kind=parcels&bogus=1").status_code == 422
