"""The calendars tests reckon with: lunch, nights, holidays, make-up days, special days, clock changes."""

from datetime import date

from kefu.kernel.cn_holidays import cn_days
from kefu.kernel.workcalendar import DayKind, WorkCalendar, parse_windows

OFFICE = parse_windows(["08:30-12:00", "13:00-18:00"])
NIGHT = parse_windows(["22:00-02:00"])
HALF = parse_windows(["09:00-12:00"])

office = WorkCalendar("office", "1", week=(OFFICE,) * 5 + ((),) * 2, days=cn_days(2026).days)
hotline = WorkCalendar(
    "hotline", "1", week=(parse_windows(["08:00-22:00"]),) * 7, days={date(2026, 2, 16): HALF, date(2026, 2, 17): DayKind.HOLIDAY}
)
night = WorkCalendar("night", "1", week=(NIGHT,) * 6 + (parse_windows(["20:00-30:00"]),), days={date(2026, 5, 1): DayKind.HOLIDAY})
overlapping = WorkCalendar(
    "overlapping",
    "1",
    week=(parse_windows(["09:00-13:00", "12:00-15:00", "15:00-16:00", "23:00-03:00"]),) * 7,
    days={date(2026, 10, 10): DayKind.MAKEUP, date(2026, 10, 1): DayKind.HOLIDAY},
    makeup_windows=HALF,
)
new_york = WorkCalendar("new york", "1", "America/New_York", (parse_windows(["00:00-04:30", "09:00-17:00"]),) * 7)
always = WorkCalendar.always()

ALL = (office, hotline, night, overlapping, new_york, always)
