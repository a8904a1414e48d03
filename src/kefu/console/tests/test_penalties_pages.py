"""The ledger on screen: figures open lines, lines open their sentence, statements add up (QA8)."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kefu import conftest as whole_house
from kefu.conftest import NOW, Cast, Ground
from kefu.console.tests import test_conversations as talks
from kefu.penalties import actions, queries
from kefu.quality import access as quality

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
hire, enter, store = whole_house.hire, talks.enter, talks.store


def at(name: str, **arguments: Any) -> str:
    return reverse(f"console:{name}", kwargs=arguments)


@pytest.fixture
def ledger(cast: Cast, store: Any) -> list[Any]:
    """Two conversations of the agent whose breaches have become final."""
    for place in range(2):
        store(talks.BAD, at=NOW - timedelta(minutes=place))
    rows = quality.visible_inspections(cast.admin).filter(staff_id=cast.agent.id)
    actions.note(subject_kind="conversation", subject_ids=rows.values_list("subject_id", flat=True), now=NOW)
    actions.settle(now=NOW + timedelta(days=9))
    return queries.page(cast.admin, queries.Wanted()).rows


def test_figures_open_lines_and_lines_open_their_sentence(cast: Cast, enter: Any, ledger: list[Any]) -> None:
    client = enter(cast.lead)
    shown = client.get(f"{at('penalties')}?month={ledger[0].month:%Y-%m}").content.decode()
    assert f"month={ledger[0].month:%Y-%m}&amp;kind=breach" in shown
    assert all(at("penalty", entry_id=one.id) in shown for one in ledger)
    one = client.get(at("penalty", entry_id=ledger[0].id)).content.decode()
    assert f"#finding-{ledger[0].finding_id}" in one
    assert at("penalty-statement", staff_id=cast.agent.id, month=f"{ledger[0].month:%Y-%m}") in one
    assert "penalties.policy" in one


def test_a_statement_shows_its_lines_is_acknowledged_and_printed(cast: Cast, enter: Any, ledger: list[Any]) -> None:
    month = f"{ledger[0].month:%Y-%m}"
    address = at("penalty-statement", staff_id=cast.agent.id, month=month)
    own = enter(cast.agent)
    shown = own.get(address).content.decode()
    assert len(re.findall(r'class="row-link"', shown)) == len(ledger)
    seen = re.search(r'name="entries" value="(\d+)"', shown)
    assert seen
    answer = own.post(at("penalty-acknowledge", month=month), {"entries": seen[1]})
    assert answer["Location"].endswith(address)
    assert 'name="entries"' not in own.get(address).content.decode()
    paper = own.post(at("penalty-statement-pdf", staff_id=cast.agent.id, month=month))
    assert (paper["Content-Type"], paper.content[:4]) == ("application/pdf", b"%PDF")
    for other in (cast.second_agent, cast.outsider):
        assert enter(other).get(address).status_code == 404
    assert at("penalty-statement", staff_id=cast.agent.id, month=month) in own.get(at("penalty-sheets")).content.decode()


def test_steps_of_a_line_keep_what_was_typed(cast: Cast, enter: Any, ledger: list[Any]) -> None:
    own, manager, line = enter(cast.agent), enter(cast.manager), ledger[0].id
    refused = own.post(at("penalty-step", entry_id=line, step="object"), {"reason": "短"})
    assert refused.status_code == 422
    assert "短</textarea>" in refused.content.decode()
    own.post(at("penalty-step", entry_id=line, step="object"), {"reason": "当天系统故障，请核对"})
    page = manager.get(at("penalty", entry_id=line)).content.decode()
    keys = dict(re.findall(r'name="(objection|version)" value="(\d+)"', page))
    manager.post(at("penalty-step", entry_id=line, step="uphold"), {**keys, "answer": "情况属实，予以冲销"})
    found = queries.detail(cast.admin, line)
    assert found.row.reversed_by is not None
    assert found.against is not None
    assert found.against.cause == "objection"


def test_the_list_asks_no_more_for_more_lines(cast: Cast, enter: Any, ledger: list[Any], store: Any, ground: Ground) -> None:
    client = enter(cast.manager)
    client.get(at("penalties"))

    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(at("penalties")).status_code == 200
        return len(seen)

    before = asked()
    ids = [store(talks.BAD)[0] for _ in range(3)]
    actions.note(subject_kind="conversation", subject_ids=ids, now=NOW)
    actions.settle(now=NOW + timedelta(days=9))
    assert asked() == before
