"""Inspectors' work of the demo: a plan drawn, tasks scored, disputes in every state, one calibration closed (QA6, QA7)."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from kefu.calibration import actions as calibration
from kefu.calibration import queries as calibrations
from kefu.calibration.actions import Said
from kefu.conversations import queries as conversations
from kefu.demo.cast import STAFF
from kefu.demo.ground import Ground
from kefu.disputes import actions as disputes
from kefu.disputes import queries as disputed
from kefu.kernel.actor import Actor
from kefu.kernel.errors import KefuError
from kefu.quality import access as quality
from kefu.quality import overruling
from kefu.review import actions as review
from kefu.review import queries as reviews
from kefu.review.drafts import PlanDraft
from kefu.review.scoring import VERDICTS, Verdict

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_WHY: Final = "客户先说的这句话，我是重复确认，请核对前后文。"
# Days ago, what the re-review says, whether it goes on, what the final judge says; nothing: nobody has yet.
_STORIES: Final[tuple[tuple[float, str, bool, str], ...]] = (
    (3.5, "breached", True, "breached"),
    (3.0, "breached", True, "passed"),
    (2.2, "breached", True, ""),
    (2.0, "breached", False, ""),
    (1.5, "passed", False, ""),
    (0.8, "", False, ""),
    (0.4, "", False, ""),
)
_SCORED: Final = 8


def make(ground: Ground, now: datetime) -> int:
    """Draw, score, dispute, calibrate at the south station and the hub; returns how many tasks and disputes were made."""
    manager, inspectors = _people(ground)
    if manager is None or len(inspectors) < 2:
        return 0
    drawn = _draw(ground, manager, now)
    for inspector in inspectors:
        _score(inspector, now)
    made = _dispute(ground, inspectors, now)
    _calibrate(ground, manager, inspectors, now)
    return drawn + made


def _people(ground: Ground) -> tuple[Actor | None, list[Actor]]:
    hub = [one for one in STAFF if one.site == "hub"]
    inspectors = [ground.actors[one.username] for one in hub if one.role == "inspector"]
    return next((ground.actors[one.username] for one in hub if one.role == "manager"), None), inspectors


def _draw(ground: Ground, manager: Actor, now: datetime) -> int:
    site = ground.sites["south"]
    terms, clause = reviews.usual_terms(manager, site, now)
    draft = PlanDraft("日常抽检", ground.sites["hub"], "per_agent", terms=terms)
    review.create_plan(actor=manager, draft=draft, now=now - _DAY, clause=clause)
    return review.draw_due(now=now - _DAY) + review.draw_due(now=now)


def _score(inspector: Actor, now: datetime) -> None:
    """The first few in hand, as the machine said, now and then otherwise."""
    rows = reviews.page(inspector, reviews.Wanted(mine=True), now=now, size=_SCORED).rows
    for place, task in enumerate(rows[: _SCORED // 2 + 1]):
        at = now - (_SCORED - place) * _HOUR / 4
        review.note_opened(actor=inspector, row=task, now=at)
        sheet = reviews.sheet(inspector, task.pk)
        if sheet.card is None:
            continue
        given = {one.item.key: Verdict(one.automatic if one.automatic in VERDICTS else "passed") for one in sheet.items}
        hit = next((key for key, one in given.items() if one.verdict == "breached"), None)
        if hit is not None and place % 3 == 0:
            given[hit] = Verdict("passed", "前后文看是转述客户的话")
        last = place == len(rows) - 1
        call: dict[str, Any] = {
            "actor": inspector,
            "task_id": task.pk,
            "verdicts": given,
            "comment": "开场白完整，答复清楚；结束语再慢一点。",
        }
        if last:
            review.save_draft(**call, now=at + 4 * timedelta(minutes=1))
        else:
            review.submit(**call, inspection_id=sheet.card.inspection.pk, now=at + 4 * timedelta(minutes=1))


def _dispute(ground: Ground, inspectors: Sequence[Actor], now: datetime) -> int:
    made = 0
    for story, (agent, inspection_id, items, known) in zip(_STORIES, _breaches(ground, now), strict=False):
        try:
            _tell(agent, inspection_id, items, max(now - story[0] * _DAY, known + _HOUR), story, inspectors, now)
        except KefuError:
            continue
        made += 1
    return made


def _tell(
    agent: Actor, inspection_id: int, items: list[str], at: datetime, story: tuple[float, str, bool, str], inspectors: Sequence[Actor],
    now: datetime,
) -> None:  # fmt: skip
    """One dispute as far as its story goes by now."""
    _ago, first, further, last = story
    row = disputes.file(actor=agent, inspection_id=inspection_id, items=items, reason=_WHY, now=at)
    if first and at + 4 * _HOUR < now:
        _decide(inspectors[0], row.pk, first, at + 4 * _HOUR)
        if further and at + 5 * _HOUR < now:
            disputes.ask_final(actor=agent, dispute_id=row.pk, reason="录音里客户的话在前面，请终审再听一遍。", now=at + 5 * _HOUR)
            if last and at + 11 * _HOUR < now:
                _decide(inspectors[1], row.pk, last, at + 11 * _HOUR)


def _decide(judge: Actor, dispute_id: int, verdict: str, now: datetime) -> None:
    found = disputed.detail(judge, dispute_id, now=now)
    verdicts = {one.item_key: verdict for one in found.items}
    said = "复听录音，客服确实先说了这句。" if verdict == "breached" else "复听录音，前后文是转述，改为合格。"
    disputes.decide(actor=judge, dispute_id=dispute_id, verdicts=verdicts, comment=said, now=now)


def _breaches(ground: Ground, now: datetime) -> Iterator[tuple[Actor, int, list[str], datetime]]:
    """Agents of the stations with a breach of these last days, nobody's word upon it yet, the oldest first."""
    own = {actor.staff_id: actor for actor in ground.actors.values()}
    rows = quality.visible_inspections(ground.exchange).filter(
        current=True, subject_kind="conversation", site_id__in=[ground.sites["south"], ground.sites["north"]], states__contains="b",
        revision=0, inspected_at__gte=now - 6 * _DAY, inspected_at__lt=now - 3 * _HOUR,
    )  # fmt: skip
    for row in rows.exclude(staff=None).order_by("inspected_at", "pk")[:60]:
        agent = own.get(row.staff_id)
        if agent is not None:
            found = disputed.disputable(agent, row.pk, now=now)
            yield agent, row.pk, [one.key for one in found.items[:2]], row.inspected_at


def _calibrate(ground: Ground, manager: Actor, inspectors: Sequence[Actor], now: datetime) -> None:
    """Three conversations marked by two inspectors and the manager, a difference settled."""
    site = ground.sites["south"]
    ids = [row.pk for row in conversations.page(manager, conversations.Filters(site_id=site, channel="call"), size=40).rows]
    judged = quality.visible_inspections(manager).filter(
        current=True, subject_kind="conversation", subject_id__in=ids, states__contains="b"
    )
    chosen = list(judged.order_by("pk").values_list("subject_id", flat=True)[:3])
    if not chosen:
        return
    people, at = [*inspectors[:2], manager], now - 2 * _DAY
    row = calibration.open_session(
        actor=manager, title="本月校准：禁语和礼貌用语", conversation_ids=chosen, staff_ids=[one.id for one in people], days=2, now=at
    )
    for number, person in enumerate(people):
        for talk in calibrations.detail(person, row.pk).talks:
            items = calibrations.own_sheet(person, row.pk, talk.pk)[2]
            card = judged.get(subject_id=talk.conversation_id)
            said = {key: Said(verdict) for key, verdict in overruling.automatic(card).items() if verdict in VERDICTS}
            said[items[0]] = Said("breached" if number == 2 else "passed", "少了站点名称" if number == 2 else "站点名称说到了")
            calibration.mark(actor=person, session_id=row.pk, talk_id=talk.pk, said=said, now=at + _HOUR)
        calibration.hand_in(actor=person, session_id=row.pk, now=at + 2 * _HOUR)
    calibration.reveal(actor=manager, session_id=row.pk, now=at + 3 * _HOUR)
    for one in calibrations.detail(manager, row.pk).differences:
        if one.unlike:
            calibration.agree(
                actor=manager, session_id=row.pk, talk_id=one.talk.pk, item_key=one.item_key, verdict="breached",
                note="站点名称必须完整说出，只说“客服中心”算违规。", now=at + 4 * _HOUR,
            )  # fmt: skip
    calibration.close(actor=manager, session_id=row.pk, now=at + 5 * _HOUR)
