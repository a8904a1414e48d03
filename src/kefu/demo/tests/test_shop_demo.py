"""The demo's shop: the same seed sells the same, what is told of an order goes forward only, refunds never exceed what was paid."""

from datetime import timedelta
from itertools import pairwise

import pytest

from kefu.demo import world as worlds
from kefu.demo.shop.orders import refunds, sold
from kefu.demo.tests.conftest import END

_FORWARD = ("unpaid", "paid", "shipped", "signed", "finished", "closed")


@pytest.fixture(scope="module")
def world(plan, books):
    return worlds.make(plan, books)


def test_the_same_seed_sells_the_same(plan, world):
    rows = sold(plan, world)
    assert rows == sold(plan, world)
    assert len({row.number for row in rows}) == len(rows) > 100


def test_reports_of_later_days_are_taken_after_earlier_ones(plan, world):
    days = [END - timedelta(days=back) for back in range(30, -1, -1)]
    for row in sold(plan, world):
        told = [draft for day in days if (draft := row.told(1, day)) is not None]
        assert all(_FORWARD.index(one.state) <= _FORWARD.index(two.state) for one, two in pairwise(told)), row
    states = {draft.state for row in sold(plan, world) if (draft := row.told(1, END)) is not None}
    assert states == {"unpaid", "paid", "shipped", "signed", "finished", "closed"}


def test_refunds_stand_in_many_states_and_fit_their_orders(plan, world):
    rows = sold(plan, world)
    orders = {row.number: row for row in rows}
    told = refunds(plan, 1, rows)
    assert {one.state for one in told} >= {"requested", "returning", "returned", "refused", "done", "closed"}
    for one in told:
        order = orders[one.order_number]
        assert order.paid, one
        assert 0 < one.amount <= order.price, one
