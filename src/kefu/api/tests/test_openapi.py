"""The description is complete and the file in docs is that of the code (PLAT2)."""

import re
from pathlib import Path

import pytest

from kefu.api import snapshot
from kefu.api.application import description
from kefu.api.permissions import OPERATIONS, PUBLIC


def _operations() -> dict[str, tuple[str, dict]]:  # type: ignore[type-arg]
    return {one["operationId"]: (method, one) for methods in description()["paths"].values() for method, one in methods.items()}


def test_every_operation_says_what_it_is_for_and_who_may() -> None:
    found = _operations()
    assert set(found) == set(OPERATIONS)
    for name, (method, one) in found.items():
        # A room of the station names its requirement once, for all its operations.
        about = " ".join([one["description"], *one["tags"]])
        assert re.search(r"\b[A-Z]{2,5}\d", about) or name in ("count_cases", "see_notices"), name
        assert one["responses"]["default"]["content"], name
        answers = [code for code in one["responses"] if code.startswith("2")]
        if not name.startswith("download_") and name != "read_problem_picture" and answers != ["204"]:
            assert "schema" in one["responses"][answers[0]]["content"]["application/json"], name
        assert one["security"] == ([] if OPERATIONS[name] is PUBLIC else [{"token": []}, {"session": []}])
        keys = [parameter["name"] for parameter in one.get("parameters", [])]
        assert ("Idempotency-Key" in keys) == (method != "get"), name


def test_the_file_is_that_of_the_code() -> None:
    assert snapshot.FILE.exists()
    assert snapshot.main(["--check"]) == 0, "run python -m kefu.api.snapshot"


def test_a_difference_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "openapi.json"
    assert snapshot.main(["--check", "--file", str(file)]) == 1
    assert snapshot.main(["--file", str(file)]) == 0
    assert snapshot.main(["--check", "--file", str(file)]) == 0
    file.write_text("{}")
    assert snapshot.main(["--check", "--file", str(file)]) == 1
    assert "differs" in capsys.readouterr().err
