"""Figures of a period against numbers counted by hand; who may see them; what they cost (SHOP8, CASE6, PERF1)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.conftest import NOW
from kefu.kernel.errors import Denied
from kefu.people.permissions import Permission
from kefu.performance import rates
from kefu.performance.rates import ABOUT, BY, Asked
from kefu.performance.tests import figures_world
from kefu.performance.tests.figures_world import DAY, SINCE, UNTIL
from kefu.shop.tests import conftest as shops

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
shop = shops.shop


def asked_by(actor, site_id=None, since=SINCE, until=UNTIL):
    return Asked(actor, since, until, site_id, NOW)


@pytest.fixture
def world(cast, ground):
    return figures_world.build(cast, ground)


def counted(found):
    return {one.key: (one.count, one.of, one.rate) for one in found.lines}


def test_complaints_per_ten_thousand_parcels(cast, ground, world):
    found = rates.figures(asked_by(cast.manager), "complaints", "kind")
    assert (found.total.count, found.total.of, found.total.rate) == (5, 10, Decimal("5000.00"))
    assert counted(found) == {"delay": (4, 10, Decimal("4000.00")), "damage": (1, 10, Decimal("1000.00"))}
    by_site = counted(rates.figures(asked_by(cast.manager), "complaints", "site"))
    assert by_site == {str(ground.station.pk): (3, 8, Decimal("3750.00")), str(ground.other_station.pk): (2, 2, Decimal("10000.00"))}
    assert counted(rates.figures(asked_by(cast.manager), "complaints", "day")) == {DAY.isoformat(): (5, 10, Decimal("5000.00"))}
    assert rates.figures(asked_by(cast.manager, ground.station.pk), "complaints", "kind").total.rate == Decimal("3750.00")


def test_claims_paid_in_number_and_yuan(cast, world):
    found = rates.figures(asked_by(cast.manager), "claims", "cause")
    assert (found.total.count, found.total.amount, found.total.rate, found.total.amount_rate) == (2, 400, Decimal(2000), Decimal(400000))
    assert {one.key: (one.count, one.amount) for one in found.lines} == {"transit_loss": (1, 100), "outer_damage": (1, 300)}
    assert {one.key: (one.count, one.amount) for one in rates.figures(asked_by(cast.manager), "claims", "party").lines} == {
        "A": (1, 60), "C": (1, 40),
    }  # fmt: skip
    assert {one.key: one.amount for one in rates.figures(asked_by(cast.manager), "claims", "item").lines} == {"颈椎按摩仪": 100, "": 300}
    assert {one.key: one.amount for one in rates.figures(asked_by(cast.manager), "claims", "carrier").lines} == {"sf": 100, "": 300}


def test_refund_and_return_rates_by_shop_product_and_cause(shop):
    orders = [shop.order("finished") for _ in range(4)]
    for order in orders:
        type(order).objects.filter(pk=order.pk).update(shipped_at=NOW)
    shop.order("unpaid")
    shop.refund(orders[0], "return", "done", reason="质量问题")
    shop.refund(orders[1], "shipped", "done", reason="")
    shop.refund(orders[2], "return", "requested", reason="质量问题")
    asked = asked_by(shop.lead, since=DAY - timedelta(days=3))
    whole = rates.figures(asked, "returns", "product")
    said = (whole.total.of, whole.total.count, whole.total.rate, whole.total.sent, whole.total.returned, whole.total.return_rate)
    assert said == (4, 2, Decimal("0.5000"), 4, 1, Decimal("0.2500"))
    assert [(one.key, one.name, one.count, one.of) for one in whole.lines] == [("AM-1", "颈椎按摩仪", 2, 4)]
    by_reason = rates.figures(asked, "returns", "reason").lines
    assert {one.key: (one.count, one.of, one.returned) for one in by_reason} == {"质量问题": (1, 4, 1), "": (1, 4, 0)}
    assert [(one.name, one.count) for one in rates.figures(asked, "returns", "shop").lines] == [("臻选旗舰店", 2)]


def test_first_plans_in_time_by_the_day_they_are_due(cast, ground, world):
    found = rates.figures(asked_by(cast.manager), "plans", "kind")
    assert (found.total.count, found.total.of, found.total.rate) == (1, 2, Decimal("0.5000"))
    assert counted(rates.figures(asked_by(cast.manager), "plans", "site")) == {str(ground.other_station.pk): (1, 2, Decimal("0.5000"))}
    assert rates.figures(asked_by(cast.manager, until=DAY), "plans", "kind").total.of == 0


def test_nothing_to_compare_with_is_no_rate(cast, world):
    long_ago = asked_by(cast.manager, since=DAY - timedelta(days=90), until=DAY - timedelta(days=80))
    for about in ABOUT:
        for by in BY[about]:
            found = rates.figures(long_ago, about, by)
            assert (found.total.rate, found.total.count, found.lines) == (None, 0, ())
    assert (rates.per_ten_thousand(3, 0), rates.share(1, 0)) == (None, None)


def test_only_sites_in_reach(cast, ground, world):
    assert rates.figures(asked_by(cast.lead), "complaints", "kind").total.count == 3
    assert rates.figures(asked_by(cast.lead, ground.other_station.pk), "complaints", "kind").total.count == 0


@pytest.mark.parametrize("about", ABOUT)
def test_who_may_not_see_the_rows_sees_no_figure(about, cast):
    with pytest.raises(Denied):
        rates.figures(asked_by(cast.agent), about, BY[about][0])
    blind = replace(cast.manager, permissions=cast.manager.permissions - {rates.NEEDS[about]})
    with pytest.raises(Denied):
        rates.figures(asked_by(blind), about, BY[about][0])
    assert about not in rates.totals(asked_by(blind))
    with pytest.raises(Denied):
        rates.totals(asked_by(replace(cast.manager, permissions=cast.manager.permissions - {Permission.PERFORMANCE_VIEW})))


def test_figures_cost_the_same_of_few_rows_and_many(cast, ground, world):
    def cost():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            for about in ABOUT:
                for by in BY[about]:
                    rates.figures(asked_by(cast.manager), about, by)
        return len(queries)

    cost()
    few = cost()
    figures_world.build(cast, ground, offset=1)
    assert cost() == few
    assert rates.figures(asked_by(cast.manager), "complaints", "kind").total.count == 10
