import random
import re
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kefu.kernel.masking import last4, mask_account, mask_address, mask_email, mask_id_number, mask_name, mask_phone, mask_text, phone_key
from kefu.kernel.masking.digits import fold


@pytest.mark.parametrize(
    ("phone", "masked", "key", "tail"),
    [
        ("13812345678", "138******78", "13812345678", "5678"),
        ("138 1234 5678", "138******78", "13812345678", "5678"),
        ("138-1234-5678", "138******78", "13812345678", "5678"),
        ("+86 138-1234-5678", "138******78", "13812345678", "5678"),
        ("+8613812345678", "138******78", "13812345678", "5678"),
        ("008613812345678", "138******78", "13812345678", "5678"),
        ("013812345678", "138******78", "13812345678", "5678"),
        ("17951 13812345678", "138******78", "13812345678", "5678"),
        ("（＋８６）１３８１２３４５６７８", "138******78", "13812345678", "5678"),
        ("\u202d13812345678\u202c", "138******78", "13812345678", "5678"),
        ("幺三八一二三四五六七八", "138******78", "13812345678", "5678"),
        ("17012345678-1234", "170******78-****", "17012345678-1234", "5678"),
        ("17012345678转1234", "170******78-****", "17012345678-1234", "5678"),
        ("0571-88886666", "0571-******66", "057188886666", "6666"),
        ("(010)88886666", "010-******66", "01088886666", "6666"),
        ("0755 2888666", "0755-******6", "07552888666", "8666"),
        ("+86 571 88886666", "0571-******66", "057188886666", "6666"),
        ("0571-88886666-801", "0571-******66-****", "057188886666", "6666"),
        ("88886666", "******66", "88886666", "6666"),
        ("95554", "******", "95554", "5554"),
        ("4008-123-123", "******23", "4008123123", "3123"),
        ("张三 13812345678", "******78", None, None),
        ("无", "******", None, None),
        ("", "", None, None),
        ("138******78", "138******78", None, None),
        ("13812345678******", "******78", None, None),
    ],
)
def test_phones(phone: str, masked: str, key: str | None, tail: str | None) -> None:
    assert (mask_phone(phone), phone_key(phone), last4(phone)) == (masked, key, tail)
    assert mask_phone(masked) == masked


def test_a_mobile_number_shows_at_most_five_digits() -> None:
    shown = re.sub(r"\D", "", mask_phone("13812345678"))
    assert len(shown) <= 5
    assert mask_phone("138****5678") != "138****5678"  # four hidden digits are not enough (R49)


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王小明", "王*"), ("王明", "王*"), ("王", "*"), ("欧阳娜娜", "欧阳*"), ("欧阳", "欧*"), ("諸葛亮", "諸葛*"), ("王先生", "王*"),
        ("阿卜杜拉·买买提", "阿*"), ("John Smith", "J***"), ("", ""), ("小明*", "小*"), (" 李雷 ", "李*"),
    ],
)  # fmt: skip
def test_names(name: str, masked: str) -> None:
    assert mask_name(name) == masked
    assert mask_name(masked) == masked


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("浙江省杭州市西湖区文三路123号4幢2单元501室", "浙江省杭州市西湖区文三路****"),
        ("上海市浦东新区张江镇祖冲之路887弄72号602", "上海市浦东新区张江镇祖冲之路****"),
        ("北京市朝阳区建国门外大街1号国贸大厦A座2501", "北京市朝阳区建国门外大街****"),
        ("浙江省台州市路桥区路北街道银安街679号", "浙江省台州市路桥区路北街道银安街****"),
        ("杭州市余杭区阳光小区3幢502", "杭州市余杭区****"),
        ("内蒙古自治区呼和浩特市赛罕区大学东街万达广场B座", "内蒙古自治区呼和浩特市赛罕区大学东街****"),
        ("青浦区华新镇华志路1685号", "青浦区华新镇华志路****"),
        ("广西壮族自治区桂林市阳朔县兴坪镇渔村12号", "广西壮族自治区桂林市阳朔县兴坪镇渔村****"),
        ("杭州市西湖区三单元五零二室", "杭州市西湖区****"),
        ("浙江省杭州市西湖区文三路", "浙江省杭州市西湖区文三路"),
        ("３幢５０２", "****"),
        ("万科城三期B座1502", "****"),
        ("", ""),
    ],
)
def test_addresses(address: str, masked: str) -> None:
    assert mask_address(address) == masked
    assert mask_address(masked) == masked


@pytest.mark.parametrize(
    ("mask", "value", "masked"),
    [
        (mask_id_number, "11010519491231002X", "110*************2X"),
        (mask_id_number, "11010519491231002x", "110*************2X"),
        (mask_id_number, "110105 19491231 002X", "110*************2X"),
        (mask_id_number, "110105491231002", "110*************02"),
        (mask_id_number, "E12345678", "******"),
        (mask_id_number, "", ""),
        (mask_email, "a.b@qq.com", "a***@qq.com"),
        (mask_email, "a@qq.com", "a***@qq.com"),
        (mask_email, "12345678＠qq.com", "1***@qq.com"),
        (mask_email, "nothing", "***"),
        (mask_email, "", ""),
        (mask_account, "6222 0200 1234 5678 903", "6222******8903"),
        (mask_account, "13812345678", "138******78"),
        (mask_account, "shop@alipay.com", "s***@alipay.com"),
        (mask_account, "taobao_nick", "t***"),
        (mask_account, "", ""),
        (mask_account, "-", "***"),
    ],
)
def test_other_fields(mask: Callable[[str], str], value: str, masked: str) -> None:
    assert mask(value) == masked
    assert mask(masked) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我的电话是13812345678，谢谢", "我的电话是138******78，谢谢"),
        ("周一13812345678联系", "周一138******78联系"),
        ("13812345678二号楼", "138******78二号楼"),
        ("1 3 8 1 2 3 4 5 6 7 8", "138******78"),
        ("138.1234.5678 或 (139) 8765-4321", "138******78 或 139******21"),
        ("+86 138 1234 5678/008613987654321", "138******78/139******21"),
        ("电话幺三八，一二三四，五六七八。", "电话138******78。"),
        ("周一幺三八一二三四五六七八打给我", "周一138******78打给我"),
        ("幺三八1234五六七八", "138******78"),
        ("１３８１２３４５６７８", "138******78"),
        ("138\u200b1234\u200b5678", "138******78"),
        ("tel13812345678 vx:13987654321", "tel138******78 vx:139******21"),
        ("13812345678-13987654321", "138******78-139******21"),
        ("虚拟号17012345678转1234", "虚拟号170******78-****"),
        ("座机0571-88886666转801，(010) 8888 6666", "座机0571-******66-****，010-******66"),
        ("固话88886666", "固话********"),
        ("身份证11010519491231002X", "身份证110*************2X"),
        ("证 110105 19491231 002x 已核", "证 110*************2X 已核"),
        ("身份证号：110105491231002", "身份证号：110*************02"),
        ("卡号6222021234567890128，转账", "卡号6222******0128，转账"),
        ("卡 4111 1111 1111 1111 收款", "卡 4111******1111 收款"),
        ("邮箱a.b@qq.com发我", "邮箱a***@qq.com发我"),
        ("13812345678@139.com", "1***@139.com"),
        ("加我微信wang_xiaoming88，备注快递", "加我微信w***，备注快递"),
        ("微信号：abc-12345 wxid_a1b2c3d4e5", "微信号：a*** w***"),
        ("微信同号13812345678", "微信同号138******78"),
        ("qq：123456789", "qq：1***"),
        ("1512345 1381 2345678", "151******81******"),  # two ways to read it: nothing of either may be read
        ("hello13812345678", "hello138******78"),  # no carrier has five letters
        # what is no personal number stays
        ("物品330106150001011232", None),  # nobody was born in 1500
        ("运单50004090806944到哪了", None),
        ("YT9693083639795、JT5123456789012、SF0000791900123", None),
        ("SF1381234567890 JD0012345678901", None),
        ("A13812345678", None),  # one letter and eleven digits is a waybill of 百世
        ("EE473124829CN 与 773138123456789", None),
        ("运单号：138123456789012", None),
        ("单号13812345678", None),
        ("订单号4111111111111111", None),
        ("申通 773012345678901 圆通 812345678901234567", None),
        ("客服热线95554、400-812-3123，工号1086", None),
        ("2026-10-01 08:30 到 2026-10-07 18:00，赔付1234.56元", None),
        ("微信支付、微信 YT9693083639795", None),
        ("一二三四五六七八九十", None),
        ("第三十一条、二〇二六年一月十五日", None),
        ("", None),
    ],
)
def test_free_text(text: str, masked: str | None) -> None:
    assert mask_text(text) == (text if masked is None else masked)
    assert mask_text(mask_text(text)) == mask_text(text)


SPOKEN = {"0": "零", "1": "幺", "2": "二", "3": "三", "4": "四", "5": "五", "6": "六", "7": "七", "8": "八", "9": "九"}
WIDE = {str(n): chr(0xFF10 + n) for n in range(10)}


class Lines:
    """A thousand lines of what people type and say, each with the digits that must not be readable in it."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)

    def digits(self, count: int) -> str:
        return "".join(self.dice.choices("0123456789", k=count))

    def written(self, number: str, groups: tuple[int, ...]) -> str:
        parts, at = [], 0
        for size in groups:
            parts.append(number[at : at + size])
            at += size
        text = self.dice.choice(["", "", " ", "-"]).join(parts)
        return self.dice.choice([str, str, str, self.wide, self.said])(text)

    @staticmethod
    def wide(text: str) -> str:
        return "".join(WIDE.get(char, char) for char in text)

    @staticmethod
    def said(text: str) -> str:
        return "".join(SPOKEN.get(char, char) for char in text)

    def mobile(self) -> tuple[str, str]:
        number = "1" + self.dice.choice("3456789") + self.digits(9)
        prefix = self.dice.choice(["", "", "", "+86", "+86 ", "0086", "86-"])
        return prefix + self.written(number, (3, 4, 4)), number

    def landline(self) -> tuple[str, str]:
        area, body = self.dice.choice(["010", "021", "0571", "0755"]), self.dice.choice("2345678") + self.digits(7)
        return area + self.dice.choice(["-", "", " "]) + body, body

    def identity(self) -> tuple[str, str]:
        first = (
            self.dice.choice(["110105", "330106", "440305"])
            + f"{self.dice.randint(1950, 2010)}{self.dice.randint(1, 12):02}{self.dice.randint(1, 28):02}"
            + self.digits(3)
        )
        weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
        number = first + "10X98765432"[sum(int(d) * w for d, w in zip(first, weights, strict=True)) % 11]
        return self.written(number, (6, 8, 4)), number

    def card(self) -> tuple[str, str]:
        number = self.dice.choice(["62220", "62284", "40221", "51231"]) + self.digits(self.dice.choice([10, 13]))
        total = sum((d := int(c) * (2 - i % 2)) - 9 * (d > 9) for i, c in enumerate(reversed(number)))
        number += str(-total % 10)
        return self.written(number, (4, 4, 4, len(number) - 12)), number

    def mail(self) -> tuple[str, str]:
        local = self.dice.choice(["wang.xiaoming", "li_lei", "zhang+kd", self.digits(9)])
        return f"{local}@{self.dice.choice(['qq.com', '163.com', 'mail.example.com.cn'])}", local

    def waybill(self) -> str:
        return self.dice.choice(
            [
                "YT" + self.digits(13),
                "JT" + self.digits(13),
                "SF" + self.digits(13),
                "5000" + self.digits(10),
                "77" + self.digits(13),
                "JD" + self.digits(13),
            ]
        )

    def line(self) -> tuple[str, str, str]:
        text, secret = self.dice.choice([self.mobile, self.mobile, self.landline, self.identity, self.card, self.mail])()
        before = self.dice.choice(["电话", "我的是", "请打 ", "周一", "，", "联系方式：", "收件人王女士", ""])
        after = self.dice.choice(["", "，谢谢", "。", " 尽快", "收", "？"])
        waybill = self.waybill()
        return f"{self.dice.choice(['运单', '单号：', '包裹 '])}{waybill}，{before}{text}{after}", secret, waybill


def test_a_thousand_generated_lines() -> None:
    lines = Lines(20260101)
    for _ in range(1000):
        line, secret, waybill = lines.line()
        masked = mask_text(line)
        readable = re.sub(r"[ \-]", "", fold(masked, spoken=True)).replace(waybill, "")
        assert waybill in masked, line
        assert secret not in readable, line
        assert secret[3:9] not in readable, (line, masked)
        assert "***" in masked, line
        assert mask_text(masked) == masked


PIECES = st.one_of(
    st.text("0123456789 -.*()@xX一二三四五六七八幺零周，:", max_size=30),
    st.sampled_from(
        [
            "电话",
            "微信",
            "qq",
            "单号",
            "身份证",
            "卡号",
            "SF",
            "+86",
            "0571-",
            "转",
            "138******78",
            "6222******1234",
            "110*************2X",
            "a@b.cn",
            "座机",
        ]
    ),
    st.from_regex(r"1[3-9][0-9]{9}|62[0-9]{14}|[1-6][0-9]{17}|0[1-9][0-9]{9,10}", fullmatch=True),
)


@settings(max_examples=600, deadline=None)
@given(st.lists(PIECES, max_size=8).map("".join))
@example("1393456786222020012345678")
@example("13900000062 2202 0012 3456 7801")
@example("138******78@qq.com")
def test_masking_twice_is_masking_once(text: str) -> None:
    masked = mask_text(text)
    assert mask_text(masked) == masked


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=3).map("".join)))
def test_field_masks_are_idempotent_and_total(text: str) -> None:
    for mask in (mask_phone, mask_name, mask_address, mask_id_number, mask_email, mask_account, mask_text):
        once = mask(text)
        assert mask(once) == once
    phone_key(text)
    last4(text)


@pytest.mark.parametrize(
    "piece", ["1", "一", "1 ", "13812345678", "a", "a.", "a@", "微信", "微信a", "0571-", "62", "*", "1*", "运单号", "( "]
)
def test_a_long_line_of_one_piece_comes_to_an_end(piece: str) -> None:
    text = piece * (200_000 // len(piece))  # in quadratic time this test would take minutes
    once = mask_text(text)
    assert mask_text(once) == once
