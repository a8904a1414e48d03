"""Order of the whole suite: what takes long starts first, so that no worker is left alone with it at the end."""

import pytest

# Real servers, browsers, killed processes, whole demo centres: tens of seconds each, most of it waiting.
LONG = (
    "tests/",
    "src/kefu/demo/",
    "src/kefu/commands/",
    "src/kefu/api/tests/test_idempotency",
    "src/kefu/conversations/tests/test_imports",
)


# Tests of another process's timing on a machine of two cores: a browser, a server that is killed. What is wrong in the code
# fails twice; what was only late does not, and the closing line says how many were run again.
OUTSIDE = ("tests/faults/", "tests/month/", "tests/stories/", "tests/station_day/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, inside of the two groups the order stays; what waits for another process has a second try."""
    for item in items:
        if item.get_closest_marker("browser") or item.nodeid.startswith(OUTSIDE):
            item.add_marker(pytest.mark.flaky(reruns=1))
    items.sort(key=lambda item: not (item.get_closest_marker("browser") or item.nodeid.startswith(LONG)))
