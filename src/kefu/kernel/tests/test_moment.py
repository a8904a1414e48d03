"""Local days as spans of moments."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from kefu.kernel.moment import day_bounds, on_days

BEGINS, ENDS = datetime(2026, 3, 1, 16, tzinfo=UTC), datetime(2026, 3, 2, 16, tzinfo=UTC)


def test_a_local_day_begins_at_its_midnight_and_ends_with_the_next(settings: Any) -> None:
    assert settings.TIME_ZONE == "Asia/Shanghai"
    assert day_bounds(date(2026, 3, 2)) == (BEGINS, ENDS)


@pytest.mark.parametrize(
    ("first", "last", "span"),
    [
        (date(2026, 3, 2), date(2026, 3, 2), {"at__gte": BEGINS, "at__lt": ENDS}),
        (date(2026, 3, 2), None, {"at__gte": BEGINS}),
        (None, date(2026, 3, 2), {"at__lt": ENDS}),
        (None, None, {}),
    ],
)
def test_a_span_of_days_includes_both_and_may_be_open(first: date | None, last: date | None, span: dict[str, datetime]) -> None:
    assert on_days("at", first, last) == span
