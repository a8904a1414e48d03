"""The one box: numbers in, what is known of them out, at a fixed number of statements."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.kernel.errors import Denied, NotFound
from kefu.kernel.models import AuditEntry
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ParcelDraft, Party, ScanDraft
from kefu.station.tracking import boxes
from kefu.station.tracking.books import books_at
from kefu.station.tracking.carriers import Found
from kefu.station.tracking.errors import NoNumbers, TooManyNumbers
from kefu.station.tracking.models import Box
from kefu.station.tracking.numbers import Pasted, pasted, uploaded
from kefu.station.tracking.queries import customer_trace, merged_trace
from kefu.station.tracking.storing import store
from kefu.station.tracking.tests.conftest import event

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "good", "bad"),
    [
        ("YT1234567890123\nyt1234567890123，75123456789012", ["YT1234567890123", "75123456789012"], []),
        ("ＹＴ１２３４５６７８９０１２３", ["YT1234567890123"], []),
        ("7.51235E+13 75123456789012", ["75123456789012"], [("7.51235E+13", "digits_lost")]),
        ("张三 12 75123456789012", ["75123456789012"], [("张三", "bad_waybill"), ("12", "bad_waybill")]),
        ("  \n ", [], []),
        ("", [], []),
    ],
)
def test_pasted_numbers(text: str, good: list[str], bad: list[tuple[str, str]]) -> None:
    assert pasted(text) == Pasted(tuple(good), tuple(bad))


def test_a_sheet_with_titles_above_its_headings(tmp_path: Path) -> None:
    path = tmp_path / "export.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 0, 5, "某快递 发件明细")
        for place, heading in enumerate(["序号", "日期", "快递单号", "重量"]):
            sheet.write(2, place, heading)
        for row, number in enumerate([75123456789012, "75123456789013", 751234567890123456], start=3):
            sheet.write(row, 2, number)
    assert uploaded(path) == Pasted(("75123456789012", "75123456789013"), (("7.512345678901235e+17", "digits_lost"),))


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "utf-8-sig"])
def test_a_text_of_numbers_alone(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("75123456789012\n75123456789013\n坏号\n".encode(encoding))
    assert uploaded(path) == Pasted(("75123456789012", "75123456789013"), (("坏号", "bad_waybill"),))


def _parcels(ground: Any, cast: Any, count: int, now: datetime) -> list[str]:
    numbers = [f"7512345{place:07d}" for place in range(count)]
    drafts = [ParcelDraft(number, ground.station.pk, carrier="zto", receiver=Party("王五", "13812345678", "南京")) for number in numbers]
    parcels.register_parcels(actor=cast.system, drafts=drafts, now=now)
    scans = [ScanDraft(number, "arrive", ground.station.pk, now - HOUR, operator="1") for number in numbers]
    parcels.record_scans(actor=cast.system, batch=scans, now=now)
    return numbers


def look(cast: Any, numbers: list[str], now: datetime, who: str = "clerk", **more: Any) -> list[boxes.BoxRow]:
    return boxes.look_up(getattr(cast, who), numbers, now=now, book_of=books_at(now), **more)


def test_rows_stand_in_the_order_given_and_say_what_is_known(ground: Any, cast: Any, now: datetime) -> None:
    (number,) = _parcels(ground, cast, 1, now)
    parcels.record_scans(actor=cast.system, batch=[ScanDraft("YT1234567890123", "collect", ground.station.pk, now - 30 * HOUR)], now=now)
    stranger, own, unregistered = look(cast, ["YT9999999999999", number, "YT1234567890123"], now)
    assert (stranger.known, [one.carrier for one in stranger.guesses][:1]) == (False, ["yto"])
    assert (own.known, own.registered, own.state, own.holder, own.carrier) == (True, True, "arrived", "南市分部", "zto")
    assert (unregistered.known, unregistered.registered, unregistered.state, unregistered.judgement) == (True, False, "collected", None)
    assert unregistered.quiet == 30 * HOUR
    assert "station_tracking" in unregistered.quiet_clause


def test_the_carrier_stands_in_where_nobody_scanned(ground: Any, cast: Any, now: datetime) -> None:
    (number,) = _parcels(ground, cast, 1, now)
    told = [event(now - timedelta(days=20), "collect"), event(now - 10 * timedelta(minutes=1), "deliver", place="南京市")]
    store(vendor="zto", found=[Found(number, told, "zto")], now=now)
    (row,) = look(cast, [number], now)
    assert (row.state, row.last_code, row.holder, row.own, row.carriers) == ("out_for_delivery", "deliver", "南京市", True, True)
    assert row.judgement is not None
    assert row.judgement.verdict.value == "attempted_late"
    assert row.judgement.clauses


def test_presumed_lost_by_the_carriers_trace_alone(ground: Any, cast: Any, now: datetime) -> None:
    parcels.register_parcels(actor=cast.system, drafts=[ParcelDraft("75123450000001", ground.station.pk, carrier="zto")], now=now)
    store(vendor="zto", found=[Found("75123450000001", [event(now - timedelta(days=11), "collect")], "zto")], now=now)
    (row,) = look(cast, ["75123450000001"], now)
    assert row.judgement is not None
    assert row.judgement.presumed_lost
    assert len(row.judgement.clauses) == 2


def test_what_is_out_of_reach_looks_unknown(ground: Any, cast: Any, now: datetime) -> None:
    (number,) = _parcels(ground, cast, 1, now)
    store(vendor="zto", found=[Found(number, [event(now)], "zto")], now=now)
    (row,) = look(cast, [number], now, "outsider")
    assert (row.known, row.carriers, row.holder) == (False, False, "")
    with pytest.raises(Denied):
        look(cast, [number], now, "customer")


def test_a_sub_waybill_is_found_by_its_main_number(ground: Any, cast: Any, now: datetime) -> None:
    draft = ParcelDraft("75123450000002", ground.station.pk, carrier="zto", pieces=2, sub_waybills=("75123450000102", "75123450000103"))
    parcels.register_parcel(actor=cast.system, draft=draft, now=now)
    (row,) = look(cast, ["75123450000103"], now)
    assert (row.known, row.waybill) == (True, "75123450000002")


def test_who_asked_is_logged_for_each_number(ground: Any, cast: Any, now: datetime) -> None:
    (number,) = _parcels(ground, cast, 1, now)
    AuditEntry.objects.all().delete()
    look(cast, [number, "YT9999999999999"], now)
    logged = AuditEntry.objects.values_list("action", "subject_text", "actor_name")
    assert sorted(logged) == [
        ("parcel.trace_refused", "YT9999999999999", cast.clerk.name),
        ("parcel.traced", number, cast.clerk.name),
    ]


def _statements(cast: Any, numbers: list[str], now: datetime) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert len(look(cast, numbers, now)) == len(numbers)
    return len(seen)


def test_a_fixed_number_of_statements(ground: Any, cast: Any, now: datetime) -> None:
    numbers = _parcels(ground, cast, 300, now)
    store(vendor="zto", found=[Found(number, [event(now)], "zto") for number in numbers], now=now)
    few = _statements(cast, [*numbers[:5], "YT9999999999999"], now)
    many = _statements(cast, [*numbers, *(f"YT{place:013d}" for place in range(300))], now)
    assert many <= few + 8  # the log is written in parts
    assert few <= 16


def test_a_box_is_its_owners_alone_and_logged_once_in_a_while(ground: Any, cast: Any, now: datetime) -> None:
    (number,) = _parcels(ground, cast, 1, now)
    box = boxes.open_box(actor=cast.clerk, given=pasted(f"{number} 坏"), now=now, name="催件")
    assert (box.numbers, box.invalid) == ([number], [["坏", "bad_waybill"]])
    assert boxes.open_box(actor=cast.clerk, given=pasted(f"{number} 坏"), now=now).pk == box.pk
    with pytest.raises(NotFound):
        boxes.box_rows(cast.agent, box.pk, now=now, book_of=books_at(now))
    for minutes in (0, 5, 11):
        boxes.box_rows(cast.clerk, box.pk, now=now + timedelta(minutes=minutes), book_of=books_at(now))
    assert AuditEntry.objects.filter(action="parcel.traced").count() == 2


def test_nothing_and_too_much(cast: Any, now: datetime) -> None:
    with pytest.raises(NoNumbers):
        boxes.open_box(actor=cast.clerk, given=pasted(" "), now=now)
    with pytest.raises(TooManyNumbers):
        boxes.open_box(actor=cast.clerk, given=pasted(" ".join(f"YT{place:013d}" for place in range(1001))), now=now)
    assert not Box.objects.exists()


def test_boxes_are_forgotten_after_a_week(cast: Any, now: datetime) -> None:
    boxes.open_box(actor=cast.clerk, given=pasted("YT9999999999999"), now=now)
    assert boxes.forget_old(now=now + timedelta(days=6)) == 0
    assert boxes.forget_old(now=now + timedelta(days=8)) == 1


def test_the_merged_trace_masks_and_the_customer_is_told_less(ground: Any, cast: Any, now: datetime) -> None:
    from kefu.parcels.queries import trace

    (number,) = _parcels(ground, cast, 1, now)
    told = [event(now - HOUR + timedelta(minutes=2), "arrive", "到件"), event(now, "deliver", "派件员张三 13812345678 正在派送", "南京市")]
    store(vendor="zto", found=[Found(number, told, "zto")], now=now)
    book = books_at(now)("best")
    own = trace(cast.clerk, number, now=now, book=book).lines
    merged = merged_trace(cast.clerk, number, own, now=now, book=book)
    assert [(one.code, one.sources) for one in merged.lines] == [("arrive", ("own", "zto")), ("deliver", ("zto",))]
    assert "13812345678" not in merged.lines[1].text
    assert "13812345678" in merged_trace(cast.agent, number, own, now=now, book=book, clear=True).lines[1].text
    with pytest.raises(Denied):
        merged_trace(cast.clerk, number, own, now=now, book=book, clear=True)
    assert merged_trace(cast.outsider, number, [], now=now, book=book).lines == ()
    public = customer_trace(number, own, book=book)
    assert [one.text for one in public] == ["【南京市】快递员正在派送", "【南市分部】快件已到达"]
