"""The table of checks in docs/station.md stays true: every code is in the source, every test exists, no line is empty (O2, O7–O16)."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
_LINE = re.compile(r"^\| (?P<check>[^|]+) \| (?P<codes>[^|]*) ?\| (?P<tests>[^|]*)\|$", re.M)
_QUOTED = re.compile(r"`([^`]+)`")


def _lines():
    text = (ROOT / "docs" / "station.md").read_text()
    table = text[text.index("| check | code | test |") :].split("\n\n")[0]
    found = [(one["check"], _QUOTED.findall(one["codes"]), _QUOTED.findall(one["tests"])) for one in _LINE.finditer(table)]
    return [one for one in found if one[0] != "check" and not one[0].startswith(("-", "**"))]


@pytest.fixture(scope="module")
def source():
    """Everything the product says, and the names of all tests."""
    files = [one for one in (ROOT / "src" / "kefu").rglob("*.py") if "migrations" not in one.parts]
    said = "\n".join(one.read_text() for one in files if "tests" not in one.parts)
    tests = set(re.findall(r"^def (test_\w+)", "\n".join(one.read_text() for one in files if "tests" in one.parts), re.M))
    return said, tests


def test_the_table_has_its_lines():
    assert len(_lines()) > 60


@pytest.mark.parametrize(("check", "codes", "tests"), _lines(), ids=lambda value: value if isinstance(value, str) else None)
def test_a_check_has_its_code_and_its_test(check, codes, tests, source):
    said, known = source
    assert tests, f"{check}: no test"
    assert set(tests) <= known, f"{check}: {set(tests) - known}"
    assert all(f'"{code}"' in said for code in codes), f"{check}: {[code for code in codes if chr(34) + code + chr(34) not in said]}"
