"""Pure decisions of disputes: windows by the local calendar, who may judge, what came of it (QA7)."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.utils import timezone

from kefu.disputes.vocabulary import Outcome, Overdue, State
from kefu.kernel.moment import midnight


class Place(NamedTuple):
    """One item of one card by what stays when the card is judged again (its rows are replaced then)."""

    subject_kind: str
    subject_id: int
    handbook: str
    version: int
    scorecard: str
    item_key: str


def ends(since: datetime, days: int) -> datetime:
    """When a window of whole local days ends: counted from the day after ``since``, at midnight after the last one (exclusive)."""
    return midnight(last_day(since, days) + timedelta(days=1))


def last_day(since: datetime, days: int) -> date:
    """The last local day of such a window."""
    return timezone.localtime(since).date() + timedelta(days=days)


def outcome_of(verdicts: Mapping[str, str]) -> Outcome:
    """All breaches taken back, some, or none."""
    kept = sum(verdict == "breached" for verdict in verdicts.values())
    if not kept:
        return Outcome.ACCEPTED
    return Outcome.REJECTED if kept == len(verdicts) else Outcome.PARTLY


def may_judge(staff_id: int | None, *, agent_id: int, judged: Collection[int]) -> bool:
    """Nobody judges themselves, and nobody twice; a machine judges nothing."""
    return staff_id is not None and staff_id != agent_id and staff_id not in judged


def after_decision(outcome: str, *, final: bool, final_days: int | None) -> State:
    """Where a decision leads: what was rejected may be taken to the final judge once, if the handbook has one."""
    if final or outcome == Outcome.ACCEPTED or not final_days:
        return State.CLOSED
    return State.DECIDED


def lapsed(state: str, overdue: str, due_at: datetime | None, now: datetime) -> bool:
    """Whether the handbook's consequence of waiting has come; then nobody decides any more."""
    if due_at is None or now < due_at:
        return False
    return state == State.DECIDED or (state in (State.REVIEW, State.FINAL) and overdue != Overdue.NOTHING)
