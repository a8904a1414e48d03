"""The conversations with what was planted in them; the planted breaches are kept in a plain file, for ``score``."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

from kefu.conversations.lines import Line
from kefu.demo.dialogue import breaches
from kefu.demo.dialogue.timing import lines_of
from kefu.demo.plan import Plan
from kefu.demo.stories import Story

SOURCE = "demo"


@dataclass(frozen=True, slots=True)
class Row:
    """One planted breach: ``subject`` is ``conversation`` or ``case``, ``line`` ``None`` where it lies in the whole."""

    subject: str
    external_id: str
    desk: str
    item: str
    kind: str
    line: int | None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A conversation ready to be stored, and what was planted in it."""

    story: Story
    lines: tuple[Line, ...]
    planted: tuple[Row, ...]


def said(plan: Plan, story: Story) -> Said:
    """What was said in one story; agents of less skill break more rules."""
    dice = plan.dice("talk", story.number)
    share = 0.1 + 0.75 * (1 - story.agent.skill)
    count = 0 if dice.random() > share else dice.choices([1, 2, 3], weights=[70, 23, 7])[0]
    talk = breaches.conversation(story.scene, dice, breaches.choose(story.scene, dice, count))
    lines, behind = lines_of(talk, dice)
    places = {id(utter): index for index, utter in behind.items()}
    rows = tuple(
        Row("conversation", story.external_id, story.scene.desk, item, one.kind, None if one.whole else places.get(id(one.at)), one.also)
        for one in talk.planted
        for item in one.items
    )
    return Said(story, tuple(lines), rows)


def path() -> Path:
    """Where the planted breaches are kept."""
    return Path(settings.KEFU_HOME) / "demo-planted.jsonl"


def write(rows: Iterable[Row]) -> int:
    """Write the whole list anew; returns its length."""
    text = [json.dumps(asdict(row), ensure_ascii=False) for row in rows]
    temporary = path().with_suffix(".tmp")
    temporary.write_text("".join(f"{line}\n" for line in text), encoding="utf-8")
    temporary.replace(path())
    return len(text)


def read() -> Iterator[Row]:
    """The list again; empty when there is none."""
    if path().exists():
        for line in path().read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            yield Row(**{**row, "also": tuple(row["also"])})
