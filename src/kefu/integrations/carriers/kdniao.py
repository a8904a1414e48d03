"""快递鸟 (V5): query, subscription, push."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from django.utils.translation import gettext_lazy as _

from kefu.integrations.carriers.base import AskedOnly, address, events_of
from kefu.integrations.carriers.scan_words import scan_in, scan_of
from kefu.integrations.carriers.wire import (
    compact,
    data_of,
    form,
    form_fields,
    mapping,
    md5_hex_base64,
    moment,
    objects,
    parsed,
    same,
    stamp,
    text_at,
    truth,
)
from kefu.parcels.carrier_codes import KDNIAO_COMPANIES, Scheme
from kefu.station.tracking.carriers import CarrierEvent, Credentials, Found, Received, Reply, Request, Response, Told, VendorRules, Wanted
from kefu.station.tracking.faults import CarrierFault

_OURS: Final = {name: code for code, name in KDNIAO_COMPANIES.items()} | {"YZPY": "ems", "BTWL": "best"}
_NEED_PHONE: Final = frozenset({"sf", "zto"})
_WORDS: Final = (
    ("签名", "bad_signature"),
    ("DataSign", "bad_signature"),
    ("暂无轨迹", "no_result"),
    ("没有轨迹", "no_result"),
    ("无轨迹", "no_result"),
    ("商户", "bad_account"),
    ("套餐", "bad_account"),
    ("权限", "bad_account"),
    ("快递公司", "unknown_carrier"),
    ("单号", "bad_number"),
    ("频繁", "busy"),
)


class Kdniao(AskedOnly):
    """快递鸟. ``identity`` is EBusinessID, ``secret`` AppKey; pushes are signed with the same key."""

    vendor: ClassVar = "kdniao"
    title: ClassVar = _("快递鸟")
    carriers: ClassVar = frozenset(KDNIAO_COMPANIES)
    rules: ClassVar = VendorRules(callback_age=timedelta(days=2))
    subscribes: ClassVar = True
    options: ClassVar[Mapping[str, str]] = {
        "query_type": "8001",
        "subscribe_type": "8008",
        "query_path": "/Ebusiness/EbusinessOrderHandle.aspx",
        "subscribe_path": "/api/dist",
    }

    def query(self, account: Credentials, wanted: Wanted, now: datetime) -> Request:  # noqa: ARG002
        """POST form; the newest line comes last (Sort 0)."""
        return self.signed(account, compact(_wanted(wanted) | {"Sort": "0"}), self.option(account, "query_type"), "query_path")

    def signed(self, account: Credentials, data: str, request_type: str, path: str) -> Request:
        """DataSign = base64(md5 hex(RequestData + AppKey)) over the raw text; each value encoded once."""
        fields = {
            "RequestData": data,
            "EBusinessID": account.identity,
            "RequestType": request_type,
            "DataSign": md5_hex_base64(data + account.secret),
            "DataType": "2",
        }
        return form(address(account, self.option(account, path)), fields)

    def read(self, account: Credentials, wanted: Wanted, response: Response) -> Found:  # noqa: ARG002
        """The events of the answer; its refusals as faults."""
        answer = data_of(response)
        if not truth(answer.get("Success")):
            raise _fault(text_at(answer, "Reason"))
        found = _found(answer)
        if not found.events and text_at(answer, "State") == "0":
            raise CarrierFault("no_result", text_at(answer, "Reason"))
        return found

    def subscribe(self, account: Credentials, wanted: Wanted, callback_url: str, now: datetime) -> Request:  # noqa: ARG002
        """The address pushes go to is set on the vendor's platform; ours rides along so that its support can compare."""
        data = _wanted(wanted) | {"Callback": callback_url}
        return self.signed(account, compact(data), self.option(account, "subscribe_type"), "subscribe_path")

    def read_subscribed(self, account: Credentials, response: Response) -> None:  # noqa: ARG002
        """Success, or a fault."""
        answer = data_of(response)
        if not truth(answer.get("Success")):
            raise _fault(text_at(answer, "Reason"))

    def callback(self, account: Credentials, received: Received) -> Told:
        """RequestData and DataSign, signed as requests are; PushTime tells how old it is."""
        fields = form_fields(received.body)
        data = fields.get("RequestData", "")
        if not same(fields.get("DataSign", ""), md5_hex_base64(data + account.secret)):
            raise CarrierFault("forged")
        said = mapping(parsed(data))
        if text_at(said, "EBusinessID") != account.identity:
            raise CarrierFault("forged")
        rows = objects(said.get("Data")) if fields.get("RequestType") in ("101", "102") else []
        found = [_found(row) for row in rows if text_at(row, "LogisticCode")]
        ended = [text_at(row, "LogisticCode").upper() for row in rows if text_at(row, "State") == "3"]
        return Told(tuple(found), tuple(ended), (), moment(text_at(said, "PushTime")))

    def acknowledge(self, account: Credentials, now: datetime) -> Reply:
        """Success with our time."""
        return Reply(compact({"EBusinessID": account.identity, "UpdateTime": stamp(now), "Success": True, "Reason": ""}).encode())

    def refuse(self, account: Credentials, fault: str, now: datetime) -> Reply:
        """No success, with the reason."""
        return Reply(compact({"EBusinessID": account.identity, "UpdateTime": stamp(now), "Success": False, "Reason": fault}).encode())


def _wanted(wanted: Wanted) -> dict[str, str]:
    shipper = KDNIAO_COMPANIES.get(wanted.carrier)
    if shipper is None:
        raise CarrierFault("unknown_carrier")
    if wanted.carrier in _NEED_PHONE and not wanted.phone_tail:
        raise CarrierFault("phone_needed")
    data = {"OrderCode": "", "ShipperCode": shipper, "LogisticCode": wanted.waybill}
    return data | ({"CustomerName": wanted.phone_tail} if wanted.phone_tail else {})


def _fault(reason: str) -> CarrierFault:
    return CarrierFault(next((code for words, code in _WORDS if words in reason), "bad_request"), reason)


def _found(answer: Mapping[str, Any]) -> Found:
    events = events_of(
        objects(answer.get("Traces")),
        time=("AcceptTime",),
        code=("Action",),
        text=("AcceptStation",),
        place=("Location",),
        means=_means,
    )
    if events and not events[-1].vendor_code:
        last, state = events[-1], text_at(answer, "StateEx", "State")
        events[-1] = CarrierEvent(last.at, scan_in(Scheme.KDNIAO, state, last.text), last.text, last.place, state)
    return Found(text_at(answer, "LogisticCode").upper(), events, _OURS.get(text_at(answer, "ShipperCode"), ""))


def _means(code: str, row: Mapping[str, Any]) -> str:
    text = text_at(row, "AcceptStation")
    return scan_in(Scheme.KDNIAO, code, text) if code else scan_of("", text)
