"""The dashboard of inspection: sums of facts are those of the findings they open (QA2, QA6)."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu import conftest as whole_house
from kefu.conftest import NOW, Cast, Ground
from kefu.console.tests import test_conversations as talks
from kefu.performance import facts, hits
from kefu.quality import access as inspected
from kefu.quality import overruling
from kefu.quality import queries as quality
from kefu.quality.overruling import Mark

pytestmark = pytest.mark.usefixtures("handbooks")
hire, store = whole_house.hire, talks.store
DAY = date(2026, 11, 22)
WHY = "客户先说的，客服是照读"


def board(cast: Cast) -> hits.Board:
    return hits.board(cast.lead, since=DAY - timedelta(days=3), until=DAY)


def counted(cast: Cast, **wanted: object) -> int:
    days = {"day_from": DAY - timedelta(days=3), "day_to": DAY, "mode": "auto"}
    return quality.findings_count(cast.lead, quality.Filters(**{**days, **wanted})).value  # type: ignore[arg-type]


def test_every_line_counts_the_findings_it_opens(cast: Cast, ground: Ground, store: object) -> None:
    store(talks.BAD, talks.GOOD)  # type: ignore[operator]
    store(talks.BAD, agent=cast.second_agent, at=NOW - timedelta(hours=3))  # type: ignore[operator]
    for back in range(2):
        facts.refresh(ground.station.pk, DAY - timedelta(days=back))
    found = board(cast)
    assert found.sides["item"]
    for one in found.sides["item"]:
        assert counted(cast, item=one.key) == one.count
    for one in found.sides["hour"]:
        assert counted(cast, hour=int(one.key)) == one.count
    for one in found.sides["version"]:
        assert counted(cast, version=one.key) == one.count
    for one in found.sides["staff"]:
        assert counted(cast, staff_id=int(one.key)) == one.count
    for one in found.sides["team"]:
        assert counted(cast, team_id=int(one.key)) == one.count
    totals = {side: sum(one.count for one in lines) for side, lines in found.sides.items()}
    assert set(totals.values()) == {counted(cast)}
    assert sum(one.money for one in found.sides["item"]) == sum(row.money for row in inspected.visible_findings(cast.lead))
    assert (found.inspected, found.conversations, found.coverage) == (3, 3, 1)


def test_a_ruling_shows_in_agreement_and_the_first_verdict_stays(cast: Cast, ground: Ground, store: object) -> None:
    store(talks.BAD)  # type: ignore[operator]
    facts.refresh(ground.station.pk, DAY)
    before = board(cast)
    row = inspected.visible_inspections(cast.lead).get()
    item = next(one.item_key for one in row.findings.all() if one.points)
    overruling.rule(actor=cast.inspector, inspection_id=row.pk, marks=[Mark(item, "passed", WHY)], source="review", now=NOW)
    facts.refresh(ground.station.pk, DAY)
    after = board(cast)
    assert (after.ruled, after.changed, after.agreement, after.first_pass) == (1, 1, 0, before.first_pass)
    assert item not in {one.key for one in after.sides["item"] if one.count}


def test_whoever_reaches_nothing_sees_nothing_and_it_asks_as_often_for_more(cast: Cast, ground: Ground, store: object) -> None:
    store(talks.BAD)  # type: ignore[operator]
    facts.refresh(ground.station.pk, DAY)
    with CaptureQueriesContext(connection) as few:
        board(cast)
    store(*[talks.BAD] * 4)  # type: ignore[operator]
    facts.refresh(ground.station.pk, DAY)
    with CaptureQueriesContext(connection) as more:
        board(cast)
    assert len(few) == len(more) == 3
