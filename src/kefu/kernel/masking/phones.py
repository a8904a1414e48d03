"""Telephone numbers: reading, masking, a key to search by (SEC1, R48, R49)."""

import re
from dataclasses import dataclass
from typing import Final

from kefu.kernel.masking.digits import STARS, fold

_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}", re.ASCII)
_LANDLINE: Final = re.compile(r"(0(?:10|2[0-9]|[3-9][0-9]{2}))([2-9][0-9]{6,7})", re.ASCII)
_WITH_EXTENSION: Final = re.compile(r"(.*?)(?:转分机|转|分机|ext\.?|x|#|,|-)\s*([0-9]{1,6})", re.ASCII | re.IGNORECASE)
_NOT_DIGIT: Final = re.compile(r"[^0-9]", re.ASCII)
_WRITING: Final = re.compile(r"[0-9+()\-.·\s\u200b]+", re.ASCII)
_CALL_PREFIXES: Final = ("17951", "12593", "17909", "17911")
_MASKED: Final = re.compile(r"(?:[0-9]{3}|0[0-9]{2,3}-)?\*{6}[0-9]{0,2}(?:-\*{4})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Phone:
    """A number taken apart: `area` with its 0 for a landline, `body` the rest, `extension` digits or nothing."""

    area: str
    body: str
    extension: str

    @property
    def mobile(self) -> bool:
        """Whether it is a mainland mobile (or virtual) number."""
        return not self.area and _MOBILE.fullmatch(self.body) is not None


def read_phone(text: str) -> Phone | None:
    """The one number a field holds, however written (+86, 0086, blanks, full width, spoken digits); None if it is none."""
    folded = fold(text, spoken=True).strip()
    match = _WITH_EXTENSION.fullmatch(folded)
    if match is not None:
        phone = _read(match[1])
        if phone is not None and (phone.mobile or phone.area):
            return Phone(phone.area, phone.body, match[2])
    return _read(folded)


def _read(folded: str) -> Phone | None:
    if not _WRITING.fullmatch(folded):
        return None
    digits = _national(_NOT_DIGIT.sub("", folded))
    landline = _LANDLINE.fullmatch(digits)
    if landline is not None:
        return Phone(landline[1], landline[2], "")
    return Phone("", digits, "") if 5 <= len(digits) <= 15 else None


def _national(digits: str) -> str:
    """Without country code, dialling prefix and the 0 before a mobile number."""
    for prefix in ("0086", "86"):
        rest = digits.removeprefix(prefix)
        if rest != digits:
            if _MOBILE.fullmatch(rest) or _LANDLINE.fullmatch(rest):
                return rest
            if _LANDLINE.fullmatch("0" + rest):
                return "0" + rest
    for prefix in (*_CALL_PREFIXES, "0"):
        rest = digits.removeprefix(prefix)
        if rest != digits and _MOBILE.fullmatch(rest):
            return rest
    return digits


def mask_phone(text: str) -> str:
    """A phone field with at least six digits hidden: 138******78, 0571-******66; extensions are hidden whole (R49).

    What is not a phone number keeps at most its last two digits. Idempotent; an empty field stays empty.
    """
    if not text.strip() or _MASKED.fullmatch(text):
        return text
    phone = read_phone(text)
    tail = "-****" if phone is not None and phone.extension else ""
    if phone is not None and phone.mobile:
        return phone.body[:3] + STARS + phone.body[-2:] + tail
    if phone is not None and phone.area:
        return f"{phone.area}-{STARS}{phone.body[6:]}{tail}"
    digits = _NOT_DIGIT.sub("", fold(text, spoken=True))
    return STARS + (digits[-2:] if len(digits) >= 8 else "")


def phone_key(text: str) -> str | None:
    """Digits to compare and to index blindly: 13812345678, 057188886666; None for what is no number (or is masked).

    A mobile number keeps its extension (`17012345678-1234`), because virtual numbers are shared and the extension is the
    person; a landline loses it, because caller display does not show it.
    """
    phone = read_phone(text)
    if phone is None:
        return None
    return f"{phone.body}-{phone.extension}" if phone.mobile and phone.extension else phone.area + phone.body


def last4(text: str) -> str | None:
    """The last four digits of the number (without extension), for an identity check; None for what is no number."""
    phone = read_phone(text)
    return None if phone is None else phone.body[-4:]
