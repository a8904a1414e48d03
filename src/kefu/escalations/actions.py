"""Turning matters of the station into cases, one or many at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from kefu.cases.actions import CaseRequest, open_case
from kefu.cases.errors import LikelyDuplicate
from kefu.escalations.models import Escalation
from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.errors import KefuError, Message


@dataclass(frozen=True, slots=True)
class Matter:
    """What is turned into a case: the room's own kind and key, and what the case is to say."""

    ref: Ref
    request: CaseRequest


@dataclass(frozen=True, slots=True)
class Escalated:
    """The case of a matter; ``fresh`` when it was opened just now."""

    case_id: int
    fresh: bool


def escalate(*, actor: Actor, matter: Matter, now: datetime) -> Escalated:
    """Open a case for the matter, or give the one it has. Raises what ``open_case`` raises.

    An open case of the same kind on the same waybill takes the matter in instead of a second one being opened (CASE8).
    """
    known = Escalation.objects.filter(kind=matter.ref.kind, matter_id=matter.ref.id).values_list("case_id", flat=True).first()
    if known is not None:
        return Escalated(known, fresh=False)
    try:
        with transaction.atomic():
            case_id, fresh = _case(actor, matter.request, now)
            Escalation.objects.create(kind=matter.ref.kind, matter_id=matter.ref.id, case_id=case_id, made_at=now, made_by=actor.name)
            audit.record(actor, "matter.escalated", matter.ref, now=now, site_id=matter.request.site_id, data={"case": case_id})
    except IntegrityError:
        # Somebody did it at the same moment.
        return Escalated(Escalation.objects.get(kind=matter.ref.kind, matter_id=matter.ref.id).case_id, fresh=False)
    return Escalated(case_id, fresh)


def _case(actor: Actor, request: CaseRequest, now: datetime) -> tuple[int, bool]:
    try:
        return open_case(actor=actor, request=request, now=now).pk, True
    except LikelyDuplicate as twin:
        return int(twin.params["case_id"]), False


def escalate_all(*, actor: Actor, matters: Sequence[Matter], now: datetime) -> tuple[Mapping[int, Escalated], Mapping[int, Message]]:
    """Each matter for itself: cases by the matter's key, and refusals in words by the matter's key."""
    done: dict[int, Escalated] = {}
    refused: dict[int, Message] = {}
    for matter in matters:
        try:
            done[matter.ref.id] = escalate(actor=actor, matter=matter, now=now)
        except KefuError as error:
            refused[matter.ref.id] = str(error)
    return done, refused
