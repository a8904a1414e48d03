"""Pure decisions about customers in hand: what was typed, and what the words to say become."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from kefu.kernel.masking import mask_phone
from kefu.kernel.masking.phones import read_phone
from kefu.parcels.waybills import clean_waybill, is_waybill

_BETWEEN = re.compile(r"[\s,，;；、:：|/]+")
_BRACES = re.compile(r"\{([^{}]*)\}")
# Digits alone as short as these are local numbers and service numbers, longer ones waybills.
_LONGEST_LOCAL = 8
_SERVICE = re.compile(r"(?:400|800)[0-9]{7}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed or pasted into the one box."""

    phone: str = ""
    waybill: str = ""


def read_typed(text: str) -> Typed | None:
    """A phone number, a waybill, or both out of a pasted line; nothing typed is nothing known; ``None``: it is neither."""
    text = text.replace("\0", "").strip()[:200]
    if not text:
        return Typed()
    phone = waybill = ""
    for token in _BETWEEN.split(text):
        found = _one(token)
        if found is not None:
            phone, waybill = phone or found.phone, waybill or found.waybill
    if phone and waybill:
        return Typed(phone, waybill)
    # A number written in groups is one number, not the last of its groups.
    return _one(text) or (Typed(phone, waybill) if phone or waybill else None)


def _one(text: str) -> Typed | None:
    phone, number = read_phone(text), clean_waybill(text)
    if phone is not None and (phone.mobile or phone.area or _SERVICE.fullmatch(phone.body) or len(phone.body) <= _LONGEST_LOCAL):
        return Typed(phone=text)
    return Typed(waybill=number) if is_waybill(number) and len(number) <= 40 else None


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the words to say: as written, filled in, or a name of what is still to be filled in."""

    text: str
    kind: Literal["plain", "filled", "missing"] = "plain"


def fill(text: str, values: Mapping[str, str], titles: Mapping[str, str]) -> tuple[Piece, ...]:
    """The script with its ``{variables}`` filled; an unknown one shows its title, so that the agent knows what to say there."""
    pieces: list[Piece] = []
    last = 0
    for match in _BRACES.finditer(text):
        if match.start() > last:
            pieces.append(Piece(text[last : match.start()]))
        value = values.get(match[1], "")
        pieces.append(Piece(value, "filled") if value else Piece(titles.get(match[1], match[1]), "missing"))
        last = match.end()
    if last < len(text):
        pieces.append(Piece(text[last:]))
    return tuple(pieces)


def plain(pieces: tuple[Piece, ...]) -> str:
    """The words in one line, what is missing in brackets."""
    return "".join(f"〔{piece.text}〕" if piece.kind == "missing" else piece.text for piece in pieces)


def shown_number(number: str) -> str:
    """The number as somebody without need may see it."""
    return mask_phone(number) if number else ""
