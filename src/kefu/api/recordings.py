"""Recordings over the API: hand in, read with what was measured, the sound, words from elsewhere (CONV4, QA3).

The list is `/lists/recordings`.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, BinaryIO, Literal, cast

from django.http import HttpResponseBase, StreamingHttpResponse
from ninja import File, Form, Query, Router
from ninja.files import UploadedFile
from pydantic import AwareDatetime, ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id
from kefu.api.schema import Schema
from kefu.recordings import actions, queries, transcripts
from kefu.recordings.drafts import CallDraft
from kefu.recordings.queries import Full, Recording

router = Router(tags=["recordings (CONV4)"])
_PART = 64 * 1024
_SIDES = {"agent": ("agent", "customer"), "customer": ("customer", "agent"), "": ()}
Seconds = Annotated[float, Field(description="Seconds from the start of the call.")]


class NewRecording(Schema):
    """The call a file belongs to: one that is here (`conversation`), or `source` and `external_id` of one that is made when unknown."""

    model_config = ConfigDict(extra="forbid")
    conversation: Id | None = None
    site: Id | None = None
    source: str = Field("", max_length=40)
    external_id: str = Field("", max_length=120)
    started_at: AwareDatetime | None = None
    staff_no: str = Field("", max_length=20)
    customer_phone: str = Field("", max_length=60)
    waybill: str = Field("", max_length=40)
    left: Literal["", "agent", "customer"] = Field("", description="Who is on the first channel; empty: the agent.")


class SoundTurn(Schema):
    """A turn of one side; loudness in LUFS, pitch in Hz, null when there was too little to tell."""

    side: str
    start: Seconds
    end: Seconds
    loudness: float | None
    pitch: float | None


class SoundSpan(Schema):
    """Something that lasts. `kind`: overlap, interruption, silence, hold; `by`: who began to speak over the other, or speaks next."""

    kind: str
    start: Seconds
    end: Seconds
    by: str


class SoundMeasured(Schema):
    """What was measured. `speakers` false: one channel for both, nothing is said of who spoke."""

    seconds: float
    speakers: bool
    cut_off: bool
    silence_share: float
    talk_shares: dict[str, float | None]
    loudness: dict[str, float]
    turns: list[SoundTurn]
    spans: list[SoundSpan]


class RecordingFile(Schema):
    """A recording; `state`: stored, measured, done, failed, removed."""

    id: int
    number: str
    conversation_id: int
    site_id: int
    state: str
    failure: str
    sides: list[str]
    format: str
    rate: int
    seconds: float
    size: int
    sha256: str
    words_from: str
    engine: str
    started_at: datetime
    received_at: datetime
    keep_until: datetime | None
    kept_by: str
    held: bool
    removed_at: datetime | None
    version: int
    sound: SoundMeasured | None


class RecordingTaken(Schema):
    """A recording that was handed in; `fresh` false: the same bytes were here already."""

    fresh: bool
    recording: RecordingFile


def _shown(full: Full) -> RecordingFile:
    row = full.row
    plain = (
        "id", "conversation_id", "site_id", "state", "failure", "sides", "format", "rate", "seconds", "size", "sha256", "words_from",
        "engine", "started_at", "received_at", "keep_until", "kept_by", "removed_at", "version",
    )  # fmt: skip
    values: dict[str, Any] = {name: getattr(row, name) for name in plain}
    return RecordingFile(**values, number=str(row), held=bool(full.holds), sound=_sound(full))


def _sound(full: Full) -> SoundMeasured | None:
    found = full.sound
    if found is None:
        return None
    spans = [
        SoundSpan(kind="interruption" if one.interrupts else "overlap", start=one.start, end=one.end, by=one.by) for one in found.overlaps
    ]
    spans += [
        SoundSpan(kind="hold" if one.hold else "silence", start=one.start, end=one.end, by=one.before or "") for one in found.silences
    ]
    return SoundMeasured(
        seconds=found.seconds,
        speakers=found.speakers,
        cut_off=found.cut_off,
        silence_share=found.silence_share(),
        talk_shares={side: found.talk_share(side) for side in found.speech},
        loudness=dict(found.loudness),
        turns=[SoundTurn(side=one.side, start=one.start, end=one.end, loudness=one.loudness, pitch=one.pitch) for one in found.turns],
        spans=sorted(spans, key=lambda one: one.start),
    )


@router.post("/recordings", response=RecordingTaken)
def upload_recording(request: ApiRequest, body: Form[NewRecording], file: File[UploadedFile]) -> RecordingTaken:
    """Hand in a recording as a form with the part `file`; the same bytes again are already there. Analysis follows by itself (CONV4)."""
    call = CallDraft(
        site_id=body.site,
        conversation_id=body.conversation,
        source=body.source,
        external_id=body.external_id,
        started_at=body.started_at,
        staff_no=body.staff_no,
        customer_phone=body.customer_phone,
        waybill=body.waybill,
        sides=_SIDES[body.left],
    )
    done = actions.receive(actor=request.actor, call=call, file=cast(BinaryIO, file.file), name=file.name or "", now=moment.now())
    return RecordingTaken(fresh=done.fresh, recording=_shown(queries.full(request.actor, done.recording.pk)))


@router.get("/recordings/{int:recording_id}", response=RecordingFile)
def read_recording(request: ApiRequest, recording_id: int) -> RecordingFile:
    """A recording with what was measured (QA3)."""
    return _shown(queries.full(request.actor, recording_id))


class ListeningReason(Schema):
    """Why the file is needed; it is logged."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(min_length=1, max_length=200)


@router.get("/recordings/{int:recording_id}/file", response=bytes)
def download_recording(request: ApiRequest, recording_id: int, wanted: Query[ListeningReason]) -> HttpResponseBase:
    """The file in the clear; needs a reason and is logged every time (SEC1, SEC3)."""
    row = actions.download(actor=request.actor, recording_id=recording_id, reason=wanted.reason, now=moment.now(), purpose="api")
    with queries.sound(row):
        pass  # gone is said before the answer begins
    response = StreamingHttpResponse(_parts(row), content_type="application/octet-stream")
    response["Content-Length"] = str(row.size)
    response["Cache-Control"] = "private, no-store"
    return response


def _parts(row: Recording) -> Iterator[bytes]:
    with queries.sound(row) as file:
        while part := file.read(_PART):
            yield part


@router.post("/recordings/{int:recording_id}/retry", response=RecordingFile)
def retry_recording(request: ApiRequest, recording_id: int) -> RecordingFile:
    """Work on one again that failed, or that another engine should hear."""
    actions.retry(actor=request.actor, recording_id=recording_id, now=moment.now())
    return _shown(queries.full(request.actor, recording_id))


class WordsTaken(Schema):
    """Lines stored, the shape the file came in, and what had to be put right."""

    lines: int
    shape: str
    notes: list[str]


@router.post("/conversations/{int:conversation_id}/words", response=WordsTaken)
def import_words(request: ApiRequest, conversation_id: int, file: File[UploadedFile]) -> WordsTaken:
    """Words of a recorded call that another system wrote down, as the part `file`: JSON of the usual speech services (QA3)."""
    content = file.read(transcripts.SIZE_LIMIT + 1)
    done = transcripts.take(actor=request.actor, conversation_id=conversation_id, content=content, now=moment.now())
    return WordsTaken(lines=done.lines, shape=done.shape, notes=list(done.notes))
