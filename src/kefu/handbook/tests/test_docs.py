"""What the user page shows is true: its example reads clean, its tables name every section and type."""

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import get_args

from kefu.handbook import builtin
from kefu.handbook.loader import read
from kefu.handbook.schema import SECTIONS, VARIABLES
from kefu.handbook.schema.procedures import FIELD_TYPES
from kefu.handbook.tests.test_sources import book

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs" / "handbook.md").read_text(encoding="utf-8")
COVERAGE = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")


def test_the_example_is_a_clean_handbook_and_its_mistake_is_shown_as_it_is():
    example = re.search(r"```yaml\n(handbook: nanshi.*?)```", PAGE, re.DOTALL)[1]
    found = read(example, file="nanshi.yaml", bases=builtin.text)
    assert [str(one) for one in found.problems] == []
    assert found.handbook.scorecards["service"].item("voice") is None
    (problem,) = read(example.replace("target: 1h", "target: 1 hour"), file="nanshi.yaml", bases=builtin.text).problems
    assert str(problem) in PAGE


def test_the_tables_name_every_section_header_and_field_type():
    assert [section for section in SECTIONS if f"| `{section}` |" not in PAGE] == []
    assert [name for name in VARIABLES if f"{{{name}}}" not in PAGE] == []
    assert " ".join(get_args(FIELD_TYPES)) in PAGE


def test_the_drawings_are_those_of_the_handbooks():
    spec = spec_from_file_location("procedures_page", ROOT / "scripts" / "procedures.py")
    made = module_from_spec(spec)
    spec.loader.exec_module(made)
    assert made.PAGE.read_text(encoding="utf-8") == made.page(), "run python scripts/procedures.py"


def _lines() -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in COVERAGE.splitlines() if re.match(r"\| [BZSCLO]\d", line)]


def test_no_line_of_the_coverage_table_is_empty():
    assert len(_lines()) > 60
    assert [line[0] for line in _lines() if len(line) != 4 or not all(line)] == []
    assert len({line[0] for line in _lines()}) == len(_lines())


def test_every_clause_of_the_coverage_table_exists():
    named = [clause for line in _lines() for clause in re.findall(r"`(\w+)#([\w.]+)`", line[2])]
    assert len(named) >= len(_lines())
    assert [f"{key}#{clause}" for key, clause in named if book(key).clause(clause) is None] == []


def test_every_test_of_the_coverage_table_exists():
    named = [test for line in _lines() for test in re.findall(r"`([\w/.]+)::(\w+)`", line[3])]
    assert len(named) >= len(_lines())
    lost = {f"{file}::{name}" for file, name in named if f"def {name}(" not in (ROOT / file).read_text(encoding="utf-8")}
    assert lost == set()
