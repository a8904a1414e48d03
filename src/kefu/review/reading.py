"""What a plan may draw from: the conversations of its sites, with how long their agents have been here and what makes each a must."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from kefu.cases import queries as cases
from kefu.conversations import access as conversation_access
from kefu.conversations import queries as conversations
from kefu.conversations.lines import Line
from kefu.kernel.actor import Actor
from kefu.kernel.moment import on_days
from kefu.people import queries as people
from kefu.quality import access as quality_access
from kefu.review.drafts import Terms
from kefu.review.models import Plan
from kefu.review.rules import Candidate
from kefu.review.vocabulary import Trigger

_READER = Actor.system("sampling")
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation as a task keeps it."""

    id: int
    site_id: int
    staff_id: int | None
    channel: str
    at: datetime
    facts: Mapping[str, Any]


def sites_of(plan_site_id: int) -> list[int]:
    """The site and those below it."""
    every = people.sites_by_id()
    path = every[plan_site_id].path
    return [pk for pk, site in every.items() if site.path.startswith(path)]


def talks(plan: Plan, first: date, last: date) -> list[Talk]:
    """Conversations of the plan's sites and channel on these local days, oldest first."""
    rows = conversation_access.visible_to(_READER).filter(site_id__in=sites_of(plan.site_id), **on_days("started_at", first, last))
    if plan.channel:
        rows = rows.filter(channel=plan.channel)
    found = rows.order_by("started_at", "pk").values_list("pk", "site_id", "staff_id", "channel", "started_at", "facts")
    return [Talk(*row) for row in found]


def candidates(found: Sequence[Talk], terms: Terms, *, day: date, fresh: Collection[int], now: datetime) -> list[Candidate]:
    """As the draw wants them; musts are looked for among the ``fresh`` ones only, the others were looked at on their day."""
    staff = people.of_ids({one.staff_id for one in found if one.staff_id is not None})
    musts = triggers([one for one in found if one.id in fresh], terms, now=now)

    def tenure(staff_id: int | None) -> int | None:
        hired = staff[staff_id].hired_on if staff_id in staff else None
        return (day - hired).days if hired else None

    return [Candidate(one.id, one.staff_id, tenure(one.staff_id), frozenset(musts.get(one.id, ()))) for one in found]


def triggers(found: Sequence[Talk], terms: Terms, *, now: datetime) -> dict[int, set[str]]:
    """What makes each of these a must, by conversation."""
    wanted, out = set(terms.triggers), dict[int, set[str]]()
    for start in range(0, len(found), _AT_ONCE):
        part = found[start : start + _AT_ONCE]
        ids = [one.id for one in part]
        if Trigger.LOW_RATING in wanted:
            _add(out, Trigger.LOW_RATING, (one.id for one in part if _rated_low(one, terms.rating)))
        if Trigger.COMPLAINT in wanted:
            _add(out, Trigger.COMPLAINT, cases.complained_of(ids, now=now))
        if wanted & {Trigger.FAILED, Trigger.UNSURE}:
            rows = quality_access.visible_inspections(_READER).filter(subject_kind="conversation", subject_id__in=ids, current=True)
            for pk, passed, waiting in rows.values_list("subject_id", "passed", "review_count"):
                _add(out, Trigger.FAILED, [pk] if not passed and Trigger.FAILED in wanted else ())
                _add(out, Trigger.UNSURE, [pk] if waiting and Trigger.UNSURE in wanted else ())
        if wanted & {Trigger.WORDS, Trigger.SILENCE}:
            for pk, lines in conversations.transcripts(ids).items():
                _add(out, Trigger.WORDS, [pk] if Trigger.WORDS in wanted and says(lines, terms.words) else ())
                _add(out, Trigger.SILENCE, [pk] if Trigger.SILENCE in wanted and silent(lines, terms.silence) else ())
    return out


def _add(out: dict[int, set[str]], trigger: Trigger, ids: Any) -> None:
    for pk in ids:
        out.setdefault(pk, set()).add(trigger.value)


def _rated_low(one: Talk, most: float) -> bool:
    rating = one.facts.get("rating")
    return isinstance(rating, int | float) and not isinstance(rating, bool) and rating <= most


def says(lines: Sequence[Line], words: Collection[str]) -> bool:
    """Whether the customer says one of the words."""
    return any(word in line.text for line in lines if line.side == "customer" for word in words)


def silent(lines: Sequence[Line], seconds: int) -> bool:
    """Whether nobody speaks for longer than so many seconds, where times are known."""
    timed = [line for line in lines if line.at is not None]
    return any((after.at or 0) - (before.end if before.end is not None else before.at or 0) > seconds for before, after in pairwise(timed))
