"""Is a parcel late, is it as good as lost (R1-R8)? Pure; limits come in as values, each with the clause it stands in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kefu.parcels.vocabulary import Scope


@dataclass(frozen=True, slots=True)
class Limit:
    """A span of time and the clause that sets it, written as ``best@3#clocks.delivery_domestic``."""

    span: timedelta
    clause: str


@dataclass(frozen=True, slots=True)
class DelayLimits:
    """By reach: time to the first delivery attempt (R1), then time until the parcel counts as lost (R5).

    A reach that is not named has no limit of its own. ``standard`` names the edition of the standard (R8).
    """

    delivery: dict[str, Limit]
    lost: dict[str, Limit]
    standard: str = ""


@dataclass(frozen=True, slots=True)
class DelayFacts:
    """What the judgement needs to know of a parcel."""

    scope: str
    collected_at: datetime | None
    first_attempt_at: datetime | None
    promised_at: datetime | None = None
    settled: bool = False
    """Signed, returned or forwarded: it cannot be lost any more."""


class Verdict(StrEnum):
    """Outcome of the judgement."""

    NOT_COLLECTED = "not_collected"
    NO_LIMIT = "no_limit"
    ON_TIME = "on_time"
    ATTEMPTED_ON_TIME = "attempted_on_time"
    ATTEMPTED_LATE = "attempted_late"
    LATE = "late"
    PRESUMED_LOST = "presumed_lost"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict with what it stands on: the deadline, why it is then (``basis``: promised or a reach), and the clauses used."""

    verdict: Verdict
    due_at: datetime | None = None
    lost_at: datetime | None = None
    late_by: timedelta = timedelta(0)
    basis: str = ""
    clauses: tuple[str, ...] = ()
    standard: str = ""

    @property
    def late(self) -> bool:
        """The first attempt came, or is, after the deadline."""
        return self.verdict in (Verdict.ATTEMPTED_LATE, Verdict.LATE, Verdict.PRESUMED_LOST)

    @property
    def presumed_lost(self) -> bool:
        """The user may treat the parcel as lost (R7)."""
        return self.verdict == Verdict.PRESUMED_LOST


def delay_judgement(facts: DelayFacts, now: datetime, limits: DelayLimits) -> Judgement:
    """Judge by the clock from collection to the first delivery attempt (R2); a promised moment replaces the limit (R4)."""
    limit = limits.delivery.get(facts.scope)
    if facts.promised_at is None and (limit is None or facts.collected_at is None):
        return Judgement(Verdict.NO_LIMIT if limit is None else Verdict.NOT_COLLECTED, standard=limits.standard)
    clauses: tuple[str, ...] = ()
    if facts.promised_at is not None:
        due, basis = facts.promised_at, "promised"
    else:
        assert limit is not None
        assert facts.collected_at is not None
        due, basis, clauses = facts.collected_at + limit.span, Scope(facts.scope).value, (limit.clause,)
    lost = limits.lost.get(facts.scope)
    lost_at = due + lost.span if lost else None
    verdict = _verdict(facts, now, due, lost_at)
    if lost and verdict == Verdict.PRESUMED_LOST:
        clauses += (lost.clause,)
    late_by = max((facts.first_attempt_at or now) - due, timedelta(0))
    return Judgement(verdict, due, lost_at, late_by, basis, clauses, limits.standard)


def _verdict(facts: DelayFacts, now: datetime, due: datetime, lost_at: datetime | None) -> Verdict:
    if facts.first_attempt_at is not None:
        return Verdict.ATTEMPTED_ON_TIME if facts.first_attempt_at <= due else Verdict.ATTEMPTED_LATE
    if now <= due:
        return Verdict.ON_TIME
    return Verdict.PRESUMED_LOST if lost_at is not None and now >= lost_at and not facts.settled else Verdict.LATE
