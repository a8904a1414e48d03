"""Masks for fields that are known to hold one thing. All are idempotent and leave an empty field empty (SEC1, R48)."""

import re
from typing import Final

from kefu.kernel.masking.digits import ID_STARS, STARS, fold
from kefu.kernel.masking.phones import mask_phone, read_phone

_PAIRS: Final = (
    "欧阳歐陽太史端木上官司马司馬东方東方独孤獨孤南宫南宮万俟闻人聞人夏侯诸葛諸葛尉迟尉遲公羊赫连赫連澹台澹臺皇甫宗政濮阳濮陽"
    "公冶太叔申屠公孙公孫慕容仲孙仲孫钟离鍾離长孙長孫宇文司徒鲜于鮮于司空令狐百里呼延东郭東郭南门羊舌微生左丘西门西門第五纳兰"
    "納蘭拓跋完颜完顏耶律轩辕軒轅贺兰賀蘭叶赫葉赫那拉范姜范薑"
)
COMPOUND_SURNAMES: Final = frozenset(first + second for first, second in zip(_PAIRS[::2], _PAIRS[1::2], strict=True))
_HAN: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")

# Each level is looked for where the one before ended; levels may be missing. A gap holds no digit and nothing of a building.
_ADMIN: Final = tuple(
    re.compile(rf"[^0-9*]{{1,{longest}}}?(?:{ends})")
    for longest, ends in (
        (8, "省|自治区|自治區|特别行政区|特別行政區"),
        (9, r"市(?!场|場)|自治州|地区|地區|盟"),
        (9, r"(?<!小)(?<!社)(?<!园)(?<!園)[区區]|[县縣]|旗|市(?!场|場)"),
        (9, "街道|镇|鎮|乡|鄉|苏木"),
    )
)
_ROAD: Final = re.compile(r"(?:(?!单元|單元)[^0-9*号號栋棟幢座室楼樓层層户戶]){1,12}?(?:大道|路(?!口)|街(?!口)|巷|弄|胡同|道(?!口)|村)")
_EMAIL: Final = re.compile(r"([^@]*)@([^@]+)")


def mask_name(text: str) -> str:
    """The surname only: 王*, 欧阳*; of another name the first letter: J***. At least one character is hidden (R48)."""
    name = text.strip()
    if not name.strip("*"):
        return text
    if _HAN.match(name) is None:
        return name if re.fullmatch(r"[^*]?\*{3}", name) else name[0].replace("*", "") + "***"
    if name.endswith("*") and (name.rstrip("*") in COMPOUND_SURNAMES or len(name.rstrip("*")) == 1):
        return name.rstrip("*") + "*"
    if len(name) > 2 and name[:2] in COMPOUND_SURNAMES:
        return name[:2] + "*"
    return name[0] + "*" if len(name) > 1 else "*"


def mask_address(text: str) -> str:
    """Down to the road (or town, or district); house, building, unit and room are hidden (R48).

    A text in which no place is recognised is hidden whole. An address that ends with its road has nothing to hide.
    """
    address = fold(text.strip(), spoken=False)
    if not address:
        return text
    end = 0
    for level in (*_ADMIN, _ROAD):
        match = level.match(address, end)
        end = match.end() if match else end
    kept, rest = text.strip()[:end], address[end:].strip()
    return kept + "****" if rest else kept


def mask_id_number(text: str) -> str:
    """An identity number with its first three and last two characters: 330*************4X; a short one is hidden whole."""
    number = re.sub(r"[^0-9A-Za-z*]", "", fold(text, spoken=True))
    if not number:
        return STARS if text.strip() else text
    if re.fullmatch(r"[0-9A-Za-z]{3}\*{13}[0-9A-Za-z]{2}", number):
        return number
    number = number.replace("*", "")
    return number[:3] + ID_STARS + number[-2:].upper() if len(number) >= 15 else STARS


def mask_email(text: str) -> str:
    """The first character and the domain: a***@qq.com; what is no address is hidden whole."""
    match = _EMAIL.fullmatch(fold(text.strip(), spoken=False))
    if match is None:
        return "***" if text.strip() else text
    return match[1][:1].replace("*", "") + "***@" + match[2]


def mask_account(text: str) -> str:
    """A bank card or payment account: 6222******1234; an e-mail or mobile number as such; other accounts a***."""
    account = fold(text.strip(), spoken=False)
    if not account:
        return text
    if "@" in account:
        return mask_email(account)
    bare = re.sub(r"[\s\-\u200b]", "", account)
    if re.fullmatch(r"[0-9]{4}\*{6}[0-9]{4}|[0-9]{3}\*{6}[0-9]{2}", bare):
        return bare
    phone = read_phone(bare)
    if phone is not None and phone.mobile:
        return mask_phone(bare)
    if re.fullmatch(r"[0-9]{14,}", bare):
        return bare[:4] + STARS + bare[-4:]
    return bare[:1].replace("*", "") + "***"
