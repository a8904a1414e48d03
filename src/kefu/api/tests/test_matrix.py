"""Every address × every caller, generated from the URL configuration; an operation nobody listed fails (SEC2)."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.urls import URLPattern
from ninja.operation import PathView

from kefu.api.gate import operation_name
from kefu.api.permissions import OPERATIONS, PUBLIC, permissions_of
from kefu.api.tests import world
from kefu.api.tests.conftest import Caller, Story
from kefu.api.tests.world import Request, World
from kefu.api.urls import operation_patterns
from kefu.conftest import Cast, Ground
from kefu.kernel.actor import Actor
from kefu.people.access import actor_for
from kefu.people.models import Staff
from kefu.people.permissions import Permission

pytestmark = pytest.mark.django_db
# What a caller of another site sees of lists: only what is not the station's.
OPEN_LISTS = (
    {"list_handbooks", "list_versions", "read_version_text", "compare_versions", "read_contents", "read_clause", "read_me"}
    | {
        "list_phrases",  # those of the handbook in force at one's own site
        "list_phrase_variables",
        "list_views",  # those the product brings
        "list_lists",
        "list_ledgers",  # the columns of the handbooks of one's own sites
        "list_import_kinds",
        "total_differences",  # of their own site: none
        "read_difference_trend",
        "list_carrier_vendors",  # interfaces there are, no account
        "split_address",  # what was sent in, taken apart
    }
    | {
        # What a site publishes of where it delivers is for everybody who takes parcels in (R47).
        "ask_served",
        "ask_serving",
        "read_area",
    }
)
OWN_THINGS = {"list_staff", "list_sites", "check_handbook", "save_draft", "force_version", "preview_handbook", "see_notices", "inspect"} | {
    "check_text",
    "discard_draft",
    "create_phrase",
    "create_macro",
    "create_view",
    "arrange_views",
    "leave_handover",
    "list_batch_actions",
    "start_batch",
    "create_export",
    "start_reception",
    "take_next_case",  # of one's own site
    "begin_bench_trial",  # a draft of one's own over the conversations one reaches
    "open_calibration",  # unknown and far conversations alike are refused at their field
}
# What is only ever one's own: whoever may do all still does not find what is somebody else's, or of a site that is not theirs.
ABOUT_ONESELF = {
    "retry_customer_notice": 422,  # no channel is set up in tests: a person has to call
    "acknowledge_finding": 404,
    "acknowledge_penalty_statement": 404,
    "object_to_penalty": 403,
    "answer_coaching_note": 403,
    "take_next_case": 409,
    **dict.fromkeys(("read_dispute_window", "file_dispute", "ask_final_dispute", "withdraw_dispute", "add_dispute_file"), 404),
} | dict.fromkeys(
    ("withdraw_arbitration", "reply_arbitration", "appeal_arbitration"),
    403,  # who judges speaks for neither side
)


# Their actions ask for a further permission, of everybody and whatever the thing: so the refusal tells nothing.
ASK_MORE = {
    "create_export": "export",
    "preview_import": "parcel.scan",
    "assign_case": "case.assign",
    "read_staff_card": "quality.view",
    "read_staff_standing": "quality.view",
    "read_figures": "case.view",
} | dict.fromkeys(("change_phrase", "delete_phrase", "change_macro", "delete_macro", "change_view", "delete_view"), "desk.team")

# Whoever holds a difference is a person: a program is refused before anything is looked for.
PERSON_ONLY = {"take_differences": "person_only"}


def mounted() -> dict[str, tuple[str, str]]:
    """Operations the URL configuration leads to: name → method and route."""
    found: dict[str, tuple[str, str]] = {}
    for pattern in operation_patterns:
        assert isinstance(pattern, URLPattern)
        view = pattern.callback.__wrapped__  # type: ignore[attr-defined]
        holder: PathView = view.__closure__[0].cell_contents if not hasattr(view, "__self__") else view.__self__
        for operation in holder.operations:
            for method in operation.methods:
                found[operation_name(operation)] = (method, str(pattern.pattern))
    return found


def test_every_operation_is_listed_once_with_its_permission_and_its_request() -> None:
    names = set(mounted())
    assert names == set(OPERATIONS)
    fake = World(
        *[1] * 15,
        waybill="x",
        draft=1,
        versions=(1, 2),
        agent=1,
        site=1,
        phrase=1,
        macro=1,
        view=1,
        handover=1,
        batch=1,
        running_batch=1,
        export=1,
        reception=1,
        finding=1,
        ticket="t",
        intake=1,
        stopped_intake=1,
        refused_intake=1,
    )
    assert names == set(world.requests(fake))
    for name, (method, route) in mounted().items():
        request = world.requests(fake)[name]
        assert request.method == method, name
        assert request.path.lstrip("/").split("/")[0].split("?")[0] == route.split("/")[0], name


@pytest.fixture
def centre(
    by_token: Callable[..., Caller], signed_in: Callable[..., Caller], cast: Cast, ground: Ground, handbooks: None, story: Story
) -> World:
    return world.build(by_token(), signed_in(cast.lead), cast, ground)


def _everything() -> dict[str, str]:
    """All rows of all tables but sessions: what a refusal must leave as it was."""
    spared = {"sessions.Session", "people.StaffSession", "people.SignInAttempt", "people.ApiToken", "kernel.Counter"}
    return {
        model._meta.label: repr(sorted(model._default_manager.values_list(), key=repr))
        for model in apps.get_models()
        if model._meta.label not in spared and not model._meta.label.startswith("django")
    }


def _error(response: Any) -> str:
    return str(json.loads(response.content)["error"]["code"])


def _unchanged(before: dict[str, str]) -> None:
    after = _everything()
    changed = [label for label in before if before[label] != after[label] and label != "kernel.AuditEntry"]
    assert not changed


def test_nobody_gets_in(centre: World, anonymous: Caller) -> None:
    before = _everything()
    for name, request in world.requests(centre).items():
        response = world.send(anonymous, request)
        assert response.status_code == (200 if OPERATIONS[name] is PUBLIC else 401), name
    _unchanged(before)
    assert before["kernel.AuditEntry"] == _everything()["kernel.AuditEntry"]


def _callers(cast: Cast, signed_in: Callable[..., Caller], hire: Callable[..., Staff] | None = None) -> list[tuple[str, Actor, Caller]]:
    found = [(role, actor, signed_in(actor)) for role, actor in cast.staff() if role != "outsider"]
    if hire is not None:
        customer = actor_for(hire("customer"))
        found.append(("customer", customer, signed_in(customer)))
    return found


def test_who_lacks_the_permission_is_refused_and_nothing_changes(
    centre: World, cast: Cast, signed_in: Callable[..., Caller], hire: Callable[..., Staff]
) -> None:
    callers = _callers(cast, signed_in, hire)
    before = _everything()
    refusals = 0
    for role, actor, caller in callers:
        for name, request in world.requests(centre).items():
            wanted = permissions_of(OPERATIONS[name])
            if wanted and not any(map(actor.may, wanted)):
                response = world.send(caller, request)
                assert (response.status_code, _error(response)) == (403, "missing_permission"), (role, name)
                refusals += 1
    assert refusals > 100
    _unchanged(before)


def test_who_holds_the_permission_is_not_kept_out(centre: World, cast: Cast, signed_in: Callable[..., Caller]) -> None:
    for role, actor, caller in _callers(cast, signed_in):
        for name, request in world.requests(centre).items():
            wanted = permissions_of(OPERATIONS[name])
            if wanted and not any(map(actor.may, wanted)):
                continue
            with transaction.atomic():
                response = world.send(caller, request)
                transaction.set_rollback(True)
            assert response.status_code < 500, (role, name, response.content)
            assert response.status_code not in (401, 405), (role, name)
            if response.status_code == 403:
                error = json.loads(response.content)["error"]
                assert error["code"] != "missing_permission" or error["params"]["permission"] == ASK_MORE.get(name), (role, name, error)
            if role == "admin":
                wanted_status = response.status_code if response.status_code < 300 else ABOUT_ONESELF.get(name)
                assert response.status_code == wanted_status, (name, response.status_code, response.content.decode())


def test_a_token_without_the_permission_is_refused(centre: World, by_token: Callable[..., Caller]) -> None:
    before = _everything()
    for name, request in world.requests(centre).items():
        wanted = permissions_of(OPERATIONS[name])
        if wanted:
            caller = by_token([one.value for one in Permission if one not in wanted])
            assert (world.send(caller, request).status_code, name) == (403, name)
    _unchanged(before)


@pytest.mark.parametrize("kind", ["outsider", "token"])
def test_an_outsider_finds_nothing(
    centre: World, cast: Cast, ground: Ground, signed_in: Callable[..., Caller], by_token: Callable[..., Caller], kind: str
) -> None:
    caller = signed_in(cast.outsider) if kind == "outsider" else by_token(sites=[ground.other_station.pk])
    may = cast.outsider.may if kind == "outsider" else (lambda _permission: True)
    before = _everything()
    for name, request in world.requests(centre).items():
        wanted = permissions_of(OPERATIONS[name])
        if OPERATIONS[name] is PUBLIC or name in OPEN_LISTS | OWN_THINGS or (wanted and not any(map(may, wanted))):
            continue
        _sees_nothing(name, request, world.send(caller, request), centre)
    _unchanged(before)


def _refused_with(code: str, stored: Any = 0) -> Callable[[Any], bool]:
    return lambda found: found["stored"] == stored and [one["code"] for one in found["refused"]] == [code]


# Answers without a list of their own: what they say to somebody who reaches nothing of the station.
NOTHING: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("import_conversations", "register_parcels", "record_scans"), _refused_with("unknown_site")),
    **dict.fromkeys(("report_problems", "request_forwards"), _refused_with("no_site", {})),
    "record_sign_offs": _refused_with("unknown_site", {}),
    "enter_waybills": _refused_with("entry_origin"),
    "note_receipt_steps": _refused_with("receipt.unknown"),
    "note_payment_results": lambda found: (found["stored"], found["refused"]) == ({}, {"0": "unknown_payment"}),
    "send_payments": lambda found: found["taken"] == 0,
    "withdraw_pickup": lambda found: (found["success"], found["order_id"]) == (False, None),  # in the platform's own words
    "check_entry": lambda found: found["findings"][0]["code"] == "entry_origin" and found["findings"][0]["refuses"],
    "look_up_numbers": lambda found: not any(row[name] for row in found["rows"] for name in ("known", "registered", "state", "holder")),
    "put_to_carriers": lambda found: [(row["refusal"], row["due_at"]) for row in found] == [("no_account", None)],
    "read_difference_matrix": lambda found: found["cells"] == [],
    "list_figures": lambda found: not any(one["count"] or one["of"] for one in found.values()),
    "read_figures": lambda found: (found["total"]["count"], found["total"]["of"], found["lines"]) == (0, 0, []),
    "read_entry_rate": lambda found: found["collected"] == found["entered"] == 0,
    "read_inspection_board": lambda found: found["inspected"] == found["conversations"] == 0 and not any(found["sides"].values()),
    "read_penalty_sums": lambda found: found["entries"] == 0,
    "read_coverage": lambda found: found["conversations"] == found["inspected"] == 0,
    "count_receipts": lambda found: set(found.values()) == {"0"},
    "count_cases": lambda found: all(one["value"] == 0 for one in found),
    "list_events": lambda found: all(event["subject_kind"] in ("staff", "handbook") for event in found["events"]),
}


def _sees_nothing(name: str, request: Request, response: Any, centre: World) -> None:
    """*Not found* for a thing of the station, and not a row of it in any list."""
    if response.status_code == 403 and (name in ASK_MORE or _error(response) == PERSON_ONLY.get(name)):
        return
    if response.status_code >= 300:
        assert (response.status_code, _error(response)) == (404, "not_found"), (name, response.status_code, response.content)
        return
    found = json.loads(response.content)
    if name in NOTHING:
        assert NOTHING[name](found), (name, found)
    elif name == "list_audit":
        assert all(row["site_id"] != centre.site for row in found["rows"])
    elif name == "trace_parcels":
        assert found == {"found": [], "unknown": [centre.waybill]}
    else:
        rows = found if isinstance(found, list) else found.get("rows", found.get("hits"))
        assert rows == [], (name, found)
