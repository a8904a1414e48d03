"""Claims of the demo's stations, one at every step from the draft to the money that came back (CASE6)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from kefu.cases import queries as cases
from kefu.cases.filters import CaseFilter
from kefu.claims import actions
from kefu.claims.drafts import ClaimDraft, PaymentResult
from kefu.claims.errors import FeeWaived, LossClaimed
from kefu.claims.liability import Share
from kefu.claims.losses import LossFacts
from kefu.demo import names
from kefu.demo.cast import agents_of, first_of
from kefu.demo.ground import Ground
from kefu.demo.plan import Plan

_HOUR: Final = timedelta(hours=1)
_STATIONS: Final = ("south", "north")
_KINDS: Final = ("loss", "damage", "shortage", "delay", "false_sign")
_LOSS_OF: Final = {"loss": "lost", "damage": "damaged", "shortage": "short", "delay": "delay", "false_sign": "lost"}
_CAUSE_OF: Final = {
    "loss": "transit_loss", "damage": "outer_damage", "shortage": "inner_wrong", "delay": "late_transit", "false_sign": "delivery_loss",
}  # fmt: skip
_VALUES: Final = ("88", "168", "320", "699", "1288", "450", "259", "2380")
_PAPERS: Final = ("form", "waybill", "value", "photos", "identity")
# How far the claims of a station have come, in the order of their cases.
_ENDS: Final = (
    "approving", "paid", "agreed", "approved", "sent", "draft", "rejected", "failed", "found", "exempted", "returned", "withdrawn",
)  # fmt: skip
_STEPS_OF: Final[dict[str, tuple[str, ...]]] = {
    "draft": (),
    "withdrawn": ("withdraw",),
    "exempted": ("exempt",),
    "approving": ("propose",),
    "rejected": ("propose", "reject"),
    "approved": ("propose", "approve"),
    "agreed": ("propose", "approve", "agree"),
    "sent": ("propose", "approve", "agree", "share", "pay", "send"),
    "paid": ("propose", "approve", "agree", "share", "pay", "send", "paid"),
    "failed": ("propose", "approve", "agree", "share", "pay", "send", "failed"),
    "returned": ("propose", "approve", "agree", "share", "pay", "send", "paid", "returned"),
    "found": ("propose", "approve", "agree", "share", "pay", "send", "paid", "note_found", "choose"),
}


def make(ground: Ground, plan: Plan) -> int:
    """Claims on open cases of both stations; returns how many. The same again finds them made."""
    return sum(_Station(ground, plan, key).work() for key in _STATIONS)


@dataclass(frozen=True, slots=True)
class _Loss:
    """A case somebody claims for."""

    case_id: int
    number: str
    kind: str
    opened_at: datetime


class _Station:
    """The people of a station who work on its claims."""

    def __init__(self, ground: Ground, plan: Plan, key: str) -> None:
        self.plan, self.site_id, self.key = plan, ground.sites[key], key
        self.dice = plan.dice("claims", key)
        self.agent = ground.actors[agents_of(key)[0].username]
        self.lead = ground.actors[first_of("lead", key).username]
        self.manager = ground.actors[first_of("manager", key).username]
        self.headquarters = ground.actors["admin"]

    def work(self) -> int:
        """One claim for each loss, each as far as its turn says."""
        ends = _ENDS if self.key == _STATIONS[0] else _ENDS[::-1]
        return sum(self._tell(loss, ends[place % len(ends)], place) for place, loss in enumerate(self._losses()))

    def _losses(self) -> Sequence[_Loss]:
        """Open cases about a loss, one for each parcel: a loss is claimed once."""
        wanted = [CaseFilter(view="open", kind=kind, site_id=self.site_id) for kind in _KINDS]
        rows = [row for one in wanted for row in cases.page(self.lead, one, now=self.plan.end, size=20).rows if row.waybill]
        first = {row.waybill: row for row in sorted(rows, key=lambda row: row.pk, reverse=True)}
        return [_Loss(row.pk, row.number, row.kind, row.opened_at) for row in sorted(first.values(), key=lambda row: row.pk)]

    def _tell(self, loss: _Loss, end: str, place: int) -> bool:
        steps = _STEPS_OF[end]
        at = max(loss.opened_at, self.plan.end - timedelta(hours=8 * len(steps) + 5))
        pace = (self.plan.end - at) / (len(steps) + 2)
        draft = self._draft(loss, place)
        try:
            row = actions.file_claim(actor=self.agent, case_id=loss.case_id, draft=draft, now=at + pace)
        except (LossClaimed, FeeWaived):
            return False  # two cases of one parcel
        if row.made_at != at + pace:
            return False  # made before
        actions.acknowledge(actor=self.agent, claim_id=row.pk, now=at + pace)
        story = _Story(self, row.pk, draft, row.reckoned)
        for number, step in enumerate(steps, start=2):
            story.take(step, at + pace * number)
        return True

    def _draft(self, loss: _Loss, place: int) -> ClaimDraft:
        person = names.person(self.dice)
        facts = LossFacts(_LOSS_OF[loss.kind], fee=Decimal(self.dice.choice(("8.00", "12.00", "15.50"))))
        if loss.kind != "delay":
            facts = replace(facts, value=Decimal(_VALUES[place % len(_VALUES)]))
        if loss.kind in ("damage", "shortage"):
            facts = replace(facts, part=Decimal(self.dice.choice((30, 50, 80))))
        return ClaimDraft(
            facts, cause=_CAUSE_OF[loss.kind], claimant_name=person.name, claimant_phone=person.phone,
            papers=_PAPERS, external_id=f"demo-{loss.number}",
        )  # fmt: skip


class _Story:
    """One claim on its way."""

    def __init__(self, station: _Station, claim_id: int, draft: ClaimDraft, reckoned: Decimal) -> None:
        self.of, self.claim_id, self.draft, self.reckoned = station, claim_id, draft, reckoned
        self.rungs: Sequence[str] = ()
        self.payment_id, self.payment_number = 0, ""

    def take(self, step: str, at: datetime) -> None:
        """Take the step of this name."""
        takes: dict[str, Callable[[datetime], object]] = {
            "withdraw": lambda at: actions.withdraw(actor=self.of.agent, claim_id=self.claim_id, reason="客户已收到快件，不再索赔", now=at),
            "exempt": lambda at: actions.exempt(actor=self.of.lead, claim_id=self.claim_id, reason="内件自然变质，已向客户说明", now=at),
            "propose": self._propose,
            "reject": self._reject,
            "approve": self._approve,
            "agree": self._agree,
            "share": self._share,
            "pay": self._pay,
            "send": lambda at: actions.send_batch(actor=self.of.manager, payment_ids=[self.payment_id], now=at),
            "paid": lambda at: self._result("paid", "", at),
            "failed": lambda at: self._result("failed", "账号与户名不一致", at),
            "returned": lambda at: self._result("returned", "收款账户已注销，银行退回", at),
            "note_found": lambda at: actions.note_found(actor=self.of.agent, claim_id=self.claim_id, now=at),
            "choose": lambda at: actions.choose(actor=self.of.agent, claim_id=self.claim_id, choice="take_back", now=at),
        }
        takes[step](at)

    def _propose(self, at: datetime) -> None:
        row = actions.propose(actor=self.of.agent, claim_id=self.claim_id, amount=self.reckoned, reason="", now=at)
        self.rungs = row.rungs

    def _reject(self, at: datetime) -> None:
        """What nobody has to agree to cannot be refused either."""
        if self.rungs:
            actions.reject(actor=self.of.lead, claim_id=self.claim_id, reason="价值证明看不清，请补购买记录", now=at)

    def _approve(self, at: datetime) -> None:
        """Each rung of the chain is another person; within the agent's own limit there is none."""
        for actor in (self.of.lead, self.of.manager, self.of.headquarters)[: len(self.rungs)]:
            actions.approve(actor=actor, claim_id=self.claim_id, reason="轨迹和证明齐全，同意", now=at)

    def _agree(self, at: datetime) -> None:
        name, account = self.draft.claimant_name, self.draft.claimant_phone
        actions.agree(actor=self.of.agent, claim_id=self.claim_id, channel="alipay", account_name=name, account=account, now=at)

    def _share(self, at: datetime) -> None:
        shares = [Share("S", Decimal(70), self.of.site_id), Share("A", Decimal(30))]
        actions.share_out(actor=self.of.lead, claim_id=self.claim_id, shares=shares, reason="监控显示交接时已异常", now=at)

    def _pay(self, at: datetime) -> None:
        made = actions.start_payment(actor=self.of.manager, claim_id=self.claim_id, now=at)
        self.payment_id, self.payment_number = made.pk, made.number

    def _result(self, outcome: str, reason: str, at: datetime) -> None:
        serial = f"2026{self.payment_id:012d}" if outcome == "paid" else ""
        result = PaymentResult(self.payment_number, outcome, serial, reason)
        actions.note_result(actor=self.of.manager, payment_id=self.payment_id, result=result, now=at)
