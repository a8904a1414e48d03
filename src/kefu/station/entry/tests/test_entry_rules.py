"""Checks and weights of waybill entry: tables without a database (O9, R18, R19, R19a)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files

import pytest

from kefu.handbook import builtin
from kefu.handbook.loader import read
from kefu.parcels.drafts import Party
from kefu.station.areas.addresses import split
from kefu.station.areas.queries import Answer, Area
from kefu.station.entry.changes import TITLES, changes
from kefu.station.entry.drafts import EntryDraft
from kefu.station.entry.findings import MESSAGES, REFUSALS, WARNINGS
from kefu.station.entry.limits import Limits, limits_of
from kefu.station.entry.rules import Standing, banned_word, findings, insurance_fee, is_phone, piece_numbers
from kefu.station.entry.weights import billed, underpaid, volumetric

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
ADDRESS = "江苏省南京市江宁区东山街道竹山路1号"
SENDER = Party("赵寄件", "13900001111", "杭州市西湖区文一路1号")
RECEIVER = Party("钱收件", "13812345678", ADDRESS)
DRAFT = EntryDraft("50004090806944", 1, TODAY, "C01", SENDER, RECEIVER, 2, goods="衣服", weight=Decimal("1.2"), id_verified=True)


@pytest.fixture(scope="module")
def limits():
    return limits_of(read((files("kefu.handbook") / "builtin" / "best.yaml").read_bytes(), bases=builtin.text).handbook)


def answer(verdict, surcharge=0, address=ADDRESS):
    area = Area(5, 2, "城北网点", "江苏省/南京市/江宁区", "", verdict, TODAY, None, TODAY, Decimal(surcharge), "", "x", NOW, 0)
    return Answer(verdict, split(address), None if verdict == "unknown" else area)


HOME = Standing(answer=answer("home"), province="江苏省")


def codes(draft, limits, standing=HOME):
    return [one.code for one in findings(draft, standing, limits, now=NOW, today=TODAY)]


def test_a_good_entry_says_nothing(limits):
    assert codes(DRAFT, limits) == []


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"sent_on": date(2026, 11, 23)}, "entry_future"),
        ({"sent_on": date(2026, 10, 22)}, "entry_too_old"),
        ({"sender": Party("", "13900001111", "杭州")}, "entry_no_sender"),
        ({"sender": replace(SENDER, phone="12900001111")}, "entry_sender_phone"),
        ({"sender": replace(SENDER, phone="")}, "entry_sender_phone"),
        ({"receiver": replace(RECEIVER, name=" ")}, "entry_no_receiver"),
        ({"receiver": replace(RECEIVER, phone="1381234567")}, "entry_receiver_phone"),
        ({"receiver": replace(RECEIVER, address="")}, "entry_no_address"),
        ({"deliver_site_id": None}, "entry_no_site"),
        ({"collector": ""}, "entry_no_collector"),
        ({"goods": ""}, "entry_no_goods"),
        ({"goods": "打火机一盒"}, "entry_banned"),
        ({"goods": "烟 花"}, "entry_banned"),
        ({"weight": None}, "entry_no_weight"),
        ({"weight": Decimal(0)}, "entry_no_weight"),
        ({"weight": Decimal("NaN")}, "entry_no_weight"),
        ({"length": Decimal(30)}, "entry_size"),
        ({"length": Decimal(30), "width": Decimal(0), "height": Decimal(10)}, "entry_size"),
        ({"id_verified": False}, "entry_id"),
        ({"payment": "receiver"}, "entry_freight"),
        ({"freight_amount": Decimal(12)}, "entry_freight_extra"),
        ({"payment": "receiver", "freight_amount": Decimal(12), "postal": True}, "entry_money_route"),
        ({"cod_amount": Decimal(12), "postal": True}, "entry_money_route"),
        ({"cod_amount": Decimal(12), "scope": "overseas"}, "entry_money_route"),
        ({"cod_amount": Decimal(20001)}, "entry_cod_most"),
        ({"insured_amount": Decimal(20001)}, "entry_insured_most"),
        ({"insurance_fee": Decimal(2)}, "entry_no_insured"),
        ({"receipt_no": "R1"}, "entry_receipt"),
        ({"receipt_no": "R" * 41, "receipt_kind": "copy"}, "entry_receipt_no"),
        ({"pieces": 2}, "entry_no_subs"),
    ],
)
def test_each_check_by_itself(limits, more, expected):
    assert codes(replace(DRAFT, **more), limits) == [expected]


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (replace(HOME, taken=("孙师傅", "2026-11-21 09:00")), ["entry_taken"]),
        (replace(HOME, void="打印坏了"), ["entry_void"]),
        (replace(HOME, collected_at=NOW - timedelta(hours=25), collected_on=date(2026, 11, 21)), ["entry_late", "entry_after"]),
        (replace(HOME, collected_at=NOW - timedelta(hours=2), collected_on=TODAY), []),
        (replace(HOME, collected_weight=Decimal("1.5")), ["entry_scale"]),
        (replace(HOME, collected_weight=Decimal("1.200")), []),
        (replace(HOME, hub_weight=Decimal("1.30")), []),
        (replace(HOME, hub_weight=Decimal("2")), ["entry_under"]),
        (Standing(answer=answer("unknown")), ["entry_area_unknown"]),
        (Standing(answer=answer("partly")), ["entry_area_partly"]),
        (Standing(answer=answer("none"), province="江苏省"), ["entry_not_told"]),
        (Standing(answer=answer("station"), province="浙江省"), ["entry_not_told"]),
        (Standing(answer=answer("suspended"), province="江苏省"), ["entry_not_told"]),
        (Standing(answer=answer("none"), province="浙江省"), ["entry_unserved"]),
        (Standing(answer=answer("home", 5)), ["entry_surcharge"]),
        (Standing(answer=answer("unknown", address="中山路1号")), ["entry_address"]),
        (Standing(answer=answer("unknown", address="鼓楼区中央路1号")), ["entry_ambiguous"]),
    ],
)
def test_what_is_known_of_the_number_and_the_place(limits, standing, expected):
    assert codes(DRAFT, limits, standing) == expected


def test_a_sender_who_was_told(limits):
    told = replace(DRAFT, told=True)
    assert codes(told, limits, Standing(answer=answer("none"), province="江苏省")) == []
    assert codes(told, limits, Standing(answer=answer("home", 5))) == []
    # Zhejiang: told or not, it may not be collected.
    assert codes(told, limits, Standing(answer=answer("none"), province="浙江省")) == ["entry_unserved"]


def test_a_rule_the_handbook_does_not_state_is_not_in_force():
    wild = replace(DRAFT, goods="打火机", id_verified=False, sent_on=date(2020, 1, 1), insured_amount=Decimal(999_999), postal=True)
    assert codes(replace(wild, cod_amount=Decimal(5)), Limits(), Standing(answer=answer("none"))) == []


def test_refusals_come_first_and_say_their_clause(limits):
    found = findings(replace(DRAFT, pieces=2, goods="汽油", id_verified=False), HOME, limits, now=NOW, today=TODAY)
    assert [one.refuses for one in found] == [True, True, False]
    assert "汽油" in str(found[0])
    assert found[0].clause.endswith("texts.station_entry_banned")
    assert found[0].clause in str(found[0])


def test_every_sentence_can_be_said():
    names = ("by at reason days clause word verdict area yuan", "province route most hours collected hub more pieces")
    values = dict.fromkeys(" ".join(names).split(), "x")
    for code, message in MESSAGES.items():
        assert str(message) % values, code
    assert not REFUSALS.keys() & WARNINGS.keys()


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("13812345678", True), ("１３８１２３４５６７８", True), ("138 1234 5678", True), ("+8613812345678", True),
        ("17012345678-1234", True),
        ("0571-88886666", True), ("02588886666", True), ("010-88886666转12", True),
        ("12812345678", False), ("1381234567", False), ("88886666", False), ("", False), ("138******78", False), ("四个字呢", False),
    ],
)  # fmt: skip
def test_phones(text, good):
    assert is_phone(text) is good


@pytest.mark.parametrize(
    ("goods", "word"),
    [
        ("衣服", None), ("手枪模型", "手枪"), ("儿童水枪", None), ("水枪和手枪", "手枪"), ("K粉", "K粉"), ("k 粉", "K粉"),
        ("酒精湿巾", None),
        ("酒精湿巾、酒精", "酒精"), ("煙花", "烟花"), ("烟*花", "烟花"), ("筋膜枪", None),
    ],
)  # fmt: skip
def test_banned_words(limits, goods, word):
    assert banned_word(goods, limits) == word


@pytest.mark.parametrize(
    ("sides", "divisor", "volume"),
    [
        ((30, 20, 10), 6000, "1.000"), ((30, 20, 10), 12000, "0.500"), ((30, 20, 10), 8000, "0.750"), ((50, 40, 35), 6000, "11.667"),
        ((30, 20, None), 6000, None), ((30, 20, 10), None, None),
    ],
)  # fmt: skip
def test_volumetric_weight(sides, divisor, volume):
    given = [None if side is None else Decimal(side) for side in sides]
    assert volumetric(*given, divisor) == (None if volume is None else Decimal(volume))


@pytest.mark.parametrize(
    ("weight", "volume", "step", "expected"),
    [
        ("1.2", "1.0", 0.1, "1.200"), ("1.2", "2.01", 0.1, "2.100"), ("1.2", None, 0.5, "1.500"), ("1.201", None, 0.1, "1.300"),
        ("1.2", None, 1, "2.000"), ("1.234", "0.5", None, "1.234"), (None, None, 0.1, None), (None, "2", 1, "2.000"),
    ],
)  # fmt: skip
def test_billed_weight(weight, volume, step, expected):
    given = [None if one is None else Decimal(one) for one in (weight, volume)]
    assert billed(*given, step) == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    ("entered", "hub", "more"),
    [
        ("10", "10.5", "0"),
        ("10", "10.51", "0.51"),
        ("1", "1.1", "0"),
        ("1", "1.11", "0.11"),
        ("1", "0.5", "0"),
        (None, "2", "0"),
        ("1", None, "0"),
    ],
)
def test_underpaid(entered, hub, more):
    given = [None if one is None else Decimal(one) for one in (entered, hub)]
    assert underpaid(*given, kilograms=0.1, share=0.05) == Decimal(more)
    assert underpaid(*given, kilograms=None, share=None) == 0


def test_insurance_fee(limits):
    assert insurance_fee(Decimal(1000), limits) == Decimal("5.00")
    assert insurance_fee(Decimal(50), limits) == Decimal("1.00")
    assert insurance_fee(Decimal(0), limits) == insurance_fee(Decimal(1000), Limits()) == 0


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", ()), ("1000000001 1000000002", ("1000000001", "1000000002")),
        ("1000000001-1000000003", ("1000000001", "1000000002", "1000000003")),
        ("0000000009－0000000010", ("0000000009", "0000000010")), ("SF-1", ("SF1",)), ("1000000003-1000000001", ("10000000031000000001",)),
    ],
)  # fmt: skip
def test_piece_numbers(text, numbers):
    assert piece_numbers(text) == numbers


def test_changes_are_kept_masked():
    from kefu.parcels.drafts import ParcelDraft

    before = ParcelDraft("50004090806944", 2, 1, receiver=RECEIVER, weight=Decimal("1.200"))
    after = replace(before, receiver=Party("孙收件", "13812345679", ADDRESS + "9室"), weight=Decimal("2.000"), id_verified=True)
    found = {one.field: (one.old, one.new) for one in changes(before, after)}
    assert found == {
        "weight": ("1.200", "2.000"),
        "id_verified": ("0", "1"),
        "receiver_name": ("钱*", "孙*"),
        "receiver_phone": ("138******78", "138******79"),
        "receiver_address": ("江苏省南京市江宁区东山街道竹山路****", "江苏省南京市江宁区东山街道竹山路****"),
    }
    assert found.keys() <= TITLES.keys()
