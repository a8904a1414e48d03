"""Which lines may hold an insult spelt by sound: one translate and one automaton pass, so that most lines cost nothing more (QA2).

The test proper (``insult.homophones``: word borders, harmless words) looks only at the lines that pass.
"""

from functools import cache

from kefu.quality.insult import homophones

_OTHER = "\uf8ff"


class _Codes(dict[int, str]):
    """Character to the code of its syllable, worked out when a character is first met; as many entries as characters in use."""

    def __missing__(self, char: int) -> str:
        code = homophones._sounds().codes.get(homophones._syllable(chr(char)), _OTHER)
        self[char] = code
        return code


@cache
def _codes() -> _Codes:
    return _Codes()


def may_sound(text: str) -> bool:
    """Whether some insult's syllables stand in a row in a plain text. Never misses what ``homophones.find`` finds there."""
    return bool(homophones._sounds().automaton.find_matches_as_indexes(text.translate(_codes())))
