"""The table of test vectors (V6), and what is sent: signed as sent, encoded exactly once."""

import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote

import pytest

from kefu.integrations.carriers.best import Best
from kefu.integrations.carriers.deppon import Deppon
from kefu.integrations.carriers.jt import Jt
from kefu.integrations.carriers.kdniao import Kdniao
from kefu.integrations.carriers.kuaidi100 import Kuaidi100
from kefu.integrations.carriers.link import Cainiao, Sto
from kefu.integrations.carriers.wire import md5_bytes_base64, md5_hex, md5_hex_base64
from kefu.integrations.carriers.yto import Yto
from kefu.integrations.carriers.yunda import Yunda
from kefu.integrations.carriers.zto import Zto, ZtoLegacy
from kefu.parcels.waybills import s10_check_digit
from kefu.station.tracking.carriers import Credentials, Received, Request, Wanted
from kefu.station.tracking.faults import CarrierFault

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
SIMPLE = '{"mailNo":"YT1"}'
_DIGEST = "WIYxuG9gHtyULOz1pylJVg=="


def account(identity: str = "me", secret: str = "SECRET", salt: str = "", **options: str) -> Credentials:
    return Credentials("https://carrier.example/", identity, secret, salt, options)


def fields(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.body.decode(), keep_blank_values=True, strict_parsing=True).items()}


def test_kuaidi100_query() -> None:
    param = '{"com":"yuantong","num":"YT9693083639795"}'
    sent = Kuaidi100().signed(account("CUST456", "KEY123"), param)
    assert fields(sent) == {"customer": "CUST456", "sign": "8859DF925CE0165A9985E78ADC8FCFB7", "param": param}
    assert sent.url == "https://carrier.example/poll/query.do"


def test_kuaidi100_push() -> None:
    param = '{"status":"polling","message":""}'
    body = "sign=3B178D351395CFCB26F94AF113754744&param=" + "".join(f"%{byte:02X}" for byte in param.encode())
    assert Kuaidi100().callback(account(salt="SALT"), Received(body.encode(), {})).found == ()


def test_kdniao() -> None:
    data = '{"OrderCode":"","ShipperCode":"HTKY","LogisticCode":"50004090806944"}'
    sent = Kdniao().signed(account("1", "APPKEY"), data, "8001", "query_path")
    signature = "NzA5ZTAwZWE3OGU2YzJhODY5ZWM3OGUxOGMzMDE3NzQ="
    assert fields(sent)["DataSign"] == signature
    assert fields(sent)["RequestData"] == data
    # Once on the wire: = is %3D, never %253D.
    assert b"DataSign=" + signature.replace("=", "%3D").encode() in sent.body
    assert b"%25" not in sent.body


def test_zto() -> None:
    body = '{"billCode":"75123456789012"}'
    sent = Zto().query(account("KEY"), Wanted("75123456789012", "zto"), NOW)
    assert (sent.body, sent.headers["x-dataDigest"], sent.headers["x-appKey"]) == (body.encode(), "883h+vlpbWbEGnvWMeB1Dw==", "KEY")
    assert sent.url == "https://carrier.example/zto.merchant.waybill.track.query"


def test_zto_legacy_signs_the_fields_unencoded_in_their_order() -> None:
    sent = ZtoLegacy().signed(account("c1"), '["75123456789012"]')
    plain = unquote(sent.body.decode())
    assert plain == 'company_id=c1&msg_type=NEW_TRACES&data=["75123456789012"]'
    assert sent.headers["x-dataDigest"] == md5_bytes_base64(plain + "SECRET") != md5_bytes_base64(sent.body.decode() + "SECRET")
    assert sent.headers["x-companyId"] == "c1"


def test_best() -> None:
    sent = Best().query(account("P", "PKEY"), Wanted("50004090806944", "best"), NOW)
    assert fields(sent) == {
        "bizData": '{"mailNos":{"mailNo":["50004090806944"]}}',
        "serviceType": "KD_TRACE_QUERY",
        "partnerID": "P",
        "sign": "52d129aed7d0f4f04c14b8e281ecae9b",
    }


def test_yto() -> None:
    sent = Yto().query(account("CODE"), Wanted("YT9693083639795", "yto"), NOW)
    body = json.loads(sent.body)
    assert (body["param"], body["sign"]) == ('{"NUMBER":"YT9693083639795"}', "rvkA6CHqjEczdtF6vbKa1g==")
    assert sent.url == "https://carrier.example/service/waybill_query/v1/CODE"


def test_sto() -> None:
    assert fields(Sto().signed(account(), SIMPLE)) | {"data_digest": _DIGEST, "content": SIMPLE} == fields(Sto().signed(account(), SIMPLE))


def test_jt() -> None:
    sent = Jt().signed(account(), SIMPLE, NOW)
    assert (sent.headers["digest"], fields(sent), sent.headers["timestamp"]) == (_DIGEST, {"bizContent": SIMPLE}, "1795312800000")


def test_cainiao() -> None:
    sent = fields(Cainiao().signed(account(msg_type="T"), SIMPLE))
    assert sent == {"msg_type": "T", "logistic_provider_id": "me", "logistics_interface": SIMPLE, "data_digest": _DIGEST}


def test_yunda() -> None:
    sent = Yunda().signed(account("APP"), SIMPLE, NOW)
    assert (sent.body, sent.headers["sign"], sent.headers["app-key"]) == (SIMPLE.encode(), "21e654c79ceaa36c304a2a2574ff786a", "APP")
    assert sent.headers["req-time"] == "1795312800000"


def test_deppon_signs_hex_not_bytes() -> None:
    sent = fields(Deppon().signed(account("C", "KEY"), SIMPLE, "1795312800000"))
    assert sent["digest"] == md5_hex_base64(SIMPLE + "KEY1795312800000") != md5_bytes_base64(SIMPLE + "KEY1795312800000")
    assert (sent["companyCode"], sent["params"], sent["timestamp"]) == ("C", SIMPLE, "1795312800000")


def test_postal_check_digit() -> None:
    assert s10_check_digit("47312482") == 9


def test_chinese_is_signed_as_it_is_sent() -> None:
    sent = fields(Kdniao().subscribe(account("1", "APPKEY"), Wanted("1", "yto"), "https://x.example/网点", NOW))
    assert "网点" in sent["RequestData"]
    assert sent["DataSign"] == md5_hex_base64(sent["RequestData"] + "APPKEY")


def test_kuaidi100_subscription() -> None:
    sent = fields(Kuaidi100().subscribe(account("C", "KEY", "SALT"), Wanted("YT1", "yto", "5678"), "https://k.example/cb?own=1", NOW))
    assert sent["schema"] == "json"
    assert json.loads(sent["param"]) == {
        "company": "yuantong",
        "number": "YT1",
        "key": "KEY",
        "parameters": {"callbackurl": "https://k.example/cb?own=1", "salt": "SALT", "resultv2": "4", "phone": "5678"},
    }


@pytest.mark.parametrize("carrier", ["sf", "zto"])
@pytest.mark.parametrize("adapter", [Kuaidi100(), Kdniao()])
def test_some_carriers_need_a_phone(adapter: Kuaidi100 | Kdniao, carrier: str) -> None:
    with pytest.raises(CarrierFault) as refused:
        adapter.query(account(), Wanted("SF1234567890123", carrier), NOW)
    assert refused.value.code == "phone_needed"
    assert b"5678" in adapter.query(account(), Wanted("SF1234567890123", carrier, "5678"), NOW).body


@pytest.mark.parametrize(("number", "fits"), [("12345", False), ("123456", True), ("1" * 32, True), ("1" * 33, False)])
def test_kuaidi100_takes_six_to_thirty_two_characters(number: str, fits: bool) -> None:
    if fits:
        Kuaidi100().query(account(), Wanted(number, "yto"), NOW)
        return
    with pytest.raises(CarrierFault) as refused:
        Kuaidi100().query(account(), Wanted(number, "yto"), NOW)
    assert refused.value.code == "bad_number"


def _pushed(param: str, sign: str) -> Received:
    return Received(f"sign={sign}&param={''.join(f'%{byte:02X}' for byte in param.encode())}".encode(), {})


@pytest.mark.parametrize("sign", ["", md5_hex('{"status":"polling"}SALT'), md5_hex('{"status":"polling"}OTHER').upper()])
def test_a_callback_with_another_signature_is_forged(sign: str) -> None:
    with pytest.raises(CarrierFault) as refused:
        Kuaidi100().callback(account(salt="SALT"), _pushed('{"status":"polling"}', sign))
    assert refused.value.code == "forged"


def test_without_a_salt_no_callback_is_taken() -> None:
    with pytest.raises(CarrierFault) as refused:
        Kuaidi100().callback(account(), _pushed("{}", md5_hex("{}").upper()))
    assert refused.value.code == "forged"
