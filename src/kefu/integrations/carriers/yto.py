"""圆通 (V6e)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Final

from django.utils.translation import gettext_lazy as _

from kefu.integrations.carriers.base import AskedOnly, address, events_of
from kefu.integrations.carriers.scan_words import scan_in
from kefu.integrations.carriers.wire import compact, data_of, json_body, md5_bytes_base64, milliseconds, objects, parsed, text_at
from kefu.kernel.errors import Message
from kefu.parcels.carrier_codes import Scheme
from kefu.station.tracking.carriers import Credentials, Found, Request, Response, Wanted
from kefu.station.tracking.faults import CarrierFault

_METHOD, _VERSION = "waybill_query", "v1"
_WORDS: Final = (("sign", "bad_signature"), ("签名", "bad_signature"), ("权限", "bad_account"), ("单号", "bad_number"), ("频", "busy"))


class Yto(AskedOnly):
    """圆通. ``identity`` is the code in the address, ``secret`` signs."""

    vendor: ClassVar = "yto"
    title: ClassVar[Message] = _("圆通开放平台")
    carriers: ClassVar = frozenset({"yto"})
    options: ClassVar[Mapping[str, str]] = {"query_path": f"/service/{_METHOD}/{_VERSION}"}

    def query(self, account: Credentials, wanted: Wanted, now: datetime) -> Request:
        """POST JSON around the parameter text."""
        return self.signed(account, compact({"NUMBER": wanted.waybill}), now)

    def signed(self, account: Credentials, param: str, now: datetime) -> Request:
        """sign = base64(md5 bytes(param + method + version + secret))."""
        sign = md5_bytes_base64(param + _METHOD + _VERSION + account.secret)
        body = compact({"timestamp": milliseconds(now), "param": param, "format": "JSON", "sign": sign})
        return json_body(address(account, f"{self.option(account, 'query_path')}/{account.identity}"), body, {})

    def read(self, account: Credentials, wanted: Wanted, response: Response) -> Found:  # noqa: ARG002
        """A bare list of lines, or an object that says what is wrong."""
        text = response.body.decode("utf-8", "replace").lstrip("\ufeff \r\n\t")
        rows = objects(parsed(text)) if response.status == 200 and text[:1] == "[" else _rows(data_of(response))
        events = events_of(
            rows,
            time=("upload_Time", "uploadTime"),
            code=("infoContent",),
            text=("processInfo",),
            place=("city", "district"),
            means=lambda code, row: scan_in(Scheme.YTO, code, text_at(row, "processInfo")),
        )
        if not events:
            raise CarrierFault("no_result")
        return Found(wanted.waybill, events, "yto")


def _rows(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    if isinstance(answer.get("data"), list):
        return objects(answer["data"])
    said = text_at(answer, "message", "reason", "msg")
    raise CarrierFault(next((code for words, code in _WORDS if words in said), "bad_request"), f"{text_at(answer, 'code')} {said}".strip())
