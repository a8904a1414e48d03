"""Which move from which state, what the gateway answers, the score card: tables, no database (O2, O16)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from kefu.conftest import NOW
from kefu.parcels.drafts import Party
from kefu.station.pickups import rules
from kefu.station.pickups.checks import order_problem
from kefu.station.pickups.drafts import OrderDraft
from kefu.station.pickups.errors import GATEWAY, REASONS
from kefu.station.pickups.rules import Spell
from kefu.station.pickups.vocabulary import State

HOUR = timedelta(hours=1)
FROM = {
    "assign": "pool",
    "accept": "assigned",
    "refuse": "assigned accepted dispatched",
    "dispatch": "accepted dispatched",
    "transfer": "assigned accepted dispatched",
    "collect": "accepted dispatched",
    "cancel": "pool assigned accepted dispatched",
    "update": "pool assigned accepted dispatched",
    "sign": "collected failed",
    "fail": "collected",
}


@pytest.mark.parametrize("move", sorted(rules.MOVES))
@pytest.mark.parametrize("state", list(State.values))
def test_a_move_is_allowed_from_its_states_only(move, state):
    assert rules.allowed(move, state) == (state in FROM[move].split())


@pytest.mark.parametrize(
    ("state", "code"),
    zip(
        ("pool", "assigned", "accepted", "dispatched", "collected", "done", "failed", "cancelled"),
        ("B01", "B01", "B02", "B02", "B04", "B06", "B07", "B08"),
        strict=True,
    ),
)
def test_the_gateway_has_a_code_and_words_for_every_state(state, code):
    assert rules.refusal_code(state) == code
    assert str(GATEWAY[code])


def test_an_order_that_was_refused_and_waits_again_says_so():
    assert rules.refusal_code("pool", refused=True) == "B03"


GOOD = OrderDraft("jd", "JD1", 1, Party("王女士", "13812345678", "杭州市西湖区文三路1号"), NOW)


def changed(**changes):
    from dataclasses import replace

    return replace(GOOD, **changes)


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (GOOD, None),
        (changed(order_no="  "), "no_order_no"),
        (changed(platform="ebay"), "bad_platform"),
        (changed(payment="gold"), "bad_payment"),
        (changed(goods="茶" * 61), "long_field"),
        (changed(sender=Party("王女士", "13812345678", "")), "no_sender"),
        (changed(sender=Party("王女士", "12345", "文三路1号")), "bad_phone"),
        (changed(sender=Party("王女士", "0571-88886666", "文三路1号")), None),
        (changed(pieces=0), "bad_pieces"),
        (changed(weight=Decimal("-1")), "bad_amount"),
        (changed(cod_amount=Decimal("-0.01")), "bad_amount"),
        (changed(placed_at=NOW + timedelta(minutes=6)), "future"),
        (changed(placed_at=NOW + timedelta(minutes=4)), None),
        (changed(slot_from=NOW + 2 * HOUR, slot_to=NOW + HOUR), "bad_slot"),
        (changed(slot_to=NOW - HOUR), "bad_slot"),
        (changed(slot_from=NOW + HOUR, slot_to=NOW + 2 * HOUR), None),
    ],
)
def test_what_stands_against_an_order(draft, code):
    assert order_problem(draft, NOW, future=timedelta(minutes=5)) == code
    assert code is None or str(REASONS[code])


def spell(accept_due=HOUR, accepted=None, collect_due=None, collected=None, refused=None, left=None):
    at = [NOW + moment if moment is not None else None for moment in (accept_due, accepted, collect_due, collected, refused, left)]
    return Spell(NOW, *at)


def test_the_score_card_counts_each_order_once_in_every_column():
    spells = [
        spell(accepted=HOUR / 2, collect_due=3 * HOUR, collected=2 * HOUR, left=2 * HOUR),  # all in time
        spell(accepted=2 * HOUR, collect_due=3 * HOUR, collected=4 * HOUR, left=4 * HOUR),  # both late
        spell(refused=HOUR / 2, left=HOUR / 2),  # refused in time
        spell(),  # not accepted yet, overdue at five
        spell(accepted=HOUR / 2, collect_due=4 * HOUR),  # not collected, overdue at five
        spell(accepted=HOUR / 2, collect_due=4 * HOUR, left=2 * HOUR),  # passed on before the deadline
    ]
    found = rules.score(spells, NOW + 5 * HOUR)
    assert (found.orders, found.accepted, found.refused, found.transferred, found.collected) == (6, 4, 1, 1, 2)
    assert (found.collected_in_time, found.late_accept, found.late_collect) == (1, 2, 2)
    assert found.accept_rate == pytest.approx(4 / 6)
    assert found.in_time_rate == pytest.approx(1 / 3)
    assert found.refuse_rate == pytest.approx(1 / 6)


def test_a_site_without_orders_has_no_rates():
    found = rules.score([], NOW)
    assert (found.accept_rate, found.in_time_rate, found.refuse_rate) == (None, None, None)
