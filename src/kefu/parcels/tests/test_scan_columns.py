"""Scans from files: read by columns and one by one to the same end, whatever a file holds (PLAT2, OPS7)."""

import random
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import xlsxwriter
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.conftest import NOW
from kefu.kernel import imports as kernel_imports
from kefu.kernel.cells import BadCell, code_of
from kefu.kernel.models import OutboxEvent
from kefu.parcels import actions, imports
from kefu.parcels.drafts import ParcelDraft, ScanDraft
from kefu.parcels.imports import open_scans, run_import
from kefu.parcels.models import Parcel, Scan, Standing

HEAD = "运单号,扫描类型,扫描时间,扫描网点,扫描员,派件员,上一站,下一站,备注,包号"
NUMBERS = ["50004090806944", "50004090806945", "YT1234567890123"]
CELLS = {
    "waybill": [*NUMBERS, "5000 4090 8069 44", "yt1234567890123", "５０００４０９０８０６９４４", "7.5E+13", "5.0004090806944E+13",
        "单号", "", "5E100"],
    "code": ["到件", "派件", "sign", " 签收 ", "ARRIVE", "集包", "飞行", "", "发件"],
    "at": ["2026-11-19 08:00:00", "2026-11-19 08:00", "2026-11-19T09:30:00", "2026/11/19 8:05", "20261119101112",
        "2026年11月19日 下午3点10分",
        "2026-W47-3T09:00:00", "2026-11-19 25:00:00", "2027-11-19 08:00:00", "1999-11-19 08:00:00", "45980.5", ""],
    "site": ["NS01", "NJHUB", "", "ns01", "SHOP1", "X"],
    "operator": ["1007", "", " 1008 ", '="1009"', "张三", "7E2", "1" * 21],
    "courier": ["C88", "", "李 四"],
    "previous": ["NJHUB", "", "X"],
    "next": ["NS01", ""],
    "note": ["", " 门卫 ", "长" * 201, "a\tb\\c", "换\r行"],
    "bag": ["", "", "PK20261122001", "pk-1", "袋"],
}  # fmt: skip
ROWS = st.lists(st.tuples(*(st.sampled_from(cells) for cells in CELLS.values())), min_size=1, max_size=12)


def write(path, rows):
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    path.write_text("\n".join([HEAD, *quoted]) + "\n", newline="", encoding="utf-8")
    return path


def everything():
    keys = (
        "waybill",
        "code",
        "site_id",
        "scanned_at",
        "operator",
        "courier",
        "previous_site_id",
        "next_site_id",
        "note",
        "bag",
        "source",
        "piece",
    )
    standings = ("parcel__waybill", "state", "signed_at", "last_scan_at", "last_scan_code", "marks")
    return sorted(map(repr, Scan.objects.values_list(*keys))), sorted(map(repr, Standing.objects.values_list(*standings)))


def forget():
    Scan.objects.all().delete()
    Parcel.objects.all().delete()


def register(ground, cast):
    actions.register_parcels(actor=cast.clerk, drafts=[ParcelDraft(number, ground.station.pk) for number in NUMBERS], now=NOW)


@pytest.mark.django_db
def test_by_columns_and_one_by_one(ground, cast, tmp_path):
    @settings(max_examples=40)
    @given(ROWS)
    def both_ways(rows):
        path = write(tmp_path / "scans.csv", rows)
        source = open_scans(actor=cast.manager, path=path, now=NOW, site_id=ground.station.pk)
        single, refused = [], []
        for place, record in enumerate(source.records()):
            if isinstance(record, kernel_imports.Fault):
                refused.append((place, record.reason))
            else:
                single.append((place, record.value))
        forget()
        register(ground, cast)
        done = actions.record_scans(actor=cast.manager, batch=[draft for _place, draft in single], now=NOW)
        refused += [(single[one.place][0], one.reason) for one in done.refused]
        wanted = everything()
        forget()
        register(ground, cast)
        reader = source.bulk.blocks(0)
        found, stored = [], 0
        for block in reader:
            found += [(fault.lines[0][0], fault.reason) for fault in block.faults]
            stored += source.bulk.store(block.value).stored
        numbers = [record.lines[0][0] for record in source.records()]
        assert (sorted(found), stored) == (sorted((numbers[place], reason) for place, reason in refused), done.stored)
        assert everything() == wanted

    both_ways()


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(4))
def test_any_order_lots_and_repetitions_end_alike(seed, ground, cast, tmp_path, monkeypatch):
    """Late scans, twice the same, one file or many, parcels registered before or after: one end."""
    dice = random.Random(seed)
    start = datetime(2026, 11, 18, tzinfo=UTC)
    codes = ("收件", "发件", "到件", "派件", "问题件", "签收", "退件", "入库", "出库")
    rows = [
        (
            number,
            dice.choice(codes),
            f"{start + timedelta(minutes=dice.randrange(4000)):%Y-%m-%d %H:%M:%S}",
            "NS01",
            "1007",
            "",
            "",
            "",
            "",
            "",
        )
        for number in NUMBERS
        for _ in range(8)
    ]
    register(ground, cast)
    run_import(actor=cast.manager, kind="scans", path=write(tmp_path / "whole.csv", rows), now=NOW)
    wanted = everything()
    forget()
    shuffled = rows + dice.sample(rows, 6)
    dice.shuffle(shuffled)
    monkeypatch.setattr(imports, "_LOT", dice.randrange(2, 9))
    for part in range(3):
        run_import(actor=cast.manager, kind="scans", path=write(tmp_path / f"{part}.csv", shuffled[part * 10 : part * 10 + 10]), now=NOW)
        if part == seed % 3:
            register(ground, cast)
    assert everything() == wanted


@pytest.mark.django_db
def test_a_run_that_was_stopped_goes_on_behind_the_last_lot(ground, cast, tmp_path, monkeypatch):
    register(ground, cast)
    rows = [(NUMBERS[n % 3], "到件", f"2026-11-19 {n:02d}:00:00", "NS01", "1007", "", "", "", "", "") for n in range(20)]
    path = write(tmp_path / "scans.csv", [*rows[:7], ("单号", *rows[7][1:]), *rows[7:]])
    monkeypatch.setattr(imports, "_LOT", 6)
    loaded, lots = imports.load_scans, []

    def dies_at_the_third(**given):
        lots.append(len(given["scans"]))
        if len(lots) == 3:
            loaded(**given)
            raise KeyboardInterrupt
        return loaded(**given)

    monkeypatch.setattr(imports, "load_scans", dies_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        run_import(actor=cast.manager, kind="scans", path=path, now=NOW)
    assert Scan.objects.count() == sum(lots[:2])
    monkeypatch.setattr(imports, "load_scans", loaded)
    run = run_import(actor=cast.manager, kind="scans", path=path, now=NOW)
    assert (run.read, run.stored, run.present, run.refused, run.state) == (21, 20, 0, 1, "done")
    stopped = everything()
    forget()
    register(ground, cast)
    run_import(actor=cast.manager, kind="scans", path=path, now=NOW)
    assert everything() == stopped


@pytest.mark.django_db
def test_a_scan_made_void_is_refused_when_the_file_comes_again(ground, cast, tmp_path):
    register(ground, cast)
    path = tmp_path / "scans.csv"
    lines = [f"{NUMBERS[0]},{word},2026-11-19 {hour}:00:00,NS01" for hour, word in (("08", "到件"), ("09", "派件"), ("11", "签收"))]
    path.write_text("\n".join(["运单号,扫描类型,扫描时间,扫描网点", *lines]), encoding="utf-8")
    run_import(actor=cast.manager, kind="scans", path=path, now=NOW)
    actions.void_scans(actor=cast.lead, scan_ids=[Scan.objects.get(code="sign").pk], reason="签错件", now=NOW)
    again = run_import(actor=cast.manager, kind="scans", path=path, now=NOW)
    assert (again.read, again.stored, again.present, again.refused) == (3, 0, 2, 1)
    assert Standing.objects.get(parcel__waybill=NUMBERS[0]).state == "out_for_delivery"
    refused = Path(again.refused_file).read_text(encoding="utf-8-sig").splitlines()[1]
    assert refused.startswith("4,scan_voided,")
    assert NUMBERS[0] in refused


@pytest.mark.django_db
@pytest.mark.parametrize("excel", [False, True])
def test_headings_below_a_title_and_in_two_rows(excel, ground, cast, tmp_path):
    many = [f"栏{n}" for n in range(95)]
    lines = [
        ["南市分部扫描明细表", *[""] * 99],
        ["运单号", "扫描", "", "", "其他", *many],
        ["", "类型", "时间", "网点", "", *many],
        ["50004090806944", "到件", "2026-11-19 08:00:00", "NS01", "", *many],
    ]
    path = tmp_path / ("scans.xlsx" if excel else "scans.csv")
    if excel:
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            for number, line in enumerate(lines):
                sheet.write_row(number, 0, line)
    else:
        path.write_bytes("\n".join(",".join(line) for line in lines).encode("gbk"))
    run = run_import(actor=cast.manager, kind="scans", path=path, now=NOW)
    assert (run.read, run.stored, run.refused) == (1, 1, 0)
    assert Scan.objects.get().site == ground.station


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("7.5123456789012E+13", "75123456789012"),
        ("7.5123456789012e13", "75123456789012"),
        ("7.51235E+13", None),
        ("7.51235000000000E+13", None),
        ("7.512345678901234E+15", None),
        ("5E100", None),
        (75123456789012, "75123456789012"),
        (75123456789012.0, "75123456789012"),
        (7.512345678901234e15, None),
    ],
)
def test_numbers_excel_wrote_in_powers_of_ten(cell, wanted):
    """Only what is exact is taken; what lost digits is refused with advice, never stored."""
    if wanted is None:
        with pytest.raises(BadCell) as refused:
            code_of(cell)
        assert refused.value.reason == "digits_lost"
    else:
        assert code_of(cell) == wanted


@pytest.mark.django_db(transaction=True)
def test_a_gun_between_reading_and_writing_a_lot_loses_nothing(ground, cast, tmp_path):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    register(ground, cast)
    path = tmp_path / "scans.csv"
    rows = [f"{number},到件,2026-11-19 08:00:00,NS01" for number in NUMBERS[:2]]
    path.write_text("\n".join(["运单号,扫描类型,扫描时间,扫描网点", *rows]), encoding="utf-8")
    shot = ScanDraft(NUMBERS[0], "deliver", ground.station.pk, NOW)
    gun = threading.Thread(target=lambda: (actions.record_scans(actor=cast.manager, batch=[shot], now=NOW), connection.close()))

    def let_the_gun_in(execute, sql, params, many, context):
        if sql.startswith('UPDATE "parcels_standing"') and gun.ident is None:
            gun.start()
            gun.join()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(let_the_gun_in):
        run = run_import(actor=cast.manager, kind="scans", path=path, now=NOW)
    assert run.stored == 2
    found = dict(Standing.objects.values_list("parcel__waybill", "state"))
    assert [found[number] for number in NUMBERS[:2]] == ["out_for_delivery", "arrived"]
    moves = [move for event in OutboxEvent.objects.filter(type="parcels.moved") for move in event.payload["moves"]]
    assert len(moves) == 2
