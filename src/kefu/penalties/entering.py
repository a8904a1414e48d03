"""Breaches come into the ledger when they are final, and leave it when somebody judges otherwise (QA8).

Nothing is looked for: what was judged is noted as pending (``note``), and entered when its window has ended (``settle``). Both may be
repeated and stopped at any point.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from kefu.disputes import queries as disputes
from kefu.disputes.queries import Place
from kefu.handbook import queries as handbooks
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Stale
from kefu.kernel.moment import midnight
from kefu.penalties import posting, rules, terms
from kefu.penalties.models import Entry, Pending
from kefu.penalties.posting import Payee
from kefu.penalties.vocabulary import Cause, Kind
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.quality import access as quality
from kefu.quality import overruling

LEDGER = Actor.system("penalties")
_BATCH, _TRIES = 100, 3


@dataclass(frozen=True, slots=True)
class Breach:
    """One item of a judged card with its price and its evidence; ``positive`` ones are merits."""

    item_key: str
    clause: str
    points: Decimal
    money: Decimal
    positive: bool
    finding: Any


@dataclass(frozen=True, slots=True)
class Settled:
    """What a run did: lines ``entered``, subjects ``held`` back by an open dispute."""

    entered: int = 0
    held: int = 0


def note(*, subject_kind: str, subject_ids: Iterable[int], now: datetime) -> None:
    """These were judged, ruled on or decided: what they cost waits for its window, and lines that no longer stand are reversed."""
    ids = list(dict.fromkeys(subject_ids))
    for start in range(0, len(ids), _BATCH):
        _note(subject_kind, ids[start : start + _BATCH], now)


def _note(kind: str, ids: Sequence[int], now: datetime) -> None:
    rows = {row.subject_id: row for row in quality.visible_inspections(LEDGER).filter(subject_kind=kind, subject_id__in=ids, current=True)}
    found = breaches(list(rows.values()))
    standing: dict[int, list[Entry]] = {}
    for entry in Entry.objects.filter(subject_kind=kind, subject_id__in=ids, reverses=None, reversed_by=None).order_by("pk"):
        standing.setdefault(entry.subject_id, []).append(entry)
    due = disputes.windows(list(rows.values()))
    for subject_id in ids:
        row = rows.get(subject_id)
        costs = {one.item_key: one for one in found.get(row.pk, ())} if row is not None and row.staff_id else {}
        kept = {one.item_key for one in standing.get(subject_id, ()) if _stands(one, row, costs)}
        for entry in standing.get(subject_id, ()):
            if entry.item_key not in kept:
                _give_back(entry, now)
        if row is None or not costs.keys() - kept:
            Pending.objects.filter(subject_kind=kind, subject_id=subject_id).delete()
            continue
        values = {
            "inspection_id": row.pk, "site_id": row.site_id, "staff_id": row.staff_id, "at": row.at, "due_at": due[row.pk],
        }  # fmt: skip
        Pending.objects.update_or_create(subject_kind=kind, subject_id=subject_id, defaults=values)


def _stands(entry: Entry, row: Any, costs: Mapping[str, Breach]) -> bool:
    """Whether the card still says what the line was entered for."""
    one = costs.get(entry.item_key)
    return one is not None and entry.staff_id == row.staff_id and (entry.listed_points, entry.listed_money) == (one.points, one.money)


def _give_back(entry: Entry, now: datetime) -> None:
    for _try in range(_TRIES):
        try:
            with transaction.atomic():
                posting.reverse(LEDGER, entry, cause=Cause.RULING, reason="", now=now)
            return
        except Stale:
            continue
    raise Stale


def breaches(rows: Sequence[Any]) -> dict[int, list[Breach]]:
    """Priced items of these cards by inspection, in one query: each costs what its findings cost, the priced one is its evidence."""
    by_id = {row.pk: row for row in rows}
    cards: dict[tuple[str, int, str], Any] = {}
    found: dict[int, dict[str, Breach]] = {}
    # The priced finding of an item comes first: it is the evidence.
    listed = quality.visible_findings(LEDGER).filter(inspection__in=list(by_id)).exclude(state="dismissed")
    for one in listed.order_by("inspection_id", "item_key", "-points", "-money", "pk"):
        if not one.points and not one.money:
            continue
        row = by_id[one.inspection_id]
        key = (row.handbook, row.version, row.scorecard)
        card = cards.get(key) or cards.setdefault(key, overruling.card_of(row))
        item = card.item(one.item_key)
        held = found.setdefault(row.pk, {})
        before = held.get(one.item_key)
        if before is None:
            held[one.item_key] = Breach(one.item_key, one.item, one.points, one.money, bool(item and item.positive), one)
        else:
            held[one.item_key] = Breach(
                before.item_key, before.clause, before.points + one.points, before.money + one.money, before.positive, before.finding
            )
    return {pk: list(items.values()) for pk, items in found.items()}


def settle(*, now: datetime, limit: int = 5000, site_id: int | None = None) -> Settled:
    """Enter what has become final by ``now``, oldest first, at most ``limit`` subjects; what is disputed is looked at tomorrow.

    ``site_id``: of one site only.
    """
    done, total = 0, Settled()
    waiting = Pending.objects.filter(due_at__lte=now, **({} if site_id is None else {"site_id": site_id}))
    while done < limit:
        batch = list(waiting.order_by("due_at", "at", "pk")[: min(_BATCH, limit - done)])
        if not batch:
            break
        done += len(batch)
        one = _settle(batch, now)
        total = Settled(total.entered + one.entered, total.held + one.held)
    return total


def _settle(batch: Sequence[Pending], now: datetime) -> Settled:
    rows = {row.pk: row for row in quality.visible_inspections(LEDGER).filter(pk__in=[one.inspection_id for one in batch], current=True)}
    found = breaches(list(rows.values()))
    held = disputes.held([_place(rows[pk], one.item_key) for pk, items in found.items() for one in items], now=now)
    staff = people.visible_staff(LEDGER).filter(pk__in={one.staff_id for one in batch})
    payees = {one.pk: Payee(one.pk, one.site_id, one.team_id) for one in staff}
    entered = waiting = 0
    for pending in batch:
        row = rows.get(pending.inspection_id)
        items = found.get(pending.inspection_id, [])
        kept = [one for one in items if row is not None and _place(row, one.item_key) in held]
        final = [one for one in items if one not in kept]
        entered += _settle_one(pending, row, payees[pending.staff_id], final, kept=bool(kept), now=now)
        waiting += bool(kept)
    return Settled(entered, waiting)


def _place(row: Any, item_key: str) -> Place:
    return Place(str(row.subject_kind), row.subject_id, row.handbook, row.version, row.scorecard, item_key)


def _settle_one(pending: Pending, row: Any, who: Payee, final: Sequence[Breach], *, kept: bool, now: datetime) -> int:
    """One subject in one transaction: its pending row is the claim, so that two runs enter nothing twice."""
    for _try in range(_TRIES):
        try:
            with transaction.atomic():
                if not Pending.objects.filter(pk=pending.pk, due_at=pending.due_at).delete()[0]:
                    return 0
                if kept:
                    tomorrow = midnight(timezone.localtime(now).date() + timedelta(days=1))
                    _again(pending, tomorrow)
                return sum(_enter(row, who, one, pending.due_at, now) for one in final) if row is not None else 0
        except Stale:
            continue
    raise Stale


def _again(pending: Pending, due_at: datetime) -> None:
    names = ("subject_kind", "subject_id", "inspection_id", "site_id", "staff_id", "at")
    Pending.objects.create(**{name: getattr(pending, name) for name in names}, due_at=due_at)


def _enter(row: Any, who: Payee, breach: Breach, final_at: datetime, now: datetime) -> bool:
    """One breach, unless it is in the ledger already. It belongs to the month in which it became final."""
    entered = Entry.objects.filter(subject_kind=row.subject_kind, subject_id=row.subject_id, item_key=breach.item_key, reverses=None)
    turns = list(entered.values_list("turn", "reversed_by"))
    if any(reversal is None for _turn, reversal in turns):
        return False
    policy = terms.policy_of(handbooks.book(f"{row.handbook}@{row.version}"))
    sheet = posting.open_sheet(who, timezone.localtime(final_at).date())
    reckoned, sign = _reckoned(row, who, breach, policy, sheet), 1 if breach.positive else -1
    finding = breach.finding
    entry = Entry(
        staff_id=who.staff_id, team_id=who.team_id, kind=Kind.MERIT if breach.positive else Kind.BREACH,
        subject_kind=row.subject_kind, subject_id=row.subject_id, inspection_id=row.pk, handbook=row.handbook,
        version_judged=row.version, scorecard=row.scorecard, item_key=breach.item_key, clause=breach.clause, policy=policy.clause,
        finding_id=finding.pk, line=finding.line, code=finding.code, detail=finding.detail, matched=finding.matched,
        at=row.at, day=row.day, listed_points=breach.points, listed_money=breach.money, multiplier=reckoned.multiplier,
        counted=list(reckoned.counted), capped_points=reckoned.capped_points, capped_money=reckoned.capped_money,
        points=sign * reckoned.points, money=sign * reckoned.money, final_at=final_at, turn=len(turns), by="",
    )  # fmt: skip
    used = (rules.ZERO, rules.ZERO) if breach.positive else (reckoned.points, reckoned.money)
    posting.post(LEDGER, sheet, entry, what="entered", now=now, used=used)
    return True


def _reckoned(row: Any, who: Payee, breach: Breach, policy: terms.PolicyTerms, sheet: Any) -> rules.Reckoned:
    """Merits are never multiplied and never capped."""
    if breach.positive:
        return rules.Reckoned(breach.points, breach.money, Decimal(1), (), rules.ZERO, rules.ZERO)
    site = people_queries.sites_by_id()[sheet.site_id]
    caps = terms.caps_at(site.handbook, midnight(sheet.month), policy.policy)
    whole = rules.Policy(policy.policy.multiplier, policy.policy.window_days, caps.cap_points, caps.cap_money)
    before = Entry.objects.filter(
        staff_id=who.staff_id, item_key=breach.item_key, kind=Kind.BREACH, reversed_by=None, at__lt=row.at,
        day__gte=row.day - timedelta(days=whole.window_days),
    ).values_list("pk", "day")  # fmt: skip
    repeats = rules.counted([rules.Earlier(pk, day) for pk, day in before], row.day, whole.window_days)
    return rules.reckon(breach.points, breach.money, repeats, whole, sheet.used_points, sheet.used_money)
