"""What people do in the ledger: object, answer, waive, lock a month, acknowledge a statement, note a wage (QA8, PERF3).

No line is ever changed: whatever is made good is a line against it.
"""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import claim, save_claimed
from kefu.kernel.errors import Denied, Invalid, NotFound, Stale
from kefu.kernel.moment import midnight
from kefu.penalties import access, posting, rules
from kefu.penalties.entering import LEDGER, note, settle
from kefu.penalties.errors import (
    AlreadyReversed,
    MonthLocked,
    MonthNotOver,
    MonthUnsettled,
    NotReversible,
    ObjectionAnswered,
    ObjectionOpen,
)
from kefu.penalties.events import MonthWasLocked
from kefu.penalties.models import Entry, Month, Objection, Pending, Sheet
from kefu.penalties.vocabulary import Cause, Kind, ObjectionState
from kefu.people import access as people
from kefu.people.access import require, require_site
from kefu.people.permissions import Permission

__all__ = ["LEDGER", "acknowledge", "answer_objection", "lock_month", "note", "note_wage", "object_to", "settle", "waive"]
LEAST, LONGEST = 4, 500


def _said(text: str, field: str) -> str:
    found = text.strip()
    if not LEAST <= len(found) <= LONGEST:
        raise Invalid(fields={field: _("请写明理由，%(least)s 至 %(most)s 字。") % {"least": LEAST, "most": LONGEST}}, code="no_reason")
    return found


def _reversible(entry: Entry) -> None:
    if entry.kind == Kind.REVERSAL:
        raise NotReversible
    if Entry.objects.filter(reverses=entry).exists():
        raise AlreadyReversed


def object_to(*, actor: Actor, entry_id: int, reason: str, now: datetime) -> Objection:
    """The person of a line says why it is wrong. Raises ``NotFound``, ``Denied``, ``ObjectionOpen``, ``AlreadyReversed``, ``Invalid``."""
    entry = access.get_entry(actor, entry_id)
    if entry.staff_id != actor.staff_id:
        raise Denied(_("只有本人可以对自己的处罚记录提出异议。"))
    said = _said(reason, "reason")
    _reversible(entry)
    if entry.objections.filter(state=ObjectionState.OPEN).exists():
        raise ObjectionOpen
    with transaction.atomic():
        row = Objection.objects.create(entry=entry, reason=said, at=now)
        audit.record(actor, "penalty.objected", posting.ref(entry), now=now, site_id=entry.site_id, clause=entry.clause)
        outbox.emit(posting.changed(entry, "objected"), now=now)
    return row


def answer_objection(
    *, actor: Actor, objection_id: int, upheld: bool, answer: str, now: datetime, expected_version: int | None = None
) -> Objection:
    """A manager upholds it, which reverses the line, or rejects it, with a reason. Nobody answers their own.

    Raises ``NotFound``, ``Denied``, ``ObjectionAnswered``, ``Invalid``, ``Stale``.
    """
    require(actor, Permission.PENALTY_MANAGE)
    row = access.get_objection(actor, objection_id)
    if row.entry.staff_id == actor.staff_id:
        raise Denied(_("不能答复自己提出的异议，请由其他经理处理。"))
    if row.state != ObjectionState.OPEN:
        raise ObjectionAnswered
    if expected_version is not None and row.version != expected_version:
        raise Stale
    said = _said(answer, "answer")
    state = ObjectionState.UPHELD if upheld else ObjectionState.REJECTED
    with transaction.atomic():
        save_claimed(row, state=state, answer=said, answered_by=actor.name[:80], answered_at=now)
        if upheld:
            posting.reverse(actor, row.entry, cause=Cause.OBJECTION, reason=said, now=now)
        entry = row.entry
        data = {"state": str(state)}
        audit.record(actor, "penalty.answered", posting.ref(entry), now=now, site_id=entry.site_id, clause=entry.clause, data=data)
        outbox.emit(posting.changed(entry, "answered"), now=now)
    return row


def waive(*, actor: Actor, entry_id: int, reason: str, now: datetime) -> Entry:
    """A manager lets somebody off, saying why: a line against the line. Nobody waives their own.

    Raises ``NotFound``, ``Denied``, ``AlreadyReversed``, ``NotReversible``, ``ObjectionOpen``, ``Invalid``.
    """
    require(actor, Permission.PENALTY_MANAGE)
    entry = access.get_entry(actor, entry_id)
    if entry.staff_id == actor.staff_id:
        raise Denied(_("不能免除自己的处罚，请由其他经理处理。"))
    said = _said(reason, "reason")
    if entry.objections.filter(state=ObjectionState.OPEN).exists():
        raise ObjectionOpen
    with transaction.atomic():
        return posting.reverse(actor, entry, cause=Cause.WAIVER, reason=said, now=now)


def lock_month(*, actor: Actor, site_id: int, month: date, now: datetime) -> Month:
    """Nothing changes in this month of a site any more. It must be over and entered to the end.

    Raises ``NotFound``, ``MonthNotOver``, ``MonthUnsettled``, ``MonthLocked``.
    """
    require(actor, Permission.PENALTY_LOCK)
    require_site(actor, site_id)
    people.get_site(actor, site_id)
    first, after = rules.month_of(month), rules.month_after(rules.month_of(month))
    said = f"{first:%Y-%m}"
    if timezone.localtime(now).date() < after:
        raise MonthNotOver(month=said)
    # What is due before the month ends belongs into it; what is under dispute has been put off and will enter later.
    waiting = Pending.objects.filter(site_id=site_id, due_at__lt=midnight(after)).count()
    waiting += Objection.objects.filter(state=ObjectionState.OPEN, entry__site_id=site_id, entry__month=first).count()
    if waiting:
        raise MonthUnsettled(month=said, count=waiting)
    with transaction.atomic():
        row, _new = Month.objects.get_or_create(site_id=site_id, month=first)
        open_now = Month.objects.filter(pk=row.pk, locked_at=None)
        if not claim(open_now, locked_at=now, locked_by=actor.name[:80]):
            raise MonthLocked(month=said)
        row.refresh_from_db()
        audit.record(
            actor, "penalty.locked", Ref("site", site_id), now=now, site_id=site_id, data={"month": said, "entries": row.entries}
        )  # fmt: skip
        outbox.emit(MonthWasLocked(site_id=site_id, month=first.isoformat()), now=now)
    return row


def acknowledge(*, actor: Actor, month: date, now: datetime, entries: int | None = None) -> Sheet:
    """A person has read their statement of a month. ``entries``: how many lines they saw; more since then is ``Stale``.

    Twice is the same. Raises ``NotFound`` where there is no statement.
    """
    require(actor, Permission.QUALITY_OWN)
    sheet = Sheet.objects.filter(staff_id=actor.own_id, month=rules.month_of(month)).first()
    if sheet is None or not sheet.entries:
        raise NotFound
    if entries is not None and entries != sheet.entries:
        raise Stale
    if sheet.acknowledged_at is not None and sheet.acknowledged_entries == sheet.entries:
        return sheet
    with transaction.atomic():
        save_claimed(sheet, acknowledged_at=now, acknowledged_entries=sheet.entries)
        data = {"month": f"{sheet.month:%Y-%m}", "entries": sheet.entries, "money": str(sheet.money), "points": str(sheet.points)}
        audit.record(actor, "penalty.acknowledged", Ref("staff", sheet.staff_id), now=now, site_id=sheet.site_id, data=data)
    return sheet


def note_wage(*, actor: Actor, staff_id: int, month: date, wage: str, now: datetime) -> Sheet:
    """The wage of a person's month, for the legal floor; empty takes it away. The audit trail says that it was noted, not how much.

    Raises ``NotFound``, ``Invalid``.
    """
    require(actor, Permission.PENALTY_MANAGE)
    sheet = access.visible_sheets(actor).filter(staff_id=staff_id, month=rules.month_of(month)).first()
    if sheet is None:
        raise NotFound
    amount = _wage(wage)
    with transaction.atomic():
        save_claimed(sheet, wage=amount)
        data = {"month": f"{sheet.month:%Y-%m}", "given": bool(amount)}
        audit.record(actor, "penalty.wage_noted", Ref("staff", staff_id), now=now, site_id=sheet.site_id, data=data)
    return sheet


def _wage(text: str) -> str:
    if not text.strip():
        return ""
    try:
        amount = Decimal(text.strip().replace(",", "").replace("，", "")).quantize(Decimal("0.01"))
    except InvalidOperation:
        amount = Decimal(-1)
    if not Decimal(0) < amount < Decimal(1_000_000):
        raise Invalid(fields={"wage": _("请填写当月应发工资，如 5200 或 5200.50；不登记请留空。")}, code="bad_wage")
    return str(amount)
