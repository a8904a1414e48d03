"""Parcels and scans from tables (CSV, TSV, Excel), a row each (docs/import.md)."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from unicodedata import normalize

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.kernel import imports
from kefu.kernel.actor import Actor
from kefu.kernel.cells import REASONS as CELL_REASONS
from kefu.kernel.cells import BadCell, amount_of, code_of, flag_of, moment_of, text_of
from kefu.kernel.errors import Message
from kefu.kernel.imports import Block, Bulk, Fault, Item, Lines, Outcome, Source
from kefu.kernel.models import ImportRun
from kefu.kernel.tabular import Cell, Column, Lot, Row, Table, cells_of, map_columns, read_table, with_headings
from kefu.parcels import actions
from kefu.parcels.checks import CLOCK_DRIFT, EARLIEST, parcel_problem, scan_problem
from kefu.parcels.checks import REASONS as CHECK_REASONS
from kefu.parcels.drafts import ParcelDraft, Party, ScanDraft
from kefu.parcels.loading import load_scans
from kefu.parcels.models import Scan
from kefu.parcels.recording import Reach, cleaned
from kefu.parcels.scan_columns import Reader, ScanColumns
from kefu.parcels.vocabulary import Payment, ReceiptKind, ScanCode, Scope
from kefu.parcels.waybills import clean_waybill
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission

D = TypeVar("D")
_NO_SITE = 0
_SIZES = ("volume_weight", "billing_weight", "hub_weight", "length", "width", "height")
# Scans stored in one transaction: the more, the fewer times a parcel is moved; the fewer, the shorter a gun waits for its parcel.
_LOT = 400_000
# Rows read at once: of those of a lot only the columns are kept.
_READ = 50_000
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
    ("bag", _("包号"), "包号 集包号 袋号"),
    ("truck", _("车签"), "车签 车签号 班次 车次 车牌"),
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
    ("weight", _("重量"), "重量 实际重量 实重"),
    ("billing_weight", _("计费重量"), "计费重量 结算重量"),
    ("volume_weight", _("体积重量"), "体积重量 体积重"),
    ("hub_weight", _("中心重量"), "中心重量 中心称重 分拨重量"),
    ("length", _("长"), "长"),
    ("width", _("宽"), "宽"),
    ("height", _("高"), "高"),
    ("goods", _("品名"), "品名 物品名称 货物名称 内件品名"),
    ("packaging", _("包装"), "包装 包装方式 包装类型"),
    ("payment", _("付款方式"), "付款方式 支付方式 结算方式"),
    ("fee", _("运费"), "运费 运费金额"),
    ("insurance_fee", _("保价费"), "保价费 保费"),
    ("receipt", _("回单类型"), "回单类型 回单标志 回单 签单返还"),
    ("collected_by", _("收件员"), "收件员 揽件员 揽收员 取件员"),
    ("entered_by", _("录入人"), "录入人 录单人 录入员"),
    ("id_verified", _("实名"), "实名 实名认证 已实名 身份核验"),
    ("destination", _("目的地"), "目的地 目的地区 目的区域"),
    ("remark", _("备注"), "备注 说明 remark"),
    ("sub_waybills", _("子单号"), "子单号 子单 子运单号"),
    ("sender_company", _("寄件公司"), "寄件公司 寄件人公司 寄件单位"),
    ("receiver_company", _("收件公司"), "收件公司 收件人公司 收件单位"),
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
_PAYMENTS = {
    "寄付": Payment.SENDER,
    "现付": Payment.SENDER,
    "寄方付": Payment.SENDER,
    "到付": Payment.RECEIVER,
    "收方付": Payment.RECEIVER,
    "月结": Payment.MONTHLY,
    "寄付月结": Payment.MONTHLY,
}
_RECEIPTS = {
    "": "",
    "无": "",
    "否": "",
    "原件": ReceiptKind.ORIGINAL,
    "是": ReceiptKind.ORIGINAL,
    "有": ReceiptKind.ORIGINAL,
    "原单": ReceiptKind.ORIGINAL,
    "复印件": ReceiptKind.COPY,
    "复印": ReceiptKind.COPY,
    "电子": ReceiptKind.ELECTRONIC,
    "电子回单": ReceiptKind.ELECTRONIC,
}
_APART = re.compile(r"[,;、/|\s]+")
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
        bag=code_of(row.get("bag")),
        truck=code_of(row.get("truck")),
    )


def _party(row: _Cells, side: str) -> Party:
    name, address, company = (text_of(row.get(f"{side}_{what}")).strip() for what in ("name", "address", "company"))
    return Party(name, code_of(row.get(f"{side}_phone")), address, company)


def _subs(cell: Cell) -> tuple[str, ...]:
    """Numbers of the pieces, however they are parted."""
    return tuple(filter(None, _APART.split(normalize("NFKC", code_of(cell)))))


def parcel_of(row: _Cells, context: _Context) -> ParcelDraft:
    """The parcel a row speaks of; raises ``BadCell``."""
    pieces = amount_of(row.get("pieces"))
    more: dict[str, Any] = {name: amount_of(row.get(name)) for name in _SIZES}
    more |= {name: text_of(row.get(name)).strip() for name in ("goods", "packaging", "destination", "remark")}
    scope, payment, receipt = (normalize("NFKC", text_of(row.get(name))).strip() for name in ("scope", "payment", "receipt"))
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
        payment=_PAYMENTS.get(payment, payment),
        receipt_kind=_RECEIPTS.get(receipt, receipt),
        fee_amount=amount_of(row.get("fee")) or Decimal(0),
        insurance_fee=amount_of(row.get("insurance_fee")) or Decimal(0),
        id_verified=flag_of(row.get("id_verified")),
        sub_waybills=_subs(row.get("sub_waybills")),
        collected_by=code_of(row.get("collected_by")),
        entered_by=code_of(row.get("entered_by")),
        **more,
    )


_Read = Callable[[_Cells, _Context], D]
_Store = Callable[[Sequence[D], int], Outcome]


def _source(
    kind: str,
    path: Path,
    columns: Sequence[Column],
    read: _Read[D],
    store: _Store[D],
    site_id: int | None,
    check: Callable[[D], str | None],
    bulk: Callable[[Table, Mapping[str, int], _Context], Bulk] | None = None,
) -> Source[D]:
    table = with_headings(read_table(path), columns)
    places = map_columns(table.headings, columns)
    context = _Context(site_id)

    def records() -> Iterator[Item[D] | Fault]:
        for row in table.rows():
            lines = [(row.number, [text_of(cell) for cell in row.cells])]
            try:
                yield Item(read(cells_of(row, places), context), lines)
            except BadCell as bad:
                yield Fault(bad.reason, lines)

    return Source(
        kind,
        path,
        records,
        store,
        REASONS,
        headings=table.headings,
        columns=places,
        check=check,
        options={"site_id": site_id},
        bulk=bulk(table, places, context) if bulk else None,
    )


def open_scans(*, actor: Actor, path: Path, now: datetime, site_id: int | None = None) -> Source[ScanDraft]:
    """A table of scans to preview or run; ``site_id`` is for rows that name no site."""
    people.require(actor, Permission.PARCEL_SCAN)

    def store(batch: Sequence[ScanDraft], _run_id: int) -> Outcome:
        done = actions.record_scans(actor=actor, batch=batch, now=now)
        return Outcome(done.stored, done.present, done.refused)

    def bulk(table: Table, places: Mapping[str, int], context: _Context) -> Bulk:
        return Bulk(partial(_blocks, table, _reader(actor, places, context, now), places), partial(_load, actor, now))

    reach = Reach(actor)
    return _source("scans", path, SCAN_COLUMNS, scan_of, store, site_id, lambda draft: scan_problem(cleaned(draft), now, reach), bulk)


def _reader(actor: Actor, places: Mapping[str, int], context: _Context, now: datetime) -> Reader:
    """What reads scans by columns, to the same end as ``scan_of`` and ``record_scans`` one by one."""
    reach = Reach(actor)

    def site(cell: str) -> int:
        found = context.site(cell)
        return found if reach(found) else _NO_SITE

    def one_by_one(cells: Sequence[Cell]) -> ScanDraft | str:
        try:
            draft = cleaned(scan_of(cells_of(Row(0, cells), places), context))
        except BadCell as bad:
            return bad.reason
        return scan_problem(draft, now, reach) or draft

    return Reader(places, context.zone, now + CLOCK_DRIFT, EARLIEST, _code, site, context.other, one_by_one)


def _code(cell: str) -> str | None:
    word = normalize("NFKC", cell).strip().lower()
    code = _CODES.get(word, word)
    return code if code in ScanCode.values else None


def _blocks(table: Table, reader: Reader, places: Mapping[str, int], start: int) -> Iterator[Block]:
    """The file from the record with that number on, in lots."""
    scans, faults, count = ScanColumns(), list[Fault](), 0
    size = min(_READ, _LOT)
    for lot in table.lots(size):
        gone = min(start, len(lot.rows))
        start -= gone
        left = Lot(lot.numbers[gone:], lot.rows[gone:]) if gone else lot
        if not left.rows:
            continue
        found, wrong = reader.read(left)
        scans.extend(found)
        faults += [Fault(reason, [(left.numbers[place], [text_of(cell) for cell in left.rows[place]])]) for place, reason in wrong]
        count += len(left.rows)
        if count > _LOT - size:
            yield Block(scans, count, faults, partial(_lines, scans, places))
            scans, faults, count = ScanColumns(), [], 0
    if count:
        yield Block(scans, count, faults, partial(_lines, scans, places))


def _lines(scans: ScanColumns, places: Mapping[str, int], place: int) -> Lines:
    """The row of a scan, with what tells which one it is; of a lot only the columns are kept."""
    cells = [""] * (max(places.values()) + 1)
    for name in ("waybill", "code", "scanned_at", "operator"):
        if name in places:
            cells[places[name]] = str(getattr(scans, name)[place])
    return [(scans.row[place], cells)]


def _load(actor: Actor, now: datetime, scans: ScanColumns) -> Outcome:
    done = load_scans(actor=actor, scans=scans, now=now)
    return Outcome(done.stored, done.present, done.refused)


def open_parcels(*, actor: Actor, path: Path, now: datetime, site_id: int | None = None) -> Source[ParcelDraft]:
    """A table of waybills to preview or run; ``site_id`` delivers those that name no site."""
    people.require(actor, Permission.PARCEL_SCAN)

    def store(batch: Sequence[ParcelDraft], _run_id: int) -> Outcome:
        done = actions.register_parcels(actor=actor, drafts=batch, now=now)
        return Outcome(done.stored, done.present, done.refused)

    reach = Reach(actor)

    def check(draft: ParcelDraft) -> str | None:
        pieces = tuple(map(clean_waybill, draft.sub_waybills))
        return parcel_problem(replace(draft, waybill=clean_waybill(draft.waybill), sub_waybills=pieces), reach)

    return _source("parcels", path, PARCEL_COLUMNS, parcel_of, store, site_id, check)


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
