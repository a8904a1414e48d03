"""Personal numbers in free text: found, told apart from tracking and order numbers, masked (SEC1, R48, R49).

Every finder is a regular expression without nested repetition, so the time is linear in the text. Text is folded one
character to one character first: once with written digits, once more with spoken ones (幺三八…), because 周一 in front of
a number is not part of it.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Final, NamedTuple

from kefu.kernel.masking.digits import ID_STARS, STARS, fold, may_tell

# Not inside a longer number, nor glued to one of our own masks (which keeps a second run from reading its leftovers).
_BEFORE: Final = r"(?<![0-9])(?<![0-9]\*{6})(?<![0-9]\*{13})"
_BEFORE_SPOKEN: Final = r"(?:(?<![0-9])|(?<=[周期第十][0-9]))(?<![0-9]\*{6})(?<![0-9]\*{13})"
_AFTER: Final = r"(?![0-9])(?!\*{6,13}[0-9])"
_GAP: Final = r"[ \-·()\u200b]{0,3}"
_GAP_SPOKEN: Final = r"[ \-·()\u200b,、。]{0,3}"
_EXTENSION: Final = r"(?:(?:-|转分机|转| ext\.? ?)[0-9]{1,6})?"
_PLACES: Final = frozenset(
    str(code) for code in (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82, 83)
)
_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CARD_STARTS: Final = re.compile(r"62|60|4|5[1-5]|2[2-7]|35|37|9558|81", re.ASCII)
_ASCII_LETTERS: Final = re.compile(r"[A-Za-z]{1,12}$", re.ASCII)
_PHONE_WORDS: Final = frozenset(
    ("tel", "t", "m", "mob", "mobile", "phone", "cell", "call", "v", "vx", "wx", "weixin", "wechat", "sj", "dh", "sjh", "lxdh", "qq")
)
_TRACKING_CUE: Final = re.compile(
    r"(?:运单|運單|面单|面單|单号|單號|邮件号|快件号|包裹号|waybill|tracking)(?:编?号|號|no\.?)?码?[是为:=#\s\"“]{0,4}$", re.IGNORECASE
)
_ID_CUE: Final = re.compile(r"(?:身份证|身份證|证件|證件|id card)(?:号|號)?码?[是为:\s]{0,4}$", re.IGNORECASE)
_CARD_CUE: Final = re.compile(r"(?:卡|账户|賬戶|账号|賬號|帐号)(?:号|號)?码?[是为:\s]{0,4}$")
_TRACKING_CODE: Final = re.compile(r"(?:sf|yt|jt|jd|jdv[a-z]?|dpk|dd|sto|zto|yd|ems)[0-9]{10,}|[a-z]{2}[0-9]{9}[a-z]{2}", re.IGNORECASE)

_MAIL: Final = re.compile(r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]++@[A-Za-z0-9\-]++(?:\.[A-Za-z0-9\-]++)+")
_WECHAT: Final = re.compile(
    r"(?:(?:微信|薇信|威信|v信|weixin|wechat|(?<![a-z])(?:vx|wx(?!id)))(?:同号|[号號码是为叫:=\s]){0,6}|(?<![a-z0-9_\-])(?=wxid_))([a-z][\-_a-z0-9]{5,})",
    re.IGNORECASE | re.ASCII,
)
_QQ: Final = re.compile(r"(?<![a-z])qq[号號码是为:=\s]{0,6}([1-9][0-9]{4,10})(?![0-9*])", re.IGNORECASE)
_LOCAL: Final = re.compile(
    r"(?:电话|電話|座机|固话|传真|联系方式|tel)[号码是为:.\s]{0,5}([2-9][0-9]{2,3}[ \-]?[0-9]{4})(?![0-9*])", re.IGNORECASE
)


class _Found(NamedTuple):
    start: int
    end: int
    mask: str


class _Finders(NamedTuple):
    """The patterns of one way of writing digits. Group 1 is all that is found; candidates may overlap."""

    mobile: re.Pattern[str]
    identity: re.Pattern[str]
    old_identity: re.Pattern[str]
    card: re.Pattern[str]
    landline: re.Pattern[str]


def _finders(before: str, gap: str) -> _Finders:
    def candidates(pattern: str) -> re.Pattern[str]:
        return re.compile(rf"{before}(?=({pattern}){_AFTER})")

    area = r"0(?:10|2[0-9]|[3-9][0-9]{2})"
    abroad = rf"(?:\+|00)86{gap}\(?0?(?:10|2[0-9]|[3-9][0-9]{{2}})"
    prefix = rf"(?:(?:\+|00)?86{gap}|17951|12593)?0?"
    mobile = rf"1[3-9][0-9]\.[0-9]{{4}}\.[0-9]{{4}}|1{gap}[3-9](?:{gap}[0-9]){{9}}"
    return _Finders(
        mobile=candidates(rf"\(?{prefix}({mobile}){_EXTENSION}"),
        identity=candidates(rf"[1-8](?:{gap}[0-9]){{16}}{gap}(?:[0-9]|[Xx](?![A-Za-z]))"),
        old_identity=candidates(rf"[1-8](?:{gap}[0-9]){{14}}"),
        card=candidates(rf"[2-69](?:{gap}[0-9]){{14,18}}"),
        landline=candidates(rf"\(?({abroad}|{area})\)?[ \-]{{0,2}}([2-9][0-9]{{2,3}}[ \-]?[0-9]{{4}}){_EXTENSION}"),
    )


_WRITTEN: Final = _finders(_BEFORE, _GAP)
_SPOKEN: Final = _finders(_BEFORE_SPOKEN, _GAP_SPOKEN)


def mask_text(text: str) -> str:
    """The text with mobile and landline numbers, identity numbers, bank cards, e-mails, WeChat and QQ ids masked.

    Tracking and order numbers stay: codes with letters in front, numbers of another length, and numbers of any length
    straight after a word such as 运单号. Idempotent; linear time.
    """
    if not may_tell(text):
        return text
    for _ in range(4):
        masked = _masked(_masked(text, _written), _spoken)
        if masked == text:
            break
        text = masked
    return text


def _masked(text: str, find: Callable[[str], Iterator[_Found]]) -> str:
    out: list[str] = []
    end = 0
    for found in sorted(find(text), key=lambda found: found.start):
        if found.start >= end:
            out += (text[end : found.start], found.mask)
            end = found.end
        elif found.end > end:  # two readings of neighbouring digits: what the second adds is hidden whole
            out.append(STARS)
            end = found.end
    return "".join((*out, text[end:])) if out else text


def _written(text: str) -> Iterator[_Found]:
    folded = fold(text, spoken=False)
    if "@" in folded:
        for match in _MAIL.finditer(folded):
            yield _Found(match.start(), match.end(), folded[match.start()] + "***" + folded[folded.index("@", match.start()) : match.end()])
    for match in _WECHAT.finditer(folded):
        if not _TRACKING_CODE.fullmatch(match[1]):
            yield _Found(match.start(1), match.end(1), match[1][0] + "***")
    for match in _QQ.finditer(folded):
        yield _Found(match.start(1), match.end(1), match[1][0] + "***")
    for match in _LOCAL.finditer(folded):
        yield _Found(match.start(1), match.end(1), "********")
    yield from _numbers(folded, _WRITTEN)


def _spoken(text: str) -> Iterator[_Found]:
    """Numbers with at least one spoken digit; the others have been judged already."""
    folded = fold(text, spoken=True)
    written = fold(text, spoken=False)
    for found in _numbers(folded, _SPOKEN):
        if folded[found.start : found.end] != written[found.start : found.end]:
            yield found


def _numbers(folded: str, finders: _Finders) -> Iterator[_Found]:
    yield from _identities(folded, finders)
    for match in finders.card.finditer(folded):
        end = _card_end(folded, match.start(), match.end(1))
        if end and not _is_tracking(folded, match.start()):
            number = _digits(folded[match.start() : end])
            yield _Found(match.start(), end, number[:4] + STARS + number[-4:])
    for match in finders.mobile.finditer(folded):
        if match[1].startswith("+") or not _is_tracking(folded, match.start()):
            number = _digits(match[2])
            yield _Found(match.start(), match.end(1), number[:3] + STARS + number[-2:] + _tail(match))
    for match in finders.landline.finditer(folded):
        if not _is_tracking(folded, match.start()):
            area = _digits(match[2]).removeprefix("00").removeprefix("86").lstrip("0")
            yield _Found(match.start(), match.end(1), f"0{area}-{STARS}{_digits(match[3])[6:]}{_tail(match)}")


def _identities(folded: str, finders: _Finders) -> Iterator[_Found]:
    for match in finders.identity.finditer(folded):
        number = _digits(match[1]).upper()
        if _is_identity(number) or _ID_CUE.search(folded, max(0, match.start() - 16), match.start()):
            yield _Found(match.start(), match.end(1), number[:3] + ID_STARS + number[-2:])
    for match in finders.old_identity.finditer(folded):
        if _ID_CUE.search(folded, max(0, match.start() - 16), match.start()):
            yield _Found(match.start(), match.end(1), _digits(match[1])[:3] + ID_STARS + _digits(match[1])[-2:])


def _tail(match: re.Match[str]) -> str:
    """The mask of an extension, if there is something after the last group."""
    return "-****" if match.end(1) > match.end(match.re.groups) else ""


def _digits(text: str) -> str:
    return re.sub(r"[^0-9Xx]", "", text)


def _is_tracking(folded: str, start: int) -> bool:
    """Whether a number is (part of) a tracking code: letters of a carrier in front, or a word such as 运单号."""
    left = folded[max(0, start - 16) : start]
    letters = _ASCII_LETTERS.search(left)
    if letters is not None:
        return len(letters[0]) <= 4 and letters[0].lower() not in _PHONE_WORDS
    return _TRACKING_CUE.search(left) is not None


def _is_identity(number: str) -> bool:
    """Eighteen characters with a province, a date of birth and the right check character (GB 11643)."""
    if number[:2] not in _PLACES or not number[:17].isdecimal():
        return False
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    check = sum(int(digit) * weight for digit, weight in zip(number, _ID_WEIGHTS, strict=False)) % 11
    return born.year >= 1880 and "10X98765432"[check] == number[17]


def _card_end(folded: str, start: int, last: int) -> int:
    """Where the longest bank card (15 to 19 digits, Luhn) starting at `start` ends, at most `last`; 0 if there is none.

    Without a word such as 卡号 in front only the usual lengths count: 16 and 19, and 17 to 18 for UnionPay.
    """
    if not _CARD_STARTS.match(_digits(folded[start:last])):
        return 0
    cued = _CARD_CUE.search(folded, max(0, start - 12), start) is not None
    places = [index for index in range(start, last) if folded[index].isdecimal()]
    for length in range(len(places), 14, -1):
        end = places[length - 1] + 1
        number = _digits(folded[start:end])
        usual = cued or length in (16, 19) or (length in (17, 18) and number.startswith("62"))
        if usual and not folded[end : end + 1].isdecimal() and _luhn(number):
            return end
    return 0


def _luhn(number: str) -> bool:
    total = 0
    for index, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + index % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0
