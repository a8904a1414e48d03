"""When a severe word of the list deducts by itself (QA2).

The word alone is right 92 times in a hundred of labelled sentences, too few to take points from somebody; with the model's word it is 97
(dev part, which the model has not learnt from). ``evaluate.py`` prints both.
"""

from collections.abc import Callable

from kefu.quality.insult.lexicon import Hit

AGREES_AT = 0.2
"""Score of the whole line from which the model holds with the word."""


def deducts(text: str, hit: Hit, score: Callable[[str], float]) -> bool:
    """A severe word that is half of the line or more, or stands in a line the model finds offensive too; else a person looks."""
    if hit.severity != "severe":
        return False
    return 2 * (hit.end - hit.start) >= len(text.strip()) or score(text) >= AGREES_AT
