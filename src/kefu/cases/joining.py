"""Cases that belong together: merge and unmerge, links."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from kefu.cases import access, timeline
from kefu.cases.actions import refresh_due, require_open, subject_of
from kefu.cases.errors import MergeRefused
from kefu.cases.events import CaseMerged
from kefu.cases.models import NO_DEADLINE, Case, Entry, Link
from kefu.cases.timeline import Happening
from kefu.clocks import actions as clocks
from kefu.kernel import outbox
from kefu.kernel.actor import Actor
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Conflict
from kefu.people.access import require
from kefu.people.permissions import Permission


def merge(*, actor: Actor, case_id: int, into_id: int, now: datetime) -> Case:
    """Merge a case into another of the same site. Nothing is moved or lost: the timelines are shown together, its clocks are held,
    and ``unmerge`` gives everything back (peers: un-merge is what every rival lacks)."""
    case, into = access.get_for(actor, case_id), access.get_for(actor, into_id)
    require(actor, Permission.CASE_MERGE)
    if case.pk == into.pk:
        raise MergeRefused(why=_("不能与自身合并。"))
    if case.site_id != into.site_id:
        raise MergeRefused(why=_("两张工单不属于同一站点。"))
    require_open(case)
    require_open(into)
    with transaction.atomic():
        save_claimed(
            case, status=Case.Status.MERGED, is_open=False, merged_into=into, data=case.data, next_due_at=NO_DEADLINE, updated_at=now
        )
        # Claiming the other side too makes two merges that cross each other impossible: one of them is stale.
        save_claimed(into, updated_at=now)
        clocks.suspend_all(subject=subject_of(case), now=now)
        for row, other, side in ((case, into, "into"), (into, case, "from")):
            timeline.write(actor, row, Happening(Entry.Kind.MERGED, data={side: other.pk, "number": other.number}), now=now)
        outbox.emit(CaseMerged(case_id=case.pk, site_id=case.site_id, into_id=into.pk), now=now)
    return into


def unmerge(*, actor: Actor, case_id: int, now: datetime) -> Case:
    """Take a merged case out again, in the state it had; time in the merge counts against its clocks."""
    case = access.get_for(actor, case_id)
    require(actor, Permission.CASE_MERGE)
    if case.merged_into_id is None:
        raise Conflict(_("此工单没有被合并，无需取消。"), code="not_merged")
    into = access.get_for(actor, case.merged_into_id)
    last = case.entries.filter(kind=Entry.Kind.STEP).order_by("-pk").first()
    with transaction.atomic():
        save_claimed(case, status=last.data["status"] if last else Case.Status.OPEN, is_open=True, merged_into=None, updated_at=now)
        clocks.release_all(subject=subject_of(case), now=now)
        refresh_due(case, now)
        for row, other, side in ((case, into, "from"), (into, case, "out")):
            timeline.write(actor, row, Happening(Entry.Kind.UNMERGED, data={side: other.pk, "number": other.number}), now=now)
        outbox.emit(CaseMerged(case_id=case.pk, site_id=case.site_id, into_id=into.pk, undone=True), now=now)
    return case


def link(*, actor: Actor, case_id: int, to_id: int, kind: str, now: datetime) -> Link:
    """Tie two cases together; both must be in reach, and tying twice is refused."""
    case, other = access.get_for(actor, case_id), access.get_for(actor, to_id)
    require(actor, Permission.CASE_WORK)
    if kind not in (Link.Kind.RELATED, Link.Kind.PARENT) or case.pk == other.pk:
        raise Conflict(_("请选择另一张工单和关联方式。"), code="link_form")
    if kind == Link.Kind.PARENT and Link.objects.filter(case=other, kind=kind, target_kind="case", target_id=case.pk).exists():
        raise Conflict(_("两张工单不能互为上级。"), code="link_circle")
    try:
        with transaction.atomic():
            row = Link.objects.create(case=case, kind=kind, target_kind="case", target_id=other.pk)
            timeline.write(actor, case, Happening(Entry.Kind.LINKED, data={"kind": kind, "to": other.pk, "number": other.number}), now=now)
    except IntegrityError as error:
        raise Conflict(_("两张工单已经关联。"), code="link_exists") from error
    return row


def unlink(*, actor: Actor, case_id: int, to_id: int, kind: str, now: datetime) -> None:
    """Undo a tie between two cases; one that is not there is refused."""
    case, other = access.get_for(actor, case_id), access.get_for(actor, to_id)
    require(actor, Permission.CASE_WORK)
    with transaction.atomic():
        gone, _each = Link.objects.filter(case=case, kind=kind, target_kind="case", target_id=other.pk).delete()
        if not gone or kind not in (Link.Kind.RELATED, Link.Kind.PARENT):
            raise Conflict(_("两张工单之间没有这种关联。"), code="link_missing")
        timeline.write(
            actor,
            case,
            Happening(Entry.Kind.LINKED, data={"kind": kind, "to": other.pk, "number": other.number, "undone": True}),
            now=now,
        )


def link_conversation(*, actor: Actor, case_id: int, conversation_id: int, now: datetime) -> None:
    """Tie a conversation the actor can see to the case; tying twice changes nothing."""
    from kefu.conversations import access as conversations

    case = access.get_for(actor, case_id)
    require(actor, Permission.CASE_WORK)
    conversations.get_for(actor, conversation_id)
    with transaction.atomic():
        _row, made = Link.objects.get_or_create(
            case=case, kind=Link.Kind.CONVERSATION, target_kind="conversation", target_id=conversation_id
        )
        if made:
            timeline.write(actor, case, Happening(Entry.Kind.LINKED, data={"kind": "conversation", "to": conversation_id}), now=now)
