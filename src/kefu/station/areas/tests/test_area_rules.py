"""What an area table says of an address, and which changes may be: tables without a database (R19, R47, O7)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest

from kefu.station.areas.drafts import AreaDraft
from kefu.station.areas.rules import Ruling, draft_problem, overlaps, ruling, too_early

CITY = "江苏省/南京市"
DISTRICT = f"{CITY}/江宁区"
STREET = f"{DISTRICT}/东山街道"
OTHER = f"{DISTRICT}/秣陵街道"
VILLAGE = f"{STREET}/上坊社区"
DAY = date(2026, 11, 22)


@dataclass
class Row:
    id: int
    region: str
    kind: str
    places: str = ""
    valid_from: date = date(2026, 1, 1)
    valid_to: date | None = None
    site_id: int = 1

    @property
    def depth(self):
        return self.region.count("/") + 1


HOME = Row(1, DISTRICT, "home")
NONE_IN_STREET = Row(2, STREET, "none")
STATION_IN_VILLAGE = Row(3, VILLAGE, "station")
ROAD = Row(4, STREET, "home", places="竹山路、万安南路")
STORM = Row(5, DISTRICT, "suspended", valid_from=date(2026, 11, 20), valid_to=date(2026, 11, 25))
OVER = Row(6, OTHER, "none", valid_to=DAY)
COMING = Row(7, OTHER, "none", valid_from=date(2026, 11, 23))


@pytest.mark.parametrize(
    ("rows", "path", "address", "expected"),
    [
        ([], STREET, "", Ruling("unknown")),
        ([HOME], DISTRICT, "", Ruling("home", 1)),
        ([HOME], STREET, "", Ruling("home", 1)),
        ([HOME], CITY, "", Ruling("partly", 1)),
        ([HOME], "江苏省/南京市/玄武区", "", Ruling("unknown")),
        # A name that only begins alike is another place.
        ([HOME], f"{CITY}/江宁区外", "", Ruling("unknown")),
        ([HOME, NONE_IN_STREET], STREET, "", Ruling("none", 2)),
        ([HOME, NONE_IN_STREET], OTHER, "", Ruling("home", 1)),
        # The street is not said, and one of them is served otherwise: ask.
        ([HOME, NONE_IN_STREET], DISTRICT, "", Ruling("partly", 2)),
        ([NONE_IN_STREET, STATION_IN_VILLAGE], VILLAGE, "", Ruling("station", 3)),
        ([NONE_IN_STREET, ROAD], STREET, "竹山路68号", Ruling("home", 4)),
        ([NONE_IN_STREET, ROAD], STREET, "上元大街1号", Ruling("none", 2)),
        ([ROAD], STREET, "上元大街1号", Ruling("partly", 4)),
        ([HOME, STORM], STREET, "", Ruling("suspended", 5)),
        ([HOME, OVER], OTHER, "", Ruling("home", 1)),
        ([HOME, COMING], OTHER, "", Ruling("home", 1)),
    ],
)
def test_ruling(rows, path, address, expected):
    assert ruling(rows, path=path, address=address, on=DAY) == expected
    assert ruling(reversed(rows), path=path, address=address, on=DAY) == expected


def test_first_and_last_day():
    assert ruling([STORM], path=DISTRICT, address="", on=date(2026, 11, 24)).verdict == "suspended"
    assert ruling([STORM], path=DISTRICT, address="", on=date(2026, 11, 25)).verdict == "unknown"
    assert ruling([COMING], path=OTHER, address="", on=date(2026, 11, 23)).verdict == "none"


def draft(**more):
    return AreaDraft(**({"region": STREET, "kind": "home", "valid_from": date(2026, 12, 2), "published_on": DAY} | more))


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({}, None),
        ({"kind": "sometimes"}, "area_kind"),
        ({"valid_to": date(2026, 12, 2)}, "area_period"),
        ({"valid_from": date(1999, 1, 1)}, "area_period"),
        ({"published_on": date(2026, 11, 23)}, "area_published"),
        ({"kind": "suspended"}, "area_reason"),
        ({"kind": "suspended", "note": "暴雨封路，村道不通"}, None),
        ({"surcharge": Decimal(-1)}, "area_surcharge"),
        ({"surcharge": Decimal("NaN")}, "area_surcharge"),
        ({"note": "很" * 201}, "area_too_long"),
        ({"places": "路" * 201}, "area_too_long"),
    ],
)
def test_drafts(more, reason):
    assert draft_problem(draft(**more), today=DAY) == reason


@pytest.mark.parametrize(
    ("more", "days", "first", "early"),
    [
        ({}, 10, False, False),
        ({"valid_from": date(2026, 12, 1)}, 10, False, True),
        ({"valid_from": date(2026, 12, 1)}, 10, True, False),
        ({"valid_from": date(2026, 12, 1)}, None, False, False),
        ({"valid_from": DAY, "kind": "suspended"}, 10, False, False),
    ],
)
def test_notice(more, days, first, early):
    assert too_early(draft(**more), notice_days=days, first=first) is early


@pytest.mark.parametrize(
    ("row", "meets"),
    [
        (Row(1, STREET, "none"), True),
        (Row(1, STREET, "none", valid_to=date(2026, 12, 2)), False),
        (Row(1, STREET, "none", valid_to=date(2026, 12, 3)), True),
        (Row(1, STREET, "none", valid_from=date(2026, 12, 31)), True),
        (Row(1, STREET, "none", valid_from=date(2027, 1, 1)), False),
        (Row(1, STREET, "suspended"), False),
    ],
)
def test_overlaps(row, meets):
    assert overlaps(draft(valid_to=date(2027, 1, 1)), [row]) is meets
