"""Delivery files: columns of O8, both encodings, broken numbers, the same file again (OPS1)."""

from datetime import timedelta

import pytest

from kefu.kernel import imports
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Denied
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ParcelDraft
from kefu.parcels.models import Scan
from kefu.station.scanning.imports import open_deliveries

HEAD = "单号,扫描时间,派件员,扫描方式,上一站,设备号,备注"
A, B, C = "75123456789012", "75123456789013", "75123456789014"


def test_a_file_is_taken_in_once_and_refused_rows_say_why(cast, ground, hire, now, tmp_path):
    courier = hire("clerk", name="陈师傅").staff_no
    drafts = [ParcelDraft(one, ground.station.pk) for one in (A, B, C)]
    parcels.register_parcels(actor=Actor.system("tests"), drafts=drafts, now=now - timedelta(days=9))
    rows = [
        HEAD,
        f"{A},2026-11-15 08:00,{courier},到派一体,NJHUB,P1,",
        f"{B},2026-11-15 08:01,陈师傅,,,,",
        f"{A},2026-11-15 08:05,{courier},,,,",
        f"{C},2026-11-15 08:06,999,,,,",
        f"{C},2026-11-15 08:07,{courier},飞,,,",
        f"7.51235E+13,2026-11-15 08:08,{courier},,,,",
        f"{C},2099-01-01 08:08,{courier},,,,",
    ]
    for name, encoding in (("派件.csv", "gb18030"), ("again.csv", "utf-8-sig")):
        path = tmp_path / name
        path.write_bytes("\n".join(rows).encode(encoding))
        source = open_deliveries(actor=cast.clerk, path=path, now=now, site_id=ground.station.pk)
        run = imports.run(actor=cast.clerk, source=source, now=now)
        assert (run.read, run.stored + run.present, run.refused) == (7, 2, 5)
    assert run.present == 2
    assert sorted(Scan.objects.values_list("waybill", "code")) == [(A, "arrive"), (A, "deliver"), (B, "deliver")]
    told = imports.refused_path(run.pk).read_text("utf-8-sig")
    for code in ("repeat", "courier_unknown", "unknown_mode", "digits_lost", "future"):
        assert code in told
    assert "%(" not in told


def test_rows_of_a_site_out_of_reach_are_refused(cast, ground, now, tmp_path):
    path = tmp_path / "派件.csv"
    path.write_text(f"单号,扫描时间,派件员,网点\n{A},2026-11-22 09:00,1,CB01\n", "utf-8")
    source = open_deliveries(actor=cast.clerk, path=path, now=now, site_id=ground.station.pk)
    run = imports.run(actor=cast.clerk, source=source, now=now)
    assert (run.stored, run.refused) == (0, 1)
    with pytest.raises(Denied):
        open_deliveries(actor=cast.agent, path=path, now=now)
