"""One complaint from call to closed through the API: with every clock met, and again with each breached (CASE1, CASE4, CASE8, QA4)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kefu.api.tests.conftest import Caller, Story
from kefu.clocks import actions as clocks
from kefu.conftest import NOW, Cast, Ground
from kefu.people import queries as people
from kefu.reactions import run as reactions

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]

WAYBILL = "50004090806944"
# Sunday 2026-11-22 10:00 in China. The station works every day 08:30–12:00 and 13:00–18:00; the others run on natural time.
CALL_BACK_DUE = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
SOLVE_DUE = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
LAW_DUE = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)
ANSWERS: dict[str, dict[str, Any]] = {
    "receive": {
        "caller_name": "王女士",
        "caller_phone": "13812345678",
        "caller_role": "recipient",
        "waybill": WAYBILL,
        "statement": "快件三天没有更新物流，电话一直没人接听",
        "demand": "尽快派送",
    },
    "check": {"position": "stuck", "cause": "sorting", "hours_late": 26},
    "ask_site": {"asked_site": "南京分拨", "site_reply": "已找到，今晚发出"},
    "call_back": {"plan": "明天上午优先派送", "call_back_result": "客户接受", "promised_time": "2026-11-23T12:00:00+08:00"},
    "track": {"outcome": "delivered"},
    "settle": {"fee_waived": True, "compensation": "12.00"},
    "inform": {"result_told": "已送达并免除运费", "customer_view": "agreed"},
    "solved": {"done": True},
    "close": {},
}


@pytest.fixture
def desk(by_token: Callable[..., Caller], cast: Cast, ground: Ground) -> Caller:
    """The softphone's token, acting for the agent 李晓 at the station."""
    found = by_token(sites=[ground.station.pk])
    staff = people.staff_for_session(cast.agent.id)
    assert staff is not None
    found.headers["X-Kefu-On-Behalf-Of"] = staff.staff_no
    return found


@pytest.fixture
def centre(by_token: Callable[..., Caller]) -> Caller:
    """A token of the centre: sees everything, acts for nobody."""
    return by_token()


def _work(story: Story) -> None:
    """What the worker does every second."""
    while clocks.sweep(now=story.now):
        pass
    reactions.run_all(now=story.now)


def _call(centre: Caller, cast: Cast, ground: Ground, external_id: str = "call-1") -> int:
    """The recorded call, handed in by the PBX."""
    agent = people.staff_for_session(cast.agent.id)
    assert agent is not None
    call = {
        "source": "pbx",
        "external_id": external_id,
        "channel": "call",
        "site": ground.station.pk,
        "staff_no": agent.staff_no,
        "started_at": (NOW - timedelta(minutes=6)).isoformat(),
        "customer_phone": "138 1234 5678",
        "customer_name": "王女士",
        "waybill": WAYBILL,
        "lines": [
            {"side": "agent", "text": "您好，南市分部，工号1001，很高兴为您服务", "at": 1, "end": 5},
            {"side": "customer", "text": "我的快件三天没动静了，我要投诉", "at": 6, "end": 10},
            {"side": "agent", "text": "非常抱歉给您带来不便，我马上为您核实", "at": 11, "end": 15},
            {"side": "customer", "text": "快点吧", "at": 16, "end": 17},
            {"side": "agent", "text": "请问还有其他可以帮您的吗，感谢您的来电，再见", "at": 18, "end": 22},
        ],
    }
    stored = centre.ok("POST", "/conversations", {"conversations": [call]})
    assert (stored["stored"], stored["refused"]) == (1, [])
    return int(stored["ids"][0])


def _open(desk: Caller, cast: Cast, ground: Ground, **more: Any) -> dict[str, Any]:
    body = {
        "site": ground.station.pk,
        "kind": "delay",
        "channel": "call",
        "description": "客户反映快件三天没有更新，电话13812345678",
        "waybill": WAYBILL,
        "customer_name": "王女士",
        "customer_phone": "13812345678",
        "assignee": cast.agent.id,
        **more,
    }
    found: dict[str, Any] = desk.ok("POST", "/cases", body)
    return found


def _step(desk: Caller, case: int, step: str) -> dict[str, Any]:
    found: dict[str, Any] = desk.ok("POST", f"/cases/{case}/steps", {"step": step, "answers": ANSWERS[step]})
    assert found["step"] == step
    return found


def _clocks(found: dict[str, Any]) -> dict[str, Any]:
    return {one["key"]: one for one in found["clocks"]}


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_every_clock_met(desk: Caller, centre: Caller, cast: Cast, ground: Ground, story: Story) -> None:
    call = _call(centre, cast, ground)
    opened = _open(desk, cast, ground, conversation=call)
    case = opened["id"]
    assert opened["next_due_at"] is not None
    found = desk.ok("GET", f"/cases/{case}")
    due = {key: _at(one["due_at"]) for key, one in _clocks(found).items()}
    assert due == {"call_back": CALL_BACK_DUE, "solve": SOLVE_DUE, "law_complaint": LAW_DUE}
    assert _at(found["next_due_at"]) == CALL_BACK_DUE
    assert _at(_clocks(found)["call_back"]["warn_at"]) == CALL_BACK_DUE - timedelta(minutes=30)
    assert [one["step"] for one in found["options"]] == ["receive"]
    assert "13812345678" not in found["description"]
    assert found["customer"]["name"] == "王*"
    assert {"kind": "conversation", "target_kind": "conversation", "target_id": call} in found["links"]

    moments: dict[str, datetime] = {}
    waits = {"receive": 5, "check": 10, "ask_site": 10, "call_back": 30, "track": 60 * 20, "settle": 5, "inform": 15, "solved": 60}
    for step, minutes in waits.items():
        moments[step] = story.after(minutes=minutes)
        found = _step(desk, case, step)
        _work(story)
    assert _at(found["solved_at"]) == moments["solved"]
    story.after(minutes=5)
    found = _step(desk, case, "close")
    _work(story)

    met = {key: (one["level"], _at(one["met_at"]), one["breached_at"]) for key, one in _clocks(found).items()}
    assert met == {
        "call_back": ("met", moments["call_back"], None),
        "solve": ("met", moments["solved"], None),
        "law_complaint": ("met", moments["inform"], None),
    }
    assert (found["status"], found["is_open"], found["level"]) == ("closed", False, "normal")
    assert [one["data"]["step"] for one in found["timeline"]["entries"] if one["kind"] == "step"] == [*waits, "close"]
    assert not [one for one in found["timeline"]["entries"] if one["kind"] == "clock"]
    card = {item["key"]: item["state"] for item in centre.ok("GET", f"/cases/{case}/card")["items"]}
    assert (card["response_rate"], card["solve_rate"], card["record"]) == ("passed", "passed", "passed")
    call_card = centre.ok("GET", f"/conversations/{call}/card")
    assert call_card["inspection"]["handbook"].startswith("best@")
    assert centre.ok("GET", "/findings?item=response_rate")["rows"] == []
    assert centre.refused(409, "POST", f"/cases/{case}/urges", {"text": "还没到"})["code"] == "case_closed"


def test_every_clock_breached(
    desk: Caller,
    centre: Caller,
    cast: Cast,
    ground: Ground,
    story: Story,
    signed_in: Callable[..., Caller],
    by_token: Callable[..., Caller],
) -> None:
    case = _open(desk, cast, ground)["id"]
    story.after(minutes=5)
    _step(desk, case, "receive")
    agent, lead, manager = signed_in(cast.agent), signed_in(cast.lead), signed_in(cast.manager)

    def told(caller: Caller) -> list[tuple[str, str]]:
        return [(one["what"], one["clause"].partition("#clocks.")[2]) for one in caller.ok("GET", "/notices") if one["clause"]]

    story.now = CALL_BACK_DUE - timedelta(minutes=30)
    _work(story)
    assert (told(agent), told(lead)) == ([("warn", "call_back")], [])
    assert _clocks(desk.ok("GET", f"/cases/{case}"))["call_back"]["level"] == "warned"

    story.now = CALL_BACK_DUE
    _work(story)
    assert told(lead) == [("breach", "call_back")]
    found = desk.ok("GET", f"/cases/{case}")
    assert _at(_clocks(found)["call_back"]["breached_at"]) == CALL_BACK_DUE
    # A broken clock goes on asking for its call until somebody makes it.
    assert (found["level"], _at(found["next_due_at"])) == ("urgent", CALL_BACK_DUE)
    assert told(manager) == []
    story.now = CALL_BACK_DUE + timedelta(hours=2)
    _work(story)
    assert told(manager) == [("rung", "call_back")]

    # The sweep comes late: what is stamped is when the deadline fell, not when it was noticed.
    story.now = LAW_DUE + timedelta(hours=3)
    _work(story)
    found = desk.ok("GET", f"/cases/{case}")
    stamped = {key: _at(one["breached_at"]) for key, one in _clocks(found).items()}
    assert stamped == {"call_back": CALL_BACK_DUE, "solve": SOLVE_DUE, "law_complaint": LAW_DUE}
    assert {one["level"] for one in found["clocks"]} == {"breached"}
    assert ("breach", "law_complaint") in told(manager)
    assert [one["id"] for one in centre.ok("GET", "/cases?view=breached")["rows"]] == [case]
    fired = [(one["data"]["clock"], one["data"]["phase"], _at(one["at"])) for one in found["timeline"]["entries"] if one["kind"] == "clock"]
    assert ("solve", "warn", SOLVE_DUE - timedelta(hours=8)) in fired
    assert ("solve", "rung", SOLVE_DUE + timedelta(hours=4)) in fired
    assert ("law_complaint", "breach", LAW_DUE) in fired

    for step in list(ANSWERS)[1:]:
        story.after(minutes=10)
        found = _step(desk, case, step)
        _work(story)
    assert {one["level"] for one in found["clocks"]} == {"late"}
    assert {key: _at(one["breached_at"]) for key, one in _clocks(found).items()} == stamped

    card = centre.ok("GET", f"/cases/{case}/card")
    items = {item["key"]: item for item in card["items"]}
    for key in ("response_rate", "solve_rate"):
        assert (items[key]["state"], items[key]["points"], items[key]["money"]) == ("breached", "10.00", "100.00")
        listed = centre.ok("GET", f"/findings?item={key}")["rows"]
        assert [(one["subject_kind"], one["subject_id"], one["money"]) for one in listed] == [("case", case, "100.00")]
        assert listed[0]["clause"].endswith(f"#scorecards.service.items.{key}") or listed[0]["clause"].endswith(f".items.{key}")
    own = agent.ok("GET", "/findings")["rows"]
    assert {one["item"] for one in own} >= {"response_rate", "solve_rate"}
    events = [one["type"] for one in desk.ok("GET", "/events")["events"] if one["subject_kind"] == "case" and one["subject_id"] == case]
    assert {"case.opened", "case.changed", "clock.warn", "clock.breach", "clock.rung", "case.closed"} <= set(events)
    elsewhere = by_token(sites=[ground.other_station.pk]).ok("GET", "/events")["events"]
    assert not [one for one in elsewhere if one["subject_kind"] == "case"]


def test_a_refused_step_says_every_reason_and_changes_nothing(
    desk: Caller, centre: Caller, cast: Cast, ground: Ground, signed_in: Callable[..., Caller], story: Story
) -> None:
    case = _open(desk, cast, ground)["id"]
    before = desk.ok("GET", f"/cases/{case}")
    wrong = {"step": "call_back", "answers": {"plan": "x", "promised_time": "很快", "nonsense": 1}}
    error = centre.refused(422, "POST", f"/cases/{case}/steps", wrong)
    assert error["code"] == "step_refused"
    assert [one["code"] for one in error["reasons"]] == ["step_skipped", "step_role", "field_unknown", "field_required", "field_form"]
    assert error["fields"].keys() == {"nonsense", "call_back_result", "promised_time"}
    assert all(one["message"] in error["message"] for one in error["reasons"])
    assert desk.ok("GET", f"/cases/{case}") == before
    clerk = signed_in(cast.clerk).refused(422, "POST", f"/cases/{case}/steps", {"step": "receive", "answers": ANSWERS["receive"]})
    assert [one["code"] for one in clerk["reasons"]] == ["step_role"]
    stale = {"step": "receive", "answers": ANSWERS["receive"], "version": before["version"] + 1}
    assert desk.refused(409, "POST", f"/cases/{case}/steps", stale)["code"] == "stale"
    assert desk.ok("GET", f"/cases/{case}") == before


def test_a_likely_duplicate_is_said_and_another_one_must_be_meant(desk: Caller, cast: Cast, ground: Ground, story: Story) -> None:
    first = _open(desk, cast, ground)
    body = {
        "site": ground.station.pk,
        "kind": "delay",
        "channel": "chat",
        "description": "还没到",
        "waybill": f" {WAYBILL[:4]} {WAYBILL[4:]} ",
    }
    error = desk.refused(409, "POST", "/cases", body)
    assert error["code"] == "case_duplicate"
    assert error["params"] == {"waybill": WAYBILL, "number": first["number"], "case_id": first["id"]}
    assert desk.ok("POST", "/cases", {**body, "even_if_duplicate": True})["id"] != first["id"]


def test_merge_and_unmerge_lose_nothing(desk: Caller, signed_in: Callable[..., Caller], cast: Cast, ground: Ground, story: Story) -> None:
    lead = signed_in(cast.lead)
    case, other = _open(desk, cast, ground), _open(desk, cast, ground, even_if_duplicate=True)
    story.after(minutes=10)
    _step(desk, case["id"], "receive")
    before = desk.ok("GET", f"/cases/{case['id']}")
    story.after(minutes=5)
    into = lead.ok("POST", f"/cases/{case['id']}/merge", {"into": other["id"]})
    assert [one["id"] for one in into["merged"]] == [case["id"]]
    assert case["number"] in {one["from_case"] for one in into["timeline"]["entries"]}
    merged = desk.ok("GET", f"/cases/{case['id']}")
    assert (merged["status"], merged["merged_into_id"], merged["next_due_at"], merged["options"]) == ("merged", other["id"], None, [])
    _work(story)
    story.now = CALL_BACK_DUE + timedelta(minutes=1)
    _work(story)
    assert _clocks(desk.ok("GET", f"/cases/{case['id']}"))["call_back"]["breached_at"] is None

    lead.ok("POST", f"/cases/{case['id']}/unmerge")
    _work(story)
    after = desk.ok("GET", f"/cases/{case['id']}")
    same = ("status", "step", "is_open", "answers", "options", "waybill", "description", "merged_into_id")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert {key: one["due_at"] for key, one in _clocks(after).items()} == {key: one["due_at"] for key, one in _clocks(before).items()}
    assert _at(_clocks(after)["call_back"]["breached_at"]) == CALL_BACK_DUE
    assert lead.refused(409, "POST", f"/cases/{case['id']}/unmerge")["code"] == "not_merged"


def test_a_repeated_complaint_raises_the_level(desk: Caller, cast: Cast, ground: Ground, story: Story) -> None:
    first = _open(desk, cast, ground)
    assert (first["level"], first["repeat_count"]) == ("normal", 0)
    for step in ANSWERS:
        story.after(minutes=5)
        _step(desk, first["id"], step)
    story.after(days=3)
    again = _open(desk, cast, ground)
    assert (again["level"], again["repeat_count"]) == ("repeated", 1)
    found = desk.ok("GET", f"/cases/{again['id']}")
    assert found["previous_id"] == first["id"]
    assert {"kind": "repeat", "target_kind": "case", "target_id": first["id"]} in found["links"]


def test_urging_twice_raises_the_level(desk: Caller, cast: Cast, ground: Ground, story: Story) -> None:
    case = _open(desk, cast, ground)["id"]
    assert desk.ok("POST", f"/cases/{case}/urges", {"text": "怎么还没到"})["level"] == "normal"
    found = desk.ok("POST", f"/cases/{case}/urges", {})
    assert (found["level"], found["urge_count"]) == ("urgent", 2)
