"""Ledgers over the API: rows in the handbook's columns, sums that are filters, cells written or refused with a code (SHOP7)."""

import json
from collections.abc import Callable

import pytest

from kefu.api.tests import world
from kefu.api.tests.conftest import Caller, Story
from kefu.api.tests.world import World
from kefu.conftest import Cast, Ground

pytestmark = pytest.mark.django_db
NAMES = ("list_ledgers", "list_ledger_rows", "sum_ledger", "write_ledger_cell")


@pytest.fixture
def centre(
    by_token: Callable[..., Caller], signed_in: Callable[..., Caller], cast: Cast, ground: Ground, handbooks: None, story: Story
) -> World:
    return world.build(by_token(), signed_in(cast.lead), cast, ground)


def test_who_works_on_cases_reads_and_writes(centre: World, cast: Cast, signed_in: Callable[..., Caller]) -> None:
    caller = signed_in(cast.lead)
    wanted = world.requests(centre)
    found = {name: world.send(caller, wanted[name]) for name in NAMES}
    assert {name: one.status_code for name, one in found.items()} == dict.fromkeys(NAMES, 200)
    ledgers = {one["key"]: one for one in json.loads(found["list_ledgers"].content)}
    assert [one["id"] for one in ledgers["open_today"]["columns"] if one["editable"]] == ["progress", "handed_to"]
    assert json.loads(found["write_ledger_cell"].content)["values"]["progress"] == "快递今晚答复"
    rows = json.loads(found["list_ledger_rows"].content)["rows"]
    assert sum(one["rows"] for one in json.loads(found["sum_ledger"].content)) >= len(rows) > 0


def test_refusals_have_codes_and_change_nothing(centre: World, cast: Cast, signed_in: Callable[..., Caller]) -> None:
    agent, plain = signed_in(cast.agent), world.requests(centre)["write_ledger_cell"]

    def write(column: str, **body: str) -> tuple[int, str]:
        address = plain.path.rpartition("/")[0] + f"/{column}"
        answer = world.send(agent, world.Request("PATCH", address, body))
        return answer.status_code, json.loads(answer.content)["error"]["code"]

    assert write("matter", value="别的") == (403, "ledger.cell_fixed")
    assert write("handed_to", value="") == (403, "ledger.cell_not_yours")
    assert write("progress", value="写过", seen="没有这句话") == (409, "ledger.cell_changed")
    assert write("nothing", value="1") == (404, "not_found")
    assert world.send(signed_in(cast.outsider), plain).status_code == 404
