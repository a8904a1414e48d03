"""Delivery scans over the API: one number or many, and taking a scan back (OPS1, O8). What was answered is the list ``gun-answers``."""

from datetime import datetime

from ninja import Router
from pydantic import AwareDatetime, ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id
from kefu.api.schema import Schema
from kefu.station.scanning import actions
from kefu.station.scanning.actions import Shot
from kefu.station.scanning.notices import read
from kefu.station.scanning.queries import Answer
from kefu.station.scanning.sessions import Setup

router = Router(tags=["station: scanning (OPS1)"])


class GunShot(Schema):
    """A number, and when it was scanned by the device's clock; now when not told."""

    model_config = ConfigDict(extra="forbid")
    number: str = Field(min_length=1, max_length=200)
    at: AwareDatetime | None = None


class GunScans(Schema):
    """Numbers with how the gun is set. ``mode``: deliver, arrive, arrive_deliver, hold, send, refuse, return,
    intercept; the last three and hold need a ``reason``. ``courier``: 工号, or a name of the site."""

    model_config = ConfigDict(extra="forbid")
    site: Id
    mode: str = Field("deliver", max_length=16)
    courier: str = Field("", max_length=20)
    previous_site: Id | None = None
    next_site: Id | None = None
    truck: str = Field("", max_length=40)
    device: str = Field("", max_length=40)
    reason: str = Field("", max_length=20)
    note: str = Field("", max_length=200)
    operator: str = Field("", max_length=20, description="工号 of who holds the gun; the caller's own when empty.")
    scans: list[GunShot] = Field(min_length=1, max_length=actions.MOST_AT_ONCE)


class GunNotice(Schema):
    """Something to say about a number: a code, words, and the clause it rests on."""

    code: str
    message: str
    clause: str


class GunAnswer(Schema):
    """The answer to one number. ``tone``: ok, warn (recorded, mind the notices), refused (not recorded). ``codes``: the scans made."""

    id: int | None
    given: str
    waybill: str
    piece: str
    tone: str
    codes: list[str]
    notices: list[GunNotice]
    scanned_at: datetime
    undone_at: datetime | None


class GunAnswers(Schema):
    """Answers in the order given, and how many of each tone."""

    ok: int
    warn: int
    refused: int
    answers: list[GunAnswer]


def _answer(row: Answer) -> GunAnswer:
    return GunAnswer(
        id=row.pk,
        given=row.given,
        waybill=row.waybill,
        piece=row.piece,
        tone=row.tone,
        codes=row.codes.split(),
        notices=[GunNotice(code=one.code, message=one.words, clause=one.clause) for one in read(row.notices)],
        scanned_at=row.scanned_at,
        undone_at=row.undone_at,
    )


@router.post("/station/scans", response=GunAnswers)
def scan_numbers(request: ApiRequest, body: GunScans) -> GunAnswers:
    """Scan up to 1000 numbers, each answered for itself with what is wrong and what to do (OPS1, O8). Refused ones are not recorded."""
    setup = Setup(
        site_id=body.site,
        mode=body.mode,
        courier=body.courier,
        previous_site_id=body.previous_site,
        next_site_id=body.next_site,
        truck=body.truck,
        device=body.device,
        reason=body.reason,
        note=body.note,
        operator=body.operator,
    )
    shots = [Shot(one.number, one.at) for one in body.scans]
    rows = actions.scan(actor=request.actor, setup=setup, shots=shots, now=moment.now())
    tones = [row.tone for row in rows]
    counts = {tone: tones.count(tone) for tone in ("ok", "warn", "refused")}
    return GunAnswers(**counts, answers=[_answer(row) for row in rows])


class GunUndo(Schema):
    """Why a scan is taken back."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field("", max_length=200)


@router.post("/station/scans/{int:answer_id}/undo", response=GunAnswer)
def undo_scan(request: ApiRequest, answer_id: int, body: GunUndo) -> GunAnswer:
    """Take the scans of an answer back: own ones within the minutes of the handbook, any of the day for a lead (O8)."""
    return _answer(actions.undo(actor=request.actor, answer_id=answer_id, reason=body.reason, now=moment.now()))
