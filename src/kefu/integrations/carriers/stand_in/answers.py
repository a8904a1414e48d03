"""Answers in every carrier's own wire format (V3–V6), and the signatures it checks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kefu.integrations.carriers.stand_in.journeys import Step
from kefu.integrations.carriers.wire import compact, form_fields, md5_bytes_base64, md5_hex, md5_hex_base64, parsed, stamp
from kefu.station.tracking.faults import CarrierFault

IDENTITY, SECRET, SALT = "STANDIN", "stand-in-secret", "stand-in-salt"
"""The one account this stand-in has, at every vendor."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came: path, headers in lower case, body."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def fields(self) -> Mapping[str, str]:
        """Of a form."""
        return form_fields(self.body)

    @property
    def text(self) -> str:
        """The body."""
        return self.body.decode()


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a vendor speaks: whether a signature is right, which number is asked for, and its answers."""

    signed: Callable[[Asked], bool]
    number: Callable[[Asked], str]
    traces: Callable[[str, Sequence[Step]], Any]
    refusal: Callable[[str], Any]


REFUSALS: Final = {
    "sign": "（模拟）签名错误",
    "none": "（模拟）暂无轨迹信息",
    "lock": "（模拟）查询过于频繁，已锁单",
    "subscribe": "（模拟）提交成功",
}
_K100: Final = {
    "collect": "103", "send": "1002", "arrive": "1001", "deliver": "5", "sign": "301", "in_store": "501", "out_store": "304",
    "problem": "204", "refuse": "203", "return": "6",
}  # fmt: skip
_KDN: Final = {
    "collect": "1", "send": "2", "arrive": "201", "deliver": "202", "sign": "301", "in_store": "211", "out_store": "311",
    "problem": "405", "refuse": "404", "return": "406",
}  # fmt: skip
_ZTO: Final = {
    "collect": "收件", "send": "发件", "arrive": "到件", "deliver": "派件", "sign": "签收", "in_store": "ARRIVAL", "out_store": "SIGNED",
    "problem": "DEPARTURE", "refuse": "退件", "return": "退件",
}  # fmt: skip
_BEST: Final = {
    "collect": "收件", "send": "3", "arrive": "4", "deliver": "派件", "sign": "6", "in_store": "入库", "out_store": "出库", "problem": "9",
    "refuse": "12", "return": "13",
}  # fmt: skip
_LATIN: Final = {
    "collect": "GOT", "send": "DEPARTURE", "arrive": "ARRIVAL", "deliver": "SENT_SCAN", "sign": "SIGNED", "in_store": "INBOUND",
    "out_store": "SIGNED", "problem": "FAILED", "refuse": "FAILED", "return": "TMS_RETURN",
}  # fmt: skip
_WORDS: Final = {
    "collect": "收件", "send": "发件", "arrive": "到件", "deliver": "派件", "sign": "签收", "in_store": "入库", "out_store": "出库",
    "problem": "问题件", "refuse": "拒收", "return": "退件",
}  # fmt: skip
_JT: Final = {
    "collect": "1", "send": "3", "arrive": "4", "deliver": "5", "sign": "10", "in_store": "6", "out_store": "8", "problem": "11",
    "refuse": "11", "return": "11",
}  # fmt: skip
_CAINIAO: Final = {
    "collect": "ACCEPT", "send": "TRANSPORT", "arrive": "TRANSPORT", "deliver": "DELIVERING", "sign": "SIGN", "in_store": "STA_INBOUND",
    "out_store": "SIGN", "problem": "FAILED", "refuse": "FAILED", "return": "FAILED",
}  # fmt: skip
_COMPANIES: Final = {"JT": "jtexpress", "YT": "yuantong", "SF": "shunfeng", "7": "zhongtong", "5": "huitongkuaidi"}


def company_of(number: str) -> str:
    """快递100's name of a carrier by the number's beginning."""
    return next((name for start, name in _COMPANIES.items() if number.startswith(start)), "zhongtong")


def k100_traces(number: str, steps: Sequence[Step]) -> dict[str, Any]:
    """快递100's answer, newest line first as it comes by default."""
    rows = [
        {
            "time": stamp(one.at),
            "ftime": stamp(one.at),
            "context": one.text,
            "status": "",
            "statusCode": _K100[one.code],
            "location": one.city,
        }
        for one in reversed(steps)
    ]
    signed = any(one.code in ("sign", "out_store") for one in steps)
    return {
        "message": "ok", "nu": number, "ischeck": "1" if signed else "0", "com": company_of(number), "status": "200",
        "state": "3" if signed else "0", "condition": "00", "data": rows, "stand_in": True,
    }  # fmt: skip


def kdniao_traces(number: str, steps: Sequence[Step]) -> dict[str, Any]:
    """快递鸟's answer."""
    rows = [{"AcceptTime": stamp(s.at), "AcceptStation": s.text, "Location": s.city, "Action": _KDN[s.code], "Remark": ""} for s in steps]
    state = "3" if any(one.code in ("sign", "out_store") for one in steps) else "2"
    return {
        "EBusinessID": IDENTITY, "OrderCode": "", "ShipperCode": "YTO", "LogisticCode": number, "Success": True, "Reason": "",
        "State": state, "StateEx": _KDN[steps[-1].code] if steps else "0", "Location": "", "Traces": rows, "StandIn": True,
    }  # fmt: skip


def _rows(steps: Sequence[Step], codes: Mapping[str, str], time: str, code: str, text: str, place: str) -> list[dict[str, str]]:
    return [{time: stamp(one.at), code: codes[one.code], text: one.text, place: one.city} for one in steps]


def _best(number: str, steps: Sequence[Step]) -> dict[str, Any]:
    trace = _rows(steps, _BEST, "acceptTime", "scanType", "remark", "acceptAddress")
    logs = [{"logisticProviderID": "HTKY", "mailNo": number, "traces": {"trace": trace}}] if steps else []
    return {"result": True, "traceLogs": logs, "errorDescription": "", "remark": "（模拟）"}


def _zto(number: str, steps: Sequence[Step]) -> dict[str, Any]:
    rows = [row | {"billCode": number} for row in _rows(steps, _ZTO, "scanDate", "scanType", "desc", "scanCity")]
    for row, one in zip(rows, steps, strict=True):
        row["returnType"] = "5" if one.code == "refuse" else ""
    return {"status": True, "message": "（模拟）成功", "statusCode": "SYS000", "result": rows}


def _legacy(number: str, steps: Sequence[Step]) -> dict[str, Any]:
    return {"status": True, "msg": "（模拟）", "data": [{"billCode": number, "traces": _zto(number, steps)["result"]}]}


def _inner(text: str, *path: str) -> str:
    value = parsed(text)
    for name in path:
        value = value[name]
    return str(value[0] if isinstance(value, list) else value)


def _plain(asked: Asked) -> str:
    return "&".join(f"{name}={value}" for name, value in asked.fields.items())


def _k100_refusal(why: str) -> dict[str, Any]:
    code = {"sign": "503", "none": "500", "lock": "501"}[why]
    return {"result": False, "returnCode": code, "message": REFUSALS[why]}


def _kdniao_refusal(why: str) -> dict[str, Any]:
    return {"EBusinessID": IDENTITY, "Success": False, "Reason": REFUSALS[why], "State": "0", "Traces": []}


DIALECTS: Final[dict[str, Dialect]] = {
    "kuaidi100": Dialect(
        lambda a: a.fields["sign"] == md5_hex(a.fields["param"] + SECRET + IDENTITY).upper(),
        lambda a: _inner(a.fields["param"], "num"),
        lambda number, steps: k100_traces(number, steps) if steps else _k100_refusal("none"),
        _k100_refusal,
    ),
    "kdniao": Dialect(
        lambda a: a.fields["DataSign"] == md5_hex_base64(a.fields["RequestData"] + SECRET),
        lambda a: _inner(a.fields["RequestData"], "LogisticCode"),
        lambda number, steps: kdniao_traces(number, steps) if steps else _kdniao_refusal("none"),
        _kdniao_refusal,
    ),
    "zto": Dialect(
        lambda a: a.headers.get("x-datadigest") == md5_bytes_base64(a.text + SECRET),
        lambda a: _inner(a.text, "billCode"),
        _zto,
        lambda why: {"status": False, "message": REFUSALS[why], "statusCode": "SYS001", "result": None},
    ),
    "zto_legacy": Dialect(
        lambda a: a.headers.get("x-datadigest") == md5_bytes_base64(_plain(a) + SECRET),
        lambda a: _inner(a.fields["data"]),
        _legacy,
        lambda why: {"status": False, "msg": REFUSALS[why], "data": None},
    ),
    "best": Dialect(
        lambda a: a.fields["sign"] == md5_hex(a.fields["bizData"] + SECRET),
        lambda a: _inner(a.fields["bizData"], "mailNos", "mailNo"),
        _best,
        lambda why: {"result": False, "errorDescription": REFUSALS[why], "remark": "（模拟）"},
    ),
    "yto": Dialect(
        lambda a: parsed(a.text)["sign"] == md5_bytes_base64(parsed(a.text)["param"] + "waybill_query" + "v1" + SECRET),
        lambda a: _inner(parsed(a.text)["param"], "NUMBER"),
        lambda number, steps: [
            row | {"waybill_No": number} for row in _rows(steps, _LATIN, "upload_Time", "infoContent", "processInfo", "city")
        ],
        lambda why: {"success": False, "code": "1001", "message": REFUSALS[why]},
    ),
    "sto": Dialect(
        lambda a: a.fields["data_digest"] == md5_bytes_base64(a.fields["content"] + SECRET),
        lambda a: _inner(a.fields["content"], "waybillNoList"),
        lambda number, steps: {"success": "true", "data": {number: _rows(steps, _WORDS, "opTime", "scanType", "memo", "opOrgCityName")}},
        lambda why: {"success": "false", "errorCode": "S02" if why == "sign" else "S07", "errorMsg": REFUSALS[why]},
    ),
    "yunda": Dialect(
        lambda a: a.headers.get("sign") == md5_hex(f"{a.text}_{SECRET}"),
        lambda a: _inner(a.text, "mailno"),
        lambda number, steps: {
            "code": "0000", "result": True, "message": "（模拟）",
            "data": {"mailno": number, "steps": _rows(steps, _LATIN, "time", "action", "description", "city")},
        },
        lambda why: {"code": "500", "result": False, "message": REFUSALS[why]},
    ),
    "jt": Dialect(
        lambda a: a.headers.get("digest") == md5_bytes_base64(a.fields["bizContent"] + SECRET),
        lambda a: _inner(a.fields["bizContent"], "billCodes"),
        lambda number, steps: {
            "code": "1", "msg": "success", "stand_in": True,
            "data": [{"billCode": number, "details": _rows(steps, _JT, "scanTime", "scanTypeCode", "desc", "scanNetworkCity")}],
        },
        lambda why: {"code": "145003030", "msg": REFUSALS[why], "data": None},
    ),
    "deppon": Dialect(
        lambda a: a.fields["digest"] == md5_hex_base64(a.fields["params"] + SECRET + a.fields["timestamp"]),
        lambda a: _inner(a.fields["params"], "mailNo"),
        lambda number, steps: {
            "result": "true", "resultCode": "1000", "reason": "（模拟）",
            "responseParam": {"tracking_number": number, "trace_list": _rows(steps, _LATIN, "time", "status", "description", "city")},
        },
        lambda why: {"result": "false", "resultCode": "2001", "reason": REFUSALS[why]},
    ),
    "cainiao": Dialect(
        lambda a: a.fields["data_digest"] == md5_bytes_base64(a.fields["logistics_interface"] + SECRET),
        lambda a: _inner(a.fields["logistics_interface"], "mailNo"),
        lambda _number, steps: {"success": "true", "traces": _rows(steps, _CAINIAO, "time", "logisticsStatus", "desc", "city")},
        lambda why: {"success": "false", "errorCode": "S02" if why == "sign" else "S07", "errorMsg": REFUSALS[why]},
    ),
}  # fmt: skip


def pushed(vendor: str, number: str, steps: Sequence[Step], *, sent_at: str, status: str = "polling") -> dict[str, str]:
    """The fields of a callback of 快递100 or 快递鸟, signed."""
    if vendor == "kuaidi100":
        param = compact({"status": status, "billstatus": "got", "message": "（模拟）", "lastResult": k100_traces(number, steps)})
        return {"sign": md5_hex(param + SALT).upper(), "param": param}
    if vendor == "kdniao":
        data = compact({"EBusinessID": IDENTITY, "PushTime": sent_at, "Count": "1", "Data": [kdniao_traces(number, steps)]})
        return {"RequestData": data, "DataSign": md5_hex_base64(data + SECRET), "RequestType": "101"}
    raise CarrierFault("bad_request")
