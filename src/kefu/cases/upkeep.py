"""Work on a case beside its procedure: notes, fields, people, urging, level, reopening, clocks by hand."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.cases import access, attention, timeline
from kefu.cases.actions import book_of, move_clocks, raise_level_if_due, refresh_due, require_open, require_version, set_level, subject_of
from kefu.cases.models import Case, Entry, Notice
from kefu.cases.timeline import Happening
from kefu.clocks import actions as clocks
from kefu.kernel.actor import Actor
from kefu.kernel.claims import save_claimed, save_plain
from kefu.kernel.errors import Conflict, Denied, Invalid
from kefu.kernel.rows import insert
from kefu.people import queries as people
from kefu.people.access import require
from kefu.people.permissions import Permission

NOTE_LIMIT = 20000
_EDITABLE = {"title": 120, "waybill": 40, "order_no": 60}


def add_note(*, actor: Actor, case_id: int, text: str, now: datetime) -> Entry:
    """Write an internal note. Notes may be added to closed cases: late knowledge is not lost. People it names with ``@`` are told."""
    case = access.get_to_change(actor, case_id)
    require(actor, Permission.CASE_WORK)
    if not text.strip():
        raise Invalid(fields={"text": _("请填写备注内容。")})
    if len(text) > NOTE_LIMIT:
        raise Invalid(fields={"text": _("备注过长，请控制在 20000 字以内。")})
    with transaction.atomic():
        save_plain(case, updated_at=now)
        told = attention.mention(actor, case, text, now=now)
        data = {"mentions": told} if told else {}
        return timeline.write(actor, case, Happening(Entry.Kind.NOTE, text=text.strip(), data=data), now=now)


def edit(*, actor: Actor, case_id: int, changes: Mapping[str, str], expected_version: int, now: datetime) -> Case:
    """Change plain fields. A save made on an older sight is refused with ``Stale``; nothing is overwritten unseen."""
    case = access.get_to_change(actor, case_id)
    require(actor, Permission.CASE_WORK)
    require_open(case)
    require_version(case, expected_version)
    values = {name: value.strip() for name, value in changes.items()}
    wrong: dict[str, Any] = {name: _("此字段不能修改。") for name in values if name not in _EDITABLE}
    wrong.update({name: _("内容过长。") for name, value in values.items() if len(value) > _EDITABLE.get(name, 120)})
    if "title" in values and not values["title"]:
        wrong["title"] = _("请填写标题。")
    if wrong:
        raise Invalid(fields=wrong)
    changed = {name: value for name, value in values.items() if getattr(case, name) != value}
    if not changed:
        return case
    data = {"fields": {name: [getattr(case, name), value] for name, value in changed.items()}}
    with transaction.atomic():
        save_claimed(case, updated_at=now, **changed)
        timeline.write(actor, case, Happening(Entry.Kind.FIELD, data=data), now=now)
    return case


def assign(*, actor: Actor, case_id: int, staff_id: int | None, now: datetime, expected_version: int | None = None) -> Case:
    """Give the case to somebody of its site, or to nobody. Taking it oneself needs no right to assign others."""
    case = access.get_to_change(actor, case_id)
    require(actor, Permission.CASE_WORK if staff_id is not None and staff_id == actor.staff_id else Permission.CASE_ASSIGN)
    require_open(case)
    require_version(case, expected_version)
    staff = people.on_duty(staff_id) if staff_id is not None else None
    if staff_id is not None and (staff is None or staff.site_id != case.site_id):
        raise Invalid(fields={"staff": _("请选择本站点的在岗人员。")})
    if (
        case.assignee_id is not None
        and case.assignee_id != staff_id
        and staff_id == actor.staff_id
        and not actor.may(Permission.CASE_ASSIGN)
    ):
        raise Denied(_("此工单已由他人处理，如需接手请联系组长转派。"), code="case_taken")
    if case.assignee_id == staff_id:
        return case
    data = {"from": case.assignee_id, "to": staff_id, "name": staff.name if staff else ""}
    with transaction.atomic():
        save_claimed(case, assignee_id=staff_id, team_id=staff.team_id if staff else case.team_id, updated_at=now)
        timeline.write(actor, case, Happening(Entry.Kind.ASSIGNED, data=data), now=now)
        if staff is not None:
            move_clocks(case, book_of(case), ["case.assigned"], now)
            if staff.pk != actor.staff_id:
                insert(Notice(staff_id=staff.pk, case=case, what="assigned", at=now))
    return case


def urge(*, actor: Actor, case_id: int, text: str, now: datetime) -> Case:
    """Note that the customer urges (催单); the handbook may raise the level by it (CASE8)."""
    case = access.get_to_change(actor, case_id)
    require(actor, Permission.CASE_WORK)
    require_open(case)
    with transaction.atomic():
        save_claimed(case, urge_count=case.urge_count + 1, updated_at=now)
        timeline.write(actor, case, Happening(Entry.Kind.URGED, text=text.strip()[:NOTE_LIMIT], data={"count": case.urge_count}), now=now)
        if case.assignee_id and case.assignee_id != actor.staff_id:
            insert(Notice(staff_id=case.assignee_id, case=case, what="urged", at=now))
        raise_level_if_due(actor, case, book_of(case), now)
    return case


def escalate(*, actor: Actor, case_id: int, level: str, reason: str, now: datetime) -> Case:
    """Raise the case by hand (投诉升级), with a reason (CASE5)."""
    case = access.get_to_change(actor, case_id)
    require(actor, Permission.CASE_ESCALATE)
    require_open(case)
    book = book_of(case)
    if level not in book.levels or book.levels[level].rank <= case.level_rank:
        raise Invalid(fields={"level": _("请选择比当前更高的级别。")})
    if len(reason.strip()) < 4:
        raise Invalid(fields={"reason": _("请写明升级原因（至少 4 个字）。")})
    with transaction.atomic():
        set_level(actor, case, book, level, now=now, why="manual")
        timeline.write(actor, case, Happening(Entry.Kind.NOTE, text=reason.strip(), data={"escalation": level}), now=now)
    return case


def reopen(*, actor: Actor, case_id: int, reason: str, now: datetime) -> Case:
    """Take a closed case up again at the last step before the end; its clocks start anew (``case.reopened``)."""
    case = access.get_to_change(actor, case_id)
    require(actor, Permission.CASE_WORK)
    if case.status == Case.Status.MERGED:
        raise Conflict(_("已合并的工单请先取消合并。"), code="case_merged")
    if case.is_open:
        raise Conflict(_("工单未结案，无需重新打开。"), code="case_open")
    if len(reason.strip()) < 4:
        raise Invalid(fields={"reason": _("请写明重新打开的原因（至少 4 个字）。")})
    steps = [entry.data["step"] for entry in case.entries.filter(kind=Entry.Kind.STEP).order_by("pk")]
    book = book_of(case)
    with transaction.atomic():
        save_claimed(
            case,
            status=Case.Status.OPEN,
            is_open=True,
            step=steps[-2] if len(steps) > 1 else "",
            closed_at=None,
            solved_at=None,
            reopen_count=case.reopen_count + 1,
            updated_at=now,
        )
        move_clocks(case, book, ["case.reopened", "case.opened"], now)
        timeline.write(actor, case, Happening(Entry.Kind.REOPENED, text=reason.strip()), now=now)
        raise_level_if_due(actor, case, book, now)
    return case


def pause_clock(*, actor: Actor, case_id: int, clock_id: int, reason: str, now: datetime) -> Case:
    """Let one clock of the case stand still, for a reason the handbook allows and by whom it allows."""
    case = access.get_to_change(actor, case_id)
    require(actor, Permission.CLOCK_PAUSE)
    require_open(case)
    with transaction.atomic():
        clock = clocks.pause(actor=actor, subject=subject_of(case), clock_id=clock_id, reason=reason, now=now)
        refresh_due(case, now)
        timeline.write(
            actor,
            case,
            Happening(Entry.Kind.CLOCK, data={"phase": "paused", "clock": clock.key, "reason": reason}, clause=clock.clause),
            now=now,
        )
    return case


def resume_clock(*, actor: Actor, case_id: int, clock_id: int, now: datetime) -> Case:
    """Let a paused clock run on."""
    case = access.get_to_change(actor, case_id)
    require(actor, Permission.CLOCK_PAUSE)
    require_open(case)
    with transaction.atomic():
        clock = clocks.resume(actor=actor, subject=subject_of(case), clock_id=clock_id, now=now)
        refresh_due(case, now)
        timeline.write(
            actor, case, Happening(Entry.Kind.CLOCK, data={"phase": "resumed", "clock": clock.key}, clause=clock.clause), now=now
        )
    return case


def see_notices(*, actor: Actor, now: datetime) -> int:
    """Mark one's own notices as seen."""
    return Notice.objects.filter(staff_id=actor.own_id, seen_at=None).update(seen_at=now)
