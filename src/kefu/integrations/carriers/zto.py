"""中通: the open platform (V6a) and the one before it (V6b)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Final

from django.utils.translation import gettext_lazy as _

from kefu.integrations.carriers.base import AskedOnly, address, events_of
from kefu.integrations.carriers.scan_words import scan_in
from kefu.integrations.carriers.wire import compact, data_of, form, json_body, md5_bytes_base64, objects, text_at, truth
from kefu.kernel.errors import Message
from kefu.parcels.carrier_codes import Scheme
from kefu.station.tracking.carriers import Credentials, Found, Request, Response, Wanted
from kefu.station.tracking.faults import CarrierFault

# The scheme knows the traps of V1: ARRIVAL and SIGNED are in and out of a locker, DEPARTURE is a failed delivery.
_WORDS: Final = (
    ("签名", "bad_signature"),
    ("digest", "bad_signature"),
    ("appKey", "bad_account"),
    ("授权", "bad_account"),
    ("权限", "bad_account"),
    ("手机", "phone_needed"),
    ("电话", "phone_needed"),
    ("频", "busy"),
    ("不存在", "bad_number"),
    ("单号", "bad_number"),
    ("无轨迹", "no_result"),
)


class _Zto(AskedOnly):
    carriers: ClassVar = frozenset({"zto"})

    def read(self, account: Credentials, wanted: Wanted, response: Response) -> Found:  # noqa: ARG002
        """The events; an empty or false status is a failure with its message."""
        answer = data_of(response)
        if not truth(answer.get("status")):
            raise _fault(answer)
        return Found(wanted.waybill, _events(_rows(answer)), "zto")


class Zto(_Zto):
    """中通's open platform. ``identity`` is appKey, ``secret`` appSecret."""

    vendor: ClassVar = "zto"
    title: ClassVar[Message] = _("中通开放平台")
    options: ClassVar[Mapping[str, str]] = {"query_path": "/zto.merchant.waybill.track.query"}

    def query(self, account: Credentials, wanted: Wanted, now: datetime) -> Request:  # noqa: ARG002
        """POST JSON; x-dataDigest = base64(md5 bytes(body + appSecret))."""
        body = {"billCode": wanted.waybill} | ({"mobilePhone": wanted.phone_tail} if wanted.phone_tail else {})
        return self.signed(account, compact(body))

    def signed(self, account: Credentials, body: str) -> Request:
        """The body with its digest in the headers."""
        headers = {"x-appKey": account.identity, "x-dataDigest": md5_bytes_base64(body + account.secret)}
        return json_body(address(account, self.option(account, "query_path")), body, headers)


class ZtoLegacy(_Zto):
    """中通's earlier interface. ``identity`` is company_id, ``secret`` the key."""

    vendor: ClassVar = "zto_legacy"
    title: ClassVar[Message] = _("中通旧接口")
    options: ClassVar[Mapping[str, str]] = {"query_path": "/traceInterfaceNewTraces", "msg_type": "NEW_TRACES"}

    def query(self, account: Credentials, wanted: Wanted, now: datetime) -> Request:  # noqa: ARG002
        """POST form; the digest is over the fields as they are sent, in their order, before they are encoded."""
        return self.signed(account, compact([wanted.waybill]))

    def signed(self, account: Credentials, data: str) -> Request:
        """The form with its digest in the headers."""
        fields = {"company_id": account.identity, "msg_type": self.option(account, "msg_type"), "data": data}
        plain = "&".join(f"{name}={value}" for name, value in fields.items())
        headers = {"x-companyId": account.identity, "x-dataDigest": md5_bytes_base64(plain + account.secret)}
        return form(address(account, self.option(account, "query_path")), fields, headers)


def _rows(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Lines, whether they stand in the result itself or below the number they belong to."""
    value = answer.get("result", answer.get("data"))
    rows = objects([value] if isinstance(value, dict) else value)
    return [line for row in rows for line in (objects(row["traces"]) if "traces" in row else [row])]


def _events(rows: list[dict[str, Any]]) -> Any:
    return events_of(
        rows,
        time=("scanDate",),
        code=("scanType",),
        text=("desc",),
        place=("scanCity", "scanSite"),
        means=means,
    )


def means(code: str, row: Mapping[str, Any]) -> str:
    """The scan of V1 behind 中通's scan type; ``returnType`` tells a refusal from other returns."""
    return_type = text_at(row, "returnType") if code in ("退件", "8") else ""
    return scan_in(Scheme.ZTO, code, text_at(row, "desc"), return_type=return_type)


def _fault(answer: Mapping[str, Any]) -> CarrierFault:
    said = text_at(answer, "message", "msg")
    code = next((code for words, code in _WORDS if words in said), "bad_request")
    return CarrierFault(code, f"{text_at(answer, 'statusCode')} {said}".strip())
