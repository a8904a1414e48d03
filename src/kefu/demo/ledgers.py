"""What the shop keeps in its ledgers: claims borne by carriers and paid, repairs and returns on their way, cells filled in (SHOP7)."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Final

from django.db import transaction

from kefu.cases import queries as cases
from kefu.cases.filters import CaseFilter
from kefu.claims import actions, paying
from kefu.claims.drafts import ClaimDraft, PaymentResult
from kefu.claims.errors import FeeWaived, LossClaimed
from kefu.claims.liability import Share
from kefu.claims.losses import LossFacts
from kefu.demo import names
from kefu.demo.cast import agents_of, first_of
from kefu.demo.ground import Ground
from kefu.demo.plan import Plan
from kefu.kernel.errors import Denied
from kefu.ledgers import actions as cells
from kefu.ledgers import queries
from kefu.ledgers.queries import LedgerInForce, Wanted
from kefu.shop import queries as shop
from kefu.shop import sales
from kefu.shop.queries import Choice

_HOUR: Final = timedelta(hours=1)
_BOOK: Final = "shop"
# Loss, carrier, value, percent borne by the carrier, how it ended.
_CLAIMS: Final = (
    ("lost", "ZTO", "299", 100, "paid"),
    ("destroyed", "YTO", "468", 80, "paid"),
    ("lost", "ZTO", "188", 100, "sent"),
    ("damaged", "YUNDA", "329", 60, "shared"),
)
_CAUSES: Final = {"lost": "transit_loss", "destroyed": "outer_damage", "damaged": "outer_damage"}
_REPAIRS: Final = ({"cost": "35", "sent_back_no": "SF1386600210457"}, {"cost": "0"})
_NOTES: Final = ("快递客服答应今晚 20:00 前回复", "仓库在查监控，明早十点给结果", "顾客要求明天中午前给答复")


def make(ground: Ground, plan: Plan) -> int:
    """Claims of the shop, repairs agreed, cells written; returns how many cells."""
    keeper = _Keeper(ground, plan)
    keeper.claims()
    keeper.repairs()
    return keeper.fill()


class _Keeper:
    """The people of the shop."""

    def __init__(self, ground: Ground, plan: Plan) -> None:
        self.plan, self.end, self.site_id = plan, plan.end, ground.sites["shop"]
        self.dice = plan.dice("ledgers")
        self.agent = ground.actors[agents_of("shop")[0].username]
        self.lead = ground.actors[first_of("lead", "shop").username]
        self.manager = ground.actors[first_of("manager", "shop").username]

    def claims(self) -> None:
        """Losses buyers claim for, on open cases of the shop."""
        wanted = CaseFilter(view="open", site_id=self.site_id)
        rows = cases.page(self.lead, wanted, now=self.end, size=20).rows
        told = list(enumerate(_CLAIMS))
        for case in rows:
            if told and self._claim(case.pk, told[0][0], *told[0][1]):
                told.pop(0)

    def _claim(self, case_id: int, place: int, loss: str, carrier: str, value: str, percent: int, ended: str) -> bool:
        at = self.end - (6 - place) * _HOUR
        person = names.person(self.dice)
        draft = ClaimDraft(
            LossFacts(loss, fee=Decimal(10), value=Decimal(value)), cause=_CAUSES[loss], carrier=carrier, claimant_name=person.name,
            claimant_phone=person.phone, papers=("form", "waybill", "value", "photos", "identity"), external_id=f"demo-shop-{place}",
        )  # fmt: skip
        try:
            with transaction.atomic():
                row = actions.file_claim(actor=self.agent, case_id=case_id, draft=draft, now=at)
        except (LossClaimed, FeeWaived):
            return False  # another case of the same parcel
        key = row.pk
        rungs = actions.propose(actor=self.agent, claim_id=key, amount=row.reckoned, reason="", now=at + _HOUR / 6).rungs
        for actor in (self.lead, self.manager)[: len(rungs)]:
            actions.approve(actor=actor, claim_id=key, reason="凭证齐全", now=at + _HOUR / 5)
        actions.agree(
            actor=self.agent, claim_id=key, channel="alipay", account_name=person.name, account=person.phone, now=at + _HOUR / 4
        )  # fmt: skip
        shares = [Share("A", Decimal(percent)), *([Share("C", Decimal(100 - percent))] if percent < 100 else [])]
        actions.share_out(actor=self.agent, claim_id=key, shares=shares, reason="快递轨迹和仓库监控", now=at + _HOUR / 3)
        if ended == "shared":
            return True
        payment = paying.start_payment(actor=self.manager, claim_id=key, now=at + _HOUR / 2)
        paying.send_batch(actor=self.manager, payment_ids=[payment.pk], now=at + _HOUR)
        if ended == "paid":
            result = PaymentResult(payment.number, "paid", serial=f"2026112222001{place:06d}", amount=payment.amount)
            paying.note_result(actor=self.manager, payment_id=payment.pk, result=result, now=at + 2 * _HOUR)
        return True

    def repairs(self) -> None:
        """Two buyers want theirs mended, one another piece."""
        rows = [row for row in shop.sales(self.lead, Choice(open_only=True), now=self.end, size=100).rows if row.refund.kind == "return"]
        told = (("repair", "通电后不加热，寄回检修"), ("repair", "按键失灵，寄回检修"), ("exchange", "颜色发错，换同款"))
        for row, (agreed, note) in zip(sorted(rows, key=lambda one: one.refund.number)[:3], told, strict=False):
            sales.negotiate(actor=self.agent, sale_id=row.id, agreed=agreed, note=note, now=self.end)
            if note.startswith("通电"):
                sales.take_back(actor=self.agent, sale_id=row.id, condition="主板进水", liable="buyer", now=self.end)

    def fill(self) -> int:
        """Cells of each ledger that has some of its own."""
        out = f"{self.end - 3 * _HOUR:%Y-%m-%d} 10:30"
        filled = 0
        for place, more in enumerate(_REPAIRS):
            filled += self._write("repairs", place, {"out_at": out, **more} if place == 0 else more)
        filled += self._write("returns", 0, {"resend_no": "SF1386600210999", "restocked": "是"})
        filled += self._write("carrier_liability", 0, {"claimed_at": out, "received": "200", "received_at": out})
        filled += self._write("payments", 0, {"remark": "顾客确认账号无误"})
        return filled + sum(self._write("open_today", place, {"progress": text}) for place, text in enumerate(_NOTES))

    def _write(self, key: str, place: int, values: Mapping[str, str]) -> int:
        ledger: LedgerInForce = queries.find(_BOOK, key, self.end)
        rows = queries.page(self.lead, ledger, Wanted(site_id=self.site_id), now=self.end, size=place + 1).rows
        if place >= len(rows):
            return 0
        for column, text in values.items():
            try:
                cells.write_cell(actor=self.lead, ledger=ledger, row_id=rows[place].id, column_id=column, text=text, now=self.end)
            except Denied:
                return 0  # a handbook of one's own may let others write here
        return len(values)
