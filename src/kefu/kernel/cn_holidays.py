"""Public holidays and make-up workdays of mainland China, to seed working calendars (CASE4).

The State Council announces them a year at a time, usually in November. A year that is not announced comes back empty
and says so; nothing is guessed, because nobody can know the make-up days.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

import chinese_calendar
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kefu.kernel.workcalendar import DayKind

FESTIVALS: Final[Mapping[str, str | Promise]] = {
    "new_years_day": _("元旦"),
    "spring_festival": _("春节"),
    "tomb_sweeping_day": _("清明节"),
    "labour_day": _("劳动节"),
    "dragon_boat_festival": _("端午节"),
    "national_day": _("国庆节"),
    "mid_autumn_festival": _("中秋节"),
    "anti_fascist_70th_day": _("抗战胜利纪念日"),
}
"""Festival code → its name in the reader's language."""


@dataclass(frozen=True, slots=True)
class CnYear:
    """One year: `days` fits `WorkCalendar.days`; `festivals` gives each of those dates its festival code."""

    year: int
    announced: bool
    days: Mapping[date, DayKind]
    festivals: Mapping[date, str]


@lru_cache(maxsize=64)
def cn_days(year: int) -> CnYear:
    """Days off and make-up workdays of a year; empty with `announced=False` for a year that is not known yet.

    Days off include the Saturdays and Sundays inside a holiday, so that a station that works at weekends closes too.
    """
    constants = chinese_calendar.constants
    codes = {holiday.value: holiday.name for holiday in chinese_calendar.Holiday}
    days: dict[date, DayKind] = {}
    festivals: dict[date, str] = {}
    for kind, table in ((DayKind.HOLIDAY, constants.holidays), (DayKind.MAKEUP, constants.workdays)):
        for day, festival in table.items():
            if day.year == year:
                days[day] = kind
                festivals[day] = codes[festival]
    return CnYear(year=year, announced=bool(days), days=days, festivals=festivals)
