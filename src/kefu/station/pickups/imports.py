"""Pick-up orders from tables (CSV, TSV, Excel), a row each, as platforms export them (docs/pickups.md)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
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
from kefu.parcels.drafts import Party
from kefu.people import queries as people
from kefu.people.access import require
from kefu.people.permissions import Permission
from kefu.station.pickups.drafts import OrderDraft
from kefu.station.pickups.errors import GATEWAY
from kefu.station.pickups.errors import REASONS as ORDER_REASONS
from kefu.station.pickups.push import push_many
from kefu.station.pickups.vocabulary import Payment, Platform

REASONS: Mapping[str, Message] = {**CELL_REASONS, **ORDER_REASONS, **GATEWAY}
_NO_SITE = 0
_NAMES: tuple[tuple[str, Message, str], ...] = (
    ("order_no", _("物流订单号"), "物流订单号 订单号 订单编号 order_no"),
    ("platform", _("平台"), "平台 平台来源 订单来源 来源"),
    ("placed_at", _("下单时间"), "下单时间 创建时间 订单时间"),
    ("slot_from", _("预约开始"), "预约开始 预约取件开始 取件时间起"),
    ("slot_to", _("预约结束"), "预约结束 预约取件结束 取件时间止"),
    ("sender_name", _("寄件人"), "寄件人 寄件人姓名 发件人"),
    ("sender_phone", _("寄件电话"), "寄件电话 寄件人电话 寄件人手机 发件人电话"),
    ("sender_address", _("寄件地址"), "寄件地址 寄件人地址 发件人地址"),
    ("receiver_name", _("收件人"), "收件人 收件人姓名 收货人"),
    ("receiver_phone", _("收件电话"), "收件电话 收件人电话 收件人手机"),
    ("receiver_address", _("收件地址"), "收件地址 收件人地址 收货地址"),
    ("goods", _("品名"), "品名 物品 商品"),
    ("weight", _("重量"), "重量 预估重量"),
    ("pieces", _("件数"), "件数 数量"),
    ("payment", _("付款方式"), "付款方式 支付方式"),
    ("insured", _("保价金额"), "保价金额 保价"),
    ("cod", _("代收货款"), "代收货款 代收金额"),
    ("remark", _("备注"), "备注 说明"),
    ("site", _("分配网点"), "分配网点 网点 网点编号 站点编号 site_code"),
)
COLUMNS = tuple(Column(f, title, tuple(names.split()), f in ("order_no", "sender_phone", "sender_address")) for f, title, names in _NAMES)
_PLATFORMS = dict.fromkeys(("淘宝", "天猫", "菜鸟", "阿里", "淘宝/菜鸟", "1688"), Platform.CAINIAO.value) | {
    "京东": Platform.JD.value,
    "拼多多": Platform.PDD.value,
    "微信": Platform.WECHAT.value,
    "抖音": Platform.DOUYIN.value,
    "网厅": Platform.OWN.value,
    "官网": Platform.OWN.value,
    "自有渠道": Platform.OWN.value,
    "": Platform.OWN.value,
}
_PAYMENTS = {
    "": Payment.SENDER.value,
    "寄付": Payment.SENDER.value,
    "现付": Payment.SENDER.value,
    "到付": Payment.RECEIVER.value,
    "月结": Payment.MONTHLY.value,
    "第三方付": Payment.THIRD.value,
    "第三方": Payment.THIRD.value,
}


def _party(row: Mapping[str, Cell], side: str) -> Party:
    return Party(text_of(row.get(f"{side}_name")).strip(), code_of(row.get(f"{side}_phone")), text_of(row.get(f"{side}_address")).strip())


def _draft(row: Mapping[str, Cell], hub_id: int, sites: Mapping[str, int], zone: tzinfo, now: datetime) -> OrderDraft:
    """The order a row speaks of; raises ``BadCell``. A row without a time was placed now."""
    site, platform, payment = code_of(row.get("site")), text_of(row.get("platform")).strip(), text_of(row.get("payment")).strip()
    pieces = amount_of(row.get("pieces"))
    return OrderDraft(
        platform=_PLATFORMS.get(platform, platform),
        order_no=code_of(row.get("order_no")),
        hub_id=hub_id,
        site_id=sites.get(site, _NO_SITE) if site else None,
        sender=_party(row, "sender"),
        receiver=_party(row, "receiver"),
        placed_at=moment_of(row.get("placed_at"), zone) or now,
        slot_from=moment_of(row.get("slot_from"), zone),
        slot_to=moment_of(row.get("slot_to"), zone),
        goods=text_of(row.get("goods")).strip(),
        weight=amount_of(row.get("weight")),
        pieces=1 if pieces is None else int(pieces),
        payment=_PAYMENTS.get(payment, payment),
        insured_amount=amount_of(row.get("insured")) or Decimal(0),
        cod_amount=amount_of(row.get("cod")) or Decimal(0),
        remark=text_of(row.get("remark")).strip(),
    )


def open_orders(*, actor: Actor, path: Path, now: datetime, site_id: int | None = None) -> Source[OrderDraft]:
    """A table of orders to preview or run; ``site_id`` is whose pool they come to, the actor's own site when not given."""
    require(actor, Permission.PICKUP_WORK)
    hub_id = site_id or actor.site_id or _NO_SITE
    table = read_table(path)
    places = map_columns(table.headings, COLUMNS)
    sites = {name: pk for pk, site in people.sites_by_id().items() for name in (site.name, site.code)}
    zone = timezone.get_default_timezone()

    def records() -> Iterator[Item[OrderDraft] | Fault]:
        for row in table.rows():
            lines = [(row.number, [text_of(cell) for cell in row.cells])]
            try:
                yield Item(_draft(cells_of(row, places), hub_id, sites, zone, now), lines)
            except BadCell as bad:
                yield Fault(bad.reason, lines)

    return Source(
        "pickups", path, records, _store(actor, now), REASONS, headings=table.headings, columns=places, options={"site_id": hub_id}
    )


def _store(actor: Actor, now: datetime) -> Callable[[Sequence[OrderDraft], int], Outcome]:
    def store(batch: Sequence[OrderDraft], _run_id: int) -> Outcome:
        answers = push_many(actor=actor, drafts=batch, now=now)
        refused = [(place, one.reason or one.code) for place, one in enumerate(answers) if not one.success]
        stored = sum(one.outcome == "stored" for one in answers)
        return Outcome(stored, len(answers) - stored - len(refused), refused)

    return store
