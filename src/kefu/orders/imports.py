"""Orders and refunds from the exports of Taobao, JD and PDD, with their own column headings (SHOP1, E1-E4; docs/orders.md)."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any, TypeAlias
from unicodedata import normalize

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.kernel.actor import Actor
from kefu.kernel.cells import REASONS as CELL_REASONS
from kefu.kernel.cells import BadCell, amount_of, code_of, moment_of, text_of
from kefu.kernel.errors import Message
from kefu.kernel.imports import Fault, Item, Outcome, Source
from kefu.kernel.tabular import Cell, Column, Places, Row, Table, cells_of, heading_key, map_columns, read_table
from kefu.orders import rules
from kefu.orders.drafts import ItemDraft, OrderDraft, RefundDraft
from kefu.orders.errors import REASONS as ORDER_REASONS
from kefu.orders.refunding import store_refunds
from kefu.orders.storing import Answer, store_orders
from kefu.orders.vocabulary import PLATFORM_GOODS, PLATFORM_REFUND_KINDS, PLATFORM_REFUND_STATES, PLATFORM_STATES, Platform
from kefu.parcels.drafts import Party
from kefu.people import queries as people
from kefu.people.access import require, require_site
from kefu.people.permissions import Permission

REASONS: Mapping[str, Message] = {**CELL_REASONS, **ORDER_REASONS}
_ORDER_NAMES: tuple[tuple[str, Message, str], ...] = (
    ("number", _("订单编号"), "订单编号 订单号 主订单编号"),
    ("platform", _("平台"), "平台 平台来源"),
    ("shop", _("店铺名称"), "店铺名称 店铺"),
    ("state", _("订单状态"), "订单状态 交易状态"),
    ("buyer", _("买家"), "买家会员名 买家昵称 下单帐号 下单账号 买家旺旺"),
    ("name", _("收货人"), "收货人姓名 收货人 客户姓名 收件人"),
    ("phone", _("联系电话"), "联系手机 手机 联系电话 收货人手机 电话"),
    ("address", _("收货地址"), "收货地址 客户地址 详细地址"),
    ("province", _("省"), "省"),
    ("city", _("市"), "市"),
    ("district", _("区"), "区"),
    ("total", _("应付金额"), "总金额 应付金额 买家应付货款 订单金额 商品总价"),
    ("paid", _("实付金额"), "买家实际支付金额 用户实付金额 结算金额 实付金额"),
    ("freight", _("运费"), "买家应付邮费 运费金额 邮费 运费"),
    ("placed_at", _("下单时间"), "订单创建时间 下单时间 订单成交时间 拼单成功时间"),
    ("paid_at", _("付款时间"), "订单付款时间 付款确认时间 支付时间 付款时间"),
    ("shipped_at", _("发货时间"), "发货时间"),
    ("signed_at", _("签收时间"), "签收时间"),
    ("finished_at", _("完成时间"), "订单完成时间 确认收货时间 完成时间"),
    ("waybill", _("物流单号"), "物流单号 快递单号 运单号"),
    ("carrier", _("物流公司"), "物流公司 快递公司"),
    ("goods", _("商品"), "宝贝标题 商品名称 商品 标题"),
    ("sku", _("规格"), "修改后的sku 商品规格 宝贝种类 商品属性"),
    ("code", _("商品编码"), "商家编码-规格维度 商家编码 商家SKUID 商品ID 商品id 货号"),
    ("quantity", _("数量"), "宝贝总数量 订购数量 商品数量 数量"),
    ("price", _("单价"), "京东价 单价 商品单价"),
    ("message", _("买家留言"), "买家留言"),
    ("remark", _("备注"), "订单备注 商家备注 备注"),
)
_REFUND_NAMES: tuple[tuple[str, Message, str], ...] = (
    ("number", _("退款编号"), "退款编号 售后编号 售后单号 服务单号 退款单号"),
    ("order_number", _("订单编号"), "订单编号 订单号"),
    ("platform", _("平台"), "平台 平台来源"),
    ("state", _("退款状态"), "退款状态 售后状态 服务单状态 状态"),
    ("kind", _("售后类型"), "售后类型 服务类型 退款类型 客户期望处理方式"),
    ("goods", _("货物状态"), "货物状态 收货状态"),
    ("amount", _("退款金额"), "买家退款金额 退款金额 售后金额"),
    ("reason", _("退款原因"), "买家退款原因 售后原因 申请原因 退款原因"),
    ("requested_at", _("申请时间"), "退款的申请时间 售后申请时间 申请时间 服务单申请时间 退款申请时间"),
    ("finished_at", _("完结时间"), "退款完结时间 完结时间 处理完成时间"),
    ("return_waybill", _("退货单号"), "退货物流单号 退货快递单号 退货运单号 客户发货单号"),
)
_MUST = frozenset({"number", "state", "placed_at", "order_number", "requested_at", "amount"})
# The amount of a JD service order stands in another file.
ORDER_COLUMNS = tuple(Column(f, title, tuple(names.split()), f in _MUST) for f, title, names in _ORDER_NAMES)
REFUND_COLUMNS = tuple(Column(f, title, tuple(names.split()), f in _MUST) for f, title, names in _REFUND_NAMES)
_MARKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("taobao", ("买家会员名", "买家昵称", "买家支付宝账号", "支付宝交易号", "退款的申请时间")),
    ("jd", ("下单帐号", "下单账号", "京东价", "付款确认时间", "服务单号")),
    ("pdd", ("商品总价", "用户实付金额", "拼单成功时间", "样式ID", "售后编号")),
)
_PLATFORMS = (
    {str(label): value for value, label in Platform.choices}
    | {value: value for value in Platform.values}
    | {"自营": "own", "拼多多商家": "pdd"}
)
_FOREIGN = re.compile(r"usd|hkd|eur|jpy|gbp|twd|us\$|hk\$|[$€£]|美元|港币|港元|欧元|日元|英镑|台币", re.IGNORECASE)
_CNY = re.compile(r"cny|rmb|人民币", re.IGNORECASE)
_Cells: TypeAlias = Mapping[str, Cell]


def money_of(cell: Cell) -> Decimal:
    """Yuan; nothing is 0. Another currency is refused, not read as yuan."""
    text = normalize("NFKC", text_of(cell))
    if _FOREIGN.search(text):
        raise BadCell("wrong_currency")
    return amount_of(_CNY.sub("", text)) or Decimal(0)


def platform_of(headings: Sequence[str]) -> str:
    """The platform an export came from, by headings nobody else has; own when none is known."""
    keys = {heading_key(one) for one in headings}
    return next((name for name, marks in _MARKS if keys & {heading_key(mark) for mark in marks}), Platform.OWN.value)


def _word(cell: Cell) -> str:
    return text_of(cell).strip()


def _spoken_platform(row: _Cells, guessed: str) -> str:
    said = _word(row.get("platform"))
    return _PLATFORMS.get(said, said) if said else guessed


def _item(row: _Cells) -> ItemDraft | None:
    name = _word(row.get("goods"))
    if not name:
        return None
    quantity = amount_of(row.get("quantity"))
    number = 1 if quantity is None else int(quantity)
    return ItemDraft(name, _word(row.get("sku")), number, money_of(row.get("price")), _word(row.get("code")))


def _parcels(row: _Cells) -> tuple[tuple[str, str], ...]:
    """Waybills of a cell, which may hold several, and whose they are."""
    carrier = _word(row.get("carrier"))
    return tuple((one.removeprefix("No:"), carrier) for one in re.split(r"[\s,，;；、]+", code_of(row.get("waybill"))) if one)


def _order(rows: Sequence[_Cells], site_id: int, guessed: str, shop: str, zone: tzinfo) -> OrderDraft:
    """The order that rows of one number speak of, a row an item; raises ``BadCell``."""
    row = rows[0]
    said = _word(row.get("state"))
    key = rules.word_key(said)
    region = "".join(_word(row.get(name)) for name in ("province", "city", "district"))
    remarks = (_word(row.get("message")), _word(row.get("remark")))
    paid_at = moment_of(row.get("paid_at"), zone)
    total, paid = money_of(row.get("total")), money_of(row.get("paid"))
    return OrderDraft(
        site_id=site_id,
        platform=_spoken_platform(row, guessed),
        shop=(_word(row.get("shop")) or shop)[:80],
        number=code_of(row.get("number")),
        state=PLATFORM_STATES.get(key, key),
        said=said,
        placed_at=moment_of(row.get("placed_at"), zone),
        buyer=_word(row.get("buyer"))[:120],
        receiver=Party(_word(row.get("name"))[:60], code_of(row.get("phone"))[:40], (region + _word(row.get("address")))[:300]),
        total=total,
        paid=paid,
        freight=money_of(row.get("freight")),
        paid_at=paid_at,
        shipped_at=moment_of(row.get("shipped_at"), zone),
        signed_at=moment_of(row.get("signed_at"), zone),
        finished_at=moment_of(row.get("finished_at"), zone),
        parcels=tuple(dict.fromkeys(parcel for one in rows for parcel in _parcels(one))),
        remark="\n".join(one for one in remarks if one),
        items=tuple(item for one in rows if (item := _item(one)) is not None),
    )


def _refund(row: _Cells, site_id: int, guessed: str, zone: tzinfo) -> RefundDraft:
    said, kind = _word(row.get("state")), rules.word_key(_word(row.get("kind")))
    key, goods = rules.word_key(said), rules.word_key(_word(row.get("goods")))
    return RefundDraft(
        site_id=site_id,
        platform=_spoken_platform(row, guessed),
        number=code_of(row.get("number")),
        order_number=code_of(row.get("order_number")),
        state=PLATFORM_REFUND_STATES.get(key, key),
        said=said,
        kind="" if kind in ("", "仅退款") else PLATFORM_REFUND_KINDS.get(kind, kind),
        goods=PLATFORM_GOODS.get(goods, ""),
        amount=money_of(row.get("amount")),
        reason=_word(row.get("reason"))[:200],
        requested_at=moment_of(row.get("requested_at"), zone),
        finished_at=moment_of(row.get("finished_at"), zone),
        return_waybill=code_of(row.get("return_waybill")),
    )


def _lines(rows: Sequence[Row]) -> list[tuple[int, list[str]]]:
    return [(row.number, [text_of(cell) for cell in row.cells]) for row in rows]


def _by_number(table: Table, places: Mapping[str, int]) -> Iterator[list[Row]]:
    """Rows that follow each other with one order number are one order (JD writes a row an item)."""
    place = places["number"]

    def number(row: Row) -> str:
        return text_of(row.cells[place]).strip() if place < len(row.cells) else ""

    for key, rows in groupby(table.rows(), number):
        together = list(rows)
        yield from [together] if key else [[row] for row in together]


def open_shop_orders(*, actor: Actor, path: Path, now: datetime, site_id: int | None = None) -> Source[OrderDraft]:
    """A table of orders of a site's shops, to preview or run. Orders without a shop's name are of the site's own."""
    site = _site(actor, site_id)
    table = read_table(path)
    places = map_columns(table.headings, ORDER_COLUMNS)
    guessed, zone, shop = platform_of(table.headings), timezone.get_default_timezone(), people.sites_by_id()[site].name

    def records() -> Iterator[Item[OrderDraft] | Fault]:
        for rows in _by_number(table, places):
            try:
                yield Item(_order([cells_of(row, places) for row in rows], site, guessed, shop, zone), _lines(rows))
            except BadCell as bad:
                yield Fault(bad.reason, _lines(rows))

    def store(batch: Sequence[OrderDraft], _run_id: int) -> Outcome:
        return _outcome(store_orders(actor=actor, drafts=batch, now=now))

    def check(draft: OrderDraft) -> str | None:
        return rules.order_problem(draft, now)

    return _source("shop_orders", path, records, store, table, places, check, site)


def open_shop_refunds(*, actor: Actor, path: Path, now: datetime, site_id: int | None = None) -> Source[RefundDraft]:
    """A table of refunds of a site's shops, to preview or run; their orders must be there."""
    site = _site(actor, site_id)
    table = read_table(path)
    places = map_columns(table.headings, REFUND_COLUMNS)
    guessed, zone = platform_of(table.headings), timezone.get_default_timezone()

    def records() -> Iterator[Item[RefundDraft] | Fault]:
        for row in table.rows():
            try:
                yield Item(_refund(cells_of(row, places), site, guessed, zone), _lines([row]))
            except BadCell as bad:
                yield Fault(bad.reason, _lines([row]))

    def store(batch: Sequence[RefundDraft], _run_id: int) -> Outcome:
        return _outcome(store_refunds(actor=actor, drafts=batch, now=now))

    def check(draft: RefundDraft) -> str | None:
        return rules.refund_problem(draft, now)

    return _source("shop_refunds", path, records, store, table, places, check, site)


def _site(actor: Actor, site_id: int | None) -> int:
    require(actor, Permission.ORDER_WORK)
    site = site_id or actor.site_id or 0
    require_site(actor, site)
    return site


def _outcome(answers: Sequence[Answer]) -> Outcome:
    refused = [(place, one.reason) for place, one in enumerate(answers) if one.outcome == "refused"]
    stored = sum(one.outcome in ("stored", "updated") for one in answers)
    return Outcome(stored, len(answers) - stored - len(refused), refused)


def _source(
    kind: str,
    path: Path,
    records: Callable[[], Iterator[Any]],
    store: Callable[[Sequence[Any], int], Outcome],
    table: Table,
    places: Places,
    check: Callable[[Any], str | None],
    site: int,
) -> Source[Any]:
    return Source(kind, path, records, store, REASONS, headings=table.headings, columns=places, check=check, options={"site_id": site})
