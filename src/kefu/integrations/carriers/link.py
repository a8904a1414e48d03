"""申通 (V6f) and 菜鸟 (V6k): the link.do interfaces, a form with a digest of its content."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Final

from django.utils.translation import gettext_lazy as _

from kefu.integrations.carriers.base import AskedOnly, address, events_of
from kefu.integrations.carriers.scan_words import scan_in, scan_of
from kefu.integrations.carriers.wire import compact, data_of, form, md5_bytes_base64, objects, text_at, truth
from kefu.kernel.errors import Message
from kefu.parcels.carrier_codes import Scheme, is_known
from kefu.station.tracking.carriers import Credentials, Found, Request, Response, Wanted
from kefu.station.tracking.faults import CarrierFault

_WORDS: Final = (
    ("S02", "bad_signature"),
    ("digest", "bad_signature"),
    ("签名", "bad_signature"),
    ("S03", "bad_account"),
    ("权限", "bad_account"),
    ("B99", "bad_number"),
    ("单号", "bad_number"),
    ("S07", "vendor_down"),
    ("无轨迹", "no_result"),
)


class Sto(AskedOnly):
    """申通. ``identity`` is from_appkey, ``secret`` signs the content."""

    vendor: ClassVar = "sto"
    title: ClassVar[Message] = _("申通开放平台")
    carriers: ClassVar = frozenset({"sto"})
    options: ClassVar[Mapping[str, str]] = {
        "query_path": "/gateway/link.do",
        "api_name": "STO_TRACE_QUERY_COMMON",
        "to_appkey": "sto_trace_query",
        "to_code": "sto_trace_query",
    }

    def query(self, account: Credentials, wanted: Wanted, now: datetime) -> Request:  # noqa: ARG002
        """POST form content, data_digest, and the names of both sides."""
        return self.signed(account, compact({"order": "asc", "waybillNoList": [wanted.waybill]}))

    def signed(self, account: Credentials, content: str) -> Request:
        """data_digest = base64(md5 bytes(content + secret))."""
        fields = {
            "content": content,
            "data_digest": md5_bytes_base64(content + account.secret),
            "api_name": self.option(account, "api_name"),
            "from_appkey": account.identity,
            "from_code": account.options.get("from_code") or account.identity,
            "to_appkey": self.option(account, "to_appkey"),
            "to_code": self.option(account, "to_code"),
        }
        return form(address(account, self.option(account, "query_path")), fields)

    def read(self, account: Credentials, wanted: Wanted, response: Response) -> Found:  # noqa: ARG002
        """The lines of the number, which stand below it."""
        answer = data_of(response)
        _check(answer)
        data = answer.get("data")
        rows = objects(data.get(wanted.waybill) if isinstance(data, dict) else data)
        events = events_of(
            rows,
            time=("opTime",),
            code=("scanType",),
            text=("memo",),
            place=("opOrgCityName", "opOrgName"),
            means=lambda code, row: scan_of(code, text_at(row, "memo")),
        )
        if not events:
            raise CarrierFault("no_result")
        return Found(wanted.waybill, events, "sto")


class Cainiao(AskedOnly):
    """菜鸟. ``identity`` is logistic_provider_id, ``secret`` signs the content; msg_type is what the account was given."""

    vendor: ClassVar = "cainiao"
    title: ClassVar[Message] = _("菜鸟")
    carriers: ClassVar = frozenset({"zto", "yto", "best", "sto", "yunda", "jt", "ems", "deppon"})
    options: ClassVar[Mapping[str, str]] = {"query_path": "/gateway/link.do", "msg_type": "TMS_WAYBILL_TRACE_QUERY"}

    def query(self, account: Credentials, wanted: Wanted, now: datetime) -> Request:  # noqa: ARG002
        """POST form msg_type, logistic_provider_id, logistics_interface, data_digest."""
        return self.signed(account, compact({"mailNo": wanted.waybill}))

    def signed(self, account: Credentials, content: str) -> Request:
        """data_digest = base64(md5 bytes(content + secret))."""
        fields = {
            "msg_type": self.option(account, "msg_type"),
            "logistic_provider_id": account.identity,
            "logistics_interface": content,
            "data_digest": md5_bytes_base64(content + account.secret),
        }
        return form(address(account, self.option(account, "query_path")), fields)

    def read(self, account: Credentials, wanted: Wanted, response: Response) -> Found:  # noqa: ARG002
        """The lines of the answer; the finer status counts where there is one."""
        answer = data_of(response)
        _check(answer)
        events = events_of(
            objects(answer.get("traces", answer.get("data"))),
            time=("logisticsGmtModified", "time"),
            code=("subLogisticsStatus", "logisticsStatus"),
            text=("desc",),
            place=("city", "facilityName"),
            means=_cainiao,
        )
        if not events:
            raise CarrierFault("no_result")
        return Found(wanted.waybill, events, wanted.carrier)


def _cainiao(code: str, row: Mapping[str, Any]) -> str:
    finer = code if is_known(Scheme.CAINIAO, code) else text_at(row, "logisticsStatus")
    return scan_in(Scheme.CAINIAO, finer, text_at(row, "desc"))


def _check(answer: Mapping[str, Any]) -> None:
    if truth(answer.get("success")):
        return
    said = " ".join(part for part in (text_at(answer, "errorCode"), text_at(answer, "errorMsg", "message")) if part)
    raise CarrierFault(next((code for words, code in _WORDS if words in said), "bad_request"), said)
