"""A changed procedure tried on past cases: which steps it would have refused, which limits would have broken. Nothing is written (HB3)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kefu.cases import access, facts, rules
from kefu.cases.errors import Refusal
from kefu.cases.models import Case, Entry
from kefu.clocks import queries as clocks
from kefu.handbook import queries as handbooks
from kefu.handbook.schema import Clock, Handbook, Procedure
from kefu.kernel.actor import Actor
from kefu.people import queries as people
from kefu.people.access import roles_of

MOST_CASES = 200
_PEOPLE = "staff"


@dataclass(frozen=True, slots=True)
class Refused:
    """A step somebody took that the draft would have refused; the version of the case did not."""

    case_id: int
    number: str
    step: str
    reasons: tuple[Refusal, ...]


@dataclass(slots=True)
class ClockChange:
    """How often a limit broke among the tried cases by their own version and by the draft; the cases where that differs."""

    before: int = 0
    after: int = 0
    cases: list[tuple[int, str, bool]] = field(default_factory=list)
    """Id, number, whether it breaks by the draft."""


@dataclass(slots=True)
class Trial:
    """What the draft would have done. ``more``: there were older cases that were not tried."""

    read: int = 0
    more: bool = False
    refused: list[Refused] = field(default_factory=list)
    clocks: dict[str, ClockChange] = field(default_factory=dict)

    @property
    def differing(self) -> set[int]:
        """Cases that would have gone otherwise."""
        return {one.case_id for one in self.refused} | {pk for change in self.clocks.values() for pk, _number, _late in change.cases}


def run(*, actor: Actor, draft: Handbook, key: str, now: datetime, limit: int = MOST_CASES) -> Trial:
    """Walk the latest closed cases of the procedure's kinds, at the sites in reach that work by this handbook, through the draft.

    Steps are judged with the answers given until then and by the roles people have now; what is known of parcels and orders is today's.
    A refusal counts only when the case's own version, asked the same way, lets the step pass. Limits are reckoned without pauses, by both.
    """
    procedure = draft.procedures[key]
    sites = [site.pk for site in people.sites_by_id().values() if site.handbook == draft.handbook]
    rows = access.visible_to(actor).filter(site_id__in=sites, kind__in=procedure.kinds, closed_at__isnull=False)
    found = list(rows.order_by("-closed_at", "-pk")[: limit + 1])
    trial = Trial(read=min(len(found), limit), more=len(found) > limit)
    entries = _entries(found[:limit])
    roles = roles_of({one.actor_id for rows_ in entries.values() for one in rows_ if one.actor_kind == _PEOPLE})
    for case in found[:limit]:
        _Walk(case, entries.get(case.pk, []), draft, key, roles, now).into(trial)
    return trial


def _entries(cases: Sequence[Case]) -> dict[int, list[Entry]]:
    kinds = (Entry.Kind.STEP, Entry.Kind.MATTER, Entry.Kind.ASSIGNED, Entry.Kind.LEVEL, Entry.Kind.REOPENED)
    found: dict[int, list[Entry]] = {}
    for entry in Entry.objects.filter(case__in=[case.pk for case in cases], kind__in=kinds).order_by("pk"):
        found.setdefault(entry.case_id, []).append(entry)
    return found


class _Walk:
    """One case on its way through both versions."""

    def __init__(self, case: Case, entries: Sequence[Entry], draft: Handbook, key: str, roles: Mapping[int, str], now: datetime) -> None:
        self.case, self.draft, self.key, self.roles, self.now = case, draft, key, roles, now
        self.own = handbooks.book(case.handbook)
        self.reopened = any(entry.kind == Entry.Kind.REOPENED for entry in entries)
        self.entries = entries

    def into(self, trial: Trial) -> None:
        """Add what differs to the trial."""
        refused = None if self.reopened else self._refused()  # taking a case up again moves it back: no walk of its own
        if refused is not None:
            trial.refused.append(refused)
        before, after = (self._broken(book) for book in (self.own, self.draft))
        for name in self.draft.clocks_for(self.case.kind, level=self.case.level, tier=self.case.tier):
            was, becomes = name in before, name in after
            change = trial.clocks.setdefault(name, ClockChange())
            change.before += was
            change.after += becomes
            if was != becomes:
                change.cases.append((self.case.pk, self.case.number, becomes))

    def _refused(self) -> Refused | None:
        current, answers = "", dict[str, Any]()
        for entry in self.entries:
            if entry.kind != Entry.Kind.STEP:
                continue
            step, given = str(entry.data.get("step", "")), _answers(entry)
            reasons = self._reasons(self.draft, self.key, current, step, given, answers, entry)
            if reasons and not self._reasons(self.own, self.case.procedure, current, step, given, answers, entry):
                return Refused(self.case.pk, self.case.number, step, tuple(reasons))
            current, answers = step, {**answers, **given}
        return None

    def _reasons(
        self, book: Handbook, key: str, current: str, step: str, given: Mapping[str, Any], answers: Mapping[str, Any], entry: Entry
    ) -> list[Refusal]:
        procedure = book.procedures[key]
        known = facts.of_case(self.case, book, now=entry.at, asked=facts.asked_by_step(procedure, current, step))
        known = {name: value for name, value in known.items() if not name.startswith("data.")}
        known |= {f"data.{name}": value for name, value in answers.items()}
        role = self.roles.get(entry.actor_id, "") if entry.actor_kind == _PEOPLE else "admin"
        _cleaned, reasons = rules.check_step(book, key, current, step, answers=_asked(procedure, step, given), facts=known, role=role)
        return [one for one in reasons if one.code != "field_computed"]

    def _broken(self, book: Handbook) -> set[str]:
        """Limits of the case that broke by this version."""
        happened = self._events(book)
        limits = book.clocks_for(self.case.kind, level=self.case.level, tier=self.case.tier)
        end = self.case.closed_at or self.now
        return {name for name, clause in limits.items() if _breaks(book, clause, happened, end)}

    def _events(self, book: Handbook) -> list[tuple[datetime, tuple[str, ...]]]:
        key = self.key if book is self.draft else self.case.procedure
        found: list[tuple[datetime, tuple[str, ...]]] = [(self.case.opened_at, ("case.opened",))]
        for entry in self.entries:
            if entry.kind == Entry.Kind.STEP:
                step = book.procedures[key].step(str(entry.data.get("step", "")))
                step = step or self.own.procedures[self.case.procedure].step(str(entry.data.get("step", "")))
                found.append((entry.at, step.events if step else ()))
            elif entry.kind == Entry.Kind.MATTER:
                found.append((entry.at, tuple(entry.data.get("events", ()))))
            elif (event := _PLAIN.get(str(entry.kind))) is not None:
                found.append((entry.at, (event,)))
        return found


_PLAIN: Mapping[str, str] = {"assigned": "case.assigned", "level": "case.escalated", "reopened": "case.reopened"}


def _answers(entry: Entry) -> dict[str, Any]:
    found = json.loads(entry.text) if entry.text.startswith("{") else {}
    return found if isinstance(found, dict) else {}


def _asked(procedure: Procedure, step_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Answers to questions the version still asks; what it no longer asks was no mistake then."""
    step = procedure.step(step_id)
    known = {one.id for one in step.fields} if step else set()
    return {name: value for name, value in given.items() if name in known}


def _breaks(book: Handbook, clause: Clock, happened: Sequence[tuple[datetime, tuple[str, ...]]], end: datetime) -> bool:
    start = next((at for at, events in happened if set(events) & set(clause.starts_on) and not set(events) & set(clause.meets_on)), None)
    if start is None:
        return False
    met = next((at for at, events in happened if at >= start and set(events) & set(clause.meets_on)), end)
    return met > clocks.due_of(book, clause, start)
