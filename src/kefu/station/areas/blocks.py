"""A party pasted in one piece, 张三 13800000000 浙江省杭州市…, taken apart into name, phone and address (OPS2)."""

import re
from dataclasses import dataclass
from unicodedata import normalize

from kefu.kernel.chinese import normalise
from kefu.kernel.masking.fields import COMPOUND_SURNAMES
from kefu.station.areas.addresses import split

_LABELS = (
    ("name", r"收货人|收件人|寄件人|发件人|发货人|联系人|姓名|名字|收件人姓名"),
    ("phone", r"手机号码?|联系电话|联系方式|电话号码?|手机|电话|tel|phone"),
    ("company", r"公司名称|单位名称|公司|单位"),
    ("address", r"(?:收货|收件|寄件|发货|详细|联系)?地址|所在地区|地区"),
)
_LABEL = re.compile("|".join(rf"(?P<{name}>{words})" for name, words in _LABELS), re.IGNORECASE)
_LABELLED = re.compile(rf"(?:^|[\s,，;；|]+)(?:{'|'.join(words for _name, words in _LABELS)})\s*[:：]\s*", re.IGNORECASE)
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[\s-]?|0086)?(1[3-9]\d(?:[\s-]?\d{4}){2})(?!\d)(?:\s*(?:转|-|#|,)\s*(\d{3,6})(?!\d))?")
_LANDLINE = re.compile(
    r"(?<!\d)(?:\+?86[\s-]?)?\(?(0(?:10|2\d|[3-9]\d{2}))\)?[\s-]?([2-9]\d{6,7})(?!\d)(?:\s*(?:转|-|#)\s*(\d{1,6})(?!\d))?"
)
_PIECES = re.compile(r"[\s,，;；|]+")
_COMPANY = re.compile(r".{2,40}(?:公司|厂|集团|商行|工作室|事务所|经营部|商店)")
_TITLE = re.compile(r"(?:先生|女士|小姐|老师|经理|总|师傅|同学|阿姨|收)$")
_HAN_NAME = re.compile(
    r"[\u4e00-\u9fff]{2,4}(?:·[\u4e00-\u9fff]{1,8})?(?:先生|女士|小姐|老师|经理|师傅|收)?|[\u4e00-\u9fff](?:先生|女士|小姐|老师|总|师傅)"
)
_DOTTED_NAME = re.compile(r"[\u4e00-\u9fff]{2,8}(?:·[\u4e00-\u9fff]{1,8})+")
_LATIN_NAME = re.compile(r"[A-Za-z][A-Za-z .'-]{1,30}")
_ADDRESS_WORD = re.compile(r"[省市区县镇乡村路街道号弄幢栋室楼层园城苑]$")
_TAIL_NAME = re.compile(r"(?<=[号室楼户栋幢元层])([\u4e00-\u9fff]{2,4}?(?:先生|女士|收)?)$")
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫"
    "段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮纪梅童凌毕单季裴霍涂成苗谷盛曲翁"
    "冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑"
)


@dataclass(frozen=True, slots=True)
class Block:
    """What a pasted text says of a person; what it does not say is empty.

    A phone is written 13800000000, 17012345678-1234 or 0571-88886666.
    """

    name: str = ""
    phone: str = ""
    address: str = ""
    company: str = ""


def read_block(text: str, *, near: str = "") -> Block:
    """The parts of a pasted block, in whatever order and with or without labels. ``near`` helps to tell an address from a name."""
    plain = normalize("NFKC", text)[:600].strip()
    if _LABELLED.search(plain):
        return _labelled(plain, near)
    phone, rest = _take_phone(plain)
    return _sorted([piece for piece in _PIECES.split(rest) if piece], phone, near)


def _take_phone(text: str) -> tuple[str, str]:
    """The first number, mobile before landline, and the text without it."""
    if found := _MOBILE.search(text):
        number = re.sub(r"\D", "", found[1]) + (f"-{found[2]}" if found[2] else "")
    elif found := _LANDLINE.search(text):
        number = f"{found[1]}-{found[2]}" + (f"-{found[3]}" if found[3] else "")
    else:
        return "", text
    return number, f"{text[: found.start()]} {text[found.end() :]}"


def _labelled(text: str, near: str) -> Block:
    """Behind each label stands what it names; what stands before the first is sorted like a block without labels."""
    found: dict[str, str] = {}
    marks = list(_LABELLED.finditer(text))
    for place, mark in enumerate(marks):
        label = _LABEL.search(mark[0])
        end = marks[place + 1].start() if place + 1 < len(marks) else len(text)
        if label and label.lastgroup:
            value = text[mark.end() : end].strip(" ,，;；|\n")
            found[label.lastgroup] = f"{found.get(label.lastgroup, '')} {value}".strip()
    phone, _rest = _take_phone(found.get("phone", "") or text)
    loose = _sorted([piece for piece in _PIECES.split(_take_phone(text[: marks[0].start()])[1]) if piece], phone, near)
    address = " ".join(found.get("address", "").split()) or loose.address
    return Block(found.get("name", "") or loose.name, phone, address, found.get("company", "") or loose.company)


def _sorted(pieces: list[str], phone: str, near: str) -> Block:
    """Pieces by what they look like: the company, the name, and the address of all that is left."""
    name = company = ""
    left: list[str] = []
    for piece in pieces:
        if not company and _is_company(piece, near):
            company = piece
        elif not name and _is_name(piece, near):
            name = piece
        else:
            left.append(piece)
    address = " ".join(left)
    if not name and address:
        name, address = _glued(address, near)
    return Block(_TITLE.sub("", name) if name.endswith("收") else name, phone, address, company)


def _is_place(piece: str, near: str) -> bool:
    found = split(piece, near=near)
    return bool(found.province or found.district or found.street)


def _is_company(piece: str, near: str) -> bool:
    """A company may have a city in its name, but no district."""
    return _COMPANY.fullmatch(piece) is not None and not split(piece, near=near).district


def _is_name(piece: str, near: str) -> bool:
    if _LATIN_NAME.fullmatch(piece) or _DOTTED_NAME.fullmatch(piece):
        return True
    if _HAN_NAME.fullmatch(piece) is None or _is_place(piece, near):
        return False
    return _surname(piece) or not _ADDRESS_WORD.search(piece)


def _surname(text: str) -> bool:
    return text[:2] in COMPOUND_SURNAMES or normalise(text[:1]).text in _SURNAMES


def _glued(address: str, near: str) -> tuple[str, str]:
    """A name written onto the address without a blank, in front of it or behind the door number."""
    for length in (3, 2, 4):
        head, rest = address[:length], address[length:].lstrip()
        if _surname(head) and _HAN_NAME.fullmatch(head) and not _is_place(head, near) and _begins(rest, near):
            return head, rest
    if (found := _TAIL_NAME.search(address)) and _surname(found[1]):
        return found[1], address[: found.start()].rstrip()
    return "", address


def _begins(text: str, near: str) -> bool:
    """Whether the text begins with a province, city or district that is known."""
    found = split(text, near=near)
    starts = [part[:2] for part in (found.province, found.city, found.district) if part]
    return any(normalise(text[:2]).text == start for start in starts)
