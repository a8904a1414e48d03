"""Parcels and scans from tables (CSV, TSV, Excel), a row each (docs/import.md)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import TypeVar
from unicodedata import normalize

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.kernel import imports
from kefu.kernel.actor import Actor
from kefu.kernel.cells import REASONS as CELL_REASONS
from kefu.kernel.cells import BadCell, amount_of, code_of, flag_of, moment_of, text_of
from kefu.kernel.errors import Message
from kefu.kernel.imports import Fault, Item, Outcome, Source
from kefu.kernel.models import ImportRun
from kefu.kernel.tabular import Cell, Column, cells_of, map_columns, read_table
from kefu.parcels import actions
from kefu.parcels.checks import REASONS as CHECK_REASONS
from kefu.parcels.drafts import ParcelDraft, Party, ScanDraft
from kefu.parcels.models import Scan
from kefu.parcels.vocabulary import ScanCode, Scope
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission

D = TypeVar("D")
_NO_SITE = 0
REASONS: dict[str, Message] = {**CELL_REASONS, **CHECK_REASONS}

_SCAN_NAMES: tuple[tuple[str, Message, str], ...] = (
    ("waybill", _("运单号"), "运单号 快递单号 单号 运单编号 tracking_no"),
    ("code", _("扫描类型"), "扫描类型 操作类型 类型 操作 scan_type"),
    ("scanned_at", _("扫描时间"), "扫描时间 操作时间 时间 time"),
    ("site", _("扫描网点"), "扫描网点 扫描站点 站点编号 站点 网点编号 网点 site_code"),
    ("operator", _("扫描员"), "扫描员 操作员 扫描人 工号 员工编号"),
    ("courier", _("派件员"), "派件员 快递员 业务员 收派员"),
    ("previous", _("上一站"), "上一站 上站"),
    ("next", _("下一站"), "下一站 下站"),
    ("device", _("设备"), "设备 设备号 巴枪 巴枪编号"),
    ("reason", _("原因代码"), "原因代码 问题类型 原因"),
    ("note", _("备注"), "备注 说明 remark"),
    ("external_id", _("外部编号"), "外部编号 流水号"),
)
_PARCEL_NAMES: tuple[tuple[str, Message, str], ...] = (
    ("waybill", _("运单号"), "运单号 快递单号 单号 运单编号 tracking_no"),
    ("carrier", _("快递公司"), "快递公司 承运公司 物流公司"),
    ("site", _("派件网点"), "派件网点 目的网点 站点编号 网点 站点 site_code"),
    ("origin", _("寄件网点"), "寄件网点 收件网点 始发网点"),
    ("scope", _("寄递范围"), "寄递范围 范围"),
    ("sender_name", _("寄件人"), "寄件人 寄件人姓名 发件人"),
    ("sender_phone", _("寄件电话"), "寄件电话 寄件人电话 寄件人手机 发件人电话"),
    ("sender_address", _("寄件地址"), "寄件地址 寄件人地址 发件人地址"),
    ("receiver_name", _("收件人"), "收件人 收件人姓名 收货人"),
    ("receiver_phone", _("收件电话"), "收件电话 收件人电话 收件人手机 收货人电话"),
    ("receiver_address", _("收件地址"), "收件地址 收件人地址 收货地址"),
    ("pieces", _("件数"), "件数 数量"),
    ("weight", _("重量"), "重量 计费重量 实际重量"),
    ("cod", _("代收货款"), "代收货款 代收金额"),
    ("freight", _("到付金额"), "到付金额 到付运费 到付"),
    ("insured", _("保价金额"), "保价金额 保价 声明价值"),
    ("product", _("产品类型"), "产品类型 产品"),
    ("promised_at", _("承诺时间"), "承诺时间 承诺送达时间 预计送达时间"),
    ("postal", _("邮政"), "邮政 邮政件"),
)
SCAN_COLUMNS = tuple(Column(f, title, tuple(names.split()), f in ("waybill", "code", "scanned_at")) for f, title, names in _SCAN_NAMES)
PARCEL_COLUMNS = tuple(Column(f, title, tuple(names.split()), f == "waybill") for f, title, names in _PARCEL_NAMES)

_SCAN_WORDS = (
    (ScanCode.COLLECT, "收件 揽收 揽件 已揽收 收件扫描"),
    (ScanCode.LOAD, "装车 装车扫描"),
    (ScanCode.SEND, "发件 发出 发件扫描"),
    (ScanCode.BAG, "集包 装袋 建包"),
    (ScanCode.UNBAG, "拆包 解袋"),
    (ScanCode.ARRIVE, "到件 到达 到站 到件扫描"),
    (ScanCode.IN_STORE, "入库 入柜 代理点 驿站入库 投柜"),
    (ScanCode.OUT_STORE, "出库 取出 出柜 已取件"),
    (ScanCode.DELIVER, "派件 派送 派件扫描 出仓"),
    (ScanCode.SIGN, "签收 已签收 本人签收"),
    (ScanCode.AGENT_SIGN, "代签 第三方签收 他人签收"),
    (ScanCode.PROBLEM, "问题件 异常 疑难"),
    (ScanCode.HOLD, "留仓 滞留"),
    (ScanCode.REFUSE, "拒收 拒签"),
    (ScanCode.RETURN, "退件 退回"),
    (ScanCode.TRANSFER, "转件 转单 转出"),
    (ScanCode.SELF, "自提"),
    (ScanCode.INTERCEPT, "拦截 已拦截"),
)
_CODES: dict[str, str] = {word: code.value for code, words in _SCAN_WORDS for word in words.split()}
_SCOPES = {"同城": Scope.SAME_CITY, "异地": Scope.DOMESTIC, "国内": Scope.DOMESTIC, "国际": Scope.OVERSEAS, "港澳台": Scope.OVERSEAS}


@dataclass(frozen=True)
class _Context:
    """Sites by code, and the site of rows that name none."""

    site_id: int | None
    zone: tzinfo = field(default_factory=timezone.get_default_timezone)
    sites: Mapping[str, int] = field(default_factory=lambda: {site.code: pk for pk, site in people_queries.sites_by_id().items()})

    def site(self, cell: Cell) -> int:
        code = code_of(cell)
        return self.sites.get(code, _NO_SITE) if code else self.site_id or _NO_SITE

    def other(self, cell: Cell) -> int | None:
        """A site that may be missing or unknown to us."""
        return self.sites.get(code_of(cell))


_Cells = Mapping[str, Cell]


def scan_of(row: _Cells, context: _Context) -> ScanDraft:
    """The scan a row speaks of; raises ``BadCell``."""
    at = moment_of(row.get("scanned_at"), context.zone)
    if at is None:
        raise BadCell("no_time")
    word = normalize("NFKC", text_of(row.get("code"))).strip().lower()
    return ScanDraft(
        waybill=code_of(row.get("waybill")),
        code=_CODES.get(word, word),
        site_id=context.site(row.get("site")),
        scanned_at=at,
        operator=code_of(row.get("operator")),
        courier=code_of(row.get("courier")),
        previous_site_id=context.other(row.get("previous")),
        next_site_id=context.other(row.get("next")),
        device=code_of(row.get("device")),
        reason=text_of(row.get("reason")).strip(),
        note=text_of(row.get("note")).strip(),
        source=Scan.Source.IMPORT,
        external_id=code_of(row.get("external_id")),
    )


def _party(row: _Cells, side: str) -> Party:
    return Party(text_of(row.get(f"{side}_name")).strip(), code_of(row.get(f"{side}_phone")), text_of(row.get(f"{side}_address")).strip())


def parcel_of(row: _Cells, context: _Context) -> ParcelDraft:
    """The parcel a row speaks of; raises ``BadCell``."""
    pieces = amount_of(row.get("pieces"))
    scope = text_of(row.get("scope")).strip()
    return ParcelDraft(
        waybill=code_of(row.get("waybill")),
        site_id=context.site(row.get("site")),
        origin_site_id=context.other(row.get("origin")),
        carrier=text_of(row.get("carrier")).strip(),
        scope=_SCOPES.get(scope, scope or Scope.DOMESTIC),
        sender=_party(row, "sender"),
        receiver=_party(row, "receiver"),
        pieces=1 if pieces is None else int(pieces),
        weight=amount_of(row.get("weight")),
        cod_amount=amount_of(row.get("cod")) or Decimal(0),
        freight_amount=amount_of(row.get("freight")) or Decimal(0),
        insured_amount=amount_of(row.get("insured")) or Decimal(0),
        product=text_of(row.get("product")).strip(),
        promised_at=moment_of(row.get("promised_at"), context.zone),
        postal=flag_of(row.get("postal")),
    )


_Read = Callable[[_Cells, _Context], D]
_Store = Callable[[Sequence[D], int], Outcome]


def _source(kind: str, path: Path, columns: Sequence[Column], read: _Read[D], store: _Store[D], site_id: int | None) -> Source[D]:
    table = read_table(path)
    places = map_columns(table.headings, columns)
    context = _Context(site_id)

    def records() -> Iterator[Item[D] | Fault]:
        for row in table.rows():
            lines = [(row.number, [text_of(cell) for cell in row.cells])]
            try:
                yield Item(read(cells_of(row, places), context), lines)
            except BadCell as bad:
                yield Fault(bad.reason, lines)

    return Source(kind, path, records, store, REASONS, headings=table.headings, columns=places, options={"site_id": site_id})


def open_scans(*, actor: Actor, path: Path, now: datetime, site_id: int | None = None) -> Source[ScanDraft]:
    """A table of scans to preview or run; ``site_id`` is for rows that name no site."""
    people.require(actor, Permission.PARCEL_SCAN)

    def store(batch: Sequence[ScanDraft], _run_id: int) -> Outcome:
        done = actions.record_scans(actor=actor, batch=batch, now=now)
        return Outcome(done.stored, done.present, done.refused)

    return _source("scans", path, SCAN_COLUMNS, scan_of, store, site_id)


def open_parcels(*, actor: Actor, path: Path, now: datetime, site_id: int | None = None) -> Source[ParcelDraft]:
    """A table of waybills to preview or run; ``site_id`` delivers those that name no site."""
    people.require(actor, Permission.PARCEL_SCAN)

    def store(batch: Sequence[ParcelDraft], _run_id: int) -> Outcome:
        done = actions.register_parcels(actor=actor, drafts=batch, now=now)
        return Outcome(done.stored, done.present, done.refused)

    return _source("parcels", path, PARCEL_COLUMNS, parcel_of, store, site_id)


def run_import(
    *,
    actor: Actor,
    kind: str,
    path: Path,
    now: datetime,
    site_id: int | None = None,
    progress: Callable[[int], None] = lambda _: None,
    batch: int = 2000,
) -> ImportRun:
    """Import a table of ``parcels`` or ``scans``, or go on where a run of it stopped."""
    source: Source[ScanDraft] | Source[ParcelDraft]
    if kind == "scans":
        source = open_scans(actor=actor, path=path, now=now, site_id=site_id)
        return imports.run(actor=actor, source=source, now=now, progress=progress, batch=batch)
    source = open_parcels(actor=actor, path=path, now=now, site_id=site_id)
    return imports.run(actor=actor, source=source, now=now, progress=progress, batch=batch)
