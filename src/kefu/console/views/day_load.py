"""Load: by day, by hour, and by person and hour, each bar and number with the rows it counts (PERF4)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count
from django.db.models.functions import ExtractHour
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from kefu.cases import access as cases
from kefu.console.views.day_openings import Openings
from kefu.console.views.inspection_filters import Period, address
from kefu.conversations import access as conversations
from kefu.kernel.actor import Actor
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission
from kefu.performance import queries as performance

_NOTHING = Decimal(0)
_MOST_PEOPLE = 60
_USUAL = (8, 20)
"""Hours that are drawn even when nothing happened in them."""


@dataclass(frozen=True, slots=True)
class Load:
    """Conversations and cases begun, by person (0: nobody in particular) and hour of the day."""

    talks: Counter[tuple[int, int]]
    opened: Counter[tuple[int, int]]

    def hours(self) -> range:
        """The hours to draw."""
        busy = [hour for _staff, hour in (*self.talks, *self.opened)]
        return range(min([_USUAL[0], *busy]), max([_USUAL[1], *busy]) + 1)


def load_of(actor: Actor, opens: Openings) -> Load:
    """Counted from the rows themselves, in two queries: facts are kept by day."""
    talks = _counted(conversations.visible_to(actor), "started_at", "staff_id", opens)
    may = actor.may(Permission.CASE_VIEW)
    return Load(talks, _counted(cases.visible_to(actor), "opened_at", "assignee_id", opens) if may else Counter())


def _counted(rows: Any, column: str, whose: str, opens: Openings) -> Counter[tuple[int, int]]:
    narrowed = rows.filter(**{f"{column}__gte": opens.span.start(), f"{column}__lt": opens.span.end()})
    if opens.choice.site is not None:
        narrowed = narrowed.filter(site_id=opens.choice.site)
    if opens.choice.team is not None:
        narrowed = narrowed.filter(**{f"{whose}__in": people_queries.members(opens.choice.team).values("pk")})
    hour = ExtractHour(column, tzinfo=timezone.get_current_timezone())
    grouped = narrowed.order_by().annotate(hour=hour).values_list(whose, "hour").annotate(n=Count("pk"))
    return Counter({(staff or 0, at): count for staff, at, count in grouped})


def by_hour(load: Load, opens: Openings) -> dict[str, Any]:
    """The day hour by hour."""
    hours = load.hours()
    talks, opened = _sums(load.talks), _sums(load.opened)
    busiest = max(hours, key=lambda hour: talks[hour])

    def bars(key: str, counts: Counter[int]) -> list[dict[str, Any]]:
        return [{"value": counts[hour], "href": opens.of(key, hour=hour) if counts[hour] else ""} for hour in hours]

    return {
        "title": _("按小时"),
        "summary": _("会话最多的是 %(hour)s 点，%(count)s 通。") % {"hour": busiest, "count": talks[busiest]},
        "options": _bars(
            [f"{hour}:00" for hour in hours],
            [
                (_("通话与会话"), bars("conversations", talks), "@accent-fill"),
                (pgettext("figure", "新建工单"), bars("cases_opened", opened), "@quiet-fill"),
            ],
        ),
    }


def _sums(counts: Counter[tuple[int, int]]) -> Counter[int]:
    found: Counter[int] = Counter()
    for (_staff, hour), count in counts.items():
        found[hour] += count
    return found


def by_day(found: performance.Figures, opens: Openings) -> dict[str, Any]:
    """Several days: volumes as bars, findings as a line on its own axis."""
    days = sorted(found.by_day)

    def bars(key: str) -> list[dict[str, Any]]:
        return [{"value": int(found.by_day[one].get(key, _NOTHING)), "href": opens.of(key, span=Period(one, one))} for one in days]

    options = _bars(
        [f"{one.month}/{one.day}" for one in days],
        [
            (_("通话与会话"), bars("conversations"), "@accent-fill"),
            (pgettext("figure", "新建工单"), bars("cases_opened"), "@quiet-fill"),
            (_("时限超时"), bars("clocks_breached"), "@warn-fill"),
        ],
    )
    findings = {"name": _("质检扣分项"), "type": "line", "symbolSize": 6, "yAxisIndex": 1, "data": bars("findings"), "color": "@bad-fill"}
    right = {"type": "value", "minInterval": 1, "position": "right", "splitLine": {"show": False}}
    return {
        "title": _("按天"),
        "summary": _("每天的会话、新建工单、超时时限（左轴）和扣分项（右轴）。"),
        "options": {**options, "yAxis": [options["yAxis"], right], "series": [*options["series"], findings]},
    }


def _bars(names: Sequence[str], bars: Sequence[tuple[str, list[Any], str]]) -> dict[str, Any]:
    return {
        "xAxis": {"type": "category", "data": list(names)},
        "yAxis": {"type": "value", "minInterval": 1},
        "legend": {},
        "series": [{"name": name, "type": "bar", "barMaxWidth": 18, "data": data, "color": colour} for name, data, colour in bars],
    }


@dataclass(frozen=True, slots=True)
class Slot:
    """One person in one hour: conversations, how dark (0 to 4), and their list."""

    hour: int
    count: int
    shade: int
    address: str


@dataclass(frozen=True, slots=True)
class PersonLoad:
    """A person's day, hour by hour."""

    name: str
    note: str
    address: str
    total: int
    whole: str
    slots: tuple[Slot, ...]


def by_person(actor: Actor, load: Load, opens: Openings) -> list[PersonLoad]:
    """Conversations of each person hour by hour, the busiest first."""
    totals: Counter[int] = Counter()
    for (staff, _hour), count in load.talks.items():
        totals[staff] += count
    names = people.visible_staff(actor).in_bulk([staff for staff in totals if staff])
    most = max(load.talks.values(), default=1)
    busiest = [staff for staff, _total in totals.most_common() if staff in names][:_MOST_PEOPLE]
    return [_person(actor, names[staff], totals[staff], load, opens, most) for staff in busiest]


def _person(actor: Actor, staff: Any, total: int, load: Load, opens: Openings, most: int) -> PersonLoad:
    slots = []
    for hour in load.hours():
        count = load.talks[staff.pk, hour]
        to = opens.of("conversations", staff=staff.pk, hour=hour) if count else ""
        slots.append(Slot(hour, count, -(-4 * count // most), to))
    to = address("scorecard", actor, opens.span.query, staff_id=staff.pk)
    return PersonLoad(staff.name, staff.staff_no, to, total, opens.of("conversations", staff=staff.pk), tuple(slots))
