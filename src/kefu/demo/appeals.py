"""Appeals to the postal authority in the demo, one at every step, through the product's own actions (R25–R31)."""

from datetime import datetime, timedelta
from typing import Final

from kefu.demo.ground import Ground
from kefu.kernel.errors import Invalid
from kefu.parcels import queries as parcels
from kefu.people.permissions import Permission
from kefu.regulator import actions
from kefu.regulator.drafts import AppealDraft

_DAY: Final = timedelta(days=1)
_STEPS: Final = ("received", "accepted", "waiting", "answered", "mediation", "valid", "invalid")
# Kind, statement, days ago, how far it has come.
_STORIES: Final[tuple[tuple[str, str, float, str], ...]] = (
    ("delivery", "没有送上门，放在小区门口", 0.5, "received"),
    ("delay", "同城件走了八天，客服一直说在途", 3, "accepted"),
    ("loss", "快件在派送途中丢失，赔偿没有谈拢", 9, "waiting"),
    ("damage", "内件破损，网点不承认", 12, "answered"),
    ("overcharge", "送货上门另收 5 元", 16, "mediation"),
    ("delay", "承诺时限没有送到", 24, "valid"),
    ("other", "不满意客服态度", 26, "invalid"),
)


def make(ground: Ground, now: datetime) -> int:
    """File the stories at the south station and go as far as each goes; returns how many. Told twice, nothing is made twice."""
    site = ground.sites["south"]
    staff = [one for one in ground.actors.values() if one.reaches(site)]
    writer = next((one for one in staff if one.may(Permission.REGULATOR_WORK) and not one.may(Permission.REGULATOR_APPROVE)), None)
    approver = next((one for one in staff if one.may(Permission.REGULATOR_APPROVE)), None)
    if writer is None or approver is None:
        return 0
    rows = [row.waybill for row in parcels.page(ground.guns, site_id=site, size=len(_STORIES)).rows]
    made = 0
    for number, (waybill, (kind, said, ago, end)) in enumerate(zip(rows, _STORIES, strict=False), start=1):
        at = now - ago * _DAY
        draft = AppealDraft(
            f"SS{at:%Y%m%d}{number:04d}", waybill, kind, "赵女士", said, at, phone="13800138001", demand="赔偿并道歉",
            posted_on=(at - 12 * _DAY).date(), complained_at=at - 8 * _DAY, site_id=site,
        )  # fmt: skip
        try:
            key = actions.file_appeal(actor=writer, draft=draft, now=at).pk
        except Invalid:
            continue
        made += 1
        verdict = end if end in ("valid", "invalid") else "valid"
        steps = (
            lambda key=key, at=at: actions.note_accepted(actor=writer, appeal_id=key, accepted_at=at + _DAY / 2, now=at + _DAY / 2),
            lambda key=key, at=at: actions.write_answer(actor=writer, appeal_id=key, text="愿意赔偿并道歉。", now=at + 2 * _DAY),
            lambda key=key, at=at: actions.approve_answer(actor=approver, appeal_id=key, now=at + 3 * _DAY),
            lambda key=key, at=at: actions.note_opinion(actor=writer, appeal_id=key, text="建议退还运费。", now=at + 6 * _DAY),
            lambda key=key, at=at: actions.feed_back(actor=writer, appeal_id=key, text="同意，已退还。", now=at + 7 * _DAY),
            lambda key=key, at=at, verdict=verdict: actions.close(
                actor=writer, appeal_id=key, verdict=verdict, text="申诉中心认定", now=at + 9 * _DAY
            ),
        )
        for step in steps[: 6 if end in ("valid", "invalid") else _STEPS.index(end)]:
            step()
    return made
