"""极兔 (V6h)."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Final

from django.utils.translation import gettext_lazy as _

from kefu.integrations.carriers.base import AskedOnly, address, events_of
from kefu.integrations.carriers.scan_words import scan_in
from kefu.integrations.carriers.wire import compact, data_of, form, md5_bytes_base64, milliseconds, objects, text_at
from kefu.kernel.errors import Message
from kefu.parcels.carrier_codes import Scheme
from kefu.station.tracking.carriers import Credentials, Found, Request, Response, Wanted
from kefu.station.tracking.faults import CarrierFault

_WORDS: Final = (
    ("签名", "bad_signature"),
    ("digest", "bad_signature"),
    ("apiAccount", "bad_account"),
    ("权限", "bad_account"),
    ("单号", "bad_number"),
    ("运单", "bad_number"),
    ("频", "busy"),
)


class Jt(AskedOnly):
    """极兔. ``identity`` is apiAccount, ``secret`` privateKey."""

    vendor: ClassVar = "jt"
    title: ClassVar[Message] = _("极兔开放平台")
    carriers: ClassVar = frozenset({"jt"})
    options: ClassVar[Mapping[str, str]] = {"query_path": "/webopenplatformapi/api/logistics/trace"}

    def query(self, account: Credentials, wanted: Wanted, now: datetime) -> Request:
        """POST form bizContent; headers apiAccount, timestamp, digest."""
        return self.signed(account, compact({"billCodes": wanted.waybill}), now)

    def signed(self, account: Credentials, content: str, now: datetime) -> Request:
        """digest = base64(md5 bytes(bizContent + privateKey))."""
        headers = {"apiAccount": account.identity, "timestamp": milliseconds(now), "digest": md5_bytes_base64(content + account.secret)}
        return form(address(account, self.option(account, "query_path")), {"bizContent": content}, headers)

    def read(self, account: Credentials, wanted: Wanted, response: Response) -> Found:  # noqa: ARG002
        """The details below the number."""
        answer = data_of(response)
        if text_at(answer, "code") != "1":
            said = text_at(answer, "msg", "message")
            code = next((code for words, code in _WORDS if words in said), "bad_request")
            raise CarrierFault(code, f"{text_at(answer, 'code')} {said}".strip())
        rows = [
            line
            for bill in objects(answer.get("data"))
            if text_at(bill, "billCode").upper() == wanted.waybill
            for line in objects(bill.get("details"))
        ]
        events = events_of(
            rows,
            time=("scanTime",),
            code=("scanTypeCode", "scanType"),
            text=("desc",),
            place=("scanNetworkCity", "scanNetworkName"),
            means=lambda code, row: scan_in(Scheme.JT, code, text_at(row, "desc")),
        )
        if not events:
            raise CarrierFault("no_result")
        return Found(wanted.waybill, events, "jt")
