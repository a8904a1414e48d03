"""Waybill numbers: cleaning them, and guessing whose they are (V7)."""

import re
import unicodedata
from dataclasses import dataclass
from zlib import crc32

_DROP = re.compile("[\\s\\-_\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]+")
_SHAPE = re.compile(r"[A-Z0-9]{6,40}")
_S10 = re.compile(r"[A-Z]{2}(\d{8})(\d)[A-Z]{2}")
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def clean_waybill(text: str) -> str:
    """The number as it is stored: half-width, upper case, without blanks, dashes or invisible marks."""
    if text.isascii() and text.isalnum():
        return text.upper()
    return _DROP.sub("", unicodedata.normalize("NFKC", text)).upper()


def topic(number: str) -> int:
    """A number that stands for a cleaned waybill where only numbers are told, as in the live stream; 0 without a waybill.

    Two waybills may share one: whoever follows looks again and finds nothing new.
    """
    return crc32(number.encode()) if number else 0


def is_waybill(text: str) -> bool:
    """Whether a cleaned number can be one at all."""
    return _SHAPE.fullmatch(text) is not None and any(character.isdigit() for character in text)


@dataclass(frozen=True, slots=True)
class CarrierGuess:
    """A carrier whose numbers look like this; ``weight`` 0 to 1, 1 when a check digit or a prefix of its own proves it."""

    carrier: str
    weight: float


@dataclass(frozen=True, slots=True)
class _Shape:
    carrier: str
    weight: float
    pattern: re.Pattern[str]


def _shape(carrier: str, weight: float, pattern: str) -> _Shape:
    return _Shape(carrier, weight, re.compile(pattern))


# The more numbers of other carriers a shape takes in, the lower its weight.
_SHAPES = (
    _shape("yto", 0.98, r"YT\d{13}"),
    _shape("yto", 0.9, r"DD[89]\d{15}|Y\d{12}"),
    _shape("yto", 0.6, r"[6-9]\d{17}"),
    _shape("yto", 0.35, r"[A-Z0-9]{2}\d{10}|[A-Z0-9]{2}\d{8}"),
    _shape("sf", 0.98, r"SF\d{13}"),
    _shape("sf", 0.4, r"\d{12}"),
    _shape("jt", 0.98, r"JT\d{13}"),
    _shape("jd", 0.9, r"JD[A-Z]{0,2}\d{11,13}"),
    _shape("deppon", 0.98, r"DPK\d{12}"),
    _shape("deppon", 0.4, r"\d{8,10}"),
    _shape("zto", 0.7, r"7\d{13}"),
    _shape("zto", 0.45, r"\d{12}(\d{2})?"),
    _shape("best", 0.75, r"5\d{13}"),
    _shape("best", 0.45, r"[A-Z]\d{10,12}|[A-Z]{2}\d{9,11}|[A-Z]{3}\d{8,10}|[A-Z]{4}\d{7,9}"),
    _shape("best", 0.3, r"\d{11,14}"),
    _shape("sto", 0.6, r"77\d{13}"),
    _shape("sto", 0.4, r"\d{12,13}|\d{15}"),
    _shape("yunda", 0.5, r"\d{13}|\d{15}"),
    _shape("ems", 0.45, r"\d{13}"),
    _shape("ane", 0.25, r"\d{8}|\d{10}|\d{12}"),
)


def s10_check_digit(serial: str) -> int:
    """Check digit of an eight-digit postal serial number (UPU S10)."""
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(serial, _S10_WEIGHTS, strict=True)) % 11
    return {10: 0, 11: 5}.get(rest, rest)


def carrier_guess(waybill: str) -> list[CarrierGuess]:
    """Carriers the number may belong to, likeliest first; the shapes overlap, so this is never one certain answer."""
    number = clean_waybill(waybill)
    best: dict[str, float] = {}
    if found := _S10.fullmatch(number):
        best["ems"] = 1.0 if s10_check_digit(found[1]) == int(found[2]) else 0.5
    if len(number) == 10 and number.isdigit() and int(number[:9]) % 7 == int(number[9]):
        best["zjs"] = 0.6
    for shape in _SHAPES:
        if shape.pattern.fullmatch(number):
            best[shape.carrier] = max(best.get(shape.carrier, 0), shape.weight)
    return [CarrierGuess(carrier, weight) for carrier, weight in sorted(best.items(), key=lambda item: (-item[1], item[0]))]


# Between the number of a partial signature and how many pieces it is for.
_TIMES = "×"


def some_pieces(part: int, count: int) -> str:
    """What stands for so many pieces without numbers of their own that were signed for together; ``part`` tells such lots apart."""
    return f"{part}{_TIMES}{count}"


def pieces_in(piece: str) -> int:
    """How many pieces the number of a piece stands for: one, or those of ``some_pieces``."""
    return int(piece.partition(_TIMES)[2] or 1)
