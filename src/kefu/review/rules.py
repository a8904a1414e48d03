"""Pure decisions of sampling: who is drawn, who inspects, which period a day belongs to (QA6, Q5).

A draw is a function of the plan, its seed, the candidates and what was drawn before: the same of all give the same sample, in whatever
order the candidates come. Chance comes from a keyed hash of the conversation's number, so a later look at a grown period keeps
what was drawn.
"""

import hashlib
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from kefu.review.vocabulary import Method, Period, Why


@dataclass(frozen=True, slots=True)
class Candidate:
    """A conversation that may be drawn: whose it is, how long they have been here (``None``: unknown), what makes it a must."""

    id: int
    staff_id: int | None
    tenure_days: int | None = None
    triggers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Quota:
    """What a plan asks for in one period. ``share``: how much of the period has passed, so that a week is not drawn on its Monday."""

    method: str
    amount: int = 0
    percent: Fraction = Fraction(0)
    new_amount: int = 0
    new_days: int = 0
    share: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One conversation of the sample and why it is in it."""

    id: int
    why: tuple[str, ...] = field(default=())


def draw(quota: Quota, candidates: Iterable[Candidate], *, seed: str, before: Collection[int] = ()) -> list[Drawn]:
    """What is to be drawn now of all candidates of the period so far; never what was drawn ``before``, which counts for its stratum."""
    known = {one.id: one for one in candidates}
    taken, chosen = set(before), {}
    for one in known.values():
        if one.triggers and one.id not in taken:
            chosen[one.id] = Drawn(one.id, tuple(sorted(one.triggers)))
    for stratum, why, wanted in _wanted(quota, list(known.values())):
        ordered = sorted(stratum, key=lambda one: rank(seed, one.id))
        # A must that was drawn anyway counts: an agent is not looked at more for having been complained of.
        held = sum(one.id in taken or one.id in chosen for one in ordered)
        for one in ordered:
            if held >= wanted:
                break
            if one.id not in taken and one.id not in chosen:
                chosen[one.id] = Drawn(one.id, (why,))
                held += 1
    return [chosen[pk] for pk in sorted(chosen)]


def _wanted(quota: Quota, known: Sequence[Candidate]) -> list[tuple[list[Candidate], str, int]]:
    """Strata, why theirs are drawn, and how many of each."""
    if quota.method == Method.ALL:
        return [(list(known), Why.ALL.value, len(known))]
    if quota.method == Method.SPOT:
        return [(list(known), Why.SPOT.value, _part(quota.amount, quota.share))]
    strata = by_agent(known)
    if quota.method == Method.PER_AGENT:
        return [(rows, *_of_agent(quota, rows)) for rows in strata.values()]
    if quota.method == Method.PERCENT:
        parts = apportioned({key: len(rows) for key, rows in strata.items()}, quota.percent)
        return [(rows, Why.SHARE.value, parts[key]) for key, rows in strata.items()]
    return []


def _of_agent(quota: Quota, rows: Sequence[Candidate]) -> tuple[str, int]:
    tenure = rows[0].tenure_days
    new = tenure is not None and tenure < quota.new_days
    amount = max(quota.amount, quota.new_amount) if new else quota.amount
    return (Why.NEW_STAFF if new and quota.new_amount > quota.amount else Why.QUOTA).value, _part(amount, quota.share)


def _part(amount: int, share: Fraction) -> int:
    return math.ceil(amount * min(share, Fraction(1)))


def by_agent(rows: Iterable[Candidate]) -> dict[int, list[Candidate]]:
    """Candidates by agent (0: nobody's), in the order of the agents."""
    found: dict[int, list[Candidate]] = defaultdict(list)
    for one in rows:
        found[one.staff_id or 0].append(one)
    return dict(sorted(found.items()))


def apportioned(sizes: Mapping[int, int], percent: Fraction) -> dict[int, int]:
    """How many of each stratum: all together ``percent`` of all, rounded up; each within one of its own share (largest remainders)."""
    exact = {key: size * percent / 100 for key, size in sizes.items()}
    parts = {key: math.floor(value) for key, value in exact.items()}
    left = math.ceil(sum(exact.values())) - sum(parts.values())
    for key in sorted(exact, key=lambda key: (parts[key] - exact[key], key))[:left]:
        parts[key] += 1
    return parts


def rank(seed: str, id_: int) -> bytes:
    """Chance, the same each time it is asked."""
    return hashlib.blake2b(f"{seed}:{id_}".encode(), digest_size=12).digest()


# ── Who inspects ──


@dataclass(frozen=True, slots=True)
class Inspector:
    """Somebody who scores: what they have in hand, and their team."""

    id: int
    load: int
    team_id: int | None = None


def may_score(inspector_id: int, inspector_team: int | None, *, agent_id: int | None, agent_team: int | None) -> bool:
    """Nobody scores themselves or a colleague of their own team: a lead does not mark their own people."""
    if inspector_id == agent_id:
        return False
    return inspector_team is None or inspector_team != agent_team


def assign(tasks: Sequence[tuple[int, int | None, int | None]], inspectors: Sequence[Inspector], *, seed: str) -> dict[int, int | None]:
    """Inspector by task (``(id, agent, agent's team)``), each to who has least in hand of those who may; ``None`` when nobody may."""
    load = {one.id: one.load for one in inspectors}
    found: dict[int, int | None] = {}
    for task_id, agent_id, agent_team in tasks:
        able = [one for one in inspectors if may_score(one.id, one.team_id, agent_id=agent_id, agent_team=agent_team)]
        chosen = min(able, key=lambda one: (load[one.id], rank(seed, one.id)), default=None)
        found[task_id] = chosen.id if chosen else None
        if chosen:
            load[chosen.id] += 1
    return found


# ── Periods ──


def period_of(kind: str, day: date) -> tuple[date, date]:
    """First and last day of the period a day lies in; weeks begin on Monday."""
    if kind == Period.DAY:
        return day, day
    first = day - timedelta(days=day.weekday())
    return first, first + timedelta(days=6)


def passed(kind: str, day: date) -> Fraction:
    """How much of the period is over at the end of the day."""
    first, last = period_of(kind, day)
    return Fraction((day - first).days + 1, (last - first).days + 1)
