"""What follows from inspection in the demo: last month entered and locked, this month open, coaching, passages, alarms (QA8, QA9)."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from kefu.coaching import actions as coaching
from kefu.coaching.actions import NewClip, NewNote
from kefu.conversations import access as conversations
from kefu.demo.ground import Ground
from kefu.kernel.actor import Actor
from kefu.kernel.errors import KefuError
from kefu.penalties import actions as penalties
from kefu.penalties import queries as ledger
from kefu.people.permissions import Permission
from kefu.watch import actions as watch
from kefu.watch.actions import Said, Talk

_DAY: Final = timedelta(days=1)
_MOST: Final = 160
"""Judged subjects entered here; the worker enters the rest within minutes."""
_NOTES: Final = (
    ("开头用了“喂”，客户第一印象不好。先报站点和工号。", "听三通优秀片段，写下自己的开场白", 4, "明白，明天起按话术开场。", True),
    ("客户着急时您先解释原因，先安抚再解释会更好。", "下周两通投诉电话按“先处理心情”来", 7, "我会注意语气。", False),
    ("查单很快，结束语可以再完整一点。", "", 0, "", False),
)
_CLIPS: Final = (
    ("先安抚再查件", "客户着急时先道歉安抚，再说明进度和回电时间。", "投诉"),
    ("结束语完整", "问清还有没有其他需要，感谢来电再道别。", "礼貌"),
    ("主动给出下一步", "说明多久回电、由谁跟进，客户不用再催。", "催件"),
)
_ALARMS: Final = ("你们就是骗子，太过分了，我要投诉", "你们脑残吧，到底管不管", "气死我了，踢皮球，必须赔")


def make(ground: Ground, now: datetime) -> int:
    """At the south station; returns how many lines, notes, passages and alarms were made."""
    site = ground.sites["south"]
    there = [one for one in ground.actors.values() if one.reaches(site)]
    manager = _who(there, Permission.PENALTY_LOCK)
    lead = next((one for one in there if one.role == "lead" and one.site_id == site), None)
    agents = [one for one in there if one.role == "agent" and one.site_id == site]
    if manager is None or lead is None or len(agents) < 3:
        return 0
    made = _penalties(manager, site, now)
    return made + _coaching(lead, manager, agents, now) + _alarms(site, agents, now)


def _who(people: list[Actor], permission: Permission) -> Actor | None:
    return next((one for one in people if one.may(permission) and one.role == "manager"), None)


def _penalties(manager: Actor, site: int, now: datetime) -> int:
    made = penalties.settle(now=now, limit=_MOST, site_id=site).entered
    month = timezone.localdate(now).replace(day=1)
    before = (month - _DAY).replace(day=1)
    # More may have been judged than is entered here: then the worker goes on, and a person locks.
    with suppress(KefuError):
        penalties.lock_month(actor=manager, site_id=site, month=before, now=now)
    rows = ledger.page(manager, ledger.Wanted(site_id=site, kind="breach", standing=True), size=3).rows
    if rows:
        penalties.waive(actor=manager, entry_id=rows[0].id, reason="当天系统故障，客服无法查询，予以免除", now=now)
    return made


def _coaching(lead: Actor, manager: Actor, agents: list[Actor], now: datetime) -> int:
    made = 0
    for agent, (text, step, days, answer, done) in zip(agents, _NOTES, strict=False):
        due = timezone.localdate(now) + days * _DAY if step else None
        new = NewNote(agent.id, text, step, due)
        row = coaching.write_note(actor=lead, new=new, now=now - 2 * _DAY)
        made += 1
        if answer:
            coaching.answer_note(actor=agent, note_id=row.pk, answer=answer, now=now - _DAY)
        if done:
            coaching.finish_note(actor=lead, note_id=row.pk, now=now)
    talks = conversations.visible_to(lead).filter(site_id=lead.site_id or 0).order_by("-pk")[: len(_CLIPS)]
    for place, (talk, (title, why, tag)) in enumerate(zip(talks, _CLIPS, strict=False)):
        clip = coaching.nominate(actor=lead, new=NewClip(talk.pk, 0, 2, title, why, tag=tag), now=now - _DAY)
        made += 1
        if place < 2:
            coaching.publish(actor=manager, clip_id=clip.pk, now=now)
    return made


def _alarms(site: int, agents: list[Actor], now: datetime) -> int:
    made = 0
    for place, (agent, said) in enumerate(zip(agents, _ALARMS, strict=False)):
        talk = Talk(site, agent.id, ref=f"demo-{place + 1}")
        made += len(watch.hear(actor=penalties.LEDGER, talk=talk, lines=[Said("customer", said)], now=now - place * timedelta(minutes=20)))
    return made
