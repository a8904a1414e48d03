"""Calibration over the API (QA7). The list is `/lists/calibrations`. Others' marks are not given out before they are shown."""

from datetime import date, datetime
from typing import Annotated

from ninja import Query, Router
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id
from kefu.api.schema import Schema
from kefu.calibration import actions, queries
from kefu.calibration.actions import Said
from kefu.calibration.agreement import reading
from kefu.disputes import queries as disputes

router = Router(tags=["calibration (QA7)"])
Version = Annotated[int | None, Field(ge=0, description="The version the caller saw; what changed since then is refused as stale.")]


class NewCalibration(Schema):
    """These inspectors mark these conversations, blind, within so many days."""

    model_config = ConfigDict(extra="forbid")
    title: str = Field(max_length=80)
    conversations: list[Id] = Field(max_length=50)
    members: list[Id] = Field(max_length=50)
    days: int = Field(3, ge=1, le=60)


class CalibrationMember(Schema):
    """Who marks, and whether they have handed in."""

    staff_id: int
    name: str
    done_at: datetime | None


class CalibrationTalk(Schema):
    """A conversation, and how many items the caller has marked."""

    id: int
    conversation_id: int
    marked: int


class CalibrationItem(Schema):
    """Agreement on an item; `reading`: good, fair, talk, poor, none."""

    item_key: str
    clause: str
    alpha: float | None
    kappa: float | None
    agreed: float | None
    unlike: int
    reading: str


class CalibrationMark(Schema):
    """What somebody marked."""

    staff_id: int
    verdict: str
    reason: str


class CalibrationDifference(Schema):
    """An item of a conversation as people marked it; `agreed` is what the session settled on."""

    talk: int
    item_key: str
    marks: list[CalibrationMark]
    agreed: str
    note: str


class Calibration(Schema):
    """A session. `items` and `differences` are empty while people mark."""

    id: int
    title: str
    state: str
    due_at: datetime
    alpha: float | None
    kappa: float | None
    agreed: float | None
    reading: str
    members: list[CalibrationMember]
    talks: list[CalibrationTalk]
    items: list[CalibrationItem]
    differences: list[CalibrationDifference]
    version: int


class CalibrationSaid(Schema):
    """A mark; an empty verdict is none."""

    model_config = ConfigDict(extra="forbid")
    verdict: str = Field("", max_length=20)
    reason: str = Field("", max_length=600)


class CalibrationMarks(Schema):
    """All one's marks of one conversation, in place of those before."""

    model_config = ConfigDict(extra="forbid")
    marks: dict[str, CalibrationSaid] = Field(max_length=300)


class CalibrationSeen(Schema):
    """What the caller saw."""

    model_config = ConfigDict(extra="forbid")
    version: Version = None


class CalibrationAgreed(Schema):
    """What was agreed on an item of a conversation."""

    model_config = ConfigDict(extra="forbid")
    talk: Id
    item: str = Field(max_length=60)
    verdict: str = Field(max_length=20)
    note: str = Field("", max_length=2200)


class Grader(Schema):
    """An inspector against agreed marks, and against what disputes overturned. `staff_id` 0: the machine."""

    staff_id: int
    name: str
    marks: int
    off: int
    strict: int
    lenient: int
    disputed: int
    overturned: int


class GraderSpan(Schema):
    """Local days, both included."""

    model_config = ConfigDict(extra="forbid")
    since: date
    until: date


def _shown(request: ApiRequest, session_id: int) -> Calibration:
    found = queries.detail(request.actor, session_id)
    row = found.session
    return Calibration(
        id=row.pk, title=row.title, state=row.state, due_at=row.due_at, alpha=row.alpha, kappa=row.kappa, agreed=row.agreed,
        reading=reading(row.alpha), version=row.version,
        members=[CalibrationMember(staff_id=one.staff_id, name=one.staff.name, done_at=one.done_at) for one in found.members],
        talks=[
            CalibrationTalk(id=one.pk, conversation_id=one.conversation_id, marked=found.own_marked.get(one.pk, 0)) for one in found.talks
        ],
        items=[
            CalibrationItem(
                item_key=one.item_key, clause=one.clause, alpha=one.alpha, kappa=one.kappa, agreed=one.agreed, unlike=one.unlike,
                reading=reading(one.alpha),
            )
            for one in found.items
        ],
        differences=[
            CalibrationDifference(
                talk=one.talk.pk, item_key=one.item_key, agreed=one.agreed.verdict if one.agreed else "",
                note=one.agreed.note if one.agreed else "",
                marks=[CalibrationMark(staff_id=mark.staff_id, verdict=mark.verdict, reason=mark.reason) for mark in one.marks],
            )
            for one in found.differences
            if one.unlike
        ],
    )  # fmt: skip


@router.post("/calibrations", response=Calibration)
def open_calibration(request: ApiRequest, body: NewCalibration) -> Calibration:
    """Open a session (QA7)."""
    made = actions.open_session(
        actor=request.actor, title=body.title, conversation_ids=body.conversations, staff_ids=body.members, days=body.days, now=moment.now()
    )
    return _shown(request, made.pk)


@router.get("/calibrations/{int:session_id}", response=Calibration)
def read_calibration(request: ApiRequest, session_id: int) -> Calibration:
    """One session (QA7)."""
    return _shown(request, session_id)


@router.put("/calibrations/{int:session_id}/talks/{int:talk_id}/marks", response=Calibration)
def mark_calibration(request: ApiRequest, session_id: int, talk_id: int, body: CalibrationMarks) -> Calibration:
    """Keep one's own marks of one conversation (QA7)."""
    said = {key: Said(one.verdict, one.reason) for key, one in body.marks.items()}
    actions.mark(actor=request.actor, session_id=session_id, talk_id=talk_id, said=said, now=moment.now())
    return _shown(request, session_id)


@router.post("/calibrations/{int:session_id}/hand-in", response=Calibration)
def hand_in_calibration(request: ApiRequest, session_id: int) -> Calibration:
    """Hand in one's marks, once (QA7)."""
    actions.hand_in(actor=request.actor, session_id=session_id, now=moment.now())
    return _shown(request, session_id)


@router.post("/calibrations/{int:session_id}/reveal", response=Calibration)
def reveal_calibration(request: ApiRequest, session_id: int, body: CalibrationSeen) -> Calibration:
    """End the marking and show everybody's marks (QA7)."""
    actions.reveal(actor=request.actor, session_id=session_id, now=moment.now(), expected_version=body.version)
    return _shown(request, session_id)


@router.post("/calibrations/{int:session_id}/agreed", response=Calibration)
def agree_calibration(request: ApiRequest, session_id: int, body: CalibrationAgreed) -> Calibration:
    """Write down what was agreed on an item (QA7)."""
    actions.agree(
        actor=request.actor, session_id=session_id, talk_id=body.talk, item_key=body.item, verdict=body.verdict, note=body.note,
        now=moment.now(),
    )  # fmt: skip
    return _shown(request, session_id)


@router.post("/calibrations/{int:session_id}/close", response=Calibration)
def close_calibration(request: ApiRequest, session_id: int, body: CalibrationSeen) -> Calibration:
    """End the session (QA7)."""
    actions.close(actor=request.actor, session_id=session_id, now=moment.now(), expected_version=body.version)
    return _shown(request, session_id)


@router.get("/graders", response=list[Grader])
def list_graders(request: ApiRequest, wanted: Query[GraderSpan]) -> list[Grader]:
    """How exact inspectors are: deviation from agreed marks, share overturned by disputes (QA7)."""
    off = {one.staff_id: one for one in queries.deviations(request.actor, since=wanted.since, until=wanted.until)}
    turned = disputes.overturned(request.actor, since=wanted.since, until=wanted.until)
    found = []
    for pk in sorted(set(off) | set(turned)):
        one, two = off.get(pk), turned.get(pk)
        found.append(
            Grader(
                staff_id=pk, name=one.name if one else "", marks=one.marks if one else 0, off=one.off if one else 0,
                strict=one.strict if one else 0, lenient=one.lenient if one else 0, disputed=two.decided if two else 0,
                overturned=two.overturned if two else 0,
            )
        )  # fmt: skip
    return found
