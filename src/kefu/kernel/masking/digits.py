"""Digits as people write and say them, folded one character to one character so that positions stay true (SEC1)."""

import re
import unicodedata
from functools import cache
from typing import Final

STARS: Final = "******"
"""What replaces hidden digits: never fewer than six (R48)."""

ID_STARS: Final = "*" * 13

_DASHES: Final = "‐‑‒–—―−﹣－"
_INVISIBLE: Final = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
_SPOKEN: Final = {
    "0": "零〇洞",
    "1": "一幺么壹",
    "2": "二两兩贰貳",
    "3": "三叁參",
    "4": "四肆",
    "5": "五伍",
    "6": "六陆陸",
    "7": "七柒拐",
    "8": "八捌",
    "9": "九玖勾",
}


@cache
def _written() -> dict[int, str]:
    """Full-width characters, dashes, blanks, invisible marks and every digit of every script."""
    table = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    table |= {code: str(digit) for code in range(0x80, 0x1FBFA) if (digit := unicodedata.digit(chr(code), None)) is not None}
    table |= dict.fromkeys(map(ord, _DASHES), "-")
    table |= dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2009\u3000\t"), " ")
    table |= dict.fromkeys(map(ord, _INVISIBLE), "\u200b")
    return table | {ord("•"): "·", ord("・"): "·"}


@cache
def _said() -> dict[int, str]:
    return _written() | {ord(char): digit for digit, chars in _SPOKEN.items() for char in chars}


def fold(text: str, *, spoken: bool) -> str:
    """The text with its written (and, if asked, spoken Chinese) digits as 0-9; as long as the original."""
    return text.translate(_said() if spoken else _written())


# The shortest thing to hide is an address such as a@b.cn: four letters, digits or @.
_TELLING_LEAST = 4


@cache
def _telling() -> re.Pattern[str]:
    """Four of the characters personal numbers and addresses consist of, however written or spoken."""
    folded = "".join(re.escape(chr(code)) for code, char in _said().items() if char == "@" or (char.isascii() and char.isalnum()))
    telling = f"0-9A-Za-z@{folded}"
    return re.compile(f"(?:[^{telling}]*+[{telling}]){{{_TELLING_LEAST}}}", re.DOTALL)


def may_tell(text: str) -> bool:
    """Whether a text could hold anything to mask at all: one look, where the search for it takes thirty."""
    return _telling().match(text) is not None
