"""快递100: query (V3), subscription and callback (V4), states (V2)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from django.utils.translation import gettext_lazy as _

from kefu.integrations.carriers.base import AskedOnly, address, events_of
from kefu.integrations.carriers.scan_words import scan_in, scan_of
from kefu.integrations.carriers.wire import compact, data_of, form, form_fields, mapping, md5_hex, objects, parsed, same, text_at, truth
from kefu.parcels.carrier_codes import KUAIDI100_COMPANIES, Scheme
from kefu.station.tracking.carriers import CarrierEvent, Credentials, Found, Received, Reply, Request, Response, Told, VendorRules, Wanted
from kefu.station.tracking.faults import CarrierFault

_OURS: Final = {name: code for code, name in KUAIDI100_COMPANIES.items()}
# Of the query (GK where the page does not list them) and of the subscription.
_FAULTS: Final[dict[str, str]] = {
    "400": "bad_request", "408": "phone_needed", "500": "no_result", "501": "vendor_down", "502": "busy", "503": "bad_signature",
    "601": "bad_account",
}  # fmt: skip
_SUBSCRIPTION_FAULTS: Final[dict[str, str]] = {
    "500": "vendor_down", "501": "already_subscribed", "600": "bad_account", "601": "bad_account", "700": "bad_request",
    "701": "unknown_carrier", "702": "unknown_carrier",
}  # fmt: skip
_LOCK_WORDS: Final = ("锁单", "锁定")
_NEED_PHONE: Final = frozenset({"sf", "zto"})


class Kuaidi100(AskedOnly):
    """快递100. ``identity`` is customer, ``secret`` key, ``salt`` signs callbacks."""

    vendor: ClassVar = "kuaidi100"
    title: ClassVar = _("快递100")
    carriers: ClassVar = frozenset(KUAIDI100_COMPANIES)
    rules: ClassVar = VendorRules(pause_per_number=timedelta(minutes=30), subscriptions_a_month=4)
    subscribes: ClassVar = True
    options: ClassVar[Mapping[str, str]] = {"resultv2": "4", "query_path": "/poll/query.do", "subscribe_path": "/poll"}

    def query(self, account: Credentials, wanted: Wanted, now: datetime) -> Request:  # noqa: ARG002
        """POST form; sign = MD5(param + key + customer), upper case."""
        if not 6 <= len(wanted.waybill) <= 32:
            raise CarrierFault("bad_number")
        if wanted.carrier in _NEED_PHONE and not wanted.phone_tail:
            raise CarrierFault("phone_needed")
        param = {"com": _company(wanted), "num": wanted.waybill}
        if wanted.phone_tail:
            param["phone"] = wanted.phone_tail
        param |= {"resultv2": self.option(account, "resultv2"), "show": "0", "order": "asc"}
        return self.signed(account, compact(param))

    def signed(self, account: Credentials, param: str) -> Request:
        """The form around a parameter text."""
        sign = md5_hex(param + account.secret + account.identity).upper()
        url = address(account, self.option(account, "query_path"))
        return form(url, {"customer": account.identity, "sign": sign, "param": param})

    def read(self, account: Credentials, wanted: Wanted, response: Response) -> Found:  # noqa: ARG002
        """The events of the answer; its refusals as faults."""
        answer = data_of(response)
        if answer.get("status") == "200" or (text_at(answer, "message") == "ok" and "data" in answer):
            return _found(answer)
        said, code = text_at(answer, "message"), text_at(answer, "returnCode", "status")
        if any(word in said for word in _LOCK_WORDS):
            raise CarrierFault("locked", said)
        raise CarrierFault(_FAULTS.get(code, "unreadable"), f"{code} {said}".strip())

    def subscribe(self, account: Credentials, wanted: Wanted, callback_url: str, now: datetime) -> Request:  # noqa: ARG002
        """POST form schema=json, param (V4)."""
        parameters = {"callbackurl": callback_url, "salt": account.salt, "resultv2": self.option(account, "resultv2")}
        if wanted.phone_tail:
            parameters["phone"] = wanted.phone_tail
        if not wanted.carrier:
            parameters["autoCom"] = "1"
        company = KUAIDI100_COMPANIES.get(wanted.carrier, "")
        param = {"company": company, "number": wanted.waybill, "key": account.secret, "parameters": parameters}
        return form(address(account, self.option(account, "subscribe_path")), {"schema": "json", "param": compact(param)})

    def read_subscribed(self, account: Credentials, response: Response) -> None:  # noqa: ARG002
        """Result true and code 200, or a fault."""
        answer = data_of(response)
        code = text_at(answer, "returnCode")
        if not (truth(answer.get("result")) and code == "200"):
            raise CarrierFault(_SUBSCRIPTION_FAULTS.get(code, "unreadable"), f"{code} {text_at(answer, 'message')}".strip())

    def callback(self, account: Credentials, received: Received) -> Told:
        """sign = MD5(param + salt), upper case, over the parameter as received and decoded once."""
        fields = form_fields(received.body)
        param = fields.get("param", "")
        if not account.salt or not same(fields.get("sign", ""), md5_hex(param + account.salt).upper()):
            raise CarrierFault("forged")
        said = mapping(parsed(param))
        status = text_at(said, "status")
        results = [mapping(said[name]) for name in ("lastResult", "destResult") if isinstance(said.get(name), dict)]
        found = tuple(_found(result) for result in results if text_at(result, "nu"))
        numbers = tuple(dict.fromkeys(one.waybill for one in found))
        return Told(found, ended=numbers if status == "shutdown" else (), aborted=numbers if status == "abort" else ())

    def acknowledge(self, account: Credentials, now: datetime) -> Reply:  # noqa: ARG002
        """The one answer that keeps it from being pushed again."""
        return Reply('{"result":true,"returnCode":"200","message":"成功"}'.encode())

    def refuse(self, account: Credentials, fault: str, now: datetime) -> Reply:  # noqa: ARG002
        """It will be pushed again."""
        return Reply(compact({"result": False, "returnCode": "500", "message": fault}).encode())


def _company(wanted: Wanted) -> str:
    company = KUAIDI100_COMPANIES.get(wanted.carrier)
    if company is None:
        raise CarrierFault("unknown_carrier")
    return company


def _found(answer: Mapping[str, Any]) -> Found:
    rows = objects(answer.get("data"))
    events = events_of(rows, time=("ftime", "time"), code=("statusCode",), text=("context",), place=("location", "areaName"), means=_means)
    return Found(text_at(answer, "nu").upper(), _with_state(events, rows, answer), _OURS.get(text_at(answer, "com"), ""))


def _means(code: str, row: Mapping[str, Any]) -> str:
    text = text_at(row, "context")
    return scan_in(Scheme.KUAIDI100, code, text) if code else scan_of(text_at(row, "status"), text)


def _with_state(events: list[CarrierEvent], rows: list[dict[str, Any]], answer: Mapping[str, Any]) -> list[CarrierEvent]:
    """Lines without codes (resultv2 off): the state of the whole is that of the last line."""
    if not events or any(text_at(row, "statusCode", "status") for row in rows):
        return events
    state = text_at(answer, "state")
    last = events[-1]
    return [*events[:-1], CarrierEvent(last.at, scan_in(Scheme.KUAIDI100, state, last.text), last.text, last.place, state)]
