"""Which link of the chain held a parcel last, and weight lost on the way (O3, O4, O5)."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from kefu.handbook.schema.facts import LINKS, POSITIONS
from kefu.parcels.holding import WeightLimits, holding_of, weight_loss

HERE, HUB, ELSEWHERE = 1, 2, 3


def scan(code: str, site: int, to: int | None = None) -> Any:
    return SimpleNamespace(code=code, site_id=site, next_site_id=to)


CASES = [
    ([("collect", ELSEWHERE)], "collected_not_in", "not_sent"),
    ([("collect", ELSEWHERE), ("arrive", ELSEWHERE)], "in_not_sent", "stuck"),
    ([("collect", ELSEWHERE), ("send", ELSEWHERE, HUB)], "sent_not_arrived", "not_arrived"),
    ([("send", ELSEWHERE, HUB), ("arrive", HUB)], "in_not_sent", "stuck"),
    ([("send", ELSEWHERE, HUB), ("arrive", HUB), ("bag", HUB)], "in_not_sent", "stuck"),
    ([("send", HUB, ELSEWHERE), ("arrive", HUB)], "in_not_sent", "missent"),
    ([("send", HUB, HERE), ("arrive", HERE)], "arrived_not_handed", "not_out"),
    ([("send", HUB, HERE), ("arrive", HERE), ("hold", HERE)], "arrived_not_handed", "held"),
    ([("arrive", HERE), ("deliver", HERE)], "handed_not_delivered", "not_signed"),
    ([("arrive", HERE), ("in_store", HERE)], "handed_not_delivered", "not_signed"),
    ([("deliver", HERE), ("sign", HERE)], "after_delivery", ""),
    ([("deliver", HERE), ("problem", HERE)], "handed_not_delivered", "not_signed"),
]


@pytest.mark.parametrize(("scans", "link", "position"), CASES)
def test_the_last_two_scans_tell_the_link(scans, link, position):
    lines = [scan(*one) for one in scans]
    found = holding_of(lines, site_id=HERE)
    assert found is not None
    assert (found.link, found.position) == (link, position)
    moving = [one for one in lines if one.code != "problem"]
    assert found.last is moving[-1]
    assert found.before is (moving[-2] if len(moving) > 1 else None)
    assert link in LINKS
    assert position in (*POSITIONS, "")


def test_a_parcel_nobody_moved_is_held_by_nobody():
    assert holding_of([], site_id=HERE) is None
    assert holding_of([scan("problem", HERE)], site_id=HERE) is None


LIMITS = WeightLimits(Decimal("0.1"), Decimal("0.05"), "best@1#texts.weight_loss")


@pytest.mark.parametrize(
    ("collected", "later", "lost", "beyond"),
    [("2.00", "1.50", "0.50", True), ("2.00", "1.90", "0.10", False), ("10.00", "9.60", "0.40", False), ("2.00", "2.30", "0", False)],
)
def test_lighter_by_more_than_scales_differ(collected, later, lost, beyond):
    found = weight_loss(Decimal(collected), Decimal(later), LIMITS)
    assert found is not None
    assert (found.kilograms, found.beyond, found.clause) == (Decimal(lost), beyond, LIMITS.clause)


def test_unknown_weights_tell_nothing():
    assert weight_loss(None, Decimal(1), LIMITS) is None
    assert weight_loss(Decimal(1), None, LIMITS) is None
    assert weight_loss(Decimal(0), Decimal(1), LIMITS) is None
    assert weight_loss(Decimal(2), Decimal(1), None) is None
