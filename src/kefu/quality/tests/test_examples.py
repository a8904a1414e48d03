"""Every detector against sentences and short conversations that must and must not hit (QA2)."""

import pytest

from kefu.quality.inspector import Inspector
from kefu.quality.tests.dialogues import dialogue, inspector, judged, service, table

# Table, item of the card of ``best`` (or a detector with its parameters), channel.
TABLES = {
    "taboo": ("taboo", "chat"),
    "insult": ("insult", "call"),
    "dialect": ("mandarin", "call"),
    "shirking": ("shirking", "chat"),
    "blunt": ("tact", "chat"),
    "impatience": ("patience", "chat"),
    "identity": ("identity", "call"),
    "misunderstanding": ("intent", "chat"),
    "unanswered": ("prompt", "chat"),
    "stalling": ("skill", "chat"),
    "warmth": ("warmth", "chat"),
    "opening": ("opening", "call"),
    "closing": ("closing", "call"),
}
SINGLE = {
    "fillers": ({"kind": "fillers", "lexicon": "fillers", "max_per_100_chars": 2}, "call"),
    "thanks": ({"kind": "thanks_answered"}, "chat"),
    "apology": ({"kind": "apology_on_complaint", "complaint": "complaint_cues", "apology": "apology", "soothing": "soothing"}, "chat"),
    "promise": ({"kind": "promise"}, "chat"),
}
FACTS = {"closing": {"您好 | 好的，先这样": {"conversation.ended_by": "customer"}}}


def _of(name: str) -> tuple[Inspector, str, str]:
    if name in TABLES:
        item, channel = TABLES[name]
        return service(), item, channel
    params, channel = SINGLE[name]
    return inspector(**params), "item", channel


@pytest.mark.parametrize("name", [*TABLES, *SINGLE])
def test_examples(name: str) -> None:
    found, item, channel = _of(name)
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
