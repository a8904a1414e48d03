"""Traces from files: read, refused, and the same file again."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from kefu.kernel import imports
from kefu.kernel.errors import Denied, Invalid
from kefu.station.tracking.imports import open_traces
from kefu.station.tracking.models import CarrierTrace

pytestmark = pytest.mark.django_db
ROWS = """快递单号,操作时间,物流信息,操作类型,地点
75123456789012,2026-11-21 08:00:00,【广州】已揽收,,广州
75123456789012,2026-11-21 20:00:00,派送中请保持电话畅通,派件,南京
7.51235E+13,2026-11-21 20:00:00,签收,签收,
75123456789012,明天,签收,签收,
75123456789012,2026-11-25 20:00:00,签收,签收,
75123456789012,2026-11-21 20:00:00,,签收,
坏,2026-11-21 20:00:00,签收,签收,
"""


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_table_of_traces(cast: Any, tmp_path: Path, now: datetime, encoding: str) -> None:
    path = tmp_path / "轨迹.csv"
    path.write_bytes(ROWS.encode(encoding))
    source = open_traces(actor=cast.clerk, path=path, now=now)
    looked = imports.preview(source)
    assert [one.reason for one in looked.problems] == ["digits_lost", "bad_time", "trace_ahead", "no_text", "bad_waybill"]
    assert all(one.message for one in looked.problems)
    run = imports.run(actor=cast.clerk, source=source, now=now)
    assert (run.stored, run.present, run.refused) == (2, 0, 5)
    assert list(CarrierTrace.objects.order_by("at").values_list("code", flat=True)) == ["collect", "deliver"]
    again = imports.run(actor=cast.clerk, source=open_traces(actor=cast.clerk, path=path, now=now), now=now)
    assert (again.stored, again.present, again.refused) == (0, 2, 5)


def test_a_table_without_its_columns_and_a_reader_without_the_right(cast: Any, tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "a.csv"
    path.write_text("甲,乙\n1,2\n")
    with pytest.raises(Invalid):
        open_traces(actor=cast.clerk, path=path, now=now)
    with pytest.raises(Denied):
        open_traces(actor=cast.agent, path=path, now=now)
