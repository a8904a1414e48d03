"""Pages of the online shop: board, lists, one order with its work (SHOP1-SHOP6)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from kefu.conftest import PASSWORD, hire  # noqa: F401 (people of the rooms, not the sign-in tests' own)
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.orders.drafts import ItemDraft, OrderDraft, RefundDraft
from kefu.orders.models import Order
from kefu.orders.products import note
from kefu.orders.refunding import store_refunds
from kefu.orders.storing import store_orders
from kefu.parcels.drafts import Party
from kefu.reactions.run import run_all
from kefu.shop import troubles, unsent
from kefu.shop.models import Reminder, Sale, Trouble, Unsent, VoidNotice

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
SYSTEM = Actor.system("tests")
LISTS = ("shop-orders", "shop-unpaid", "shop-reminders", "shop-unsent", "shop-troubles", "shop-sales", "shop-enquiries", "shop-urges")


@pytest.fixture
def now():
    """Pages read the clock on the wall."""
    return moment.now()


@pytest.fixture
def sign_in(ground, hire):  # noqa: F811 (the one imported)
    """Signs somebody in at the shop, or elsewhere."""

    def client(role="agent", site=None):
        staff = hire(role, site or ground.shop)
        made = Client()
        assert made.post("/sign-in", {"username": staff.username, "password": PASSWORD}).status_code == 302
        return made

    return client


@pytest.fixture
def orders(ground, now):
    """An unpaid order, one to send with a refund asked for, one on its way without a scan."""
    day = timedelta(days=1)

    def draft(number, state, **more):
        return OrderDraft(
            ground.shop.pk, "taobao", "臻选旗舰店", number, state, now - 4 * day, buyer="爱按摩的猫", total=Decimal(299),
            receiver=Party("王小雨", "13812345678", "浙江省杭州市西湖区文三路1号"),
            items=(ItemDraft("颈椎按摩仪", "灰", 1, Decimal(299), "AM-1"),),
            **more,
        )  # fmt: skip

    paid = {"paid": Decimal(299), "paid_at": now - 2 * day}
    sent = {**paid, "shipped_at": now - 3 * day, "paid_at": now - 3 * day, "parcels": (("YT0000000000001", "圆通速递"),)}
    store_orders(
        actor=SYSTEM,
        drafts=[draft("TB20261122-1", "unpaid"), draft("TB20261122-2", "paid", **paid), draft("TB20261122-3", "shipped", **sent)],
        now=now,
    )
    refund = RefundDraft(
        ground.shop.pk, "taobao", "R2", "TB20261122-2", "requested", Decimal(299), now - timedelta(hours=1), reason="不想要了"
    )
    store_refunds(actor=SYSTEM, drafts=[refund], now=now)
    note(actor=SYSTEM, site_id=ground.shop.pk, code="AM-1", name="颈椎按摩仪", notes="充电口在左侧", warranty_months=12, now=now)
    run_all(now=now)
    troubles.look_through(now=now)
    return {one.number: one for one in Order.objects.all()}


def read(client, name, query="", **kwargs):
    answer = client.get(reverse(f"console:{name}", kwargs=kwargs) + query)
    assert answer.status_code == 200, (name, answer.status_code)
    return answer.content.decode()


def send(client, order, status=302, **form):
    answer = client.post(reverse("console:shop-order", kwargs={"order_id": order.pk}), form)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


def test_the_board_and_every_list_open_with_rows_and_without(sign_in, ground, orders):
    agent = sign_in()
    assert "臻选旗舰店" in read(agent, "shop")
    for name in LISTS:
        read(agent, name)
    assert "TB20261122-1" in read(agent, "shop-unpaid", "?reminded=not_today")
    assert "R2" in read(agent, "shop-sales", "?open=1")
    assert "YT0000000000001" in read(agent, "shop-troubles", "?open=1")
    other = sign_in("agent", ground.station)
    for name in LISTS:
        assert "TB20261122-1" not in read(other, name)
    assert sign_in("trainer").get(reverse("console:shop")).status_code == 403


def test_the_navigation_leads_people_with_a_shop_there_and_nobody_else(sign_in, ground):
    assert 'href="/shop"' in read(sign_in(), "desk")
    assert 'href="/shop"' not in read(sign_in("agent", ground.station), "desk")


def test_one_page_holds_customer_goods_payment_parcel_refund_and_knowledge(sign_in, ground, orders):
    agent = sign_in()
    shown = read(agent, "shop-order", order_id=orders["TB20261122-2"].pk)
    for words in ("颈椎按摩仪", "充电口在左侧", "保修 12 个月", "R2", "不想要了", "¥299.00", "通知仓库作废"):
        assert words in shown, words
    assert "13812345678" not in shown
    assert "王小雨" not in shown
    address = reverse("console:shop-order", kwargs={"order_id": orders["TB20261122-2"].pk})
    other = sign_in("agent", ground.station)
    assert other.get(address).status_code == 404
    assert other.post(address, {"do": "void"}).status_code == 404
    assert VoidNotice.objects.count() == 0


def test_money_moves_last_through_the_page(sign_in, orders):
    agent, order = sign_in(), orders["TB20261122-2"]
    sale = Sale.objects.get()
    refused = send(agent, order, 409, do="pay", id=sale.pk)
    assert "还没有协商结果" in refused
    assert "@1#" not in refused  # the clause is named, not its key
    assert 'value="pay"' not in read(agent, "shop-order", order_id=order.pk)
    assert "请写明协商经过" in send(agent, order, 422, do="agree", id=sale.pk, agreed="refund")
    send(agent, order, do="agree", id=sale.pk, agreed="refund", text="顾客不想要了")
    assert "仓库还没有确认作废" in send(agent, order, 409, do="pay", id=sale.pk)
    send(agent, order, do="void")
    notice = VoidNotice.objects.get()
    assert notice.text in read(agent, "shop-order", order_id=order.pk)
    assert "仓库确认作废后才能退款" in read(agent, "shop-order", order_id=order.pk)
    send(agent, order, do="void_yes", id=notice.pk, version=notice.version)
    assert 'value="pay"' in read(agent, "shop-order", order_id=order.pk)
    send(agent, order, do="pay", id=sale.pk)
    assert Sale.objects.get().state == "paid"
    send(agent, order, 404, do="nothing")


def test_an_unpaid_order_is_reminded_of_beside_its_chats(sign_in, orders, now, monkeypatch):
    noon = now.replace(hour=4)  # 12:00 in China
    monkeypatch.setattr(moment, "now", lambda: noon)
    agent = sign_in()
    assert "请写明催付时说了什么" in send(agent, orders["TB20261122-1"], 422, do="remind")
    send(agent, orders["TB20261122-1"], do="remind", text="亲，今天付款今天发货")
    assert "今天已经催付过" in send(agent, orders["TB20261122-1"], 409, do="remind", text="再催一次")
    send(agent, orders["TB20261122-1"], do="replied", id=Reminder.objects.get().pk, reply="will_pay")
    assert "答应付款" in read(agent, "shop-reminders")


def test_a_quiet_parcel_is_asked_for_and_answered(sign_in, orders):
    agent, order = sign_in(), orders["TB20261122-3"]
    row = Trouble.objects.get()
    send(agent, order, 422, do="ask", id=row.pk)
    send(agent, order, do="ask", id=row.pk, contact="圆通小李", text="明天答复")
    send(agent, order, do="inform", id=row.pk, text="快递还在核实")
    send(agent, order, do="answer", id=row.pk, text="已派送")
    assert Trouble.objects.get().state == "done"
    send(agent, order, do="urge", cause="slow", text="催了两次")
    assert "TB20261122-3" in read(agent, "shop-urges", "?open=1")


def test_causes_are_written_for_many_at_once(sign_in, ground, orders, now):
    cut = unsent.limits.unsent_cut(unsent.limits.book_of(ground.shop.pk, now))
    order = orders["TB20261122-2"]
    day = (order.paid_at + timedelta(days=2)).date() if order.paid_at.hour < 8 else (order.paid_at + timedelta(days=2, hours=8)).date()
    found = sum(unsent.check_site(site_id=ground.shop.pk, day=day + timedelta(days=more), cut=cut, now=now) for more in (-1, 0, 1))
    assert found == 1
    agent, row = sign_in(), Unsent.objects.get()
    address = reverse("console:shop-unsent-bulk")
    agent.post(address, {"do": "explain", "row": row.pk, "cause": "", "party": ""})
    assert Unsent.objects.get().cause == ""
    agent.post(address, {"do": "explain", "row": row.pk, "cause": "printing", "party": "agent", "note": "漏打"})
    row.refresh_from_db()
    assert (row.cause, row.party) == ("printing", "agent")
    assert "漏打单" in read(agent, "shop-unsent")
    assert "付款未发" in read(agent, "shop")
