"""Words a machine was not sure of are never held against anybody without a person (QA3).

A hit in such a line is for review. So is everything that was missed in the call, when what the agent said is unsure anywhere: the words
may have been there.
"""

from collections.abc import Sequence

from kefu.quality.detectors import Found
from kefu.quality.dialogue import Dialogue

SURE = 0.6
"""Confidence of a line from which its words are taken as said."""
MISSED = frozenset({
    "slots_missing", "identity_not_asked", "apology_missing", "apology_late", "thanks_unanswered", "too_few_polite_words", "no_warmth",
    "never_answered",
})  # fmt: skip
"""Codes that say something was not said."""


def unsure_agent(dialogue: Dialogue) -> bool:
    """Whether a machine was not sure of something the agent said."""
    return any(line.side == "agent" and line.confidence is not None and line.confidence < SURE for line in dialogue.lines)


def held_back(found: Sequence[Found], dialogue: Dialogue) -> Sequence[bool]:
    """For each hit, whether it must wait for a person."""
    if all(line.confidence is None for line in dialogue.lines):
        return [False] * len(found)
    shaky = unsure_agent(dialogue)
    return [_unsure(one) or (shaky and (one.code in MISSED or one.code.startswith("rule_missing"))) for one in found]


def _unsure(one: Found) -> bool:
    sure = one.utterance.line.confidence if one.utterance is not None else None
    return sure is not None and sure < SURE
