"""The desk over the API: what comes back in a refusal is enough to go on with (CASE8)."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from kefu.api.tests import world
from kefu.api.tests.conftest import Caller
from kefu.conftest import Cast, Ground

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]


@pytest.fixture
def agent(signed_in: Callable[..., Caller], cast: Cast) -> Caller:
    return signed_in(cast.agent)


@pytest.fixture
def case(agent: Caller, ground: Ground) -> int:
    found: int = agent.ok("POST", "/cases", world.new_case(ground.station.pk, customer_name="王女士"))["id"]
    return found


def _refused(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.content
    found: dict[str, Any] = json.loads(response.content)["error"]
    return found


def test_a_tab_that_is_behind_gets_the_newer_draft(agent: Caller, case: int) -> None:
    path = f"/drafts/case:{case}:reply"
    assert agent.ok("GET", path) == {"draft": None}
    first = agent.ok("PUT", path, {"text": "一", "fields": {"channel": "sms"}})
    agent.ok("PUT", path, {"text": "一二", "fields": {"channel": "call"}, "revision": first["revision"]})
    error = _refused(agent.call("PUT", path, {"text": "一三", "revision": first["revision"]}), 409)
    assert (error["code"], error["message"]) == ("draft.newer", "另一个标签页有更新的草稿。")
    assert (error["params"]["text"], error["params"]["fields"], error["params"]["revision"]) == ("一二", {"channel": "call"}, 2)
    agent.ok("POST", f"/cases/{case}/replies", {"text": "一二", "channel": "call"})
    assert agent.ok("GET", path) == {"draft": None}
    assert _refused(agent.call("PUT", path, {"text": "一二三", "revision": 2}), 409)["code"] == "draft.gone"


def test_a_reply_is_stopped_and_told_what_came(agent: Caller, case: int, signed_in: Callable[..., Caller], cast: Cast) -> None:
    seen = agent.ok("GET", f"/cases/{case}")["timeline"]["entries"][-1]["id"]
    signed_in(cast.lead).ok("POST", f"/cases/{case}/customer-words", {"text": "不用查了", "channel": "call"})
    error = _refused(agent.call("POST", f"/cases/{case}/replies", {"text": "正在查", "channel": "sms", "seen": seen}), 409)
    assert error["code"] == "case.answered_since"
    assert [one["kind"] for one in error["params"]["since"]] == ["said"]
    agent.ok("POST", f"/cases/{case}/replies", {"text": "好的", "channel": "sms", "seen": seen, "anyway": True})
    entries = agent.ok("GET", f"/cases/{case}")["timeline"]["entries"]
    assert [one["kind"] for one in entries[-2:]] == ["said", "reply"]
    assert agent.ok("GET", "/cases?ball=us")["rows"][0]["id"] == case


def test_a_view_is_refused_with_each_wrong_filter(agent: Caller) -> None:
    error = _refused(agent.call("POST", "/views", {"name": "错", "values": {"colour": "red", "status": "nope"}}), 422)
    assert set(error["fields"]) == {"colour", "status"}
    view = agent.ok("POST", "/views", {"name": "延误", "values": {"kind": "delay"}, "columns": ["number", "due"]})
    assert (view["values"], view["changeable"]) == ({"kind": "delay"}, True)


def test_an_unknown_variable_names_those_there_are(agent: Caller) -> None:
    error = _refused(agent.call("POST", "/phrases", {"title": "错", "text": "{姓名}您好"}), 422)
    assert error["code"] == "phrase.variable"
    assert "{客户称呼}" in error["params"]["known"]


def test_a_macro_is_previewed_and_refused_part_by_part(agent: Caller, case: int) -> None:
    parts = [{"do": "assign", "to": "me"}, {"do": "reply", "channel": "sms", "text": "{客户称呼}您好，赔付{金额}元"}]
    macro = agent.ok("POST", "/macros", {"name": "赔付", "parts": parts})["id"]
    preview = agent.ok("POST", f"/cases/{case}/macros/{macro}/preview", {})
    assert (preview["runs"], preview["blanks"]) == (False, ["金额"])
    assert preview["effects"][1]["shown"] == "王女士您好，赔付【金额】元"
    error = _refused(agent.call("POST", f"/cases/{case}/macros/{macro}/run", {}), 409)
    assert (error["code"], error["params"]["part"], error["params"]["reason"]) == ("macro.refused", 2, "phrase.blank")
    done = agent.ok("POST", f"/cases/{case}/macros/{macro}/run", {"given": {"金额": "20"}})
    assert (done["did"], done["undo"]) == (["assign", "reply"], [{"do": "assign", "to": "none"}])


def test_the_next_case_is_taken_until_none_is_left(agent: Caller, case: int, by_token: Callable[..., Caller]) -> None:
    assert _refused(by_token().call("POST", "/cases/next"), 403)["code"] == "person_only"
    assert agent.ok("POST", "/cases/next") == {"id": case}
    assert [one["id"] for one in agent.ok("GET", "/cases?assignee=me")["rows"]] == [case]
    assert _refused(agent.call("POST", "/cases/next"), 409)["code"] == "desk.nothing_left"


def test_a_finding_is_acknowledged_by_whom_it_is_about(
    by_token: Callable[..., Caller], signed_in: Callable[..., Caller], cast: Cast, ground: Ground
) -> None:
    agent, lead, root = signed_in(cast.agent), signed_in(cast.lead), by_token()
    chat = world.chat("f-1", ground.station.pk, agent.ok("GET", "/me")["staff_no"])
    talked = root.ok("POST", "/conversations", {"conversations": [chat]})["ids"][0]
    root.ok("POST", "/inspections", {"conversations": [talked]})
    finding = agent.ok("GET", "/findings")["rows"][0]
    path = f"/findings/{finding['id']}/acknowledge"
    assert _refused(lead.call("POST", path), 404)["code"] == "not_found"
    assert agent.ok("GET", "/findings")["rows"][0]["state"] == finding["state"] == "open"
    assert agent.ok("POST", path)["state"] == agent.ok("POST", path)["state"] == "acknowledged"
    assert agent.ok("GET", "/findings?state=acknowledged")["rows"][0]["points"] == finding["points"]
