"""The way of a receipt, without a database (O13)."""

from datetime import UTC, datetime, timedelta

import pytest

from kefu.station.receipts import rules
from kefu.station.receipts.rules import Days, Step, Way
from kefu.station.receipts.vocabulary import State

AT = datetime(2026, 11, 1, tzinfo=UTC)
FULL = Way(1, 10, 20, 2)


@pytest.mark.parametrize(
    ("way", "chain"),
    [
        (FULL, (1, 2, 3, 4, 5, 6, 7)),
        (Way(1, 10, 10, 2), (1, 2, 3, 4, 7)),
        (Way(1, None, 20, 2), (1, 2, 5, 6, 7)),
        (Way(1, 10, None, 2), (1, 2, 3, 4, 7)),
        (Way(1, 10, None, None), (1, 2, 3, 4)),
        (Way(1, 10, 10, 1), (1, 7)),
        (Way(1, 10, 20, 2, electronic=True), (1, 7)),
    ],
)
def test_the_chain_has_the_sites_that_are_on_the_way(way: Way, chain: tuple[int, ...]) -> None:
    assert rules.chain(way) == chain
    assert [rules.next_state(way, state) for state in (0, *chain)] == [*chain, None]


@pytest.mark.parametrize(
    ("state", "wanted", "missing"), [(0, 1, ()), (0, 2, (1,)), (1, 7, (2, 3, 4, 5, 6)), (3, 4, ()), (3, 6, (4, 5)), (6, 7, ())]
)
def test_no_step_is_skipped(state: int, wanted: int, missing: tuple[int, ...]) -> None:
    assert rules.skipped(FULL, state, wanted) == missing


def test_an_electronic_receipt_closes_early() -> None:
    way = Way(1, 10, 20, 2, electronic=True)
    assert rules.skipped(way, 0, State.DELIVERED) == ()
    assert not rules.belongs(way, State.HUB_GOT)


def test_each_step_belongs_to_its_site() -> None:
    assert [FULL.acting(state) for state in range(1, 8)] == [1, 1, 10, 10, 20, 20, 2]


def test_until_when() -> None:
    days = Days(1, 3, 2, 7, "best@1#texts.station_receipts")
    due = [rules.step_due(state, AT, days) for state in (0, 1, 2, 3, 4)]
    assert due == [AT + timedelta(days=count) for count in (1, 3, 2, 2, 2)]
    assert rules.step_due(1, AT, Days()) is None
    assert rules.step_due(1, None, days) is None
    assert rules.whole_due(AT, days) == AT + timedelta(days=7)
    assert rules.whole_due(AT, Days()) is None
    assert [rules.days_over(AT, AT + timedelta(hours=hours)) for hours in (-1, 0, 1, 24, 49)] == [0, 0, 1, 2, 3]
    assert rules.days_over(None, AT) == 0


def test_the_chain_as_drawn() -> None:
    noted = {1: Step(1, "done", AT, "孙", 1)}
    assert [step.mark for step in rules.steps(FULL, 1, noted, closed=False)] == ["done", "next", *["later"] * 5]
    electronic = Way(1, 10, 20, 2, electronic=True)
    closed = {7: Step(7, "done", AT, "孙", 1)}
    assert [step.mark for step in rules.steps(electronic, 7, closed, closed=True)] == ["passed", "done"]
