"""What carriers call a scan (V1, V2, V5, V6), traps included."""

import pytest

from kefu.parcels.carrier_codes import KDNIAO_COMPANIES, KUAIDI100_COMPANIES, Scheme, code_in_words, is_known, scan_code
from kefu.parcels.vocabulary import ScanCode
from kefu.parcels.waybills import carrier_guess

# V1, a line per canonical event: scheme and code, as the table of the facts has them.
V1 = {
    "collect": "kuaidi100:1 kuaidi100:103 kdniao:1 zto:收件 zto:1 ane:1 ane_op:2 jt:1 yto:GOT wechat:100001 wechat_shop:1 sf:50 "
    "cainiao:ACCEPT",
    "load": "yto:131",
    "send": "kuaidi100:1002 zto:发件 zto:2 ane:2 ane_op:3 jt:3 best:3 yto:DEPARTURE sf:30 kuaidi100:0 kdniao:2 cainiao:TRANSPORT",
    "bag": "ane:134 best:7 flash:SEAL yto:PACKAGE",
    "unbag": "best:8 flash:UNSEAL",
    "arrive": "kuaidi100:1001 kdniao:201 zto:到件 zto:3 ane:3 ane_op:4 jt:4 best:4 yto:ARRIVAL sf:31",
    "in_store": "kuaidi100:501 kdniao:211 zto:ARRIVAL zto:44 jt:6 jt:7 cainiao:STA_INBOUND yto:INBOUND wechat_shop:4",
    "out_store": "kuaidi100:304 kdniao:311 zto:SIGNED zto:45 jt:8 jt:9 wechat_shop:9",
    "deliver": "kuaidi100:5 kdniao:202 zto:派件 zto:DELIVERY zto:4 ane:4 ane_op:5 jt:5 yto:SENT_SCAN cainiao:DELIVERING "
    "wechat:300002 sf:44",
    "sign": "kuaidi100:3 kuaidi100:301 kuaidi100:302 kdniao:3 kdniao:301 kdniao:302 zto:签收 zto:5 ane:9 jt:10 best:6 yto:SIGNED "
    "cainiao:SIGN wechat:300003 sf:80",
    "agent_sign": "kuaidi100:303 kdniao:304 zto:第三方签收 zto:7 cainiao:AGENT_SIGN",
    "problem": "kuaidi100:2 kuaidi100:204 kuaidi100:207 kdniao:4 kdniao:402 zto:问题件 zto:DEPARTURE ane:8 ane_op:16 jt:11 best:9 "
    "yto:FAILED cainiao:FAILED wechat:300004 sf:33 sf:70",
    "hold": "kuaidi100:208 ane:5 ane_op:6 flash:DETAIN wechat:400002",
    "refuse": "kuaidi100:203 kuaidi100:14 kdniao:404 best:12",
    "return": "kuaidi100:6 kuaidi100:4 kdniao:406 kdniao:407 zto:退件 zto:8 best:13 yto:TMS_RETURN sf:648 sf:99 wechat_shop:6",
    "transfer": "kuaidi100:7 zto:转单 zto:9 ane:7 ane_op:8 yto:FORWARDING wechat_shop:7",
    "self": "ane:6 ane_op:7",
    "intercept": "kdniao:413 jt:异常拦截件",
}
NOTHING = "kuaidi100:101 kuaidi100:102 kuaidi100:401 kdniao:0 kdniao:10 zto:安检 ane_op:1 wechat:400001 wechat_shop:0 wechat_shop:99"


@pytest.mark.parametrize(("wanted", "given"), [(code, one) for code, ones in V1.items() for one in ones.split()])
def test_codes(wanted, given):
    scheme, _, code = given.partition(":")
    assert scan_code(scheme, code) == wanted
    assert scan_code(scheme, f" {code.lower()} ") == wanted
    assert is_known(scheme, code)


def test_every_event_of_the_vocabulary_has_a_code_somewhere():
    assert set(V1) == set(ScanCode.values)
    assert {one.partition(":")[0] for ones in V1.values() for one in ones.split()} == set(Scheme)


@pytest.mark.parametrize("given", NOTHING.split())
def test_what_happens_to_no_parcel(given):
    scheme, _, code = given.partition(":")
    assert is_known(scheme, code)
    assert scan_code(scheme, code, text="快件已签收") is None


def test_the_same_word_of_two_carriers():
    for word, zto, yto in [("SIGNED", "out_store", "sign"), ("DEPARTURE", "problem", "send"), ("ARRIVAL", "in_store", "arrive")]:
        assert (scan_code("zto", word), scan_code("yto", word)) == (zto, yto)
    assert (scan_code("jt", "5"), scan_code("jt", "9")) == ("deliver", "out_store")


@pytest.mark.parametrize(
    ("kind", "wanted"), [("1", "return"), ("2", "return"), ("3", "intercept"), ("5", "refuse"), ("10", "return"), ("77", "return")]
)
def test_kinds_of_returns(kind, wanted):
    assert scan_code("zto", "退件", return_type=kind) == wanted


def test_unknown_codes_and_schemes():
    assert scan_code("zto", "飞行") is None
    assert scan_code("zto", "飞行", text="快件到达南京分拨") == "arrive"
    assert scan_code("pigeon", "1") is None
    assert scan_code("pigeon", "1", text="快件已签收") == "sign"
    assert not is_known("zto", "飞行")
    assert not is_known("pigeon", "1")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("【南京市】南市分部 已揽收", "collect"),
        ("快件已到达 南京转运中心", "arrive"),
        ("快件离开 南京分拨，已发往 杭州分拨", "send"),
        ("已装车，准备发往下一站", "load"),
        ("派件员 张三 正在为您派件，请准备签收", "deliver"),
        ("快件已由【菜鸟驿站】代收，请及时取件", "in_store"),
        ("您的快件已存放至丰巢快递柜，请凭取件码领取", "in_store"),
        ("已从丰巢快递柜取出", "out_store"),
        ("快件已签收，签收人：本人", "sign"),
        ("您的快件由前台 签收", "agent_sign"),
        ("未签收，收件人电话无人接听", "problem"),
        ("收件人拒收，退回中", "refuse"),
        ("退回件已签收", "return"),
        ("客户要求改约，留仓待派", "hold"),
        ("快件转单至邮政，单号 EE473124829CN", "transfer"),
        ("快件已被拦截", "intercept"),
        ("天气晴", None),
        ("", None),
    ],
)
def test_words(text, wanted):
    assert code_in_words(text) == wanted
    assert scan_code("kuaidi100", "0", text=text) == (wanted or "send")


def test_companies_are_carriers_we_guess():
    known = {guess.carrier for number in ("YT1234567890123", "SF1234567890123", "JT1234567890123", "JD12345678901", "DPK123456789012",
        "75123456789012", "50004090806944", "771234567890123", "1234567890123") for guess in carrier_guess(number)}  # fmt: skip
    assert set(KUAIDI100_COMPANIES) | set(KDNIAO_COMPANIES) <= known
