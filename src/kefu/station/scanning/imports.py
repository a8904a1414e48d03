"""Delivery files (派件扫描表): a row a number, with the columns of O8."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import groupby
from pathlib import Path
from unicodedata import normalize

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.kernel.actor import Actor
from kefu.kernel.cells import REASONS as CELL_REASONS
from kefu.kernel.cells import BadCell, code_of, moment_of, text_of
from kefu.kernel.errors import Message
from kefu.kernel.imports import Fault, Item, Outcome, Source
from kefu.kernel.tabular import Cell, Column, cells_of, map_columns, read_table
from kefu.parcels.known import Known, known_of
from kefu.parcels.waybills import clean_waybill
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission
from kefu.station.scanning import actions
from kefu.station.scanning.actions import Shot
from kefu.station.scanning.modes import SCANS, Mode, reason_code
from kefu.station.scanning.notices import REFUSALS
from kefu.station.scanning.sessions import Setup

_NAMES: tuple[tuple[str, Message, str], ...] = (
    ("waybill", _("运单号"), "运单号 快递单号 单号 运单编号 tracking_no"),
    ("scanned_at", _("扫描时间"), "扫描时间 派件时间 操作时间 时间 time"),
    ("courier", _("派件员"), "派件员 快递员 业务员 收派员 派件员工号"),
    ("mode", _("扫描方式"), "扫描方式 扫描类型 操作类型 方式"),
    ("site", _("扫描网点"), "扫描网点 扫描站点 派件网点 网点 站点 网点编号"),
    ("previous", _("上一站"), "上一站 上站"),
    ("next", _("下一站"), "下一站 下站"),
    ("device", _("设备号"), "设备号 设备 巴枪 巴枪编号"),
    ("operator", _("扫描员"), "扫描员 操作员 扫描人"),
    ("reason", _("原因"), "留仓原因 拒收原因 退件原因 拦截原因 原因 原因代码"),
    ("truck", _("车签"), "车签 车签号 班次 车次"),
    ("note", _("备注"), "备注 说明 remark"),
)
COLUMNS = tuple(Column(f, title, tuple(names.split()), f in ("waybill", "scanned_at")) for f, title, names in _NAMES)
_MODES = {
    word: mode
    for mode, words in (
        (Mode.DELIVER, "派件 派件扫描 派送"),
        (Mode.ARRIVE, "到件 到件扫描"),
        (Mode.ARRIVE_DELIVER, "到派一体 到派"),
        (Mode.HOLD, "留仓 滞留"),
        (Mode.SEND, "发件 发件扫描"),
        (Mode.REFUSE, "拒收 拒签"),
        (Mode.RETURN, "退件 退回"),
        (Mode.INTERCEPT, "拦截 拦截件"),
    )
    for word in words.split()
}
# Refusals whose words in a gun's answer hold the case at hand; a file of refused rows says them in general.
_IN_GENERAL: Mapping[str, Message] = {
    "bag_number": _("这是包号，请先拆包，再逐票扫描。"),
    "repeat": _("规定时间内已扫过，不用再录。"),
    "other_gun": _("规定时间内已由别的巴枪扫过，以那次为准。"),
    "signed": _("已签收。签收有误请组长先撤销签收，再扫。"),
    "courier_unknown": _("没有这个工号或姓名的派件员，请核对。"),
    "courier_inactive": _("派件员已停用，请换人。"),
    "courier_elsewhere": _("派件员不是本网点的人，请核对工号。"),
    "future": _("扫描时间晚于现在，请校准设备时钟。"),
    "too_old": _("扫描时间过早，请核对设备日期。"),
    "not_allowed": _("有未结的问题件，不能做这种扫描。请先按处理意见办，或完成问题件。"),
    "unknown_mode": _("扫描方式请填派件、到件、到派一体、留仓、发件、拒收、退件或拦截。"),
}
REASONS: Mapping[str, Message] = {**CELL_REASONS, **REFUSALS, **_IN_GENERAL}


@dataclass(frozen=True, slots=True)
class ScanRow:
    """A row: how the gun was set, the number and its time."""

    setup: Setup
    shot: Shot


@dataclass(frozen=True)
class _Context:
    site_id: int | None
    zone: tzinfo
    sites: Mapping[str, int]

    def site(self, cell: Cell) -> int:
        code = code_of(cell)
        return self.sites.get(code, 0) if code else self.site_id or 0

    def other(self, cell: Cell) -> int | None:
        return self.sites.get(code_of(cell))


def _row(row: Mapping[str, Cell], context: _Context) -> ScanRow:
    at = moment_of(row.get("scanned_at"), context.zone)
    if at is None:
        raise BadCell("no_time")
    word = normalize("NFKC", text_of(row.get("mode"))).strip() or Mode.DELIVER.label
    mode = _MODES.get(str(word), str(word) if word in Mode.values else "")
    if not mode:
        raise BadCell("unknown_mode")
    setup = Setup(
        site_id=context.site(row.get("site")),
        mode=str(mode),
        courier=code_of(row.get("courier")),
        previous_site_id=context.other(row.get("previous")),
        next_site_id=context.other(row.get("next")),
        truck=text_of(row.get("truck")).strip()[:40],
        device=code_of(row.get("device"))[:40],
        reason=reason_code(str(mode), normalize("NFKC", text_of(row.get("reason")))),
        note=text_of(row.get("note")).strip()[:200],
        operator=code_of(row.get("operator"))[:20],
        source="import",
    )
    return ScanRow(setup, Shot(code_of(row.get("waybill")), at))


def open_deliveries(*, actor: Actor, path: Path, now: datetime, site_id: int | None = None) -> Source[ScanRow]:
    """A table of delivery scans to preview or run; ``site_id`` is for rows that name no site. Without a 扫描方式 a row is a 派件."""
    people.require(actor, Permission.PARCEL_SCAN)
    table = read_table(path)
    places = map_columns(table.headings, COLUMNS)
    sites = {site.code: pk for pk, site in people_queries.sites_by_id().items()}
    context = _Context(site_id, timezone.get_default_timezone(), sites)

    def records() -> Iterator[Item[ScanRow] | Fault]:
        for row in table.rows():
            lines = [(row.number, [text_of(cell) for cell in row.cells])]
            try:
                yield Item(_row(cells_of(row, places), context), lines)
            except BadCell as bad:
                yield Fault(bad.reason, lines)

    def store(batch: Sequence[ScanRow], _run_id: int) -> Outcome:
        return _store(actor, batch, now)

    options = {"site_id": site_id}
    return Source("deliveries", path, records, store, REASONS, headings=table.headings, columns=places, options=options)


def _store(actor: Actor, batch: Sequence[ScanRow], now: datetime) -> Outcome:
    """Rows of one setting go together, in the order of the file; a row that is in already is left as it is."""
    known = known_of([clean_waybill(row.shot.text)[:40] for row in batch])
    refused: list[tuple[int, str]] = []
    present = stored = 0
    for setup, group in groupby(enumerate(batch), key=lambda one: one[1].setup):
        rows = list(group)
        if not actor.reaches(setup.site_id) or not setup.site_id:
            refused.extend((place, "unknown_site") for place, _row in rows)
            continue
        fresh = [(place, row) for place, row in rows if not _there(row, known)]
        present += len(rows) - len(fresh)
        for start in range(0, len(fresh), actions.MOST_AT_ONCE):
            part = fresh[start : start + actions.MOST_AT_ONCE]
            answers = actions.scan(actor=actor, setup=setup, shots=[row.shot for _place, row in part], now=now)
            lost = [(place, answer.reason) for (place, _row), answer in zip(part, answers, strict=True) if answer.tone == "refused"]
            refused += lost
            stored += len(part) - len(lost)
    return Outcome(stored, present, refused)


def _there(row: ScanRow, known: Mapping[str, Known]) -> bool:
    found = known.get(clean_waybill(row.shot.text)[:40])
    code, at = SCANS[row.setup.mode][-1], row.shot.at
    return found is not None and any(seen.at == at for seen in found.of(code, site_id=row.setup.site_id))
