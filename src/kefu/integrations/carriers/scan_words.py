"""Scan types in words, as carriers that give no numbers write them, with the scans of V1 they mean."""

from typing import Final

from kefu.parcels.carrier_codes import Scheme, code_in_words, is_known, scan_code

WORDS: Final[dict[str, str]] = {
    "已下单": "ordered",
    "下单": "ordered",
    "待揽收": "ordered",
    "揽收": "collect",
    "已揽收": "collect",
    "揽件": "collect",
    "已揽件": "collect",
    "收件": "collect",
    "收入": "collect",
    "装车": "load",
    "发件": "send",
    "发出": "send",
    "干线": "transit",
    "在途": "transit",
    "运输": "transit",
    "转递": "transit",
    "安检": "transit",
    "集包": "bag",
    "装袋": "bag",
    "装包": "bag",
    "拆包": "unbag",
    "解袋": "unbag",
    "到件": "arrive",
    "到达": "arrive",
    "入库": "in_store",
    "代理点": "in_store",
    "投柜或驿站": "in_store",
    "出库": "out_store",
    "取出": "out_store",
    "派件": "deliver",
    "派送": "deliver",
    "派件中": "deliver",
    "出仓": "deliver",
    "签收": "sign",
    "已签收": "sign",
    "本人签收": "sign",
    "代签": "agent_sign",
    "代签收": "agent_sign",
    "第三方签收": "agent_sign",
    "问题件": "problem",
    "疑难": "problem",
    "疑难件": "problem",
    "异常": "problem",
    "留仓": "hold",
    "滞留": "hold",
    "拒收": "refuse",
    "拒签": "refuse",
    "退件": "return",
    "退回": "return",
    "退签": "return",
    "转件": "transfer",
    "转单": "transfer",
    "转投": "transfer",
    "自提": "self",
    "拦截": "intercept",
    "已拦截": "intercept",
    "待清关": "customs",
    "清关中": "customs",
    "已清关": "customs",
    "清关异常": "problem",
}


def scan_of(words: str, text: str = "") -> str:
    """The scan of V1 behind a scan type in words, else behind the sentence; ``transit`` when neither says: it was seen."""
    return WORDS.get(words.strip().removesuffix("扫描")) or code_in_words(text) or "transit"


def scan_in(scheme: Scheme, code: str, text: str, *, return_type: str = "") -> str:
    """The scan of V1 behind a code in the scheme of who says it; what is known and no scan is ``other``, or by its name."""
    found = scan_code(scheme, code, text=text, return_type=return_type)
    if found is not None:
        return found.value
    if is_known(scheme, code):
        return _NO_SCANS.get((scheme, code), "other")
    return scan_of(code)


_NO_SCANS: Final[dict[tuple[Scheme, str], str]] = {
    (Scheme.KUAIDI100, "101"): "ordered",
    (Scheme.KUAIDI100, "102"): "ordered",
    (Scheme.KUAIDI100, "10"): "customs",
    (Scheme.KUAIDI100, "11"): "customs",
    (Scheme.KUAIDI100, "12"): "customs",
    (Scheme.KDNIAO, "0"): "ordered",
    (Scheme.KDNIAO, "10"): "ordered",
    (Scheme.ZTO, "安检"): "transit",
}
