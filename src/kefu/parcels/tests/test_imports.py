"""Parcels and scans from tables (PLAT2)."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from kefu.conftest import NOW
from kefu.kernel import imports
from kefu.kernel.errors import Invalid
from kefu.kernel.models import ImportRun
from kefu.parcels.imports import open_scans, run_import
from kefu.parcels.models import Parcel, Scan
from kefu.people.errors import MissingPermission

SCANS = """运单号,扫描类型,扫描时间,扫描网点,扫描员,派件员,下一站,备注
5000 4090 8069 44,揽收,2026-11-18 09:00,NJHUB,1007,,NS01,
50004090806944,到件,2026-11-19 08:00,NS01,1007,,,
50004090806944,派件,2026-11-19 09:30,NS01,1007,C88,,
50004090806944,派件,2026-11-19 09:30,NS01,1007,C88,,
50004090806944,签收,2026-11-19 11:00,NS01,1007,C88,,=HYPERLINK("x")
7.5E+13,签收,2026-11-19 11:00,NS01,,,,
50004090806945,飞行,2026-11-19 11:00,NS01,,,,
50004090806945,签收,2027-11-19 11:00,NS01,,,,
50004090806945,签收,,NS01,,,,
50004090806945,签收,2026-11-19 11:00,SHOP1,,,,
"""


def counts(run):
    return run.read, run.stored, run.present, run.refused


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk"])
def test_scans(tmp_path, ground, cast, encoding):
    path = tmp_path / "scans.csv"
    path.write_bytes(SCANS.encode(encoding))
    run = run_import(actor=cast.manager, kind="scans", path=path, now=NOW, batch=3)
    assert counts(run) == (10, 4, 1, 5)
    first = Scan.objects.order_by("scanned_at")[0]
    assert (first.code, first.site, first.next_site, first.source) == ("collect", ground.hub, ground.station, "import")
    assert first.scanned_at == datetime(2026, 11, 18, 1, tzinfo=UTC)
    reasons = [line.split(",")[1] for line in Path(run.refused_file).read_text("utf-8-sig").splitlines()[1:]]
    assert sorted(reasons) == ["digits_lost", "future", "no_time", "unknown_code", "unknown_site"]
    again = run_import(actor=cast.manager, kind="scans", path=path, now=NOW)
    assert counts(again) == (10, 0, 5, 5)
    assert Scan.objects.count() == 4


def test_parcels_from_excel(tmp_path, ground, cast):
    path = tmp_path / "parcels.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(
            0, 0, ["运单号", "派件网点", "收件人", "收件电话", "收件地址", "件数", "重量（kg）", "代收货款", "范围", "承诺时间", "邮政"]
        )
        sheet.write_row(1, 0, [50004090806944, "NS01", "钱收件", 13812345678, "南京市玄武区中山路18号", 2, 1.25, "￥1,200.50", "同城"])
        sheet.write_row(1, 9, ["2026-11-20 18:00", "否"])
        sheet.write_row(2, 0, ["50004090806945", "NS01", "", "", "", -1])
        sheet.write_row(3, 0, ["50004090806946", "", "", "", "", "很多"])
        sheet.write_row(4, 0, ["50004090806947", ""])
    run = run_import(actor=cast.clerk, kind="parcels", path=path, now=NOW, site_id=ground.station.pk)
    assert counts(run) == (4, 2, 0, 2)
    parcel = Parcel.objects.get(waybill="50004090806944")
    assert (parcel.pieces, parcel.weight, parcel.cod_amount) == (2, Decimal("1.250"), Decimal("1200.50"))
    assert (parcel.scope, parcel.parties.receiver_phone, parcel.carrier) == ("same_city", "13812345678", "best")
    assert parcel.promised_at == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert counts(run_import(actor=cast.clerk, kind="parcels", path=path, now=NOW, site_id=ground.station.pk)) == (4, 0, 2, 2)


def test_preview_and_refusals(tmp_path, cast):
    path = tmp_path / "scans.csv"
    path.write_text(SCANS)
    look = imports.preview(open_scans(actor=cast.manager, path=path, now=NOW))
    assert (look.read, look.good, look.columns["code"]) == (10, 5, "扫描类型")
    for part in ("agent", "inspector", "outsider", "customer"):
        with pytest.raises(MissingPermission):
            run_import(actor=getattr(cast, part), kind="scans", path=path, now=NOW)
    path.write_text("单号,备注\n1,2\n")
    with pytest.raises(Invalid) as refused:
        run_import(actor=cast.clerk, kind="scans", path=path, now=NOW)
    assert refused.value.params["columns"] == "扫描类型、扫描时间"
    assert ImportRun.objects.count() == 0
