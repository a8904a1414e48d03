"""Cases beside their procedure, over the API: edits, files, tasks, clocks by hand (CASE4, CASE8, CASE9)."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from kefu.api.tests import world
from kefu.api.tests.conftest import Caller, Story
from kefu.api.tests.world import Request, send
from kefu.conftest import NOW, Cast, Ground
from kefu.kernel.models import AuditEntry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks", "story")]


@pytest.fixture
def case(erp: Caller, ground: Ground) -> dict[str, Any]:
    made = erp.ok(
        "POST", "/cases", world.new_case(ground.station.pk, description="电话13800138000，三天没到", customer_phone="13800138000")
    )
    found: dict[str, Any] = erp.ok("GET", f"/cases/{made['id']}")
    return found


def test_nothing_personal_is_in_the_clear(erp: Caller, case: dict[str, Any]) -> None:
    erp.ok("POST", f"/cases/{case['id']}/notes", {"text": "客户王小明 13800138000 要求回电"})
    response = erp.call("GET", f"/cases/{case['id']}")
    assert "13800138000" not in response.content.decode()
    assert "13800138000" not in erp.call("GET", "/cases?view=all").content.decode()
    assert "13800138000" not in erp.call("GET", "/customers").content.decode()


def test_two_people_saving_one_case(erp: Caller, case: dict[str, Any]) -> None:
    path = f"/cases/{case['id']}"
    changed = erp.ok("PATCH", path, {"version": case["version"], "title": "延误三天", "order_no": "D-1"})
    assert (changed["title"], changed["order_no"], changed["version"]) == ("延误三天", "D-1", case["version"] + 1)
    error = erp.refused(409, "PATCH", path, {"version": case["version"], "title": "别的"})
    assert error["code"] == "stale"
    assert erp.ok("GET", path)["title"] == "延误三天"
    assert erp.refused(422, "PATCH", path, {"version": 1, "status": "closed"})["fields"] == {"status": "不认识的名称。"}


def test_the_same_external_id_gives_the_same_case(erp: Caller, ground: Ground) -> None:
    body = world.new_case(ground.station.pk, external_id="erp-77")
    assert erp.ok("POST", "/cases", body)["id"] == erp.ok("POST", "/cases", body)["id"]
    assert erp.refused(422, "POST", "/cases", {**body, "external_id": ""})["fields"].keys() == {"external_id"}


def test_files_go_in_and_come_out_as_downloads(erp: Caller, case: dict[str, Any]) -> None:
    content = bytes(range(256)) * 100
    upload = Request("POST", f"/cases/{case['id']}/attachments", file=("../面单 1.jpg", content))
    made = json.loads(send(erp, upload, **{"Idempotency-Key": "file-1"}).content)
    again = send(erp, upload, **{"Idempotency-Key": "file-1"})
    assert again["Idempotent-Replay"] == "true"
    assert json.loads(again.content) == made
    assert (made["name"], made["size"]) == ("面单 1.jpg", len(content))
    response = erp.call("GET", f"/cases/{case['id']}/attachments/{made['id']}")
    assert response.content == content
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E9%9D%A2")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert AuditEntry.objects.filter(action="attachment.read").count() == 1
    empty = Request("POST", f"/cases/{case['id']}/attachments", file=("a.txt", b""))
    assert json.loads(send(erp, empty).content)["error"]["code"] == "file_refused"
    assert erp.refused(404, "GET", f"/cases/{case['id']}/attachments/999")["code"] == "not_found"


def test_a_task_is_asked_and_answered(erp: Caller, case: dict[str, Any], ground: Ground, by_token: Callable[..., Caller]) -> None:
    body = {"site": ground.other_station.pk, "title": "查监控", "due_at": (NOW + timedelta(hours=4)).isoformat()}
    task = erp.ok("POST", f"/cases/{case['id']}/tasks", body)
    other = by_token(["case.view", "case.work"], sites=[ground.other_station.pk])
    assert [one["id"] for one in other.ok("GET", "/tasks")["rows"]] == [task["id"]]
    other.refused(404, "GET", f"/cases/{case['id']}")
    done = other.ok("POST", f"/tasks/{task['id']}/answer", {"text": "监控里有，已装车"})
    assert (done["state"], done["answer"]) == ("done", "监控里有，已装车")
    assert erp.refused(409, "POST", f"/tasks/{task['id']}/cancel")["code"] == "task_done"
    past = {**body, "due_at": (NOW - timedelta(hours=1)).isoformat()}
    assert erp.refused(422, "POST", f"/cases/{case['id']}/tasks", past)["fields"].keys() == {"due_at"}
    assert erp.refused(422, "POST", f"/cases/{case['id']}/tasks", {**body, "due_at": "2026-11-23T10:00:00"})["fields"].keys() == {"due_at"}


def test_a_clock_is_paused_explained_and_runs_on(
    erp: Caller, case: dict[str, Any], signed_in: Callable[..., Caller], cast: Cast, story: Story
) -> None:
    lead = signed_in(cast.lead)
    clocks = {one["key"]: one for one in case["clocks"]}
    solve, path = clocks["solve"], f"/cases/{case['id']}/clocks/{clocks['solve']['id']}"
    assert (solve["may_pause"], clocks["law_complaint"]["may_pause"]) == (True, False)
    assert [one["id"] for one in solve["pause_reasons"]] == ["customer_away", "waiting_papers", "force_majeure"]
    assert lead.refused(422, "POST", f"{path}/pause", {"reason": "tea"})["code"] == "clock_reason"
    law = f"/cases/{case['id']}/clocks/{clocks['law_complaint']['id']}"
    assert lead.refused(409, "POST", f"{law}/pause", {"reason": "customer_away"})["code"] == "clock_not_pausable"
    story.after(hours=1)
    lead.ok("POST", f"{path}/pause", {"reason": "customer_away"})
    assert erp.ok("GET", path)["clock"]["level"] == "paused"
    story.after(hours=3)
    lead.ok("POST", f"{path}/resume")
    found = erp.ok("GET", path)
    due = datetime.fromisoformat(solve["due_at"])
    assert datetime.fromisoformat(found["clock"]["due_at"]) == due + timedelta(hours=3)
    assert found["paused_seconds"] == 3 * 3600
    runs = sum(step["seconds"] for step in found["steps"] if step["kind"] in ("window", "makeup", "pause_capped"))
    assert runs == solve["target_seconds"]
    erp.refused(404, "GET", f"/cases/{case['id']}/clocks/99999")


def test_reopening_and_linking(erp: Caller, case: dict[str, Any], ground: Ground) -> None:
    other = erp.ok("POST", "/cases", world.new_case(ground.station.pk))
    linked = erp.ok("POST", f"/cases/{case['id']}/links", {"to": other["id"], "kind": "parent"})
    assert {"kind": "parent", "target_kind": "case", "target_id": other["id"]} in linked["links"]
    assert erp.refused(409, "POST", f"/cases/{other['id']}/links", {"to": case["id"], "kind": "parent"})["code"] == "link_circle"
    assert erp.refused(409, "POST", f"/cases/{case['id']}/reopen", {"reason": "再次来电"})["code"] == "case_open"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"channel": "pigeon"}, "channel"),
        ({"description": ""}, "description"),
        ({"description": "长" * 20001}, "description"),
        ({"site": 0}, "site"),
        ({"site": "one"}, "site"),
        ({"kind": ""}, "kind"),
    ],
)
def test_a_case_that_cannot_be_opened(erp: Caller, ground: Ground, change: dict[str, Any], field: str) -> None:
    error = erp.refused(422, "POST", "/cases", {**world.new_case(ground.station.pk), **change})
    assert field in error["fields"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("😀" * 200, "😀" * 200),
        ("\u202eabc\u202c", "\u202eabc\u202c"),
        ("a\0b", "ab"),
        ("\ud83d", "\ufffd"),
        ("𠮷野家", "𠮷野家"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("%(why)s %s {0}", "%(why)s %s {0}"),
    ],
)
def test_odd_text_is_kept(erp: Caller, ground: Ground, sent: str, kept: str) -> None:
    made = erp.ok("POST", "/cases", world.new_case(ground.station.pk, description=sent))
    assert erp.ok("GET", f"/cases/{made['id']}")["description"] == kept


@pytest.mark.parametrize("path", ["/cases?q=%00", "/cases?waybill=a%00b", "/parcels/a%00b", "/search?q=%00", "/customers?q=%00"])
def test_addresses_with_nul_are_refused(erp: Caller, path: str) -> None:
    assert erp.refused(400, "GET", path)["code"] == "bad_request"


@pytest.mark.parametrize("number", [10**30, 2**63, -1, 0])
def test_numbers_no_key_can_have(erp: Caller, case: dict[str, Any], ground: Ground, number: int) -> None:
    for body in ({"site": number}, {"customer": number}, {"assignee": number}, {"conversation": number}):
        assert erp.refused(422, "POST", "/cases", {**world.new_case(ground.station.pk), **body})["fields"].keys() == body.keys()
    for path in (f"/cases?site={number}", f"/conversations?customer={number}"):
        erp.refused(422, "GET", path)
    if number > 0:
        erp.refused(404, "GET", f"/cases/{number}")
        erp.refused(404, "GET", f"/cases/{case['id']}/clocks/{number}")
        erp.refused(409, "PATCH", f"/cases/{case['id']}", {"version": number, "title": "x"})
        assert erp.call("GET", f"/events?since={number}").status_code in (200, 422)
        assert erp.call("GET", f"/cases/{case['id']}/timeline?before={number}").status_code in (200, 422)
        assert erp.call("GET", f"/audit?actor_id={number}").status_code in (200, 422)
