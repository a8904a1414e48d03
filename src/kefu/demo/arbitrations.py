"""Arbitrations between the demo's stations, one at every step, with the division of work and money of final verdicts (CASE7)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from kefu.arbitration import actions
from kefu.arbitration.drafts import FilingDraft, Ruling, ShareDraft, Upload
from kefu.demo.ground import Ground
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid
from kefu.parcels import queries as parcels
from kefu.people.permissions import Permission

_DAY: Final = timedelta(days=1)
_STEPS: Final = ("filed", "replying", "judging", "auditing", "decided", "appealed", "final")
# Type, reason, claimed, what the accused says, percent of the accused, fine, days ago, how far it has come.
_STORIES: Final[tuple[tuple[str, str, str, str, str, str, float, str], ...]] = (
    ("breach", "没有征得同意就代签，客户要求赔偿", "60", "收件人口头同意，没有录音", "100", "100", 0.2, "filed"),
    ("delay", "到件两天没有派送，客户退款", "35", "当日件量大", "100", "50", 1, "replying"),
    ("breach", "虚假签收，客户没有收到", "120", "已放门口，有照片", "100", "200", 2, "judging"),
    ("delay", "错发到其他分拨，晚到三天", "48", "分拨漏分，不是本站", "50", "50", 3, "auditing"),
    ("breach", "私自加收转件费", "30", "已退还客户", "100", "100", 2.5, "decided"),
    ("breach", "签收图片与收件人不符", "80", "派件员认错门", "70", "100", 4, "appealed"),
    ("delay", "到件漏扫，超时签收", "26", "扫描枪断网补录", "100", "50", 9, "final"),
)


def make(ground: Ground, now: datetime) -> int:
    """The stories between the two stations; returns how many were filed. Needs two who judge and reach both, as every verdict does."""
    parties = (ground.sites["south"], ground.sites["north"])
    judges = [one for one in ground.actors.values() if one.may(Permission.ARBITRATION_DECIDE) and one.site_id not in parties]
    judges = [one for one in judges if all(one.reaches(site) for site in parties)]
    if len(judges) < 2:
        return 0
    taken = 0
    for here, there in (("south", "north"), ("north", "south")):
        people = {name: _clerk(ground, ground.sites[name]) for name in (here, there)}
        rows = [row.waybill for row in parcels.page(ground.guns, site_id=ground.sites[here], state="arrived", size=30).rows]
        story = _Story(people[here], people[there], judges, ground.sites[there])
        for waybill, told in zip(reversed(rows), _STORIES, strict=False):
            taken += story.tell(waybill, told, now)
    return taken


def _clerk(ground: Ground, site_id: int) -> Actor:
    return next(one for one in ground.actors.values() if one.site_id == site_id and one.role in ("agent", "lead"))


class _Story:
    """Filings of one station against the other."""

    def __init__(self, applicant: Actor, accused: Actor, judges: Sequence[Actor], there: int) -> None:
        self._applicant, self._accused, self._judges, self._there = applicant, accused, judges, there

    def tell(self, waybill: str, story: tuple[str, str, str, str, str, str, float, str], now: datetime) -> bool:
        """File, and go as far as the story goes; a parcel the handbook refuses is left out."""
        kind, reason, claimed, answer, percent, fine, ago, end = story
        at, amount = now - ago * _DAY, Decimal(claimed)
        draft = FilingDraft(
            waybill, kind, (self._there,), reason, amount, site_id=self._applicant.site_id, complainant="王女士", phone="13800138000",
            proof="订单截图", proof_amount=amount, files=[Upload("经过说明.txt", reason.encode())],
        )  # fmt: skip
        try:
            key = actions.file_arbitration(actor=self._applicant, draft=draft, now=at).pk
        except Invalid:
            return False
        first, second = self._judges[0], self._judges[1]
        shares = [ShareDraft(self._there, Decimal(percent), Decimal(fine))]
        if Decimal(percent) < 100:
            shares.append(ShareDraft(self._applicant.site_id or 0, 100 - Decimal(percent)))
        outcome = "shared" if len(shares) > 1 else "accused"
        ruling = Ruling(outcome, amount, f"{answer}；证据不足以免责", shares)
        steps = (
            lambda: actions.accept(actor=first, filing_id=key, now=at + _DAY / 12),
            lambda: actions.reply(actor=self._accused, filing_id=key, text=answer, now=at + _DAY / 4),
            lambda: actions.rule(actor=first, filing_id=key, ruling=ruling, now=at + _DAY / 3),
            lambda: actions.confirm(actor=second, filing_id=key, now=at + _DAY / 2),
            lambda: actions.appeal(actor=self._accused, filing_id=key, text="有新的监控记录", now=at + _DAY),
        )
        done = _STEPS.index(end)
        for step in steps[: 4 if end == "final" else done]:
            step()
        if end == "final":
            actions.go_on(now=now)
        return True
