"""德邦 (V6i)."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Final

from django.utils.translation import gettext_lazy as _

from kefu.integrations.carriers.base import AskedOnly, address, events_of
from kefu.integrations.carriers.scan_words import scan_of
from kefu.integrations.carriers.wire import compact, data_of, form, mapping, md5_hex_base64, milliseconds, objects, text_at, truth
from kefu.kernel.errors import Message
from kefu.station.tracking.carriers import Credentials, Found, Request, Response, Wanted
from kefu.station.tracking.faults import CarrierFault

# GK.
SCANS: Final[dict[str, str]] = {
    "GOT": "collect", "DEPARTURE": "send", "ARRIVAL": "arrive", "SENT_SCAN": "deliver", "SIGNED": "sign", "ERROR": "problem",
    "FAILED": "problem", "AIR_SEND": "transit", "AIR_ARRIVAL": "transit", "RETURN": "return",
}  # fmt: skip
_WORDS: Final = (
    ("摘要", "bad_signature"),
    ("签名", "bad_signature"),
    ("公司编码", "bad_account"),
    ("权限", "bad_account"),
    ("单号", "bad_number"),
    ("无轨迹", "no_result"),
)


class Deppon(AskedOnly):
    """德邦. ``identity`` is companyCode, ``secret`` the app key."""

    vendor: ClassVar = "deppon"
    title: ClassVar[Message] = _("德邦开放平台")
    carriers: ClassVar = frozenset({"deppon"})
    options: ClassVar[Mapping[str, str]] = {"query_path": "/standard-order/newTraceQuery.action"}

    def query(self, account: Credentials, wanted: Wanted, now: datetime) -> Request:
        """POST form companyCode, digest, timestamp, params."""
        return self.signed(account, compact({"mailNo": wanted.waybill}), milliseconds(now))

    def signed(self, account: Credentials, params: str, timestamp: str) -> Request:
        """digest = base64(md5 hex(params + key + timestamp))."""
        fields = {
            "companyCode": account.identity,
            "digest": md5_hex_base64(params + account.secret + timestamp),
            "timestamp": timestamp,
            "params": params,
        }
        return form(address(account, self.option(account, "query_path")), fields)

    def read(self, account: Credentials, wanted: Wanted, response: Response) -> Found:  # noqa: ARG002
        """The trace list of the answer."""
        answer = data_of(response)
        if not truth(answer.get("result")):
            said = text_at(answer, "reason", "message")
            code = next((code for words, code in _WORDS if words in said), "bad_request")
            raise CarrierFault(code, f"{text_at(answer, 'resultCode')} {said}".strip())
        events = events_of(
            objects(mapping(answer.get("responseParam") or {}).get("trace_list")),
            time=("time",),
            code=("status",),
            text=("description",),
            place=("city", "site"),
            means=lambda code, row: SCANS.get(code) or scan_of(code, text_at(row, "description")),
        )
        if not events:
            raise CarrierFault("no_result")
        return Found(wanted.waybill, events, "deppon")
