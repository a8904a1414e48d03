"""What the tests of the demo share: a plan, and the handbooks without a database."""

from datetime import UTC, datetime

import pytest

from kefu.demo.plan import Plan
from kefu.handbook import builtin
from kefu.handbook.loader import read

END = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
DESK_BOOKS = {"south": "best", "north": "zto", "shop": "shop"}


@pytest.fixture(scope="session")
def plan():
    """A small plan that always ends at the same moment."""
    return Plan(7, 0.02, END)


@pytest.fixture(scope="session")
def books():
    """The handbooks of the desks."""
    return {desk: read(builtin.text(key), bases=builtin.text).handbook for desk, key in DESK_BOOKS.items()}
