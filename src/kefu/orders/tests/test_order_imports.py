"""Exports of Taobao, JD and PDD taken in: their own headings, the same again, changed rows, rows that cannot be (SHOP1, E1-E4)."""

from decimal import Decimal

import pytest

from kefu.conftest import NOW
from kefu.kernel import imports
from kefu.kernel.errors import Denied, Invalid, NotFound
from kefu.kernel.models import AuditEntry, OutboxEvent
from kefu.orders import queries
from kefu.orders.imports import money_of, open_shop_orders, open_shop_refunds, platform_of
from kefu.orders.models import Order, OrderItem, Refund, Shipment, Shop
from kefu.orders.queries import Wanted
from kefu.people.access import actor_for

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]

TAOBAO = (
    "订单编号,买家会员名,买家支付宝账号,买家应付货款,买家应付邮费,总金额,买家实际支付金额,订单状态,买家留言,"
    "收货人姓名,收货地址 ,运送方式,联系电话 ,联系手机,订单创建时间,订单付款时间 ,宝贝标题 ,宝贝种类 ,物流单号 ,物流公司,"
    "订单备注,宝贝总数量,店铺Id,店铺名称,订单关闭原因\n"
)
WAITING = (
    '="3610000000000000001",爱按摩的猫,m***@qq.com,299.00,0.00,299.00,299.00,"买家已付款，等待卖家发货",请快发,王小雨,'
    "浙江省杭州市西湖区文三路1号,快递,'0571-88880000,'13812345678,2026-11-20 15:00:00,2026-11-20 15:02:11,颈椎按摩仪,1,,,,1,1,臻选旗舰店,\n"
)
UNPAID = (
    '="3610000000000000002",小鱼,,99.00,0.00,99.00,0.00,等待买家付款,,李四,广东省广州市天河区1号,快递,,\'13900000000,'
    "2026-11-22 09:00:00,,眼部按摩仪,1,,,,1,1,臻选旗舰店,\n"
)
JD = (
    "订单号,商品ID,商品名称,订购数量,支付方式,下单时间,京东价,订单金额,结算金额,应付金额,订单状态,下单帐号,客户姓名,客户地址,联系电话,"
    "订单备注,运费金额,付款确认时间,订单完成时间,商家SKUID\n"
)
PDD = (
    "商品,订单号,订单状态,商品总价(元),用户实付金额(元),商品数量(件),发货时间,确认收货时间,商品id,商品规格,商家编码-规格维度,"
    "快递单号,快递公司,买家留言,商家备注,售后状态,订单成交时间\n"
)
TAOBAO_REFUNDS = (
    "订单编号,退款编号,支付宝交易号,买家会员名,买家退款金额,售后类型,退款的申请时间,退款状态,货物状态,"
    "买家退款原因,退货物流单号,退款完结时间\n"
)


@pytest.fixture
def seller(ground, hire):
    """An agent of the shop."""
    return actor_for(hire("agent", ground.shop, "程诗涵"))


@pytest.fixture
def take(tmp_path, seller):
    """Takes a table in; each call is a file of its own."""
    count = 0

    def run(text, opener=open_shop_orders, encoding="gbk", actor=seller, now=NOW):
        nonlocal count
        count += 1
        path = tmp_path / f"{count}.csv"
        path.write_bytes(text.encode(encoding))
        row = imports.run(actor=actor, source=opener(actor=actor, path=path, now=now), now=now)
        return row.stored, row.present, row.refused

    run.refused = lambda: imports.refused_path(imports.recent(1)[0].pk).read_text("utf-8-sig")
    return run


def test_taobaos_export_is_an_order_with_payment_receiver_and_goods(take, seller, ground):
    assert take(TAOBAO + WAITING + UNPAID) == (2, 0, 0)
    row = queries.page(seller, Wanted(numbers=["3610000000000000001"])).rows[0]
    assert (row.platform, row.shop, row.state, row.paid, row.goods) == ("taobao", "臻选旗舰店", "paid", Decimal("299.00"), "颈椎按摩仪")
    found = queries.detail(seller, row.id)
    assert (found.items[0].quantity, found.buyer.phone != "13812345678", found.buyer.name) == (1, True, "王*")
    order = Order.objects.get(pk=row.id)
    assert order.customer is not None
    assert "13812345678" in order.receiver
    assert Order.objects.filter(state="unpaid").count() == 1
    assert Shop.objects.get().site_id == ground.shop.pk


def test_the_same_file_again_changes_nothing_and_a_changed_row_leaves_its_difference(take):
    take(TAOBAO + WAITING)
    assert take(TAOBAO + WAITING, encoding="utf-8-sig") == (0, 1, 0)
    sent = WAITING.replace("买家已付款，等待卖家发货", "卖家已发货，等待买家确认").replace(
        ",颈椎按摩仪,1,,,", ",颈椎按摩仪,1,No:YT1234567890123,圆通速递,"
    )
    assert take(TAOBAO + sent) == (1, 0, 0)
    order = Order.objects.get()
    assert (order.state, order.waybill, order.carrier, order.version) == ("shipped", "YT1234567890123", "圆通速递", 1)
    assert Shipment.objects.get().waybill == "YT1234567890123"
    diff = AuditEntry.objects.get(action="order.changed").data["diff"]
    assert diff["state"] == ["paid", "shipped"]
    assert "王小雨" not in str(diff)
    assert [event.payload["order_ids"] for event in OutboxEvent.objects.filter(type="orders.stored").order_by("pk")] == [[order.pk]] * 2


def test_an_older_file_takes_nothing_back(take):
    take(TAOBAO + WAITING.replace("买家已付款，等待卖家发货", "交易成功"))
    assert take(TAOBAO + WAITING) == (0, 0, 1)
    assert "order_backwards" in take.refused()
    assert Order.objects.get().state == "finished"


def test_jd_writes_a_row_an_item(take):
    rows = (
        "290000000001,100,颈椎按摩仪,1,在线支付,2026-11-20 10:00:00,299.00,398.00,398.00,398.00,等待出库,"
        "jd_u1,张三,北京市朝阳区1号,138****5678,,0,2026-11-20 10:01:00,,SKU1\n"
        "290000000001,101,眼部按摩仪,2,在线支付,2026-11-20 10:00:00,49.50,398.00,398.00,398.00,等待出库,"
        "jd_u1,张三,北京市朝阳区1号,138****5678,,0,2026-11-20 10:01:00,,SKU2\n"
    )
    assert take(JD + rows) == (1, 0, 0)
    order = Order.objects.get()
    assert (order.platform, order.state, order.pieces, order.phone_index) == ("jd", "paid", 3, "")
    assert list(OrderItem.objects.order_by("position").values_list("code", "quantity")) == [("SKU1", 1), ("SKU2", 2)]


def test_pdd_comes_in_utf8_with_brackets_in_its_headings(take):
    row = '颈枕,261120-1234567890,"已发货，待签收",59.00,49.00,1,2026-11-20 20:00:00,,1,灰,Z,75123456789012,中通,,,,2026-11-20 18:00:00\n'
    assert take(PDD + row, encoding="utf-8") == (1, 0, 0)
    order = Order.objects.get()
    assert (order.platform, order.state, order.paid, order.carrier) == ("pdd", "shipped", Decimal("49.00"), "中通")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('299.00,299.00,"', '299.00,USD 299.00,"', "wrong_currency"),
        ('299.00,299.00,"', '299.00,-299.00,"', "bad_amount"),
        ('299.00,299.00,"', '299.00,许多,"', "bad_number"),
        ("买家已付款，等待卖家发货", "已经好了", "bad_state"),
        ("2026-11-20 15:00:00,2026-11-20 15:02:11", "2027-11-20 15:00:00,", "future"),
        ("2026-11-20 15:00:00,2026-11-20 15:02:11", ",2026-11-20 15:02:11", "no_placed_at"),
        ("2026-11-20 15:02:11", "2026-11-19 15:02:11", "paid_before_placed"),
        ('="3610000000000000001"', "3.61E+18", "digits_lost"),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_its_reason_and_the_others_are_taken(take, old, new, reason):
    assert old in WAITING
    assert take(TAOBAO + WAITING.replace(old, new) + UNPAID) == (1, 0, 1)
    assert f",{reason}," in take.refused()


def test_a_table_without_its_columns_names_them(take):
    with pytest.raises(Invalid) as wrong:
        take("订单编号,订单状态\n1,等待买家付款\n")
    assert set(wrong.value.fields) >= {"placed_at"}


def test_refunds_follow_their_orders(take):
    take(TAOBAO + WAITING)
    asked = "3610000000000000001,R1,Z1,爱按摩的猫,299.00,仅退款,2026-11-21 09:00:00,买家已经申请退款，等待卖家同意,未收到货,不想要了,,\n"
    asked = asked.replace("买家已经申请退款，等待卖家同意", '"买家已经申请退款，等待卖家同意"')
    assert take(TAOBAO_REFUNDS + asked, open_shop_refunds) == (1, 0, 0)
    refund = Refund.objects.get()
    assert (refund.kind, refund.state, refund.goods, refund.amount) == ("unshipped", "requested", "not_received", Decimal("299.00"))
    assert take(TAOBAO_REFUNDS + asked, open_shop_refunds, "utf-8") == (0, 1, 0)
    done = asked.replace('"买家已经申请退款，等待卖家同意"', "退款成功")
    assert take(TAOBAO_REFUNDS + done, open_shop_refunds) == (1, 0, 0)
    assert take(TAOBAO_REFUNDS + asked + "\n", open_shop_refunds) == (0, 0, 1)
    assert "refund_backwards" in take.refused()
    assert Refund.objects.get().state == "done"


@pytest.mark.parametrize(
    ("number", "order", "amount", "reason"),
    [
        ("R2", "3610000000000000001", "299.01", "over_paid"),
        ("R2", "3610000000000000001", "200.00", "over_paid"),  # together with R1
        ("R2", "99", "1.00", "unknown_order"),
        ("", "3610000000000000001", "1.00", "no_refund_number"),
        ("R2", "3610000000000000001", "HK$ 1", "wrong_currency"),
        ("R2", "3610000000000000001", "-1", "bad_amount"),
    ],
)
def test_refunds_that_cannot_be(take, number, order, amount, reason):
    take(TAOBAO + WAITING)
    first = "3610000000000000001,R1,Z1,爱按摩的猫,100.00,退货退款,2026-11-21 09:00:00,WAIT_SELLER_AGREE,已收到货,,,\n"
    second = f"{order},{number},Z1,爱按摩的猫,{amount},退货退款,2026-11-21 09:00:00,WAIT_SELLER_AGREE,已收到货,,,\n"
    assert take(TAOBAO_REFUNDS + first + second, open_shop_refunds) == (1, 0, 1)
    assert f",{reason}," in take.refused()


def test_who_may_not_takes_nothing_in(take, cast, ground, tmp_path):
    with pytest.raises(Denied):
        take(TAOBAO + WAITING, actor=cast.trainer)
    path = tmp_path / "x.csv"
    path.write_text(TAOBAO + WAITING)
    with pytest.raises(NotFound):
        open_shop_orders(actor=cast.agent, path=path, now=NOW, site_id=ground.shop.pk)


def test_an_outsider_finds_no_order(take, cast):
    take(TAOBAO + WAITING)
    assert queries.page(cast.agent, Wanted()).rows == []
    with pytest.raises(NotFound):
        queries.detail(cast.agent, Order.objects.get().pk)


def test_orders_are_found_by_number_waybill_phone_and_buyer(take, seller):
    sent = WAITING.replace("买家已付款，等待卖家发货", "卖家已发货，等待买家确认").replace(
        ",颈椎按摩仪,1,,,", ",颈椎按摩仪,1,YT1234567890123,圆通速递,"
    )
    take(TAOBAO + sent + UNPAID)
    for wanted in (
        Wanted(numbers=["YT1234567890123"]),
        Wanted(phone="138 1234 5678"),
        Wanted(buyer="爱按摩的猫"),
        Wanted(sent=True),
        Wanted(with_money=True, day_from=NOW.date().replace(day=20), day_to=NOW.date().replace(day=20)),
    ):
        assert [row.number for row in queries.page(seller, wanted).rows] == ["3610000000000000001"], wanted
    assert queries.count(seller, Wanted()).value == 2


def test_lists_and_pages_cost_the_same_whatever_there_is(take, seller, django_assert_num_queries):
    take(TAOBAO + WAITING)
    with django_assert_num_queries(1):
        queries.page(seller, Wanted())
    more = "".join(WAITING.replace('0000001"', f'{number:07d}"') for number in range(3, 40))
    take(TAOBAO + more)
    with django_assert_num_queries(1):
        assert len(queries.page(seller, Wanted()).rows) == 38
    with django_assert_num_queries(6):
        queries.detail(seller, Order.objects.latest("pk").pk)


def test_facts_of_an_order_for_guards(take, ground):
    take(TAOBAO + WAITING)
    known = queries.facts(ground.shop.pk, "3610000000000000001", now=NOW)
    assert (known["order.paid"], known["order.shipped"]) == (True, False)
    assert round(known["order.hours_since_paid"]) == 43
    assert queries.facts(ground.shop.pk, "none", now=NOW) == {}


def test_money_is_yuan():
    assert money_of("￥1,299.00元") == Decimal("1299.00")
    assert money_of("CNY 12") == Decimal(12)
    assert money_of(None) == 0


def test_the_platform_is_told_by_headings_nobody_else_has():
    assert [platform_of(text.split(",")) for text in (TAOBAO, JD, PDD, TAOBAO_REFUNDS)] == ["taobao", "jd", "pdd", "taobao"]
    assert platform_of(["订单编号", "下单时间"]) == "own"
