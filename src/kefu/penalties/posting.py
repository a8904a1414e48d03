"""The one way a line comes into the ledger: its month is open and claimed, the person's sums follow, audit and event (QA8)."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils import timezone

from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import claim, save_claimed
from kefu.kernel.errors import Stale
from kefu.penalties import rules
from kefu.penalties.errors import AlreadyReversed, NotReversible
from kefu.penalties.events import PenaltyChanged
from kefu.penalties.models import Entry, Month, Sheet
from kefu.penalties.vocabulary import Kind

_OF_ORIGINAL = (
    "site_id", "staff_id", "team_id", "subject_kind", "subject_id", "inspection_id", "handbook", "version_judged", "scorecard", "item_key",
    "clause", "policy", "finding_id", "line", "code", "detail", "matched", "at", "day", "listed_points", "listed_money", "multiplier",
    "turn",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Payee:
    """Whose sheet: the person, and the site and team they belong to now."""

    staff_id: int
    site_id: int
    team_id: int | None


def ref(entry: Entry) -> Ref:
    """How other records point at a line."""
    return Ref("penalty", entry.pk, number(entry.pk))


def number(entry_id: int) -> str:
    """What people call a line."""
    return f"F{entry_id:07d}"


def sheet_of(who: Payee, month: date) -> Sheet:
    """The person's sheet of a month, made when there is none."""
    made, _new = Sheet.objects.get_or_create(staff_id=who.staff_id, month=month, defaults={"site_id": who.site_id, "team_id": who.team_id})
    return made


def open_sheet(who: Payee, wanted: date) -> Sheet:
    """The person's sheet of the wanted month, or of the first open month after it."""
    known = {one.month: one for one in Sheet.objects.filter(staff_id=who.staff_id, month__gte=rules.month_of(wanted))}
    month = rules.month_of(wanted)
    while (
        Month.objects.filter(site_id=known[month].site_id if month in known else who.site_id, month=month).exclude(locked_at=None).exists()
    ):
        month = rules.month_after(month)
    return known.get(month) or sheet_of(who, month)


def post(actor: Actor, sheet: Sheet, entry: Entry, *, what: str, now: datetime, used: tuple[Decimal, Decimal]) -> Entry:
    """Write a line with its sums, in the caller's transaction. ``used``: by how much it uses, or frees, the month's caps.

    Raises ``Stale`` when the month was locked, or the sheet moved on, meanwhile.
    """
    Month.objects.get_or_create(site_id=sheet.site_id, month=sheet.month)
    if not claim(Month.objects.filter(site_id=sheet.site_id, month=sheet.month, locked_at=None), entries=F("entries") + 1):
        raise Stale
    save_claimed(
        sheet,
        points=sheet.points + entry.points,
        money=sheet.money + entry.money,
        used_points=sheet.used_points + used[0],
        used_money=sheet.used_money + used[1],
        entries=sheet.entries + 1,
    )
    entry.sheet, entry.site_id, entry.month, entry.entered_at = sheet, sheet.site_id, sheet.month, now
    entry.save(force_insert=True)
    data = {"points": str(entry.points), "money": str(entry.money), "month": f"{entry.month:%Y-%m}", "cause": entry.cause}
    audit.record(actor, f"penalty.{what}", ref(entry), now=now, site_id=entry.site_id, clause=entry.clause, data=data)
    outbox.emit(changed(entry, what), now=now)
    return entry


def changed(entry: Entry, what: str) -> PenaltyChanged:
    """The event of a line."""
    return PenaltyChanged(
        entry_id=entry.pk, site_id=entry.site_id, staff_id=entry.staff_id, month=entry.month.isoformat(), what=what
    )  # fmt: skip


def reverse(actor: Actor, entry: Entry, *, cause: str, reason: str, now: datetime) -> Entry:
    """A line against a line: into its month while that is open, else into the first open month from now. In the caller's transaction.

    Raises ``AlreadyReversed``, ``NotReversible``, ``Stale``.
    """
    if entry.kind == Kind.REVERSAL:
        raise NotReversible
    if Entry.objects.filter(reverses=entry).exists():
        raise AlreadyReversed
    who = Payee(entry.staff_id, entry.site_id, entry.team_id)
    locked = Month.objects.filter(site_id=entry.site_id, month=entry.month).exclude(locked_at=None).exists()
    sheet = open_sheet(who, max(entry.month, timezone.localtime(now).date()) if locked else entry.month)
    same = sheet.month == entry.month and entry.kind == Kind.BREACH
    values: dict[str, Any] = {name: getattr(entry, name) for name in _OF_ORIGINAL}
    line = Entry(
        **values, kind=Kind.REVERSAL, points=-entry.points, money=-entry.money, final_at=now, reverses=entry, cause=cause, reason=reason,
        by=actor.name[:80],
    )  # fmt: skip
    # What is given back in the same month leaves its room under the cap; amounts of breaches are below zero.
    return post(actor, sheet, line, what="reversed", now=now, used=(entry.points, entry.money) if same else (rules.ZERO, rules.ZERO))
