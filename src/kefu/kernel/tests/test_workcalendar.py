from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.kernel.cn_holidays import FESTIVALS, cn_days
from kefu.kernel.tests import calendars
from kefu.kernel.tests.minute_walker import minute_is_open, walk_add, walk_between
from kefu.kernel.workcalendar import (
    CalendarInvalid,
    DayKind,
    DayLabel,
    LookAheadExceeded,
    Span,
    WeekCalendarEmpty,
    Window,
    WindowInvalid,
    WorkCalendar,
    add_working,
    is_open,
    parse_windows,
    spans,
    working_between,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = 3600
# Around Spring Festival, both clock changes of New York (2026-03-08, 2026-11-01) and the National Day make-up days.
STARTS = st.builds(
    lambda base, minutes: base + timedelta(minutes=minutes),
    st.sampled_from(
        [
            datetime(2026, 2, 12, tzinfo=UTC),
            datetime(2026, 3, 6, tzinfo=UTC),
            datetime(2026, 9, 29, tzinfo=UTC),
            datetime(2026, 10, 30, tzinfo=UTC),
        ]
    ),
    st.integers(0, 12 * 1440),
)
CALENDARS = st.sampled_from(calendars.ALL)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("calendar", "start", "seconds", "due"),
    [
        (calendars.office, "2026-03-02 09:00", 2 * HOUR, "2026-03-02 11:00"),
        (calendars.office, "2026-03-02 11:00", 2 * HOUR, "2026-03-02 14:00"),  # lunch
        (calendars.office, "2026-03-02 17:00", HOUR, "2026-03-02 18:00"),  # the end of the window, not the next start
        (calendars.office, "2026-03-02 17:00", HOUR + 1, "2026-03-03 08:30:01"),
        (calendars.office, "2026-03-06 17:30", HOUR, "2026-03-09 09:00"),  # weekend
        (calendars.office, "2026-02-14 17:00", 2 * HOUR, "2026-02-24 09:30"),  # make-up Saturday, then nine days off
        (calendars.office, "2026-09-20 10:00", HOUR, "2026-09-20 11:00"),  # make-up Sunday
        (calendars.office, "2026-09-30 17:30", HOUR, "2026-10-08 09:00"),
        (calendars.hotline, "2026-02-16 11:00", 2 * HOUR, "2026-02-18 09:00"),  # special windows, then a holiday
        (calendars.night, "2026-03-02 23:00", 4 * HOUR, "2026-03-03 23:00"),  # past midnight
        (calendars.night, "2026-03-08 20:00", 10 * HOUR, "2026-03-09 06:00"),
        (calendars.night, "2026-04-30 23:00", 4 * HOUR, "2026-05-02 23:00"),  # the holiday keeps the night before
        (calendars.overlapping, "2026-03-02 12:30", 3 * HOUR, "2026-03-02 15:30"),
        (calendars.overlapping, "2026-10-10 09:00", 4 * HOUR, "2026-10-11 10:00"),  # own make-up windows
        (calendars.always, "2026-02-17 03:00", 7 * 24 * HOUR, "2026-02-24 03:00"),
        (calendars.office, "2026-03-07 03:00", 0, "2026-03-07 03:00"),
    ],
)
def test_add_working(calendar: WorkCalendar, start: str, seconds: int, due: str) -> None:
    result = add_working(calendar, at(start), seconds)
    assert result == at(due)
    assert result.tzinfo is UTC
    assert working_between(calendar, at(start), result) == seconds


NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("windows", "day", "opens", "closes", "hours"),
    [
        (["00:00-24:00"], "2026-03-08", "2026-03-08T05:00Z", "2026-03-09T04:00Z", 23),  # the short day
        (["00:00-24:00"], "2026-11-01", "2026-11-01T04:00Z", "2026-11-02T05:00Z", 25),  # the long day
        (["02:30-04:00"], "2026-03-08", "2026-03-08T07:00Z", "2026-03-08T08:00Z", 1),  # opens inside the skipped hour
        (["00:30-02:30"], "2026-03-08", "2026-03-08T05:30Z", "2026-03-08T07:00Z", 1.5),  # closes inside it
        (["02:10-02:50"], "2026-03-08", None, None, 0),  # lies inside it
        (["00:00-01:30"], "2026-11-01", "2026-11-01T04:00Z", "2026-11-01T05:30Z", 1.5),  # the first 01:30
    ],
)
def test_clock_changes(windows: list[str], day: str, opens: str | None, closes: str | None, hours: float) -> None:
    calendar = WorkCalendar("x", "1", "America/New_York", ((),) * 7, {date.fromisoformat(day): parse_windows(windows)})
    found = list(spans(calendar, at(day, NEW_YORK) - timedelta(days=3), at(day, NEW_YORK) + timedelta(days=3)))
    assert sum(span.seconds for span in found) == hours * HOUR
    if opens and closes:
        assert found == [Span(datetime.fromisoformat(opens), datetime.fromisoformat(closes))]


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_nothing_is_lost_where_pieces_of_the_calendar_meet(zone: str) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    end = start + timedelta(days=200)
    assert list(spans(WorkCalendar.always(timezone=zone), start, end)) == [Span(start, end)]
    for day in (date(2026, 3, 10) + timedelta(days=n) for n in range(70)):  # between the clock changes
        for window in (Window(0, 2880), Window(0, 60), Window(1439, 2880)):
            calendar = WorkCalendar("x", "1", zone, days={day: (window,)})
            found = list(spans(calendar, start, end))
            assert (
                [span.seconds for span in found]
                == [working_between(calendar, start, end)]
                == [(window.end_minute - window.start_minute) * 60]
            )


@settings(max_examples=80, deadline=None)
@given(CALENDARS, STARTS, st.integers(0, 3000))
def test_add_working_agrees_with_the_minute_walker(calendar: WorkCalendar, start: datetime, minutes: int) -> None:
    assert add_working(calendar, start, minutes * 60) == walk_add(calendar, start, minutes)


@settings(max_examples=80, deadline=None)
@given(CALENDARS, STARTS, st.integers(0, 6 * 1440))
def test_working_between_spans_and_is_open_agree_with_the_minute_walker(calendar: WorkCalendar, start: datetime, minutes: int) -> None:
    end = start + timedelta(minutes=minutes)
    walked = walk_between(calendar, start, end)
    found = list(spans(calendar, start, end))
    assert working_between(calendar, start, end) == walked * 60 == sum(span.seconds for span in found)
    assert all(a.end < b.start for a, b in pairwise(found))
    assert is_open(calendar, start) == minute_is_open(calendar, start)


@settings(max_examples=200, deadline=None)
@given(CALENDARS, STARTS, st.integers(0, 400 * HOUR), st.integers(0, 400 * HOUR))
def test_adding_in_two_steps_is_adding_at_once_and_more_is_later(calendar: WorkCalendar, start: datetime, a: int, b: int) -> None:
    assert (
        add_working(calendar, add_working(calendar, start, a), b) == add_working(calendar, start, a + b) >= add_working(calendar, start, a)
    )


@settings(max_examples=100, deadline=None)
@given(CALENDARS, STARTS, st.integers(0, 200 * HOUR), st.integers(0, 400 * HOUR))
def test_a_later_start_is_never_due_earlier(calendar: WorkCalendar, start: datetime, later: int, seconds: int) -> None:
    assert add_working(calendar, start + timedelta(seconds=later), seconds) >= add_working(calendar, start, seconds)


def test_a_calendar_without_windows_raises_instead_of_looking_for_ever() -> None:
    empty = WorkCalendar("空", "1", days={date(2026, 5, 1): DayKind.HOLIDAY, date(2026, 5, 9): DayKind.MAKEUP})
    with pytest.raises(WeekCalendarEmpty, match="空"):
        add_working(empty, at("2026-03-02 09:00"), 1)
    assert working_between(empty, at("2026-03-02 09:00"), at("2027-03-02 09:00")) == 0
    assert list(spans(empty, at("2026-03-02 09:00"), at("2027-03-02 09:00"))) == []


def test_what_does_not_fit_into_three_years_raises() -> None:
    rare = WorkCalendar("rare", "1", days={date(2026, 5, 9): calendars.HALF})
    assert add_working(rare, at("2026-05-01 00:00"), 3 * HOUR) == at("2026-05-09 12:00")
    for calendar, seconds in ((rare, 3 * HOUR + 1), (calendars.always, 1100 * 24 * HOUR)):
        with pytest.raises(LookAheadExceeded):
            add_working(calendar, at("2026-05-01 00:00"), seconds)


def test_backwards_and_naive_and_negative() -> None:
    later, earlier = at("2026-03-03 09:00"), at("2026-03-02 09:00")
    assert working_between(calendars.office, later, earlier) == 0
    assert list(spans(calendars.office, later, earlier)) == []
    with pytest.raises(ValueError, match="aware"):
        add_working(calendars.office, datetime(2026, 3, 2), 1)  # noqa: DTZ001
    with pytest.raises(ValueError, match="negative"):
        add_working(calendars.office, earlier, -1)


@pytest.mark.parametrize(
    ("texts", "windows"),
    [
        (["08:30-12:00", "13:00-18:00"], (Window(510, 720), Window(780, 1080))),
        (["22:00-02:00"], (Window(1320, 1560),)),
        (["22:00-26:00"], (Window(1320, 1560),)),
        (["00:00-24:00"], (Window(0, 1440),)),
        (["9:00－12：00"], (Window(540, 720),)),
        ([" 9:00 ～ 12:00 "], (Window(540, 720),)),
        ([], ()),
    ],
)
def test_parse_windows(texts: list[str], windows: tuple[Window, ...]) -> None:
    assert parse_windows(texts) == windows


@pytest.mark.parametrize(
    "text",
    ["", "8-12", "08:30", "08:60-12:00", "25:00-26:00", "09:00-09:00", "08:00-49:00", "上午", "08:00-12:00,13:00-14:00", "24:00-25:00"],
)
def test_parse_windows_names_the_text_it_cannot_read(text: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_windows(["08:00-09:00", text])
    assert isinstance(caught.value, WindowInvalid)
    assert caught.value.params == {"text": text}
    assert text in str(caught.value)


def test_bad_windows_weeks_and_zones_are_refused() -> None:
    for start, end in ((-1, 5), (5, 5), (1440, 1500), (0, 2881)):
        with pytest.raises(WindowInvalid):
            Window(start, end)
    with pytest.raises(CalendarInvalid):
        WorkCalendar("x", "1", "Asia/Nowhere")
    with pytest.raises(CalendarInvalid):
        WorkCalendar("x", "1", week=((),) * 6)


def test_labels_tell_why_a_day_has_its_windows() -> None:
    days = [date(2026, 2, 15), date(2026, 2, 16), date(2026, 2, 17)]
    assert [calendars.hotline.label_of(day) for day in days] == [DayLabel.WEEK, DayLabel.SPECIAL, DayLabel.HOLIDAY]
    assert calendars.office.label_of(date(2026, 10, 10)) is DayLabel.MAKEUP


def test_holidays_of_2026() -> None:
    year = cn_days(2026)
    assert year.announced
    assert sorted(f"{day:%m-%d}" for day, kind in year.days.items() if kind is DayKind.MAKEUP) == [
        "01-04",
        "02-14",
        "02-28",
        "05-09",
        "09-20",
        "10-10",
    ]
    assert year.days[date(2026, 2, 17)] is DayKind.HOLIDAY
    assert year.festivals[date(2026, 10, 10)] == "national_day"
    assert {*year.festivals.values()} <= {*FESTIVALS}
    worked = sum(bool(calendars.office.windows_on(date(2026, 1, 1) + timedelta(days=n))) for n in range(365))
    assert worked == 248


def test_a_year_nobody_has_announced_is_empty_and_says_so() -> None:
    assert cn_days(2025).announced
    year = cn_days(2099)
    assert not year.announced
    assert not year.days


def test_a_long_deadline_is_the_sum_of_short_ones() -> None:
    start = end = at("2026-03-02 09:00")
    for _ in range(200):
        end = add_working(calendars.office, end, 9 * HOUR)
    assert add_working(calendars.office, start, 200 * 9 * HOUR) == end
