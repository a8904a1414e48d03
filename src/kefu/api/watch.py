"""The live check and alarms over the API (QA9). The list of alarms is `/lists/alarms`."""

from datetime import datetime
from typing import Literal

from ninja import Router
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id
from kefu.api.schema import Schema
from kefu.watch import actions, queries
from kefu.watch.actions import Said, Talk

router = Router(tags=["live check (QA9)"])


class TextToCheck(Schema):
    """A text an agent is about to send; `note`: an internal note, in which only insults count. Nothing is stored."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(max_length=5000)
    channel: Literal["call", "chat", "sms", "email", "platform", "walk_in"] = "chat"
    site: Id | None = None
    note: bool = False


class TextWarning(Schema):
    """One hit, half-open in the text. `measure`: warn, hold (a reason is needed to send it), block."""

    item: str
    title: str
    clause: str
    said: str
    better: str
    start: int
    end: int
    matched: str
    measure: str


class CheckedText(Schema):
    """All hits and the strictest measure; `clause` sets the measures."""

    measure: str
    clause: str
    warnings: list[TextWarning]


class LiveLine(Schema):
    """A line of a talk in progress."""

    model_config = ConfigDict(extra="forbid")
    side: Literal["agent", "customer"]
    text: str = Field(max_length=5000)


class LiveLines(Schema):
    """New lines of the caller's talk `talk` at a site, with the agent who has it."""

    model_config = ConfigDict(extra="forbid")
    site: Id
    staff: Id | None = None
    talk: str = Field(min_length=1, max_length=80)
    lines: list[LiveLine] = Field(max_length=200)


class Alarm(Schema):
    """An alarm: kind agent, abuse or anger; state new, seen or muted. `more`: how many the limits held back since."""

    id: int
    kind: str
    state: str
    staff_id: int | None
    staff: str
    site_id: int
    subject_kind: str
    subject_id: int
    talk: str
    clause: str
    matched: str
    at: datetime
    more: int
    seen_by: str
    seen_at: datetime | None


class AlarmsRaised(Schema):
    """Ids of alarms these lines raised; muted and held-back ones are not among them."""

    raised: list[int]


class AlarmMute(Schema):
    """What to keep quiet: the `staff` or the `case` of the alarm, for 15, 60, 240 or 1440 minutes."""

    model_config = ConfigDict(extra="forbid")
    about: Literal["staff", "case"]
    minutes: int


@router.post("/texts/check", response=CheckedText)
def check_text(request: ApiRequest, body: TextToCheck) -> CheckedText:
    """Check a text against the handbook in force before it is sent (QA9)."""
    found = actions.check(
        actor=request.actor, text=body.text, channel=body.channel, site_id=body.site, note=body.note, now=moment.now()
    )  # fmt: skip
    return CheckedText(
        measure=found.measure, clause=found.clause, warnings=[TextWarning.model_validate(one) for one in found.warnings]
    )  # fmt: skip


@router.post("/live-lines", response=AlarmsRaised)
def push_live_lines(request: ApiRequest, body: LiveLines) -> AlarmsRaised:
    """New lines of a live transcript: leads are alarmed at abuse and anger (QA9). The lines are not stored."""
    talk = Talk(body.site, body.staff, ref=body.talk)
    raised = actions.push_lines(
        actor=request.actor, talk=talk, lines=[Said(one.side, one.text) for one in body.lines], now=moment.now()
    )  # fmt: skip
    return AlarmsRaised(raised=[one.pk for one in raised])


@router.get("/alarms/{int:alarm_id}", response=Alarm)
def read_alarm(request: ApiRequest, alarm_id: int) -> Alarm:
    """One alarm (QA9)."""
    return Alarm.model_validate(queries.get(request.actor, alarm_id))


@router.post("/alarms/{int:alarm_id}/seen", response=Alarm)
def see_alarm(request: ApiRequest, alarm_id: int) -> Alarm:
    """Say that somebody looks after it (QA9)."""
    actions.see(actor=request.actor, alarm_id=alarm_id, now=moment.now())
    return Alarm.model_validate(queries.get(request.actor, alarm_id))


@router.post("/alarms/{int:alarm_id}/mute", response=Alarm)
def mute_alarms(request: ApiRequest, alarm_id: int, body: AlarmMute) -> Alarm:
    """Keep further alarms about the agent or the case quiet for a while (QA9)."""
    actions.mute(actor=request.actor, alarm_id=alarm_id, about=body.about, minutes=body.minutes, now=moment.now())
    return Alarm.model_validate(queries.get(request.actor, alarm_id))
