"""How many examples of every item come out right, the hand-made and the fresh ones: ``python -m kefu.quality.tests.shares`` (QA2)."""

from dataclasses import dataclass

from kefu.quality.inspector import Inspector
from kefu.quality.tests.dialogues import EXAMPLES, dialogue, inspector, judged, rows_of, service

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


@dataclass(frozen=True)
class Share:
    """Examples of one table: how many there are each way, and those that come out wrong."""

    hits: int
    misses: int
    wrong: list[str]
    fresh: int
    fresh_wrong: int

    @property
    def right(self) -> float:
        """Share right of all."""
        return 1 - len(self.wrong) / (self.hits + self.misses)


def judge_of(name: str) -> tuple[Inspector, str, str]:
    """The card, the item and the channel of a table."""
    if name in TABLES:
        item, channel = TABLES[name]
        return service(), item, channel
    params, channel = SINGLE[name]
    return inspector(**params), "item", channel


def share(name: str) -> Share:
    """Judge every example of a table."""
    found, item, channel = judge_of(name)
    wrong, misses, hits, fresh, fresh_wrong = [], 0, 0, 0, 0
    for folder in ("", "fresh/"):
        path = EXAMPLES / f"{folder}{name}.txt"
        for expected, text in rows_of(path) if path.exists() else ():
            result = found.inspect(dialogue(text, channel, facts=FACTS.get(name, {}).get(text, {}))).item(item)
            hits, misses, fresh = hits + (expected != "miss"), misses + (expected == "miss"), fresh + bool(folder)
            if not judged(expected, result.state, len(result.hits)):
                fresh_wrong += bool(folder)
                wrong.append(f"{expected}: {text} -> {result.state} {result.why} {[(h.code, h.text) for h in result.hits]}")
    return Share(hits, misses, wrong, fresh, fresh_wrong)


def main() -> None:
    """Print the table of all items."""
    print(f"{'item':18}{'hit':>6}{'miss':>6}{'right':>8}{'fresh right':>13}")  # noqa: T201
    for name in (*TABLES, *SINGLE):
        one = share(name)
        told = f"{1 - one.fresh_wrong / one.fresh:.1%}" if one.fresh else "—"
        print(f"{name:18}{one.hits:>6}{one.misses:>6}{one.right:>8.1%}{told:>13}")  # noqa: T201


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.config.test_settings")
    django.setup()
    main()
