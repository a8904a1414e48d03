"""What the company does about an appeal: taken up, answered once approved, mediation answered, closed (R26, R27, R30)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from kefu.kernel import audit, files
from kefu.kernel.actor import Actor
from kefu.kernel.claims import claim
from kefu.kernel.errors import Invalid, NotFound, Stale
from kefu.people.access import require
from kefu.people.permissions import Permission
from kefu.regulator import access
from kefu.regulator.drafts import Upload
from kefu.regulator.errors import REASONS, AnswerWaits, NoAnswer, SamePerson
from kefu.regulator.models import Answer, AnswerFile, Appeal
from kefu.regulator.moving import move, ref, standing, words
from kefu.regulator.vocabulary import AnswerState, State, Verdict

MOST_FILES = 10


def note_accepted(*, actor: Actor, appeal_id: int, accepted_at: datetime, now: datetime, expected_version: int | None = None) -> Appeal:
    """The authority took it up (within two working days, R26). Raises ``WrongState``, ``Stale``, ``Invalid``."""
    require(actor, Permission.REGULATOR_WORK)
    row = standing(actor, appeal_id, "accepted", expected_version)
    if accepted_at > now:
        raise Invalid(fields={"accepted_at": REASONS["future"]}, code="future")
    with transaction.atomic():
        return move(actor, row, "accepted", now=now, accepted_at=accepted_at)


def write_answer(
    *, actor: Actor, appeal_id: int, text: str, now: datetime, uploads: Sequence[Upload] = (), expected_version: int | None = None
) -> Answer:
    """A new version of our answer, for approval. Raises ``AnswerWaits``, ``WrongState``, ``Invalid``, ``Stale``."""
    require(actor, Permission.REGULATOR_WORK)
    row = standing(actor, appeal_id, "written", expected_version)
    said = words(text)
    if len(uploads) > MOST_FILES:
        raise Invalid(fields={"files": REASONS["many_files"]}, code="many_files")
    last = row.answers.order_by("-number").first()
    if last is not None and last.state == AnswerState.WAITING:
        raise AnswerWaits
    kept = [files.keep(one.name, one.content) for one in uploads]
    try:
        with transaction.atomic():
            answer = Answer.objects.create(
                appeal=row, number=last.number + 1 if last else 1, text=said, written_by=actor.name[:80],
                written_by_id=actor.staff_id, written_at=now,
            )  # fmt: skip
            AnswerFile.objects.bulk_create(
                [AnswerFile(answer=answer, name=one.name, size=one.size, sha256=one.sha256, stored_as=one.stored_as) for one in kept]
            )
            move(actor, row, "written", now=now, data={"answer": answer.number, "files": len(kept)})
    except IntegrityError as error:  # two wrote at once
        raise AnswerWaits from error
    return answer


def _waiting(actor: Actor, row: Appeal) -> Answer:
    found = row.answers.filter(state=AnswerState.WAITING).first()
    if found is None:
        raise NoAnswer
    if found.written_by_id is not None and found.written_by_id == actor.staff_id:
        raise SamePerson
    return found


def _decide(actor: Actor, answer: Answer, state: AnswerState, note: str, now: datetime) -> None:
    waiting = Answer.objects.filter(pk=answer.pk, state=AnswerState.WAITING)
    if not claim(waiting, state=state, note=note, decided_by=actor.name[:80], decided_at=now):
        raise Stale


def approve_answer(*, actor: Actor, appeal_id: int, now: datetime, expected_version: int | None = None) -> Appeal:
    """Let the waiting answer go out. Raises ``SamePerson``, ``NoAnswer``, ``WrongState``, ``Stale``."""
    require(actor, Permission.REGULATOR_APPROVE)
    row = standing(actor, appeal_id, "answered", expected_version)
    answer = _waiting(actor, row)
    with transaction.atomic():
        _decide(actor, answer, AnswerState.APPROVED, "", now)
        return move(actor, row, "answered", now=now, answered_at=now, data={"answer": answer.number})


def return_answer(*, actor: Actor, appeal_id: int, note: str, now: datetime, expected_version: int | None = None) -> Appeal:
    """Send the waiting answer back to be written again, saying why. Raises as ``approve_answer``, and ``Invalid``."""
    require(actor, Permission.REGULATOR_APPROVE)
    row = standing(actor, appeal_id, "returned", expected_version)
    answer, said = _waiting(actor, row), words(note)
    with transaction.atomic():
        _decide(actor, answer, AnswerState.RETURNED, said, now)
        return move(actor, row, "returned", now=now, data={"answer": answer.number})


def note_opinion(*, actor: Actor, appeal_id: int, text: str, now: datetime, expected_version: int | None = None) -> Appeal:
    """A mediation opinion 调解意见 came: three working days from now (R27). Raises ``WrongState``, ``Invalid``, ``Stale``."""
    require(actor, Permission.REGULATOR_WORK)
    row = standing(actor, appeal_id, "opinion", expected_version)
    said = words(text)
    with transaction.atomic():
        return move(actor, row, "opinion", now=now, opinion=said, opinion_at=now)


def feed_back(*, actor: Actor, appeal_id: int, text: str, now: datetime, expected_version: int | None = None) -> Appeal:
    """Our feedback on the opinion, once. Raises ``WrongState``, ``Invalid``, ``Stale``."""
    require(actor, Permission.REGULATOR_WORK)
    row = standing(actor, appeal_id, "fed_back", expected_version)
    said = words(text)
    if row.feedback_at is not None:
        raise Stale
    with transaction.atomic():
        return move(actor, row, "fed_back", now=now, feedback=said, feedback_at=now)


def close(*, actor: Actor, appeal_id: int, verdict: str, text: str, now: datetime, expected_version: int | None = None) -> Appeal:
    """Close it with the authority's verdict, valid or invalid (R30), or as withdrawn. Raises ``Invalid``, ``WrongState``, ``Stale``."""
    require(actor, Permission.REGULATOR_WORK)
    if verdict not in Verdict.values:
        raise Invalid(fields={"verdict": REASONS["no_verdict"]}, code="no_verdict")
    step = "withdrawn" if verdict == Verdict.WITHDRAWN else "closed"
    row = standing(actor, appeal_id, step, expected_version)
    if step == "closed" and row.state == State.MEDIATION and row.feedback_at is None:
        raise Invalid(fields={"verdict": REASONS["not_fed_back"]}, code="not_fed_back")
    said = words(text)
    with transaction.atomic():
        return move(actor, row, step, now=now, verdict=verdict, verdict_reason=said, closed_at=now, data={"verdict": verdict})


def read_file(*, actor: Actor, appeal_id: int, file_id: int, now: datetime) -> files.Download:
    """A file of an answer; the look is recorded (R27)."""
    row = access.get_for(actor, appeal_id)
    found = AnswerFile.objects.filter(pk=file_id, answer__appeal=row).first()
    if found is None:
        raise NotFound
    content = files.load(found.stored_as, found.sha256)
    audit.record(actor, "appeal.file_read", ref(row), now=now, site_id=row.site_id, data={"file": found.pk})
    return files.Download(found.name, content)
