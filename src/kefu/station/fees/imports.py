"""The network's statement 网络派费报表 from a table (CSV, TSV, Excel), a waybill a row (docs/fees.md)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.kernel.actor import Actor
from kefu.kernel.cells import REASONS as CELL_REASONS
from kefu.kernel.cells import BadCell, amount_of, code_of, moment_of, text_of
from kefu.kernel.errors import Message
from kefu.kernel.imports import Fault, Item, Outcome, Source
from kefu.kernel.tabular import Cell, Column, cells_of, map_columns, read_table
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission
from kefu.station.fees import network
from kefu.station.fees.network import NetworkDraft

_NAMES: tuple[tuple[str, Message, str], ...] = (
    ("waybill", _("运单号"), "运单号 快递单号 单号 运单编号 主运单号 tracking_no"),
    ("site", _("派件网点"), "派件网点 站点编号 网点编号 目的网点 网点 站点 site_code"),
    ("month", _("月份"), "月份 账单月份 结算月份 账期 month"),
    ("signed", _("签收日期"), "签收日期 签收时间 派件日期 日期"),
    ("weight", _("计费重量"), "计费重量 结算重量 重量 中心重量"),
    ("base", _("基础派费"), "基础派费 派件费 派费"),
    ("heavy", _("大货派费"), "大货派费 大货费 超重派费"),
    ("total", _("合计"), "合计 派费合计 网络派费 全网派费 结算金额 金额"),
)
COLUMNS = tuple(Column(name, title, tuple(names.split()), name in ("waybill", "total")) for name, title, names in _NAMES)
REASONS: dict[str, Message] = {**CELL_REASONS, **network.REASONS}


def _month(row: Mapping[str, Cell]) -> date | None:
    """The month column, else the month of the signature."""
    zone = timezone.get_default_timezone()
    written = row.get("month")
    if isinstance(written, str) and written.strip():
        digits = "".join(char if char.isdecimal() else " " for char in written).split()
        parts = [digits[0][:4], digits[0][4:]] if len(digits) == 1 and len(digits[0]) == 6 else digits[:2]
        if len(parts) == 2 and len(parts[0]) == 4 and 1 <= int(parts[1] or 0) <= 12:
            return date(int(parts[0]), int(parts[1]), 1)
        raise BadCell("bad_time")
    moment = moment_of(written, zone) or moment_of(row.get("signed"), zone)
    return timezone.localdate(moment).replace(day=1) if moment else None


def network_draft(row: Mapping[str, Cell], sites: Mapping[str, int], site_id: int | None) -> NetworkDraft:
    """The line a row speaks of; raises ``BadCell``."""
    code = code_of(row.get("site"))
    return NetworkDraft(
        site_id=sites.get(code, 0) if code else site_id or 0,
        month=_month(row),
        waybill=code_of(row.get("waybill")),
        total=amount_of(row.get("total")),
        base=amount_of(row.get("base")) or Decimal(0),
        heavy=amount_of(row.get("heavy")) or Decimal(0),
        weight=amount_of(row.get("weight")),
    )


def open_network_fees(*, actor: Actor, path: Path, now: datetime, site_id: int | None = None) -> Source[NetworkDraft]:
    """Their statement to preview or run; ``site_id`` is for rows that name no site."""
    people.require(actor, Permission.FEE_SETTLE)
    table = read_table(path)
    places = map_columns(table.headings, COLUMNS)
    sites = {site.code: pk for pk, site in people_queries.sites_by_id().items()}
    reach = network.reach_of(actor)

    def records() -> Iterator[Item[NetworkDraft] | Fault]:
        for row in table.rows():
            lines = [(row.number, [text_of(cell) for cell in row.cells])]
            try:
                yield Item(network_draft(cells_of(row, places), sites, site_id), lines)
            except BadCell as bad:
                yield Fault(bad.reason, lines)

    def store(batch: Sequence[NetworkDraft], _run_id: int) -> Outcome:
        done = network.take_in(actor=actor, drafts=batch, now=now)
        return Outcome(done.stored, done.present, done.refused)

    return Source(
        "network_fees",
        path,
        records,
        store,
        REASONS,
        headings=table.headings,
        columns=places,
        check=lambda draft: network.problem(draft, reach),
        options={"site_id": site_id},
    )
