"""The recording or transcript of a talk finds the reception it belongs to, and takes over what the agent noted (CONV1, CONV4).

Safe rather than clever: the same id at the same source, or the same agent, channel and customer (or waybill) within minutes, and only
when exactly one fits. Nothing that the conversation already says is changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from kefu.conversations.models import Conversation, Reception
from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import claim

# How far the clocks of a telephone system and of people's clicks may be apart.
NEAR = timedelta(minutes=5)
_CODE = 40


@dataclass(frozen=True, slots=True)
class Matched:
    """A reception that found its conversation, and what it had led to."""

    reception_id: int
    conversation_id: int
    about_kind: str
    about_id: int | None


def match(*, actor: Actor, conversation_ids: Sequence[int], now: datetime) -> list[Matched]:
    """Receptions that found their conversation among these; each conversation and each reception is used once.

    Two statements when there is nothing to match, whatever the batch.
    """
    rows = list(Conversation.objects.filter(pk__in=list(conversation_ids), channel__in=["call", "chat"]).order_by("pk"))
    free = _free(rows)
    taken = set(Reception.objects.filter(conversation__in=rows).values_list("conversation_id", flat=True)) if free else set()
    found = []
    for row in rows:
        fitting = _fitting(row, free) if row.pk not in taken else []
        if len(fitting) != 1:
            continue
        reception = fitting[0]
        with transaction.atomic():
            if claim(Reception.objects.filter(pk=reception.pk, conversation=None), conversation_id=row.pk):
                _take_over(actor, row, reception, now)
                found.append(Matched(reception.pk, row.pk, reception.about_kind, reception.about_id))
        free.remove(reception)
    return found


def _free(rows: Sequence[Conversation]) -> list[Reception]:
    """Receptions without a conversation that one of these could be: near in time at the same site, or of the same id."""
    if not rows:
        return []
    starts = [row.started_at for row in rows]
    near = Q(site__in={row.site_id for row in rows}, started_at__gte=min(starts) - NEAR, started_at__lte=max(starts) + NEAR)
    same = Q(source__in={row.source for row in rows}, external_id__in=[row.external_id for row in rows])
    return list(Reception.objects.filter(near | same, conversation=None).order_by("pk"))


def _fitting(row: Conversation, free: Sequence[Reception]) -> list[Reception]:
    here = [one for one in free if (one.site_id, one.channel) == (row.site_id, row.channel)]
    same = [one for one in here if (one.source, one.external_id) == (row.source, row.external_id)]
    if same or row.staff_id is None:
        return same
    return [one for one in here if one.staff_id == row.staff_id and abs(one.started_at - row.started_at) <= NEAR and _about(row, one)]


def _about(row: Conversation, reception: Reception) -> bool:
    """Whether both name the same customer, or the same waybill."""
    of_customer = row.customer_id is not None and row.customer_id == reception.customer_id
    return of_customer or (row.waybill != "" and row.waybill == reception.waybill)


def pass_on(*, actor: Actor, reception: Reception, now: datetime) -> None:
    """The record is made after the transcript came: hand on what it says; in the caller's transaction."""
    row = Conversation.objects.filter(pk=reception.conversation_id or 0).first()
    if row is not None:
        _take_over(actor, row, reception, now)


def _take_over(actor: Actor, row: Conversation, reception: Reception, now: datetime) -> None:
    """What the agent noted joins the record, where the record says nothing itself."""
    changes: dict[str, object] = {}
    ended = reception.state == Reception.State.ENDED
    if not row.disposition and ended and len(reception.disposition) <= _CODE:
        changes["disposition"] = reception.disposition
    if not row.waybill:
        changes["waybill"] = reception.waybill
    if row.customer_id is None and reception.customer_id is not None:
        changes["customer_id"] = reception.customer_id
    changes = {name: value for name, value in changes.items() if value}
    if changes:
        Conversation.objects.filter(pk=row.pk).update(**changes)
    reception.conversation_id = row.pk
    ref = Ref("conversation", row.pk, f"{row.source}/{row.external_id}")
    data = {"reception": reception.pk, "took": sorted(changes)}
    audit.record(actor, "conversation.matched", ref, now=now, site_id=row.site_id, data=data)
