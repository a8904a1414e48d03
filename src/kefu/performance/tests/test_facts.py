"""Daily facts follow from the rows they count, and figures sum them within reach (PERF1)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from kefu.cases import actions as cases
from kefu.cases.actions import CaseRequest
from kefu.clocks import actions as clocks
from kefu.conftest import NOW
from kefu.kernel.errors import Denied
from kefu.performance import facts, queries
from kefu.performance.models import DayFact, DayMark
from kefu.reactions import run as reactions

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
DAY = date(2026, 11, 22)


def _case(cast, ground, after=timedelta(0)):
    return cases.open_case(actor=cast.agent, request=CaseRequest(ground.station.pk, "delay", "call", "延误"), now=NOW + after)


def test_an_event_marks_its_day_and_the_day_is_worked_out(cast, ground):
    _case(cast, ground)
    _case(cast, ground)
    _case(cast, ground, timedelta(hours=15))  # after midnight in China
    reactions.run_all(now=NOW)
    assert set(DayMark.objects.values_list("site_id", "day")) == {(ground.station.pk, DAY), (ground.station.pk, DAY + timedelta(days=1))}
    assert facts.refresh_marked(now=NOW) == 2
    assert not DayMark.objects.exists()
    found = queries.figures(cast.lead, since=DAY, until=DAY)
    assert found.totals["cases_opened"] == 2
    assert queries.figures(cast.lead, since=DAY, until=DAY + timedelta(days=1)).totals["cases_opened"] == 3


def test_working_a_day_out_twice_gives_the_same(cast, ground):
    _case(cast, ground)
    facts.refresh(ground.station.pk, DAY)
    first = list(DayFact.objects.order_by("measure").values_list("measure", "value"))
    facts.refresh(ground.station.pk, DAY)
    assert list(DayFact.objects.order_by("measure").values_list("measure", "value")) == first


def test_broken_and_met_clocks_and_their_share(cast, ground):
    _case(cast, ground)
    clocks.sweep(now=NOW + timedelta(hours=3))
    facts.refresh(ground.station.pk, DAY)
    found = queries.figures(cast.lead, since=DAY, until=DAY)
    assert (found.totals["clocks_breached"], found.totals["clocks_met"]) == (1, 0)
    assert found.ratios["clock_rate"] == Decimal(0)
    assert queries.figures(cast.lead, since=DAY - timedelta(days=9), until=DAY - timedelta(days=8)).ratios["clock_rate"] is None


def test_figures_stay_within_reach_and_cost_one_query(cast, ground, django_assert_num_queries):
    for site in (ground.station, ground.other_station):
        DayFact.objects.create(day=DAY, site_id=site.pk, measure="conversations", value=5)
    with django_assert_num_queries(1):
        assert queries.figures(cast.lead, since=DAY, until=DAY).totals["conversations"] == 5
    assert queries.figures(cast.manager, since=DAY, until=DAY).totals["conversations"] == 10
    assert queries.figures(cast.manager, since=DAY, until=DAY, site_id=ground.shop.pk).totals["conversations"] == 0
    for actor in (cast.agent, cast.clerk, cast.customer):
        with pytest.raises(Denied):
            queries.figures(actor, since=DAY, until=DAY)
