"""The daily work of a shop through its actions (SHOP2-SHOP6, E5-E12, E19)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from kefu.cases.models import Case, Entry
from kefu.clocks.models import Clock
from kefu.conftest import NOW
from kefu.conversations.models import Conversation
from kefu.kernel.errors import Conflict, Denied, Invalid, NotFound, Stale
from kefu.kernel.models import AuditEntry, OutboxEvent
from kefu.parcels.drafts import ScanDraft
from kefu.parcels.recording import record_scans
from kefu.shop import enquiries, limits, reminding, sales, troubles, unsent, urging
from kefu.shop.errors import (
    AlreadySent,
    AskFirst,
    AtNight,
    Explained,
    GoodsNotBack,
    NotAgreed,
    NotStopped,
    NotUnpaid,
    NoVoid,
    Postal,
    RemindedToday,
    SaleEnded,
    TroubleEnded,
    VoidStands,
)
from kefu.shop.models import Check, Enquiry, Reminder, Sale, Trouble, Unsent, Urge, VoidNotice

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
EVENING = NOW + 6 * HOUR + timedelta(minutes=30)  # 16:30 in China


class TestReminders:
    def test_once_a_day_and_again_the_next(self, shop):
        order = shop.order()
        row = reminding.remind(actor=shop.agent, order_id=order.pk, text="亲，您拍下的按摩仪还没付款哦", now=NOW)
        assert row.clause.endswith("texts.reminders")
        with pytest.raises(RemindedToday):
            reminding.remind(actor=shop.second, order_id=order.pk, text="再提醒一次", now=NOW + HOUR)
        reminding.remind(actor=shop.second, order_id=order.pk, text="再提醒一次", now=NOW + DAY)
        assert Reminder.objects.count() == 2
        assert AuditEntry.objects.filter(action="shop.reminded").count() == 2
        assert OutboxEvent.objects.filter(type="shop.worked").count() == 2

    def test_not_at_night(self, shop):
        order = shop.order()
        with pytest.raises(AtNight) as refused:
            reminding.remind(actor=shop.agent, order_id=order.pk, text="在吗", now=NOW + 12 * HOUR)
        assert "texts.reminders" in str(refused.value)

    def test_only_what_waits_for_payment(self, shop, cast):
        with pytest.raises(NotUnpaid):
            reminding.remind(actor=shop.agent, order_id=shop.order("paid").pk, text="在吗", now=NOW)
        with pytest.raises(Invalid):
            reminding.remind(actor=shop.agent, order_id=shop.order().pk, text=" ", now=NOW)
        with pytest.raises(NotFound):
            reminding.remind(actor=cast.agent, order_id=shop.order().pk, text="在吗", now=NOW)

    def test_what_came_of_it(self, shop, cast):
        row = reminding.remind(actor=shop.agent, order_id=shop.order().pk, text="在吗", now=NOW)
        assert reminding.note_reply(actor=shop.agent, reminder_id=row.pk, reply="will_pay", now=NOW).reply == "will_pay"
        with pytest.raises(Invalid):
            reminding.note_reply(actor=shop.agent, reminder_id=row.pk, reply="", now=NOW)
        with pytest.raises(NotFound):
            reminding.note_reply(actor=cast.agent, reminder_id=row.pk, reply="will_pay", now=NOW)


class TestUnsent:
    def found(self, shop):
        """One paid in the window (39 hours ago: the evening of the 20th), one after it, one unpaid, one sent."""
        wanted = shop.order("paid")
        shop.order("paid", paid_at=NOW - HOUR)
        shop.order()
        shop.order("shipped")
        return wanted

    def test_the_check_finds_what_was_paid_in_its_day_and_opens_one_case(self, shop):
        wanted = self.found(shop)
        assert unsent.check_due(now=NOW) == 0  # before the hour of the cut
        assert unsent.check_due(now=EVENING) == 1
        assert unsent.check_due(now=EVENING) == 0
        check = Check.objects.get()
        assert (check.found, check.unexplained, check.clause.endswith("texts.unshipped_check")) == (1, 1, True)
        assert Unsent.objects.get().order_id == wanted.pk
        case = Case.objects.get(pk=check.case_id)
        assert (case.kind, case.site_id) == ("unshipped", shop.site)
        assert OutboxEvent.objects.get(type="shop.unsent_found").payload["found"] == 1

    def test_a_day_without_any_has_no_case(self, shop):
        assert unsent.check_due(now=EVENING) == 0
        assert (Check.objects.get().found, Case.objects.count()) == (0, 0)

    def test_the_last_cause_meets_the_clock_of_the_case(self, shop):
        self.found(shop)
        unsent.check_due(now=EVENING)
        row, check = Unsent.objects.get(), Check.objects.get()
        assert Clock.objects.get(subject_id=check.case_id, key="unshipped_cause").state == "running"
        unsent.explain(actor=shop.agent, unsent_id=row.pk, cause="printing", party="agent", now=EVENING + HOUR)
        check.refresh_from_db()
        assert check.unexplained == 0
        assert Clock.objects.get(subject_id=check.case_id, key="unshipped_cause").state == "met"
        assert Entry.objects.get(case_id=check.case_id, kind="matter").data["what"] == "unsent.explained"

    def test_a_known_cause_is_changed_by_a_lead_only_and_counts_once(self, shop, cast):
        self.found(shop)
        unsent.check_due(now=EVENING)
        row = Unsent.objects.get()
        with pytest.raises(Invalid):
            unsent.explain(actor=shop.agent, unsent_id=row.pk, cause="bad luck", party="agent", now=EVENING)
        with pytest.raises(NotFound):
            unsent.explain(actor=cast.agent, unsent_id=row.pk, cause="stock", party="system", now=EVENING)
        unsent.explain(actor=shop.agent, unsent_id=row.pk, cause="stock", party="system", now=EVENING)
        with pytest.raises(Explained):
            unsent.explain(actor=shop.agent, unsent_id=row.pk, cause="stock", party="warehouse", now=EVENING)
        with pytest.raises(Stale):
            unsent.explain(actor=shop.lead, unsent_id=row.pk, cause="stock", party="warehouse", now=EVENING, expected_version=0)
        unsent.explain(actor=shop.lead, unsent_id=row.pk, cause="warehouse", party="warehouse", now=EVENING)
        assert Check.objects.get().unexplained == 0

    def test_two_hundred_orders_cost_as_few_statements_as_one(self, shop, django_assert_max_num_queries):
        for _one in range(30):
            shop.order("paid")
        cut = limits.unsent_cut(limits.book_of(shop.site, NOW))
        with django_assert_max_num_queries(60):
            assert unsent.check_site(site_id=shop.site, day=timezone.localdate(EVENING), cut=cut, now=EVENING) == 30


class TestEnquiries:
    def asked(self, shop, order_or_customer, at):
        customer = getattr(order_or_customer, "customer_id", order_or_customer)
        return Conversation.objects.create(
            source="tests", external_id=str(at), channel="chat", site_id=shop.site, staff_id=shop.agent.id, customer_id=customer,
            started_at=at, created_at=at,
        )  # fmt: skip

    def test_who_ordered_and_paid_in_time_closed_and_who_did_not_needs_a_cause(self, shop):
        bought = shop.order("paid")
        self.asked(shop, bought, bought.placed_at - HOUR)
        looked = shop.order("unpaid", placed_at=NOW - 70 * HOUR)
        self.asked(shop, looked, looked.placed_at - HOUR)
        enquiries.look(now=NOW)
        assert dict(Enquiry.objects.values_list("customer_id", "closed")) == {bought.customer_id: True, looked.customer_id: False}
        assert enquiries.look(now=NOW) == 0
        lost = Enquiry.objects.get(closed=False)
        with pytest.raises(Invalid):
            enquiries.explain(actor=shop.agent, enquiry_id=lost.pk, cause="other", now=NOW)
        enquiries.explain(actor=shop.agent, enquiry_id=lost.pk, cause="price", now=NOW)
        with pytest.raises(Conflict):
            enquiries.explain(actor=shop.agent, enquiry_id=Enquiry.objects.get(closed=True).pk, cause="price", now=NOW)

    def test_who_asks_about_an_order_they_have_does_not_enquire(self, shop):
        order = shop.order("paid")
        self.asked(shop, order, order.placed_at + HOUR)
        assert enquiries.look(now=NOW) == 0

    def test_an_enquiry_waits_while_the_buyer_may_still_order(self, shop):
        order = shop.order("unpaid", placed_at=NOW - HOUR)
        self.asked(shop, order, NOW - 2 * HOUR)
        enquiries.look(now=NOW)
        assert Enquiry.objects.get().closed is None
        enquiries.look(now=NOW + 2 * DAY)
        assert Enquiry.objects.get().closed is False


class TestTroubles:
    def sent(self, shop, waybill, carrier="圆通速递", ago=3 * DAY):
        return shop.order("shipped", placed_at=NOW - 4 * DAY, paid_at=NOW - 4 * DAY, shipped_at=NOW - ago, parcels=((waybill, carrier),))

    def scan(self, cast, ground, waybill, code, ago):
        draft = ScanDraft(waybill=waybill, code=code, site_id=ground.station.pk, scanned_at=NOW - ago, operator="1001")
        record_scans(actor=cast.admin, batch=[draft], now=NOW)

    def test_parcels_are_told_apart(self, shop, cast, ground):
        self.sent(shop, "YT0000000000001")
        self.sent(shop, "YT0000000000002", ago=DAY)
        self.sent(shop, "9800000000003", "中国邮政")
        self.sent(shop, "YT0000000000004")
        self.scan(cast, ground, "YT0000000000004", "problem", HOUR)
        self.sent(shop, "YT0000000000005")
        self.scan(cast, ground, "YT0000000000005", "arrive", HOUR)
        assert troubles.look_through(now=NOW) == 2
        assert troubles.look_through(now=NOW) == 0
        assert dict(Trouble.objects.values_list("waybill", "state")) == {
            "YT0000000000001": "to_contact",
            "YT0000000000004": "to_message",
        }
        self.scan(cast, ground, "YT0000000000001", "arrive", timedelta(0))
        assert troubles.look_through(now=NOW + HOUR) == 1
        assert Trouble.objects.get(waybill="YT0000000000001").state == "gone"

    def test_a_young_problem_is_done_with_a_message_and_does_not_come_again(self, shop, cast, ground):
        self.sent(shop, "YT0000000000004")
        self.scan(cast, ground, "YT0000000000004", "problem", HOUR)
        troubles.look_through(now=NOW)
        row = Trouble.objects.get()
        with pytest.raises(Invalid):
            troubles.message(actor=shop.agent, trouble_id=row.pk, text="", now=NOW)
        with pytest.raises(NotFound):
            troubles.message(actor=cast.agent, trouble_id=row.pk, text="您好", now=NOW)
        assert troubles.message(actor=shop.agent, trouble_id=row.pk, text="请核对收件电话", now=NOW).state == "done"
        assert troubles.look_through(now=NOW) == 0
        with pytest.raises(TroubleEnded):
            troubles.message(actor=shop.agent, trouble_id=row.pk, text="再说一次", now=NOW)

    def test_an_old_one_wants_the_carrier_first_and_a_result_in_a_day(self, shop):
        self.sent(shop, "YT0000000000001")
        troubles.look_through(now=NOW)
        row = Trouble.objects.get()
        with pytest.raises(AskFirst):
            troubles.message(actor=shop.agent, trouble_id=row.pk, text="您好", now=NOW)
        with pytest.raises(AskFirst):
            troubles.answer(actor=shop.agent, trouble_id=row.pk, text="您好", final=True, now=NOW)
        asked = troubles.ask_carrier(actor=shop.agent, trouble_id=row.pk, contact="圆通小李", now=NOW)
        assert asked.due_at == NOW + DAY
        told = troubles.answer(actor=shop.agent, trouble_id=row.pk, text="还在核实", final=False, now=NOW + 20 * HOUR)
        assert (told.state, told.due_at) == ("asked", NOW + 44 * HOUR)
        assert troubles.answer(actor=shop.agent, trouble_id=row.pk, text="已补发", final=True, now=NOW + 22 * HOUR).state == "done"

    def test_the_post_is_not_asked(self, shop, cast, ground):
        self.sent(shop, "9800000000003", "中国邮政")
        self.scan(cast, ground, "9800000000003", "problem", HOUR)
        troubles.look_through(now=NOW)
        with pytest.raises(Postal):
            troubles.ask_carrier(actor=shop.agent, trouble_id=Trouble.objects.get().pk, contact="邮政", now=NOW)


class TestUrges:
    def test_registered_and_settled(self, shop, cast):
        order = shop.order("paid")
        with pytest.raises(Invalid):
            urging.urge(actor=shop.agent, order_id=order.pk, cause="", now=NOW)
        with pytest.raises(NotFound):
            urging.urge(actor=cast.agent, order_id=order.pk, cause="not_sent", now=NOW)
        row = urging.urge(actor=shop.agent, order_id=order.pk, cause="not_sent", now=NOW)
        urging.settle(actor=shop.agent, urge_id=row.pk, result="今晚发出", now=NOW)
        assert Urge.objects.get().done_at == NOW


class TestAfterSales:
    def sale(self, shop, order, kind="", **more):
        refund = shop.refund(order, kind, **more)
        sales.follow(refund_ids=[refund.pk], now=NOW)
        return Sale.objects.get(refund_id=refund.pk)

    def agree(self, shop, sale, agreed="refund"):
        return sales.negotiate(actor=shop.agent, sale_id=sale.pk, agreed=agreed, note="顾客同意", now=NOW)

    def test_an_unsent_order_is_void_before_its_money_moves(self, shop):
        order = shop.order("paid")
        sale = self.sale(shop, order)
        assert (sale.then, sale.due_at) == ("auto_refund", NOW - 2 * HOUR + DAY)
        with pytest.raises(NotAgreed):
            sales.pay(actor=shop.agent, sale_id=sale.pk, now=NOW)
        self.agree(shop, sale)
        with pytest.raises(NoVoid):
            sales.pay(actor=shop.agent, sale_id=sale.pk, now=NOW)
        notice = sales.void(actor=shop.agent, order_id=order.pk, now=NOW)
        assert notice.text == f"{order.number} 臻选旗舰店 作废"
        with pytest.raises(VoidStands):
            sales.void(actor=shop.second, order_id=order.pk, now=NOW)
        with pytest.raises(NoVoid):
            sales.pay(actor=shop.agent, sale_id=sale.pk, now=NOW)
        sales.answer_void(actor=shop.second, notice_id=notice.pk, confirmed=True, now=NOW)
        assert sales.pay(actor=shop.agent, sale_id=sale.pk, now=NOW).state == "paid"
        with pytest.raises(SaleEnded):
            sales.pay(actor=shop.second, sale_id=sale.pk, now=NOW)

    def test_paying_twice_at_once_pays_once(self, shop):
        order = shop.order("shipped")
        sale = self.sale(shop, order, "difference", amount="20")
        self.agree(shop, sale, "difference")
        sales.pay(actor=shop.agent, sale_id=sale.pk, now=NOW, expected_version=1)
        with pytest.raises((SaleEnded, Stale)):
            sales.pay(actor=shop.second, sale_id=sale.pk, now=NOW, expected_version=1)

    def test_a_sent_parcel_is_stopped_first(self, shop):
        sale = self.sale(shop, shop.order("shipped"))
        with pytest.raises(AlreadySent):
            sales.void(actor=shop.agent, order_id=sale.refund.order_id, now=NOW)
        self.agree(shop, sale)
        with pytest.raises(NotStopped):
            sales.pay(actor=shop.agent, sale_id=sale.pk, now=NOW)
        sales.track(actor=shop.agent, sale_id=sale.pk, stop="signed", now=NOW)
        with pytest.raises(NotStopped):
            sales.pay(actor=shop.agent, sale_id=sale.pk, now=NOW)
        sales.track(actor=shop.agent, sale_id=sale.pk, stop="intercepted", now=NOW)
        assert sales.pay(actor=shop.agent, sale_id=sale.pk, now=NOW).paid_at == NOW

    def test_goods_come_back_after_the_agreement_and_before_the_money(self, shop):
        sale = self.sale(shop, shop.order("finished"), "return")
        with pytest.raises(NotAgreed):
            sales.take_back(actor=shop.agent, sale_id=sale.pk, condition="完好", liable="buyer", now=NOW)
        self.agree(shop, sale, "return")
        with pytest.raises(GoodsNotBack):
            sales.pay(actor=shop.agent, sale_id=sale.pk, now=NOW)
        with pytest.raises(Invalid):
            sales.take_back(actor=shop.agent, sale_id=sale.pk, condition="", liable="nobody", now=NOW)
        sales.take_back(actor=shop.agent, sale_id=sale.pk, condition="完好", liable="buyer", now=NOW)
        assert sales.pay(actor=shop.agent, sale_id=sale.pk, now=NOW).state == "paid"

    def test_a_refund_closed_on_the_platform_ends_our_work_and_takes_the_notice_back(self, shop):
        order = shop.order("paid")
        sale = self.sale(shop, order)
        notice = sales.void(actor=shop.agent, order_id=order.pk, now=NOW)
        refund = shop.refund(order, state="closed")
        sales.follow(refund_ids=[refund.pk], now=NOW)
        sale.refresh_from_db()
        assert (sale.state, sale.due_at) == ("over", None)
        assert VoidNotice.objects.get(pk=notice.pk).state == "withdrawn"
        with pytest.raises(SaleEnded):
            self.agree(shop, sale)
        assert sales.follow(refund_ids=[refund.pk], now=NOW) == 0

    def test_who_may_not_and_who_must_not_see(self, shop, cast):
        sale = self.sale(shop, shop.order("paid"))
        with pytest.raises(NotFound):
            self.agree(type("O", (), {"agent": cast.agent}), sale)
        with pytest.raises((Denied, NotFound)):
            sales.pay(actor=cast.trainer, sale_id=sale.pk, now=NOW)
        sales.refuse(actor=shop.agent, sale_id=sale.pk, reason="已发出", now=NOW)
        assert Sale.objects.get().state == "refused"
