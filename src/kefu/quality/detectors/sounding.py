"""Which lines may hold an insult spelt by sound: one translate and one automaton pass, so that most lines cost nothing more (QA2).

The test proper (``insult.homophones``: word borders, harmless words) looks only at the lines that pass.
"""

from functools import cache

from kefu.quality.insult import homophones


class _Codes(dict[int, str]):
    """Character to the code of its syllable, worked out when a character is first met; as many entries as characters in use."""

    def __missing__(self, char: int) -> str:
        code = homophones.sounds().codes.get(homophones.syllable(chr(char)), homophones.NO_SYLLABLE)
        self[char] = code
        return code


@cache
def _codes() -> _Codes:
    return _Codes()


def may_sound(text: str) -> bool:
    """Whether some insult's syllables stand in a row in a plain text. Never misses what ``homophones.find`` finds there."""
    return bool(homophones.sounds().automaton.find_matches_as_indexes(text.translate(_codes())))
