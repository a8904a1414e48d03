"""What a fired clock does to its case: timeline, notices along the ladder, a higher level. In bulk: a sweep fires thousands."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F

from kefu.cases import timeline
from kefu.cases.actions import book_of, set_level
from kefu.cases.models import NO_DEADLINE, Case, Entry, Notice
from kefu.cases.timeline import Happening
from kefu.clocks import queries as clocks
from kefu.clocks.events import FiredClock
from kefu.handbook.schema import Handbook
from kefu.kernel.actor import Actor
from kefu.people import queries as people
from kefu.people.permissions import Role

_SWEEP = Actor.system("clock-sweep")
_POSTS = {"lead": (Role.LEAD,), "manager": (Role.MANAGER,), "inspector": (Role.INSPECTOR,), "hq": (Role.MANAGER, Role.ADMIN)}


def note_fired(items: Sequence[FiredClock], *, now: datetime) -> int:
    """Bring the cases of fired clocks up to date; returns how many moments were noted."""
    items = [item for item in items if item.subject_kind == "case"]
    cases = Case.objects.in_bulk({item.subject_id for item in items})
    live = [item for item in items if item.subject_id in cases]
    with transaction.atomic():
        Entry.objects.bulk_create([_entry(cases[item.subject_id], item) for item in live], batch_size=500)
        Notice.objects.bulk_create(_notices(live, cases), batch_size=500, ignore_conflicts=True)
        _refresh([item.subject_id for item in live if item.phase == "resume"], cases)
        for case in {item.subject_id: cases[item.subject_id] for item in live if item.raise_level}.values():
            _raise(case, now)
        Case.objects.filter(pk__in=cases).update(version=F("version"), updated_at=now)
    return len(live)


def _entry(case: Case, item: FiredClock) -> Entry:
    data = {"phase": item.phase, "clock": item.key, "notify": list(item.notify)}
    return timeline.entry(_SWEEP, case, Happening(Entry.Kind.CLOCK, data=data, clause=item.clause), now=item.at)


def _notices(items: Iterable[FiredClock], cases: dict[int, Case]) -> list[Notice]:
    found = []
    posts = _holders({item.site_id for item in items})
    for item in items:
        case = cases[item.subject_id]
        receivers: set[int] = {case.assignee_id} if "assignee" in item.notify and case.assignee_id else set()
        for post in item.notify:
            receivers.update(posts[item.site_id][post])
        found.extend(Notice(staff_id=staff, case=case, what=item.phase, clause=item.clause, at=item.at) for staff in receivers if staff)
    return found


def _holders(site_ids: set[int]) -> dict[int, dict[str, set[int]]]:
    """Who holds each post of the ladder, by site; posts nobody holds there are looked for up the tree."""
    sites = people.sites_by_id()
    result: dict[int, dict[str, set[int]]] = {}
    for site_id in site_ids:
        found: dict[str, set[int]] = defaultdict(set)
        for post, roles in _POSTS.items():
            at = site_id if post != "hq" else int(sites[site_id].path.strip("/").split("/")[0])
            while not found[post] and at:
                found[post] = set(people.active_staff(at, list(roles)).values_list("pk", flat=True))
                at = sites[at].parent_id or 0
        result[site_id] = found
    return result


def _refresh(case_ids: Sequence[int], cases: dict[int, Case]) -> None:
    due = clocks.nearest_due("case", case_ids)
    for case_id in set(case_ids):
        Case.objects.filter(pk=case_id).update(next_due_at=due.get(case_id, NO_DEADLINE))
        cases[case_id].next_due_at = due.get(case_id, NO_DEADLINE)


def _raise(case: Case, now: datetime) -> None:
    """One level up, if the handbook has one and the case is still open."""
    book: Handbook = book_of(case)
    above = sorted((level.rank, key) for key, level in book.levels.items() if level.rank > case.level_rank)
    if above and case.is_open:
        set_level(_SWEEP, case, book, above[0][1], now=now, why="clock")
