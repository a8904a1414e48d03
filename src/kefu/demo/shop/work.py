"""The last six days of the demo's shop: reports are imported every afternoon, and its people work on what they show (SHOP1-SHOP6)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from kefu.clocks import actions as clocks
from kefu.demo.cast import agents_of, first_of
from kefu.demo.ground import Ground
from kefu.demo.plan import Plan
from kefu.demo.shop.orders import PRICES, Sold, code, refunds, sold
from kefu.demo.world import World
from kefu.kernel.actor import Actor
from kefu.orders import products
from kefu.orders.refunding import store_refunds
from kefu.orders.storing import store_orders
from kefu.reactions import run as reactions
from kefu.shop import enquiries, queries, reminding, sales, troubles, unsent, urging
from kefu.shop.queries import Choice
from kefu.shop.vocabulary import PARTY_OF_CAUSE, Cause, Lost, Reply, UrgeCause

_DAYS: Final = 6
_REPORT_HOUR: Final = 16
_CHECK_AFTER: Final = timedelta(minutes=5)
_HOUR: Final = timedelta(hours=1)
_CAUSES: Final = (Cause.WAREHOUSE, Cause.STOCK, Cause.PRINTING, Cause.CARRIER, Cause.CUSTOMER)
_LOST: Final = (Lost.PRICE, Lost.COMPARING, Lost.SHIPPING, Lost.FUNCTION)
_REPLIES: Final = (Reply.WILL_PAY, Reply.THINKING, Reply.NO_ANSWER, Reply.DECLINED, Reply.NONE)
_URGES: Final = (
    (UrgeCause.NOT_SENT, "顾客等着用", "已请仓库优先发出"), (UrgeCause.SLOW, "问几天能到", "已告知预计明天送达"),
    (UrgeCause.NOT_SENT, "第二次来催", ""), (UrgeCause.DELIVERY, "要求今天派送", ""),
)  # fmt: skip
_MORE_EACH_DAY: Final = 5


def make(ground: Ground, plan: Plan, world: World) -> int:
    """Import the shop's orders day by day and do its work; returns how many orders there are. The same again changes nothing."""
    shop = _Shop(ground, plan, sold(plan, world))
    if not queries.checks(shop.lead, limit=1):
        shop.live()
    return len(shop.rows)


class _Shop:
    """The shop, its people, and how far its reports have been imported."""

    def __init__(self, ground: Ground, plan: Plan, rows: Sequence[Sold]) -> None:
        self.site, self.plan, self.rows = ground.sites["shop"], plan, rows
        self.dice = plan.dice("shop")
        self.agents = [ground.actors[one.username] for one in agents_of("shop")]
        self.lead = ground.actors[first_of("lead", "shop").username]
        self.manager = ground.actors[first_of("manager", "shop").username]
        self.importer = Actor.system("demo-shop")

    def live(self) -> None:
        """Six afternoons, and what came since the last."""
        self._note_products(self.plan.start)
        for at in self._afternoons():
            self._import(at)
            self._settle(at)
            unsent.check_due(now=at + _CHECK_AFTER)
            self._remind(at + 2 * _CHECK_AFTER)
            self._explain(at + 3 * _CHECK_AFTER)
        end = self.plan.end
        troubles.look_through(now=end - 26 * _HOUR)
        self._ask_carriers(end - 25 * _HOUR)
        told = refunds(self.plan, self.site, self.rows)
        self._import(end)
        store_refunds(actor=self.importer, drafts=told, now=end)
        self._settle(end)
        troubles.look_through(now=end)
        enquiries.look_site(site_id=self.site, now=end, since=end - _DAYS * 24 * _HOUR)
        self._after_sales()
        self._inform()
        self._urges()
        self._lost()
        self._settle(end)

    def _afternoons(self) -> list[datetime]:
        last = timezone.localtime(self.plan.end).replace(hour=_REPORT_HOUR, minute=0, second=0, microsecond=0)
        days = (last - timedelta(days=back) for back in range(_DAYS, -1, -1))
        return [day for day in days if day + 4 * _CHECK_AFTER < self.plan.end]

    def _import(self, at: datetime) -> None:
        drafts = [draft for row in self.rows if (draft := row.told(self.site, at)) is not None]
        store_orders(actor=self.importer, drafts=drafts, now=at)

    def _settle(self, at: datetime) -> None:
        """What follows from it, and the clocks of the cases it opened."""
        reactions.run_all(now=at)
        while clocks.sweep(now=at):
            reactions.run_all(now=at)

    def _agent(self) -> Actor:
        return self.dice.choice(self.agents)

    def _note_products(self, at: datetime) -> None:
        for name in PRICES:
            products.note(
                actor=self.manager, site_id=self.site, code=code(name), name=name, warranty_months=12, now=at,
                notes="首次使用前充电 2 小时；充电时不工作属正常。",
            )  # fmt: skip

    def _remind(self, at: datetime) -> None:
        for row in queries.unpaid(self.lead, Choice(reminded="not_today"), now=at).rows[:_MORE_EACH_DAY]:
            done = reminding.remind(actor=self._agent(), order_id=row.order.id, text="亲，您拍的宝贝还没付款，今天付款今天发出哦。", now=at)
            if reply := self.dice.choice(_REPLIES):
                reminding.note_reply(actor=self._agent(), reminder_id=done.pk, reply=reply, now=at + _CHECK_AFTER)

    def _explain(self, at: datetime) -> None:
        """All causes of former days, some of the last."""
        rows = queries.unsent(self.lead, Choice(open_only=True)).rows
        last = at > self.plan.end - 24 * _HOUR
        for row in rows[: len(rows) // 2] if last else rows:
            cause = self.dice.choice(_CAUSES)
            unsent.explain(actor=self._agent(), unsent_id=row.id, cause=cause, party=PARTY_OF_CAUSE[cause], now=at)

    def _ask_carriers(self, at: datetime) -> None:
        for row in queries.troubles(self.lead, Choice(state="to_contact"), now=at).rows[:4]:
            troubles.ask_carrier(actor=self._agent(), trouble_id=row.id, contact=f"{row.carrier}客服 08 号", answer="正在核实", now=at)

    def _inform(self) -> None:
        """One buyer has the result, one hears how it stands, two wait; some of the fresh ones have their message."""
        end = self.plan.end
        asked = queries.troubles(self.lead, Choice(state="asked"), now=end).rows
        for row, final in zip(asked, (True, False), strict=False):
            text = "快递已找到包裹，今天重新派送。" if final else "快递还在核实，明天中午前再给您答复。"
            troubles.answer(actor=self._agent(), trouble_id=row.id, text=text, final=final, now=end)
        for row in queries.troubles(self.lead, Choice(state="to_message"), now=end).rows[:2]:
            troubles.message(actor=self._agent(), trouble_id=row.id, text="包裹派送遇到问题，已联系快递今天再送。", now=end)

    def _after_sales(self) -> None:
        """Refunds under way stand at every step of agreement, goods and money."""
        rows = queries.sales(self.lead, Choice(open_only=True), now=self.plan.end, size=100).rows
        by_kind: dict[str, list[int]] = {}
        orders = {row.id: row.refund.order_id for row in rows}
        for row in sorted(rows, key=lambda one: one.refund.number):
            by_kind.setdefault(row.refund.kind, []).append(row.id)
        end = self.plan.end
        unshipped = by_kind.get("unshipped", [])
        for sale in unshipped[1:]:
            self._agree(sale, "refund", "顾客不想要了，同意取消")
        for sale in unshipped[2:]:
            notice = sales.void(actor=self._agent(), order_id=orders[sale], now=end)
            if sale == unshipped[-1]:
                sales.answer_void(actor=self.lead, notice_id=notice.pk, confirmed=True, now=end)
                sales.pay(actor=self.lead, sale_id=sale, now=end)
        for sale in by_kind.get("shipped", [])[1:]:
            self._agree(sale, "refund", "快递拦截成功后退款")
        for sale in by_kind.get("return", [])[2:]:
            self._agree(sale, "return", "顾客寄回，验收后退款")
        for sale in by_kind.get("return", [])[-1:]:
            sales.take_back(actor=self._agent(), sale_id=sale, condition="包装完好，未使用", liable="buyer", now=end)
        for sale in by_kind.get("difference", []):
            self._agree(sale, "difference", "活动降价，退差价")

    def _agree(self, sale: int, agreed: str, note: str) -> None:
        sales.negotiate(actor=self._agent(), sale_id=sale, agreed=agreed, note=note, now=self.plan.end)

    def _urges(self) -> None:
        at = self.plan.end - _HOUR
        rows = queries.unsent(self.lead, Choice()).rows
        for row, (cause, note, result) in zip(rows, _URGES, strict=False):
            urge = urging.urge(actor=self._agent(), order_id=row.order.id, cause=cause, note=note, now=at)
            if result:
                urging.settle(actor=self._agent(), urge_id=urge.pk, result=result, now=at + _CHECK_AFTER)

    def _lost(self) -> None:
        rows = queries.enquiries(self.lead, Choice(open_only=True)).rows
        for row, cause in zip(rows[: len(rows) // 2], _LOST * len(rows), strict=False):
            enquiries.explain(actor=self._agent(), enquiry_id=row.id, cause=cause, now=self.plan.end)
