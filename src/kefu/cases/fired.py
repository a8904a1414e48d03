"""What a fired clock does to its case: timeline, notices along the ladder, a higher level. In bulk: a sweep fires thousands."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction

from kefu.cases import timeline
from kefu.cases.actions import book_of, clock_clauses, nearest, subject_of
from kefu.cases.events import CaseChanged
from kefu.cases.models import NO_DEADLINE, Case, Entry, Notice
from kefu.cases.timeline import Happening
from kefu.clocks import actions as clocks
from kefu.clocks import queries as clock_queries
from kefu.clocks.events import FiredClock
from kefu.handbook.schema import Clock as ClockClause
from kefu.handbook.schema import Handbook
from kefu.kernel import outbox
from kefu.kernel.actor import Actor
from kefu.kernel.bulk import update_rows
from kefu.kernel.errors import Stale
from kefu.kernel.rows import insert_all
from kefu.people import queries as people
from kefu.people.access import visible_staff
from kefu.people.permissions import Role

_SWEEP = Actor.system("clock-sweep")
_POSTS = {"lead": (Role.LEAD,), "manager": (Role.MANAGER,), "inspector": (Role.INSPECTOR,), "hq": (Role.MANAGER, Role.ADMIN)}


def note_fired(items: Sequence[FiredClock], *, now: datetime) -> int:
    """Bring the cases of fired clocks up to date, in a fixed number of statements; returns how many moments were noted."""
    items = [item for item in items if item.subject_kind == "case"]
    # The long encrypted columns are not looked at here, and opening them costs more than the rest.
    cases = Case.objects.defer("description", "data").in_bulk({item.subject_id for item in items})
    live = [item for item in items if item.subject_id in cases]
    with transaction.atomic():
        insert_all([_entry(cases[item.subject_id], item) for item in live])
        Notice.objects.bulk_create(_notices(live, cases), batch_size=500, ignore_conflicts=True)
        _refresh({item.subject_id for item in live if item.phase == "resume"}, cases)
        raised = raise_one_up([cases[pk] for pk in dict.fromkeys(item.subject_id for item in live if item.raise_level)], now)
        Case.objects.filter(pk__in=cases.keys() - raised).update(updated_at=now)
        # Pages that show one of them hear of it; a storm of one case is told once.
        outbox.emit_many(
            [CaseChanged(case_id=pk, site_id=case.site_id, what=Entry.Kind.CLOCK.value) for pk, case in cases.items()], now=now
        )
    return len(live)


def _entry(case: Case, item: FiredClock) -> Entry:
    data = {"phase": item.phase, "clock": item.key, "notify": list(item.notify)}
    return timeline.entry(_SWEEP, case, Happening(Entry.Kind.CLOCK, data=data, clause=item.clause), now=item.at)


def _notices(items: Iterable[FiredClock], cases: dict[int, Case]) -> list[Notice]:
    found: list[Notice] = []
    posts = holders({item.site_id for item in items})
    for item in items:
        case = cases[item.subject_id]
        receivers: set[int] = {case.assignee_id} if "assignee" in item.notify and case.assignee_id else set()
        for post in item.notify:
            receivers.update(posts[item.site_id][post])
        found.extend(Notice(staff_id=staff, case=case, what=item.phase, clause=item.clause, at=item.at) for staff in receivers if staff)
    return found


def holders(site_ids: set[int]) -> dict[int, dict[str, set[int]]]:
    """Who holds each post of the ladder, by site; posts nobody holds there are looked for up the tree."""
    sites = people.sites_by_id()
    wanted = {role for roles in _POSTS.values() for role in roles}
    by_place: dict[tuple[int, str], set[int]] = defaultdict(set)
    for pk, site_id, role in visible_staff(_SWEEP).filter(role__in=wanted, is_active=True).values_list("pk", "site_id", "role"):
        by_place[site_id, role].add(pk)
    result: dict[int, dict[str, set[int]]] = {}
    for site_id in site_ids:
        found: dict[str, set[int]] = defaultdict(set)
        for post, roles in _POSTS.items():
            at = site_id if post != "hq" else int(sites[site_id].path.strip("/").split("/")[0])
            while not found[post] and at:
                found[post] = {pk for role in roles for pk in by_place[at, role]}
                at = sites[at].parent_id or 0
        result[site_id] = found
    return result


def _refresh(case_ids: set[int], cases: dict[int, Case]) -> None:
    due = clock_queries.nearest_due("case", case_ids)
    _move_due([(cases[pk], due.get(pk, NO_DEADLINE)) for pk in case_ids])


def _move_due(found: Iterable[tuple[Case, datetime]]) -> None:
    """Keep nearest deadlines in the rows of the cases, where they have moved."""
    moved = [(case, due) for case, due in found if case.next_due_at != due]
    adapt = connection.ops.adapt_datetimefield_value
    update_rows(Case, ["next_due_at"], [[case.pk, adapt(due)] for case, due in moved])
    for case, due in moved:
        case.next_due_at = due


def raise_one_up(cases: Sequence[Case], now: datetime) -> set[int]:
    """One level up for those whose handbook has one and that are still open; returns which. ``Stale`` when one changed meanwhile."""
    raised = [(case, book_of(case), above) for case in cases if case.is_open and (above := _above(case)) is not None]
    adapted = connection.ops.adapt_datetimefield_value(now)
    rows = [[case.pk, case.version, key, rank, adapted] for case, _book, (rank, key) in raised]
    if update_rows(Case, ["level", "level_rank", "updated_at"], rows, guard="version", count="version") != len(rows):
        raise Stale
    happened = []
    for case, book, (rank, key) in raised:
        data = {"from": case.level, "to": key, "why": "clock"}
        case.level, case.level_rank, case.version = key, rank, case.version + 1
        happened.append((case, Happening(Entry.Kind.LEVEL, data=data, clause=str(book.ref(f"levels.{key}")))))
    _move_clocks([(case, book) for case, book, _above in raised], now)
    timeline.write_many(_SWEEP, happened, now=now)
    return {case.pk for case, _book, _above in raised}


def _above(case: Case) -> tuple[int, str] | None:
    levels = ((level.rank, key) for key, level in book_of(case).levels.items() if level.rank > case.level_rank)
    return min(levels, default=None)


def _move_clocks(cases: Sequence[tuple[Case, Handbook]], now: datetime) -> None:
    """Start the clocks that come with the new levels."""
    known: dict[tuple[str, ...], Mapping[str, ClockClause]] = {}
    changes = []
    for case, book in cases:
        place = (case.handbook, case.kind, case.level, case.tier)
        if place not in known:
            known[place] = clock_clauses(case, book)
        changes.append(clocks.Change(subject_of(case), known[place], book))
    running = clocks.apply_events_many(changes=changes, events=["case.escalated"], at=now)
    _move_due((case, nearest(running[subject_of(case)])) for case, _book in cases)
