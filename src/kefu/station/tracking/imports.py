"""Carriers' traces from tables: what a carrier's own system exports, a line of a trace each (OPS7)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.kernel.actor import Actor
from kefu.kernel.cells import REASONS as CELL_REASONS
from kefu.kernel.cells import BadCell, code_of, moment_of, text_of
from kefu.kernel.errors import Message
from kefu.kernel.imports import Fault, Item, Outcome, Source
from kefu.kernel.tabular import Cell, Column, cells_of, map_columns, read_table
from kefu.parcels.carrier_codes import code_in_words
from kefu.parcels.checks import CLOCK_DRIFT
from kefu.parcels.checks import REASONS as PARCEL_REASONS
from kefu.parcels.waybills import clean_waybill, is_waybill
from kefu.people import access as people
from kefu.people.permissions import Permission
from kefu.station.tracking.carriers import CarrierEvent, Found
from kefu.station.tracking.storing import store
from kefu.station.tracking.vocabulary import TRANSIT

VENDOR = "file"
COLUMNS = (
    Column("waybill", _("运单号"), ("运单号", "快递单号", "单号", "运单编号", "物流单号"), required=True),
    Column("at", _("轨迹时间"), ("轨迹时间", "时间", "操作时间", "扫描时间", "发生时间"), required=True),
    Column("text", _("轨迹内容"), ("轨迹内容", "内容", "轨迹", "描述", "物流信息", "跟踪记录"), required=True),
    Column("kind", _("轨迹类型"), ("轨迹类型", "类型", "扫描类型", "操作类型", "状态")),
    Column("place", _("轨迹地点"), ("轨迹地点", "地点", "网点", "城市", "操作网点")),
    Column("carrier", _("快递公司"), ("快递公司", "承运公司", "物流公司")),
)
REASONS: dict[str, Message] = {
    **PARCEL_REASONS,
    **CELL_REASONS,
    "no_text": _("轨迹没有内容，请补全“内容”一列。"),
    "trace_ahead": _("时间晚于当前时间，请核对文件。"),
}


def open_traces(*, actor: Actor, path: Path, now: datetime, site_id: int | None = None) -> Source[Found]:  # noqa: ARG001 (no row has a site)
    """A table of traces to preview or run. A line that is there already counts as present; the same file again stores nothing."""
    people.require(actor, Permission.PARCEL_SCAN)
    table = read_table(path)
    places = map_columns(table.headings, COLUMNS)
    zone = timezone.get_default_timezone()

    def records() -> Iterator[Item[Found] | Fault]:
        for row in table.rows():
            lines = [(row.number, [text_of(cell) for cell in row.cells])]
            try:
                yield Item(_found(cells_of(row, places), zone), lines)
            except BadCell as bad:
                yield Fault(bad.reason, lines)

    def check(found: Found) -> str | None:
        return "trace_ahead" if found.events[0].at > now + CLOCK_DRIFT else None

    def keep(batch: Sequence[Found], _run_id: int) -> Outcome:
        refused = [(place, reason) for place, found in enumerate(batch) if (reason := check(found))]
        late = {place for place, _reason in refused}
        taken = [found for place, found in enumerate(batch) if place not in late]
        stored = sum(store(vendor=VENDOR, found=taken, now=now).values())
        return Outcome(stored, len(taken) - stored, refused)

    return Source("carrier_traces", path, records, keep, REASONS, table.headings, places, check)


def _found(row: Mapping[str, Cell], zone: tzinfo) -> Found:
    number = clean_waybill(code_of(row.get("waybill")))
    if not is_waybill(number):
        raise BadCell("bad_waybill")
    at = moment_of(row.get("at"), zone)
    if at is None:
        raise BadCell("no_time")
    text = text_of(row.get("text")).strip()
    if not text:
        raise BadCell("no_text")
    kind = text_of(row.get("kind")).strip()
    code = (code_in_words(kind) if kind else None) or code_in_words(text)
    place = text_of(row.get("place")).strip()[:80]
    return Found(number, [CarrierEvent(at, code.value if code else TRANSIT, text[:500], place, kind[:20])])
