from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kefu.console import times
from kefu.console.clock_face import clock_face
from kefu.console.style_samples import SampleClock

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2024, 6, 18, 14, 30, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("moment", "text", "moving"),
    [
        (NOW, "刚刚", True),
        (NOW - timedelta(seconds=59), "刚刚", True),
        (NOW + timedelta(seconds=30), "刚刚", True),
        (NOW - timedelta(seconds=60), "1 分钟前", True),
        (NOW - timedelta(minutes=59, seconds=59), "59 分钟前", True),
        (NOW + timedelta(minutes=12), "12 分钟后", True),
        (NOW - timedelta(hours=1), "今天 13:30", False),
        (NOW - timedelta(hours=14, minutes=29), "今天 00:01", False),
        (NOW - timedelta(hours=14, minutes=31), "昨天 23:59", False),
        (NOW + timedelta(hours=10), "明天 00:30", False),
        (NOW - timedelta(days=2), "6月16日 14:30", False),
        (datetime(2023, 12, 31, 23, 59, tzinfo=SHANGHAI), "2023-12-31 23:59", False),
        (datetime(2024, 6, 17, 17, 0, tzinfo=UTC), "今天 01:00", False),
    ],
)
def test_relative_time_uses_the_calendar_day_of_the_centre(moment: datetime, text: str, moving: bool) -> None:
    assert times.relative(moment, NOW) == (text, moving)


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (0, "0 秒"),
        (59, "59 秒"),
        (60, "1 分 0 秒"),
        (599, "9 分 59 秒"),
        (600, "10 分钟"),
        (3599, "59 分钟"),
        (3600, "1 小时"),
        (4800, "1 小时 20 分"),
        (86400, "1 天"),
        (90000, "1 天 1 小时"),
        (-2100, "35 分钟"),
        (timedelta(minutes=80), "1 小时 20 分"),
        (None, "—"),
    ],
)
def test_duration_names_its_two_largest_units(span: Any, text: str) -> None:
    assert times.duration(span) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1234.5"), "¥1,234.50"),
        ("0", "¥0.00"),
        (-5, "-¥5.00"),
        (Decimal("0.005"), "¥0.00"),
        (Decimal("1e6"), "¥1,000,000.00"),
        (None, "—"),
    ],
)
def test_money_has_two_places_and_a_sign_before_the_yuan(value: Any, text: str) -> None:
    assert times.money(value) == text


def test_figures() -> None:
    assert times.number(1234567) == "1,234,567"
    assert times.number(None) == "—"
    assert times.percent(0.9534) == "95.3%"
    assert times.exact(NOW) == "2024-06-18 14:30:00"
    assert times.exact(None) == "—"


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("clock", "state", "text", "ticks"),
    [
        (SampleClock("running", NOW + 80 * MINUTE, NOW + 60 * MINUTE), "running", "剩 1 小时 20 分", True),
        (SampleClock("running", NOW + 80 * MINUTE, NOW), "warn", "剩 1 小时 20 分", True),
        (SampleClock("running", NOW), "breached", "超 0 秒", True),
        (SampleClock("running", NOW - 35 * MINUTE), "breached", "超 35 分钟", True),
        (SampleClock("paused", NOW - 35 * MINUTE), "paused", "已暂停", False),
        (SampleClock("met", NOW, met_at=NOW), "met", "按时完成", False),
        (SampleClock("met", NOW, met_at=NOW + MINUTE), "late", "超时完成", False),
        (SampleClock("stopped", NOW), "cancelled", "已停止", False),
    ],
)
def test_clock_says_its_state_in_words(clock: SampleClock, state: str, text: str, ticks: bool) -> None:
    face = clock_face(clock, NOW)
    assert (face.state, face.text, face.ticks) == (state, text, ticks)
    assert face.word
