"""韵达 (V6g)."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Final

from django.utils.translation import gettext_lazy as _

from kefu.integrations.carriers.base import AskedOnly, address, events_of
from kefu.integrations.carriers.scan_words import scan_of
from kefu.integrations.carriers.wire import compact, data_of, json_body, mapping, md5_hex, milliseconds, objects, text_at, truth
from kefu.kernel.errors import Message
from kefu.station.tracking.carriers import Credentials, Found, Request, Response, Wanted
from kefu.station.tracking.faults import CarrierFault

# GK.
SCANS: Final[dict[str, str]] = {
    "ACCEPT": "ordered", "GOT": "collect", "ARRIVAL": "arrive", "TRANSIT": "transit", "DEPARTURE": "send", "SENT_SCAN": "deliver",
    "DELIVERING": "deliver", "INBOUND": "in_store", "SIGNED": "sign", "SIGNFAIL": "problem", "FAILED": "problem", "REJECTION": "refuse",
    "RETURN": "return",
}  # fmt: skip
_WORDS: Final = (
    ("sign", "bad_signature"),
    ("签名", "bad_signature"),
    ("app-key", "bad_account"),
    ("权限", "bad_account"),
    ("单号", "bad_number"),
    ("频", "busy"),
    ("无轨迹", "no_result"),
)


class Yunda(AskedOnly):
    """韵达. ``identity`` is app-key, ``secret`` signs."""

    vendor: ClassVar = "yunda"
    title: ClassVar[Message] = _("韵达开放平台")
    carriers: ClassVar = frozenset({"yunda"})
    options: ClassVar[Mapping[str, str]] = {"query_path": "/openapi/outer/logictis/query"}

    def query(self, account: Credentials, wanted: Wanted, now: datetime) -> Request:
        """POST JSON; headers app-key, req-time, sign."""
        return self.signed(account, compact({"mailno": wanted.waybill}), now)

    def signed(self, account: Credentials, body: str, now: datetime) -> Request:
        """sign = md5 hex(body + "_" + secret)."""
        headers = {"app-key": account.identity, "req-time": milliseconds(now), "sign": md5_hex(f"{body}_{account.secret}")}
        return json_body(address(account, self.option(account, "query_path")), body, headers)

    def read(self, account: Credentials, wanted: Wanted, response: Response) -> Found:  # noqa: ARG002
        """The steps of the answer."""
        answer = data_of(response)
        if not truth(answer.get("result")):
            said = text_at(answer, "message", "sub_msg")
            code = next((code for words, code in _WORDS if words in said), "bad_request")
            raise CarrierFault(code, f"{text_at(answer, 'code')} {said}".strip())
        events = events_of(
            objects(mapping(answer.get("data") or {}).get("steps")),
            time=("time",),
            code=("action", "status"),
            text=("description",),
            place=("city", "stationName", "station"),
            means=lambda code, row: SCANS.get(code) or scan_of(code, text_at(row, "description")),
        )
        if not events:
            raise CarrierFault("no_result")
        return Found(wanted.waybill, events, "yunda")
