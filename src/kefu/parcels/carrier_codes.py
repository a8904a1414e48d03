"""What carriers and platforms call a scan, as the canonical vocabulary (V1, V2, V5, V6). Pure tables.

The same word means different things: 中通's ``SIGNED`` is a parcel taken out of a locker and its ``DEPARTURE`` a failed delivery, while
圆通's mean signed and sent. So every code is read in the scheme of who said it, never alone.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from unicodedata import normalize

from kefu.parcels.vocabulary import ScanCode

_C = ScanCode


class Scheme(StrEnum):
    """Whose codes they are. 安能 numbers its scans in two ways: by kind and by operation."""

    KUAIDI100 = "kuaidi100"
    KDNIAO = "kdniao"
    ZTO = "zto"
    ANE = "ane"
    ANE_OPERATION = "ane_op"
    JT = "jt"
    BEST = "best"
    FLASH = "flash"
    CAINIAO = "cainiao"
    YTO = "yto"
    SF = "sf"
    WECHAT = "wechat"
    WECHAT_SHOP = "wechat_shop"


class _Moving:
    """On the way, no word of how: the text of the event says more, else it counts as sent on."""


_MOVING = _Moving()
_Meaning = ScanCode | _Moving | None
# ``None``: known, and nothing that happens to a parcel (ordered, called off, a check on the way).
_TABLES: Mapping[Scheme, Mapping[str, _Meaning]] = {
    # State, or the three and four digit status behind it (V2). 201, 202: nothing was scanned for long; that is what makes it one.
    Scheme.KUAIDI100: {
        "0": _MOVING, "1001": _C.ARRIVE, "1002": _C.SEND,
        "1003": _C.SEND,  # 转递: sent on inside the network; 转投 (7) is what leaves it
        "1": _C.COLLECT, "101": None, "102": None, "103": _C.COLLECT,
        "2": _C.PROBLEM, "201": _C.PROBLEM, "202": _C.PROBLEM, "203": _C.REFUSE, "204": _C.PROBLEM, "205": _C.PROBLEM,
        "206": _C.PROBLEM, "207": _C.PROBLEM, "208": _C.HOLD, "209": _C.PROBLEM, "210": None,
        "3": _C.SIGN, "301": _C.SIGN, "302": _C.SIGN, "303": _C.AGENT_SIGN, "304": _C.OUT_STORE,
        "4": _C.RETURN, "401": None, "14": _C.REFUSE,
        "5": _C.DELIVER, "501": _C.IN_STORE, "6": _C.RETURN, "7": _C.TRANSFER,
        "10": None, "11": None, "12": None, "13": _C.PROBLEM,
    },
    # State, or StateEx behind it (V5).
    Scheme.KDNIAO: {
        "0": None, "10": None, "1": _C.COLLECT,
        "2": _MOVING, "201": _C.ARRIVE, "202": _C.DELIVER, "211": _C.IN_STORE,
        "3": _C.SIGN, "301": _C.SIGN, "302": _C.SIGN, "304": _C.AGENT_SIGN, "311": _C.OUT_STORE,
        "4": _C.PROBLEM, "401": _C.PROBLEM, "402": _C.PROBLEM, "403": _C.PROBLEM, "404": _C.REFUSE, "405": _C.PROBLEM,
        "406": _C.RETURN, "407": _C.RETURN, "412": _C.PROBLEM, "413": _C.INTERCEPT,
    },
    # Numbers appear once the parcel was handed to another carrier (转单).
    Scheme.ZTO: {
        "收件": _C.COLLECT, "发件": _C.SEND, "到件": _C.ARRIVE, "派件": _C.DELIVER, "DELIVERY": _C.DELIVER, "签收": _C.SIGN,
        "第三方签收": _C.AGENT_SIGN, "问题件": _C.PROBLEM, "退件": _C.RETURN, "转单": _C.TRANSFER, "安检": None,
        "ARRIVAL": _C.IN_STORE, "SIGNED": _C.OUT_STORE, "DEPARTURE": _C.PROBLEM,
        "1": _C.COLLECT, "2": _C.SEND, "3": _C.ARRIVE, "4": _C.DELIVER, "5": _C.SIGN, "7": _C.AGENT_SIGN, "8": _C.RETURN,
        "9": _C.TRANSFER, "44": _C.IN_STORE, "45": _C.OUT_STORE,
    },
    Scheme.ANE: {
        "1": _C.COLLECT, "2": _C.SEND, "3": _C.ARRIVE, "4": _C.DELIVER, "5": _C.HOLD, "6": _C.SELF, "7": _C.TRANSFER, "8": _C.PROBLEM,
        "9": _C.SIGN, "134": _C.BAG,
    },
    Scheme.ANE_OPERATION: {
        "1": None, "2": _C.COLLECT, "3": _C.SEND, "4": _C.ARRIVE, "5": _C.DELIVER, "6": _C.HOLD, "7": _C.SELF, "8": _C.TRANSFER,
        "16": _C.PROBLEM, "134": _C.BAG,
    },
    # 5 出仓 is out for delivery, 9 出库 is taken away by the receiver.
    Scheme.JT: {
        "1": _C.COLLECT, "3": _C.SEND, "4": _C.ARRIVE, "5": _C.DELIVER, "6": _C.IN_STORE, "7": _C.IN_STORE, "8": _C.OUT_STORE,
        "9": _C.OUT_STORE, "10": _C.SIGN, "11": _C.PROBLEM, "异常拦截件": _C.INTERCEPT,
    },
    Scheme.BEST: {
        "3": _C.SEND, "4": _C.ARRIVE, "6": _C.SIGN, "7": _C.BAG, "8": _C.UNBAG, "9": _C.PROBLEM, "12": _C.REFUSE, "13": _C.RETURN,
    },
    Scheme.FLASH: {"SEAL": _C.BAG, "UNSEAL": _C.UNBAG, "DETAIN": _C.HOLD},
    Scheme.CAINIAO: {
        "ACCEPT": _C.COLLECT, "TRANSPORT": _MOVING, "DELIVERING": _C.DELIVER, "STA_INBOUND": _C.IN_STORE, "SIGN": _C.SIGN,
        "AGENT_SIGN": _C.AGENT_SIGN, "FAILED": _C.PROBLEM,
    },
    # Unlike 中通's, these words mean what they say.
    Scheme.YTO: {
        "GOT": _C.COLLECT, "ARRIVAL": _C.ARRIVE, "DEPARTURE": _C.SEND, "PACKAGE": _C.BAG, "SENT_SCAN": _C.DELIVER,
        "INBOUND": _C.IN_STORE, "SIGNED": _C.SIGN, "FAILED": _C.PROBLEM, "FORWARDING": _C.TRANSFER, "TMS_RETURN": _C.RETURN,
        "131": _C.LOAD,
    },
    Scheme.SF: {
        "50": _C.COLLECT, "30": _C.SEND, "31": _C.ARRIVE, "44": _C.DELIVER, "80": _C.SIGN, "33": _C.PROBLEM, "70": _C.PROBLEM,
        "648": _C.RETURN, "99": _C.RETURN,
    },
    Scheme.WECHAT: {
        "100001": _C.COLLECT, "100002": _C.PROBLEM, "100003": None, "200001": _MOVING, "300002": _C.DELIVER, "300003": _C.SIGN,
        "300004": _C.PROBLEM, "400001": None, "400002": _C.HOLD,
    },
    Scheme.WECHAT_SHOP: {
        "0": None, "1": _C.COLLECT, "2": _MOVING, "3": _C.DELIVER, "4": _C.IN_STORE, "5": _C.SIGN, "6": _C.RETURN, "7": _C.TRANSFER,
        "8": _C.PROBLEM, "9": _C.OUT_STORE, "99": None,
    },
}  # fmt: skip
# Kinds of 中通's returns (returnType): to the site, to the sender, other address, return scan, refused, other address, may not be sent.
_ZTO_RETURNS = {
    "1": _C.RETURN, "2": _C.RETURN, "3": _C.INTERCEPT, "4": _C.RETURN, "5": _C.REFUSE, "6": _C.INTERCEPT, "10": _C.RETURN,
}  # fmt: skip

# The first that stands in a text decides. What only speaks of a signature to come, or of one that failed, comes before the signature.
_WORDS: tuple[tuple[str, ScanCode], ...] = (
    (r"退回.{0,12}签收|退件.{0,4}签收|退签", _C.RETURN),
    (r"拒收|拒签", _C.REFUSE),
    (r"拦截", _C.INTERCEPT),
    (r"未签收|签收失败|派送失败|派件异常|派送不成功|问题件|疑难|无法联系|电话无人|地址不详|破损|遗失|超区", _C.PROBLEM),
    (r"留仓|滞留|暂存|改约|延迟派送|次日派送", _C.HOLD),
    (r"退回|退件|退货", _C.RETURN),
    (r"转单|转投|转寄|转邮", _C.TRANSFER),
    (r"从.{0,20}(取出|取件)|已取件|已取出|出柜|已出库|自提柜取", _C.OUT_STORE),
    (r"(?<!请)(?<!待)(?<!等待)(代签|代收点.{0,6}签收|他人.{0,4}签收|(门卫|前台|物业|同事|家人|邻居|收发室).{0,6}签收)", _C.AGENT_SIGN),
    (r"(派送中|派件中|正在派|派送员|派件员|快递员.{0,30}派|安排派送|正在为您派)", _C.DELIVER),
    (r"(?<!待)(?<!请)(?<!等待)(?<!准备)签收", _C.SIGN),
    (r"投柜|入柜|快递柜|丰巢|驿站|代理点|代收点|自提点|入库", _C.IN_STORE),
    (r"派件|派送", _C.DELIVER),
    (r"自提", _C.SELF),
    (r"揽收|揽件|收件|已取走", _C.COLLECT),
    (r"拆包|解袋|拆袋", _C.UNBAG),
    (r"集包|装袋|建包", _C.BAG),
    (r"装车", _C.LOAD),
    (r"已到达|到达|到件|抵达|到站", _C.ARRIVE),
    (r"离开|发往|已发出|发件|发车|运输中|转运|已发车", _C.SEND),
)
_COMPILED = tuple((re.compile(pattern), code) for pattern, code in _WORDS)


def is_known(scheme: str, code: str) -> bool:
    """Whether the scheme has the code at all; one it has not is worth a line in a log."""
    return scheme in _TABLES and _clean(code) in _TABLES[Scheme(scheme)]


def scan_code(scheme: str, code: str, *, text: str = "", return_type: str = "") -> ScanCode | None:
    """What a code of a carrier means, or nothing when it is nothing that happens to a parcel.

    ``text`` is the event's own sentence, asked where the code only says "on the way" or is not known; ``return_type`` is 中通's, which
    says what a 退件 is.
    """
    if scheme == Scheme.ZTO and return_type and (found := _ZTO_RETURNS.get(return_type.strip())):
        return found
    meaning = _TABLES[Scheme(scheme)].get(_clean(code), _MOVING if text else None) if scheme in _TABLES else _MOVING
    if not isinstance(meaning, _Moving):
        return meaning
    return code_in_words(text) or (_C.SEND if is_known(scheme, code) else None)


def code_in_words(text: str) -> ScanCode | None:
    """What a carrier's sentence says happened; nothing when it says nothing known."""
    plain = normalize("NFKC", text)
    return next((code for pattern, code in _COMPILED if pattern.search(plain)), None)


def _clean(code: str) -> str:
    return normalize("NFKC", code).strip().upper()


# Our carriers by the codes of 快递100 and of 快递鸟 (V3, V5).
KUAIDI100_COMPANIES: Mapping[str, str] = {
    "sf": "shunfeng", "zto": "zhongtong", "yto": "yuantong", "best": "huitongkuaidi", "sto": "shentong", "yunda": "yunda",
    "ems": "ems", "jd": "jd", "deppon": "debangkuaidi", "jt": "jtexpress",
}  # fmt: skip
KDNIAO_COMPANIES: Mapping[str, str] = {
    "sf": "SF", "best": "HTKY", "zto": "ZTO", "sto": "STO", "yto": "YTO", "yunda": "YD", "ems": "EMS", "jd": "JD", "deppon": "DBL",
    "jt": "JTSD",
}  # fmt: skip
