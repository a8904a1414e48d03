"""Every write of recordings (CONV4): receive, tie sides, hold, listen, remove. The work on them is in ``work``."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO

from django.db import IntegrityError, transaction

from kefu.conversations import access as conversation_access
from kefu.conversations import actions as conversations
from kefu.conversations import queries as conversation_queries
from kefu.conversations.checks import REASONS as CONVERSATION_REASONS
from kefu.conversations.drafts import ConversationDraft
from kefu.kernel import audit, outbox, vault
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import NotFound
from kefu.kernel.files import clean_name
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission
from kefu.recordings import access, keeping, rules, store
from kefu.recordings.drafts import CallDraft
from kefu.recordings.errors import AnotherRecording, MetadataRefused, NeedsReason, NotACall, WasRemoved
from kefu.recordings.events import RecordingChanged
from kefu.recordings.models import Hold, Listening, Recording
from kefu.recordings.wording import METADATA
from kefu.sound import decoding
from kefu.sound.decoding import Heading

REASON_LENGTH = 4
SOURCE = "recording"
# Ranges of one listening are many requests; so long they count as one.
_ONE_LISTENING = timedelta(minutes=30)
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Received:
    """A recording that was handed in; ``fresh`` false: the same bytes were here already."""

    recording: Recording
    fresh: bool


def ref(row: Recording) -> Ref:
    """How other records point at a recording."""
    return Ref("recording", row.pk, str(row))


def receive(
    *, actor: Actor, call: CallDraft, file: BinaryIO, name: str, now: datetime, room: Callable[[], int] = store.room_left
) -> Received:
    """Keep a recording and tie it to its call, which is made when unknown. The same bytes again are already there.

    Raises ``SoundRefused`` for what is no sound, ``MetadataRefused``, ``AnotherRecording``, ``WasRemoved``, ``StoreFull``; nothing is
    kept then.
    """
    people.require(actor, Permission.RECORDING_MANAGE)
    known, site_id = _place(actor, call)
    with decoding.opened(file) as sound:
        heading = sound.heading
    digest = vault.digest_of(file)
    if (row := _present(site_id, digest.sha256)) is not None:
        return Received(row, fresh=False)
    sides = rules.sides_of(heading.channels, call.sides)
    if sides is None:
        raise MetadataRefused(why=METADATA["sides"])
    if known is not None and Recording.objects.filter(conversation_id=known, removed_at=None).exists():
        raise AnotherRecording
    kept = store.put(site_id, digest.sha256, file, room=room)
    try:
        return _stored(actor, call, site_id, kept, heading, sides, clean_name(name), now)
    except BaseException:
        # Somebody who handed in the same meanwhile needs the file.
        if not Recording.objects.filter(site_id=site_id, sha256=kept.sha256, removed_at=None).exists():
            store.drop(site_id, kept.sha256)
        raise


def _place(actor: Actor, call: CallDraft) -> tuple[int | None, int]:
    """The conversation if it is here, and the site."""
    if call.conversation_id is not None:
        row = conversation_access.get_for(actor, call.conversation_id)
        if row.channel != "call":
            raise NotACall
        return row.pk, row.site_id
    if call.external_id:
        found = conversation_queries.id_of(call.source or SOURCE, call.external_id)
        if found is not None:
            row = conversation_queries.by_ids([found])[found]
            if not actor.reaches(row.site_id):
                raise NotFound
            if row.channel != "call":
                raise NotACall
            return found, row.site_id
    if call.site_id is None:
        raise MetadataRefused(why=METADATA["site"])
    if not actor.reaches(call.site_id) or call.site_id not in people_queries.sites_by_id():
        raise NotFound
    if call.started_at is None:
        raise MetadataRefused(why=METADATA["started_at"])
    return None, call.site_id


def _present(site_id: int, sha256: str) -> Recording | None:
    row = Recording.objects.filter(site_id=site_id, sha256=sha256).first()
    if row is not None and row.removed_at is not None:
        raise WasRemoved
    return row


def _stored(
    actor: Actor, call: CallDraft, site_id: int, kept: vault.Sealed, heading: Heading, sides: list[str], name: str, now: datetime
) -> Received:
    for _try in range(_TRIES):
        try:
            with transaction.atomic():
                conversation = conversation_queries.by_ids([_conversation(actor, call, site_id, kept, heading, now)]).popitem()[1]
                until, clause = keeping.until(conversation.site.handbook, conversation.started_at, now)
                row = Recording.objects.create(
                    site_id=site_id,
                    conversation=conversation,
                    staff_id=conversation.staff_id,
                    sha256=kept.sha256,
                    size=kept.size,
                    file_name=name,
                    format=f"{heading.format} {heading.coding}"[:20],
                    rate=heading.rate,
                    channels=heading.channels,
                    seconds=round(heading.seconds, 3),
                    sides=sides,
                    cut_off=heading.cut_off,
                    words_from="import" if conversation.line_count else "",
                    started_at=conversation.started_at,
                    received_at=now,
                    received_by=actor.name[:80],
                    keep_until=until,
                    kept_by=clause,
                )
                audit.record(actor, "recording.received", ref(row), now=now, site_id=site_id, data={"seconds": round(heading.seconds)})
                tell(row, now)
        except IntegrityError:
            if (there := _present(site_id, kept.sha256)) is not None:
                return Received(there, fresh=False)
            continue  # the call was stored meanwhile, or has got another recording: look again
        return Received(row, fresh=True)
    raise AnotherRecording


def _conversation(actor: Actor, call: CallDraft, site_id: int, kept: vault.Sealed, heading: Heading, now: datetime) -> int:
    if call.conversation_id is not None:
        return call.conversation_id
    source, external_id = call.source or SOURCE, call.external_id or kept.sha256[:24]
    found = conversation_queries.id_of(source, external_id)
    if found is not None:
        return found
    assert call.started_at is not None
    draft = ConversationDraft(
        source=source,
        external_id=external_id,
        channel="call",
        site_id=site_id,
        started_at=call.started_at,
        lines=(),
        ended_at=call.started_at + timedelta(seconds=heading.seconds),
        staff_no=call.staff_no,
        customer_value=call.customer_phone,
        waybill=call.waybill,
        recording=kept.sha256,
    )
    done = conversations.store(actor=actor, drafts=[draft], now=now)
    if done.refused:
        raise MetadataRefused(why=CONVERSATION_REASONS[done.refused[0].reason])
    return done.ids[0] if done.ids else conversation_queries.id_of(source, external_id) or 0


def tell(row: Recording, now: datetime) -> None:
    """Pages that show the recording follow."""
    event = RecordingChanged(recording_id=row.pk, conversation_id=row.conversation_id, site_id=row.site_id, state=row.state)
    outbox.emit(event, now=now)


def retry(*, actor: Actor, recording_id: int, now: datetime) -> Recording:
    """Work on it again from the stage that failed; also on one that is done, for its words by another engine."""
    people.require(actor, Permission.RECORDING_MANAGE)
    row = access.get_for(actor, recording_id)
    if row.removed_at is not None:
        raise NotFound
    if row.state not in (Recording.State.FAILED, Recording.State.DONE):
        return row
    again = Recording.State.MEASURED if row.measured_at else Recording.State.STORED
    with transaction.atomic():
        save_claimed(row, state=again, failure="", tries=0, due_at=None, progress=0, lease="", leased_until=None, transcribed_at=None)
        audit.record(actor, "recording.retried", ref(row), now=now, site_id=row.site_id)
        tell(row, now)
    return row


def set_sides(*, actor: Actor, recording_id: int, sides: Sequence[str], version: int, now: datetime) -> Recording:
    """Say who is on which channel; what depends on it is worked out anew."""
    people.require(actor, Permission.RECORDING_MANAGE)
    row = access.get_for(actor, recording_id)
    found = rules.sides_of(row.channels, sides)
    if found is None or row.channels != 2 or row.removed_at is not None:
        raise MetadataRefused(why=METADATA["sides"])
    row.version = version
    with transaction.atomic():
        save_claimed(
            row, sides=found, state=Recording.State.STORED, failure="", tries=0, due_at=None, progress=0, lease="", leased_until=None
        )
        audit.record(actor, "recording.sides", ref(row), now=now, site_id=row.site_id, data={"sides": found})
        tell(row, now)
    return row


def hold(*, actor: Actor, conversation_id: int, kind: str, object_id: int, reason: str, now: datetime) -> bool:
    """Keep the call's recording until released, whatever its time: for an appeal or a case. False when there is none.

    Called by the modules above within their own transaction; whether the actor may appeal is theirs to say.
    """
    row = Recording.objects.filter(conversation_id=conversation_id, removed_at=None).first()
    if row is None:
        return False
    with transaction.atomic():
        _held, fresh = Hold.objects.get_or_create(
            recording=row,
            kind=kind,
            object_id=object_id,
            released_at=None,
            defaults={"reason": reason[:200], "held_by": actor.name[:80], "held_at": now},
        )
        if fresh:
            data = {"kind": kind, "id": object_id}
            audit.record(actor, "recording.held", ref(row), now=now, site_id=row.site_id, data=data)
    return True


def release(*, actor: Actor, conversation_id: int, kind: str, object_id: int, now: datetime) -> None:
    """Let go of what ``hold`` kept."""
    held = Hold.objects.filter(recording__conversation_id=conversation_id, kind=kind, object_id=object_id, released_at=None)
    for one in held.select_related("recording"):
        with transaction.atomic():
            if Hold.objects.filter(pk=one.pk, released_at=None).update(released_at=now):
                row = one.recording
                data = {"kind": kind, "id": object_id}
                audit.record(actor, "recording.released", ref(row), now=now, site_id=row.site_id, data=data)


def note_listening(*, actor: Actor, recording_id: int, purpose: str, now: datetime) -> Recording:
    """Write down that somebody listens; requests of one listening count once (SEC3). ``purpose`` is one of ``rules.PURPOSES``."""
    row = access.get_for(actor, recording_id)
    own = actor.staff_id is not None and row.staff_id == actor.staff_id
    purpose = "own" if own else purpose if purpose in rules.PURPOSES[1:] else "inspection"
    recent = Listening.objects.filter(recording=row, actor_kind=actor.kind, actor_id=actor.id, purpose=purpose, at__gt=now - _ONE_LISTENING)
    if not recent.exists():
        _log(actor, row, purpose, "", now)
    return row


def download(*, actor: Actor, recording_id: int, reason: str, now: datetime, purpose: str = "download") -> Recording:
    """Let somebody take the file along, for a reason that is written down each time."""
    people.require(actor, Permission.RECORDING_MANAGE)
    row = access.get_for(actor, recording_id)
    if len(reason.strip()) < REASON_LENGTH:
        raise NeedsReason(length=REASON_LENGTH)
    _log(actor, row, purpose, reason.strip()[:200], now)
    return row


def _log(actor: Actor, row: Recording, purpose: str, reason: str, now: datetime) -> None:
    with transaction.atomic():
        Listening.objects.create(
            recording=row,
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_name=actor.name[:80],
            purpose=purpose,
            reason=reason,
            at=now,
        )
        what = "recording.downloaded" if reason else "recording.listened"
        audit.record(actor, what, ref(row), now=now, site_id=row.site_id, data={"purpose": purpose, "reason": reason})


__all__ = [
    "Received", "download", "hold", "note_listening", "receive", "ref", "release", "retry", "set_sides", "tell",
]  # fmt: skip
