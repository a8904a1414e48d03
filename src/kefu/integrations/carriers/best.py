"""百世 (V6c, V6d)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Final

from django.utils.translation import gettext_lazy as _

from kefu.integrations.carriers.base import AskedOnly, address, events_of
from kefu.integrations.carriers.scan_words import scan_in
from kefu.integrations.carriers.wire import compact, data_of, form, mapping, md5_hex, objects, text_at, truth
from kefu.kernel.errors import Message
from kefu.parcels.carrier_codes import Scheme
from kefu.station.tracking.carriers import Credentials, Found, Request, Response, Wanted
from kefu.station.tracking.faults import CarrierFault

_WORDS: Final = (
    ("sign", "bad_signature"),
    ("签名", "bad_signature"),
    ("partner", "bad_account"),
    ("权限", "bad_account"),
    ("不存在", "bad_number"),
    ("单号", "bad_number"),
)


class Best(AskedOnly):
    """百世. ``identity`` is partnerID, ``secret`` partnerKey."""

    vendor: ClassVar = "best"
    title: ClassVar[Message] = _("百世开放平台")
    carriers: ClassVar = frozenset({"best"})
    options: ClassVar[Mapping[str, str]] = {"query_path": "/kd/api/process", "service_type": "KD_TRACE_QUERY"}

    def query(self, account: Credentials, wanted: Wanted, now: datetime) -> Request:  # noqa: ARG002
        """POST form bizData, serviceType, partnerID, sign."""
        return self.signed(account, compact({"mailNos": {"mailNo": [wanted.waybill]}}))

    def signed(self, account: Credentials, data: str) -> Request:
        """sign = md5 hex(bizData + partnerKey), lower case."""
        fields = {
            "bizData": data,
            "serviceType": self.option(account, "service_type"),
            "partnerID": account.identity,
            "sign": md5_hex(data + account.secret),
        }
        return form(address(account, self.option(account, "query_path")), fields)

    def read(self, account: Credentials, wanted: Wanted, response: Response) -> Found:  # noqa: ARG002
        """The lines below the number that was asked for."""
        answer = data_of(response)
        if not truth(answer.get("result")):
            said = text_at(answer, "errorDescription", "remark")
            raise CarrierFault(next((code for words, code in _WORDS if words in said), "bad_request"), said)
        rows: list[dict[str, Any]] = []
        for log in objects(answer.get("traceLogs")):
            if text_at(log, "mailNo").upper() in ("", wanted.waybill):
                traces = log.get("traces")
                rows += objects(mapping(traces).get("trace")) if traces else []
        if not rows:
            raise CarrierFault("no_result")
        events = events_of(
            rows,
            time=("acceptTime",),
            code=("scanType",),
            text=("remark",),
            place=("acceptAddress",),
            means=lambda code, row: scan_in(Scheme.BEST, code, text_at(row, "remark")),
        )
        return Found(wanted.waybill, events, "best")
