"""What the user page shows is true: its example reads clean, its tables name every section and type."""

import re
from pathlib import Path
from typing import get_args

from kefu.handbook import builtin
from kefu.handbook.loader import read
from kefu.handbook.schema import SECTIONS, VARIABLES
from kefu.handbook.schema.procedures import FIELD_TYPES

PAGE = (Path(__file__).parents[4] / "docs" / "handbook.md").read_text(encoding="utf-8")


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
