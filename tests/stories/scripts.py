"""Stories as text: a case from first contact to its end, and every way to break a rule that is tried on the way.

delay: 送达后免运费            procedure of the story and its name
  kind damage                 kind of case, when it is not named like the procedure
  parcel presumed_lost        the parcel of ``PARCELS``; without it the number is one nobody registered
  ! close step_skipped        tried, and refused with the code
  check position=stuck        taken; answers nobody names are filled in by the kind of question
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kefu.handbook.schema import FormField, Step

FOLDER = Path(__file__).parent
WAYBILL = "557000000000777"
_PLAIN = {"true": True, "false": False}
_BY_TYPE = {
    "text": "已核实", "long_text": "已核实并告知客户", "number": 1, "money": "0", "bool": True, "phone": "13800138000",
    "waybill": WAYBILL, "attachment": "照片.jpg", "datetime": "2026-11-23T12:00:00+08:00",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A step that is taken, or tried and ``refused`` with a code."""

    step: str
    answers: Mapping[str, Any]
    refused: str = ""


@dataclass
class Script:
    """A story of a handbook."""

    book: str
    procedure: str
    name: str
    kind: str
    parcel: str = ""
    lines: list[Line] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.book}-{self.procedure}-{self.name}"


def scripts() -> list[Script]:
    """All stories of all handbooks."""
    return [script for path in sorted(FOLDER.glob("*.txt")) for script in _read(path)]


def _read(path: Path) -> Iterator[Script]:
    script: Script | None = None
    for text in path.read_text(encoding="utf-8").splitlines():
        if not text.strip() or text.startswith("#"):
            continue
        if not text.startswith(" "):
            if script is not None:
                yield script
            procedure, _, name = text.partition(": ")
            script = Script(path.stem, procedure, name.strip(), procedure)
            continue
        assert script is not None, text
        _add(script, text.split())
    if script is not None:
        yield script


def _add(script: Script, words: list[str]) -> None:
    if words[0] in ("kind", "parcel"):
        setattr(script, words[0], words[1])
        return
    refused = words[2] if words[0] == "!" else ""
    step, given = (words[1], words[3:]) if refused else (words[0], words[1:])
    pairs = [word.partition("=") for word in given]
    script.lines.append(Line(step, {name: _PLAIN.get(value, value) for name, _, value in pairs}, refused))


def filled(step: Step, given: Mapping[str, Any], known: set[str], computed: Mapping[str, Any]) -> dict[str, Any]:
    """The answers given, and something sensible for every other required question that nobody has answered yet."""
    missing = [one for one in step.fields if one.required and one.id not in given and one.id not in known and one.id not in computed]
    return {**given, **{one.id: _sensible(one) for one in missing}}


def _sensible(one: FormField) -> Any:
    return one.choices[0].id if one.choices else _BY_TYPE[one.type]
