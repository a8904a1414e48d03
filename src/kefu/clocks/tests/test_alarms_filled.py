"""What the clocks of an older database had done is known to their alarms."""

from datetime import UTC, datetime
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

_fired = import_module("kefu.clocks.migrations.0002_alarm")._fired
THEN = datetime(2026, 11, 22, tzinfo=UTC)
WARN, BREACH, RUNG, RESUME = (["2026-11-22T00:00:00+00:00", phase, [], False] for phase in ("warn", "breach", "rung", "resume"))
LADDER = [[None, [], False], [0, [], True], [7200, [], False]]


@pytest.mark.parametrize(
    ("plan", "fired", "stamps", "done"),
    [
        ([WARN, BREACH, RUNG], 0, (), 0),
        ([WARN, BREACH, RUNG], 2, ("warned_at", "breached_at"), 2),
        ([WARN, BREACH, RUNG], 3, ("warned_at", "breached_at"), 3),
        ([BREACH, RUNG], 0, ("warned_at",), 1),  # planned anew after the warning
        ([RESUME, BREACH, RUNG], 0, ("warned_at",), 1),  # in a capped pause
        ([RESUME, BREACH, RUNG], 1, ("warned_at",), 1),  # which has run out
        ([], 0, (), 0),  # in a pause without a cap
        ([], 0, ("warned_at", "breached_at"), 2),
    ],
)
def test_moments_done_are_counted_from_what_is_left(plan: list[Any], fired: int, stamps: tuple[str, ...], done: int) -> None:
    known = dict.fromkeys(("warned_at", "breached_at")) | dict.fromkeys(stamps, THEN)
    assert _fired(SimpleNamespace(plan=plan, fired=fired, warn_at=THEN, ladder=LADDER, **known)) == done
