"""Working calendars of a handbook version, with national holidays and the centre's own days in them."""

from datetime import date
from functools import lru_cache

from django.core.cache import cache

from kefu.clocks.models import CalendarDay
from kefu.handbook.schema import Handbook
from kefu.kernel.cn_holidays import cn_days
from kefu.kernel.workcalendar import DayKind, WorkCalendar

_YEARS = range(2024, 2031)
_STAMP = "clocks:calendar-days"
_KEPT = 200
_calendars: dict[tuple[str, int, str, int], WorkCalendar] = {}


def days_changed() -> None:
    """Forget the centre's own days after they changed; other processes follow within a minute."""
    cache.delete(_STAMP)


def calendar(book: Handbook, key: str) -> WorkCalendar:
    """The calendar ``calendars.<key>`` of the handbook; built once per version and change of days (CASE4)."""
    own = _own_days()
    mark = (book.handbook, book.version, key, hash(own))
    found = _calendars.get(mark)
    if found is None:
        if len(_calendars) >= _KEPT:
            _calendars.clear()
        found = _calendars[mark] = _build(book, key, own)
    return found


def _own_days() -> tuple[tuple[date, str], ...]:
    found: tuple[tuple[date, str], ...] | None = cache.get(_STAMP)
    if found is None:
        found = tuple(CalendarDay.objects.order_by("day").values_list("day", "kind"))
        cache.set(_STAMP, found, 60)
    return found


@lru_cache(maxsize=1)
def _published() -> dict[date, DayKind]:
    return {day: kind for year in _YEARS for day, kind in cn_days(year).days.items()}


def _build(book: Handbook, key: str, own: tuple[tuple[date, str], ...]) -> WorkCalendar:
    clause = book.calendars[key]
    days: dict[date, DayKind] = {}
    if clause.holidays == "cn":
        days.update(_published())
        days.update({day: DayKind(kind) for day, kind in own})
    return WorkCalendar(name=clause.title, version=f"{book.handbook}@{book.version}", week=clause.week, days=days)
