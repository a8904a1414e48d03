"""Every detector against sentences and short conversations that must and must not hit (QA2)."""

import pytest

from kefu.quality.tests.dialogues import dialogue, judged, table
from kefu.quality.tests.shares import FACTS, SINGLE, TABLES, judge_of, share

# Items of the most money have at least sixty each way; the share right is printed by ``python -m kefu.quality.tests.shares``.
LARGE = ("taboo", "insult", "shirking", "blunt", "impatience", "warmth", "opening", "closing")


@pytest.mark.parametrize("name", [*TABLES, *SINGLE])
def test_examples(name: str) -> None:
    found, item, channel = judge_of(name)
    wrong = []
    for expected, text in table(name):
        facts = FACTS.get(name, {}).get(text, {})
        result = found.inspect(dialogue(text, channel, facts=facts)).item(item)
        if not judged(expected, result.state, len(result.hits)):
            wrong.append(f"{expected}: {text} -> {result.state} {result.why} {[(h.code, h.text) for h in result.hits]}")
    assert not wrong, "\n".join([f"{len(wrong)} wrong", *wrong])


@pytest.mark.parametrize("name", [*TABLES, *SINGLE])
def test_tables_are_large_enough(name: str) -> None:
    rows = table(name)
    assert sum(expected != "miss" for expected, _ in rows) >= 30
    assert sum(expected == "miss" for expected, _ in rows) >= 30
    assert len({text for _, text in rows}) >= len(rows) - 1


@pytest.mark.parametrize("name", [*TABLES, *SINGLE])
def test_at_least_ninety_five_of_a_hundred_are_right(name: str) -> None:
    found = share(name)
    assert found.right >= 0.95, "\n".join([f"{found.right:.1%} right", *found.wrong])
    if name in LARGE:
        assert min(found.hits, found.misses) >= 60
