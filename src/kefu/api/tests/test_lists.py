"""Lists cost the same number of queries whatever their length, and page to the end without loss (PLAT2)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.api.tests import world
from kefu.api.tests.conftest import Caller, Story
from kefu.conftest import NOW, Cast, Ground
from kefu.handbook.events import HandbookRetired
from kefu.kernel import outbox
from kefu.people import queries as people
from kefu.reactions import run as reactions


class Unplaced(outbox.Event):
    """Something about a case that names no site."""

    type: ClassVar[str] = "case.changed"
    version_id: int

    @property
    def subject(self) -> tuple[str, int]:
        """A case."""
        return "case", self.version_id


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]

LISTS = (
    "/cases?view=all&size=200", "/cases?view=all&q=包裹&size=200", "/cases/counts", "/tasks?size=200", "/conversations?size=200",
    "/conversations?q=包裹&size=200", "/inspections?size=200", "/findings?size=200", "/parcels?size=200", "/customers?size=200",
    "/staff?size=200", "/sites", "/audit?size=200", "/events?size=500", "/search?q=包裹&size=50", "/handbooks", "/handbooks/versions",
)  # fmt: skip


def _fill(erp: Caller, cast: Cast, ground: Ground, start: int, count: int) -> None:
    site = ground.station.pk
    agent = people.staff_for_session(cast.agent.id)
    assert agent is not None
    numbers = range(start, start + count)
    chats = [{**world.chat(f"c-{n}", site, agent.staff_no), "customer_phone": f"138001{n:05d}"} for n in numbers]
    ids = erp.ok("POST", "/conversations", {"conversations": chats})["ids"]
    erp.ok("POST", "/inspections", {"conversations": ids})
    erp.ok("POST", "/parcels", {"parcels": [{"waybill": f"5570000{n:08d}", "site": site} for n in numbers]})
    for n in numbers:
        case = erp.ok("POST", "/cases", world.new_case(site, assignee=agent.pk, customer_phone=f"138001{n:05d}"))["id"]
        task = {"site": site, "title": "查仓库", "due_at": (NOW + timedelta(hours=4)).isoformat()}
        erp.ok("POST", f"/cases/{case}/tasks", task)
    reactions.run_all(now=NOW)
    while outbox.seal():
        pass


def _cost(caller: Caller, path: str) -> tuple[int, Any]:
    caller.ok("GET", path)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        answer = caller.ok("GET", path)
    return len(seen), answer


def _length(answer: Any) -> int:
    return len(answer if isinstance(answer, list) else answer.get("rows", answer.get("events", answer.get("hits"))))


def test_queries_do_not_grow_with_the_list(erp: Caller, cast: Cast, ground: Ground, story: Story) -> None:
    erp_all = erp
    _fill(erp_all, cast, ground, 0, 3)
    few = {path: _cost(erp_all, path) for path in LISTS}
    _fill(erp_all, cast, ground, 3, 12)
    many = {path: _cost(erp_all, path) for path in LISTS}
    assert {path: cost for path, (cost, _answer) in many.items()} == {path: cost for path, (cost, _answer) in few.items()}
    assert max(cost for cost, _answer in many.values()) <= 12
    grown = {path for path in LISTS if _length(many[path][1]) > _length(few[path][1])}
    assert grown >= set(LISTS) - {"/cases/counts", "/sites", "/staff?size=200", "/handbooks", "/handbooks/versions"}


def test_one_case_costs_the_same_whatever_its_length(erp: Caller, cast: Cast, ground: Ground, story: Story) -> None:
    case = erp.ok("POST", "/cases", world.new_case(ground.station.pk, customer_phone="13800138000"))["id"]
    short = _cost(erp, f"/cases/{case}")[0]
    for n in range(60):
        erp.ok("POST", f"/cases/{case}/notes", {"text": f"第 {n} 次联系"})
    long, found = _cost(erp, f"/cases/{case}")
    # Steps taken are among the entries shown until there are more of those than fit; then they are read by themselves, once.
    assert long == short + 1
    for n in range(20):
        erp.ok("POST", f"/cases/{case}/notes", {"text": f"再 {n} 次联系"})
    assert _cost(erp, f"/cases/{case}")[0] == long
    assert len(found["timeline"]["entries"]) == 50
    older = erp.ok("GET", f"/cases/{case}/timeline?before={found['timeline']['more_before']}")
    assert len(older["entries"]) == 11
    assert older["more_before"] is None


@pytest.mark.parametrize("path", ["/cases?view=all", "/cases?view=open&sort=newest", "/conversations", "/customers", "/parcels", "/audit"])
def test_pages_follow_one_another_there_and_back(erp: Caller, cast: Cast, ground: Ground, story: Story, path: str) -> None:
    _fill(erp, cast, ground, 0, 7)
    mark = "&" if "?" in path else "?"
    whole = [row["id"] for row in erp.ok("GET", f"{path}{mark}size=200")["rows"]]
    assert len(whole) >= 7
    walked: list[int] = []
    page = erp.ok("GET", f"{path}{mark}size=3")
    while True:
        walked += [row["id"] for row in page["rows"]]
        if page["next"] is None:
            break
        page = erp.ok("GET", f"{path}{mark}size=3&cursor={page['next']}")
    assert walked == whole
    back = erp.ok("GET", f"{path}{mark}size=3&cursor={page['previous']}")
    assert [row["id"] for row in back["rows"]] == whole[-3 - len(page["rows"]) : -len(page["rows"])]


def test_the_feed_goes_on_where_it_stopped(erp: Caller, cast: Cast, ground: Ground, story: Story, by_token: Callable[..., Caller]) -> None:
    _fill(erp, cast, ground, 0, 2)
    whole = erp.ok("GET", "/events?size=500")
    kinds = {event["subject_kind"] for event in whole["events"]}
    assert {"case", "parcel", "staff"} - kinds <= {"parcel"}
    assert all(set(event) == {"seq", "type", "subject_kind", "subject_id"} for event in whole["events"])
    walked, since = [], 0
    while True:
        part = erp.ok("GET", f"/events?since={since}&size=4")
        walked += part["events"]
        if part["next"] == since:
            break
        since = part["next"]
    assert walked == whole["events"]
    narrow = by_token(["parcel.view"], sites=[ground.station.pk]).ok("GET", "/events?size=500")
    assert {event["subject_kind"] for event in narrow["events"]} <= {"parcel"}
    assert narrow["next"] == whole["next"]


def test_a_handbook_of_no_site_is_told_to_callers_of_one(ground: Ground, by_token: Callable[..., Caller]) -> None:
    while outbox.seal():
        pass
    before = by_token().ok("GET", "/events?size=500")["next"]
    for event in (HandbookRetired(version_id=7, key="best", number=1, effective_until=NOW), Unplaced(version_id=8)):
        outbox.emit(event, now=NOW)
    while outbox.seal():
        pass
    near = by_token(["handbook.view", "case.view"], sites=[ground.station.pk]).ok("GET", f"/events?since={before}")["events"]
    assert [(one["subject_kind"], one["subject_id"]) for one in near] == [("handbook", 7)]
    assert by_token(["case.view"], sites=[ground.station.pk]).ok("GET", f"/events?since={before}")["events"] == []
    everywhere = by_token(["handbook.view", "case.view"]).ok("GET", f"/events?since={before}")["events"]
    assert [one["subject_id"] for one in everywhere] == [7, 8]
