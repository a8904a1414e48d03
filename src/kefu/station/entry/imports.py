"""Waybills and collections from files: own tables and carriers' exports (O9, docs/entry.md)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TypeVar
from unicodedata import normalize

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.kernel.actor import Actor
from kefu.kernel.cells import REASONS as CELL_REASONS
from kefu.kernel.cells import BadCell, amount_of, code_of, flag_of, moment_of, text_of
from kefu.kernel.errors import Message, NotFound
from kefu.kernel.imports import Fault, Item, Outcome, Source
from kefu.kernel.tabular import Cell, Column, Table, cells_of, map_columns, read_table
from kefu.parcels.drafts import Party
from kefu.parcels.vocabulary import Payment, ReceiptKind, Scope
from kefu.parcels.waybills import clean_waybill
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission
from kefu.station.areas.queries import AreaMap
from kefu.station.entry import actions
from kefu.station.entry.collecting import MOST_COLLECTED, collect
from kefu.station.entry.collecting import REASONS as COLLECT_REASONS
from kefu.station.entry.drafts import Collected, EntryDraft
from kefu.station.entry.findings import REFUSALS
from kefu.station.entry.headings import headed
from kefu.station.entry.limits import limits_at
from kefu.station.entry.rules import findings, piece_numbers
from kefu.station.entry.standing import looked_over

D = TypeVar("D")
_PLAIN: dict[str, Message] = {
    # In a file a code stands alone, so its sentence has no values.
    "entry_taken": _("运单号已录入。"),
    "entry_void": _("这是作废单，不能使用。"),
    "entry_too_old": _("寄件日期过早，请核对。"),
    "entry_banned": _("品名含禁寄词，不得收寄。"),
    "entry_id": _("未核对寄件人身份，不得收寄；请在“实名”列填“是”。"),
    "entry_not_told": _("目的地不派送或只能自提，须先告知寄件人；已告知的在“已告知”列填“是”。"),
    "entry_surcharge": _("目的地要加收费用，须先与寄件人约定；已约定的在“已告知”列填“是”。"),
    "entry_unserved": _("目的地不派送，按本省规定不得收寄。"),
    "entry_money_route": _("这条线路不能到付或代收货款。"),
    "entry_cod_most": _("代收货款超过上限。"),
    "entry_insured_most": _("保价金额超过上限。"),
}
REASONS: dict[str, Message] = {
    **CELL_REASONS,
    **{code: message for code, (_field, message) in REFUSALS.items()},
    **_PLAIN,
    **COLLECT_REASONS,
    "no_day": _("缺少寄件日期。"),
    "unknown_site": _("网点不存在，或不在您的权限范围内。"),
    "not_found": _("运单由其他网点登记，不能在这里补录。"),
    "no_collector": _("缺少收件员工号。"),
    "entry_no_collector": _("请填写收件员工号。"),
    "collect_future": _("收件时间不能晚于现在。"),
    "parcel_cancelled": _("运单已作废。"),
}
_NAMES: tuple[tuple[str, Message, str], ...] = (
    ("waybill", _("运单号"), "运单号 快递单号 单号 运单编号 运单号码 主单号 waybill"),
    ("sent_on", _("寄件日期"), "寄件日期 寄件时间 收寄时间 收寄日期 录单时间 揽收时间 日期 sent_on"),
    ("site", _("寄件网点"), "寄件网点 收件网点 始发网点 揽收网点 网点编号 site_code"),
    ("deliver", _("目的网点"), "目的网点 派件网点 目的站点 到达网点"),
    ("collector", _("收件员"), "收件员 收件员工号 揽件员 业务员 揽收员 取件员"),
    ("carrier", _("快递公司"), "快递公司 承运公司"),
    ("scope", _("寄递范围"), "寄递范围 范围"),
    ("sender_name", _("寄件人"), "寄件人 寄件人姓名 寄件姓名 发件人 发件人姓名"),
    ("sender_company", _("寄件公司"), "寄件公司 寄件人公司 寄件单位 发件公司"),
    ("sender_phone", _("寄件电话"), "寄件电话 寄件人电话 寄件人手机 寄件手机 发件人电话 发件电话"),
    ("sender_address", _("寄件地址"), "寄件地址 寄件人地址 寄件详细地址 发件人地址 发件地址"),
    ("receiver_name", _("收件人"), "收件人 收件人姓名 收件姓名 收货人"),
    ("receiver_company", _("收件公司"), "收件公司 收件人公司 收件单位"),
    ("receiver_phone", _("收件电话"), "收件电话 收件人电话 收件人手机 收件手机 收货人电话"),
    ("receiver_address", _("收件地址"), "收件地址 收件人地址 收件详细地址 收货地址"),
    ("receiver_province", _("收件省"), "收件省 收件省份 收件人省 收件人省份 目的省份"),
    ("receiver_city", _("收件市"), "收件市 收件城市 收件人市 收件人城市 目的城市"),
    ("receiver_district", _("收件区县"), "收件区 收件区县 收件县区 收件人区县 收件人区"),
    ("goods", _("品名"), "品名 物品名称 货物名称 托寄物 内件品名 内件名称"),
    ("pieces", _("件数"), "件数 数量 总件数"),
    ("weight", _("重量"), "重量 实际重量 实重 称重重量"),
    ("length", _("长"), "长 长cm 长度"),
    ("width", _("宽"), "宽 宽cm 宽度"),
    ("height", _("高"), "高 高cm 高度"),
    ("size", _("长宽高"), "长宽高 尺寸 体积尺寸"),
    ("packaging", _("包装"), "包装 包装类型"),
    ("payment", _("付款方式"), "付款方式 支付方式 结算方式"),
    ("fee", _("运费"), "运费 运费金额 快递费"),
    ("freight", _("到付金额"), "到付金额 到付款 到付运费 到付"),
    ("cod", _("代收货款"), "代收货款 代收金额 代收款"),
    ("insured", _("保价金额"), "保价金额 保价 声明价值"),
    ("insurance_fee", _("保价费"), "保价费 保费"),
    ("receipt", _("回单"), "回单 回单类型 回单标志 签单返还"),
    ("receipt_no", _("回单号"), "回单号 回单编号"),
    ("subs", _("子单号"), "子单号 子单 子运单号"),
    ("product", _("产品类型"), "产品类型 产品 业务类型"),
    ("postal", _("邮政"), "邮政 邮政件"),
    ("id_verified", _("实名"), "实名 已实名 实名认证 身份核验 实名标识"),
    ("told", _("已告知"), "已告知 已告知寄件人 超区告知"),
    ("remark", _("备注"), "备注 订单备注 remark"),
)
_REQUIRED = ("waybill", "sent_on", "receiver_name", "receiver_phone", "receiver_address", "weight", "goods")
COLUMNS = tuple(Column(name, title, tuple(names.split()), name in _REQUIRED) for name, title, names in _NAMES)
_KNOWN = tuple(name for column in COLUMNS for name in column.names)
_PAYMENTS = {
    **dict.fromkeys(("寄付", "现付", "寄方付", "现结", "寄付现结"), Payment.SENDER.value),
    **dict.fromkeys(("到付", "收方付", "提付"), Payment.RECEIVER.value),
    **dict.fromkeys(("月结", "寄付月结", "协议客户"), Payment.MONTHLY.value),
}
_RECEIPTS = {
    **dict.fromkeys(("原件", "原单", "是", "有", "1", "签单原件"), ReceiptKind.ORIGINAL.value),
    **dict.fromkeys(("复印件", "复印", "传真"), ReceiptKind.COPY.value),
    **dict.fromkeys(("电子", "电子回单", "图片"), ReceiptKind.ELECTRONIC.value),
    **dict.fromkeys(("否", "无", "0", "不需要", "-"), ""),
}
_SCOPES = {"同城": Scope.SAME_CITY, "异地": Scope.DOMESTIC, "国内": Scope.DOMESTIC, "国际": Scope.OVERSEAS, "港澳台": Scope.OVERSEAS}
_Cells = Mapping[str, Cell]


def _sites() -> dict[str, int]:
    found: dict[str, int] = {}
    for pk, site in people_queries.sites_by_id().items():
        found[site.code] = pk
        found.setdefault(site.name, pk)
    return found


@dataclass(frozen=True)
class _Context:
    """Sites by code and by name, and the site of rows that name none."""

    site_id: int | None
    zone: tzinfo = field(default_factory=timezone.get_default_timezone)
    sites: Mapping[str, int] = field(default_factory=_sites)

    def site(self, cell: Cell) -> int:
        name = text_of(cell).strip()
        found = self.sites.get(name) if name else self.site_id
        if found is None:
            raise BadCell("unknown_site")
        return found

    def other(self, cell: Cell) -> int | None:
        """A site of ours by code or name; a name nobody here knows leaves it to the area table."""
        return self.sites.get(text_of(cell).strip())


def _text(row: _Cells, name: str) -> str:
    return text_of(row.get(name)).strip()


def _party(row: _Cells, side: str) -> Party:
    address = _text(row, f"{side}_address")
    above = [_text(row, f"{side}_{name}") for name in ("province", "city", "district")]
    # Exports repeat the region in front of the address, or keep it in columns of its own.
    lead = "".join(part for part in above if part and part not in address[:20])
    return Party(_text(row, f"{side}_name"), code_of(row.get(f"{side}_phone")), lead + address, _text(row, f"{side}_company"))


def _size(row: _Cells) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    """Three columns, or one: 30*20*10."""
    together = normalize("NFKC", _text(row, "size")).lower().replace("cm", "")
    if together:
        sides = [amount_of(part) for part in together.replace("x", "*").replace("×", "*").split("*")]
        if len(sides) != 3:
            raise BadCell("bad_number")
        return sides[0], sides[1], sides[2]
    return amount_of(row.get("length")), amount_of(row.get("width")), amount_of(row.get("height"))


def entry_of(row: _Cells, context: _Context) -> EntryDraft:
    """The waybill a row speaks of; raises ``BadCell``."""
    at = moment_of(row.get("sent_on"), context.zone)
    if at is None:
        raise BadCell("no_day")
    pieces = amount_of(row.get("pieces"))
    freight = amount_of(row.get("freight")) or Decimal(0)
    payment, receipt, scope = _text(row, "payment"), _text(row, "receipt"), _text(row, "scope")
    length, width, height = _size(row)
    return EntryDraft(
        waybill=clean_waybill(code_of(row.get("waybill"))),
        site_id=context.site(row.get("site")),
        sent_on=at.astimezone(context.zone).date(),
        collector=code_of(row.get("collector")),
        sender=_party(row, "sender"),
        receiver=_party(row, "receiver"),
        deliver_site_id=context.other(row.get("deliver")),
        carrier=_text(row, "carrier"),
        scope=_SCOPES.get(scope, scope or Scope.DOMESTIC.value),
        goods=_text(row, "goods"),
        pieces=1 if pieces is None else int(pieces),
        weight=amount_of(row.get("weight")),
        length=length,
        width=width,
        height=height,
        packaging=_text(row, "packaging"),
        payment=_PAYMENTS.get(payment, payment) or (Payment.RECEIVER.value if freight > 0 else Payment.SENDER.value),
        fee_amount=amount_of(row.get("fee")) or Decimal(0),
        freight_amount=freight,
        cod_amount=amount_of(row.get("cod")) or Decimal(0),
        insured_amount=amount_of(row.get("insured")) or Decimal(0),
        insurance_fee=amount_of(row.get("insurance_fee")),
        receipt_kind=_RECEIPTS.get(receipt, receipt),
        receipt_no=code_of(row.get("receipt_no")),
        sub_waybills=piece_numbers(code_of(row.get("subs"))),
        product=_text(row, "product"),
        postal=flag_of(row.get("postal")),
        id_verified=flag_of(row.get("id_verified")),
        told=flag_of(row.get("told")),
        remark=_text(row, "remark"),
    )


_Read = Callable[[_Cells], D]


def _records(table: Table, places: Mapping[str, int], read: _Read[D]) -> Iterator[Item[D] | Fault]:
    for row in table.rows():
        lines = [(row.number, [text_of(cell) for cell in row.cells])]
        try:
            yield Item(read(cells_of(row, places)), lines)
        except BadCell as bad:
            yield Fault(bad.reason, lines)


def open_entries(*, actor: Actor, path: Path, now: datetime, site_id: int | None = None) -> Source[EntryDraft]:
    """A table of waybills to preview or run; ``site_id`` is the sending site of rows that name none."""
    people.require(actor, Permission.WAYBILL_ENTER)
    table = headed(read_table(path), COLUMNS[0].names, _KNOWN)
    places = map_columns(table.headings, COLUMNS)
    context = _Context(site_id)
    today = timezone.localdate(now)
    area_map = cache(lambda: AreaMap(today))
    limits_of = cache(lambda sending: limits_at(sending, now))

    def check(draft: EntryDraft) -> str | None:
        if not actor.reaches(draft.site_id):
            return "entry_origin"
        one = looked_over(draft, area_map())
        found = findings(one.draft, one.standing, limits_of(draft.site_id), now=now, today=today)
        return next((finding.code for finding in found if finding.refuses), None)

    def store(batch: Sequence[EntryDraft], _run_id: int) -> Outcome:
        done = actions.enter_many(actor=actor, drafts=batch, now=now)
        return Outcome(done.stored, done.present, done.refused)

    def records() -> Iterator[Item[EntryDraft] | Fault]:
        return _records(table, places, lambda row: entry_of(row, context))

    return Source("entries", path, records, store, REASONS, table.headings, places, check, {"site_id": site_id})


COLLECTION_COLUMNS = (
    Column("waybill", _("运单号"), ("运单号", "快递单号", "单号", "运单编号"), required=True),
    Column("collector", _("收件员"), ("收件员", "收件员工号", "揽件员", "业务员", "揽收员"), required=True),
    Column("collected_at", _("收件时间"), ("收件时间", "揽收时间", "收寄时间", "时间"), required=True),
    Column("weight", _("重量"), ("重量", "实际重量", "实重")),
    Column("site", _("网点"), ("网点", "收件网点", "寄件网点", "网点编号")),
)


@dataclass(frozen=True, slots=True)
class CollectionDraft:
    """A parcel taken over, as a row says it."""

    site_id: int
    collector: str
    collected_at: datetime
    line: Collected


def collection_of(row: _Cells, context: _Context) -> CollectionDraft:
    """The collection a row speaks of; raises ``BadCell``."""
    at = moment_of(row.get("collected_at"), context.zone)
    if at is None:
        raise BadCell("bad_time")
    collector = code_of(row.get("collector"))
    if not collector:
        raise BadCell("no_collector")
    return CollectionDraft(
        context.site(row.get("site")), collector, at, Collected(code_of(row.get("waybill")), amount_of(row.get("weight")))
    )


def open_collections(*, actor: Actor, path: Path, now: datetime, site_id: int | None = None) -> Source[CollectionDraft]:
    """A table of collections to preview or run; ``site_id`` is for rows that name no site."""
    people.require(actor, Permission.WAYBILL_ENTER)
    table = headed(read_table(path), COLLECTION_COLUMNS[0].names, [name for column in COLLECTION_COLUMNS for name in column.names])
    places = map_columns(table.headings, COLLECTION_COLUMNS)
    context = _Context(site_id)

    def check(draft: CollectionDraft) -> str | None:
        if not actor.reaches(draft.site_id):
            return "unknown_site"
        return "collect_future" if draft.collected_at > now else None

    def store(batch: Sequence[CollectionDraft], _run_id: int) -> Outcome:
        return _collect(actor, batch, now)

    def records() -> Iterator[Item[CollectionDraft] | Fault]:
        return _records(table, places, lambda row: collection_of(row, context))

    return Source("collections", path, records, store, REASONS, table.headings, places, check, {"site_id": site_id})


def _collect(actor: Actor, batch: Sequence[CollectionDraft], now: datetime) -> Outcome:
    """Group by site, collector and moment, as a form would give them."""
    groups: dict[tuple[int, str, datetime], list[int]] = {}
    refused: list[tuple[int, str]] = []
    for place, one in enumerate(batch):
        if not actor.reaches(one.site_id):
            refused.append((place, "unknown_site"))
        elif one.collected_at > now or len(one.collector) > 20:
            refused.append((place, "collect_future" if one.collected_at > now else "entry_no_collector"))
        else:
            groups.setdefault((one.site_id, one.collector, one.collected_at), []).append(place)
    stored = present = 0
    for (site_id, collector, at), places in groups.items():
        for start in range(0, len(places), MOST_COLLECTED):
            part = places[start : start + MOST_COLLECTED]
            try:
                done = collect(
                    actor=actor, site_id=site_id, collector=collector, lines=[batch[place].line for place in part], collected_at=at, now=now
                )
            except NotFound:
                refused += [(place, "unknown_site") for place in part]
                continue
            stored, present = stored + done.stored, present + done.present
            refused += [(part[at_], reason) for at_, reason in done.refused]
    return Outcome(stored, present, refused)
