"""Kinds of files that can be taken in. A kind joins by a line in ``KINDS``."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from kefu.claims.imports import open_payment_results
from kefu.conversations import imports as conversations
from kefu.customers.imports import open_customers
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Message, NotFound
from kefu.kernel.imports import Source
from kefu.ledgers.imports import open_ledger
from kefu.orders.imports import open_shop_orders, open_shop_refunds
from kefu.parcels.imports import open_parcels, open_scans
from kefu.people.permissions import Permission
from kefu.regulator.imports import open_appeals
from kefu.station.areas.imports import open_areas
from kefu.station.entry.imports import open_collections, open_entries
from kefu.station.fees.imports import open_network_fees
from kefu.station.forwarding.imports import open_forwards
from kefu.station.pickups.imports import open_orders
from kefu.station.problems.imports import open_problems
from kefu.station.receipts.imports import open_receipts
from kefu.station.scanning.imports import open_deliveries
from kefu.station.signing.imports import open_sign_offs
from kefu.station.tracking.imports import open_traces


@dataclass(frozen=True, slots=True)
class Given:
    """A file to take in: who gives it, when, the site of rows that name none, the day of conversations without times."""

    actor: Actor
    path: Path
    now: datetime
    site_id: int | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class IntakeKind:
    """A kind of file. ``needs_site``: rows cannot name their site, so one must be chosen; ``site_kind`` is the kind of site meant when
    the command line names none. ``guessed``: the command line may tell it by the headings, in the order of ``KINDS``. ``own_page``: the
    console takes it in on a page of its own, with options of its own. ``about`` says in a sentence what a row is.
    """

    key: str
    title: Message
    permission: Permission
    open: Callable[[Given], Source[Any]]
    needs_site: bool = False
    about: Message = ""
    site_kind: str = ""
    guessed: bool = False
    own_page: str = ""


def _table(open_table: Callable[..., Source[Any]]) -> Callable[[Given], Source[Any]]:
    """A kind opened by what is usual: who, the file, the moment, the site of rows that name none."""

    def opened(given: Given) -> Source[Any]:
        return open_table(actor=given.actor, path=given.path, now=given.now, site_id=given.site_id)

    return opened


def _conversations(given: Given) -> Source[Any]:
    options = conversations.Options(site_id=given.site_id, day=given.day)
    return conversations.open_source(actor=given.actor, path=given.path, options=options, now=given.now)


def _jddc(given: Given) -> Source[Any]:
    options = conversations.Options(site_id=given.site_id, day=given.day, source="jddc", format="jddc")
    return conversations.open_source(actor=given.actor, path=given.path, options=options, now=given.now)


def _customers(given: Given) -> Source[Any]:
    return open_customers(actor=given.actor, path=given.path, now=given.now, site_id=given.site_id or 0)


def _payment_results(given: Given) -> Source[Any]:
    return open_payment_results(actor=given.actor, path=given.path, now=given.now)


def _ledger(given: Given) -> Source[Any]:
    return open_ledger(actor=given.actor, path=given.path, now=given.now)


KINDS: Sequence[IntakeKind] = (
    IntakeKind("conversations", _("会话"), Permission.CONVERSATION_IMPORT, _conversations, guessed=True, own_page="imports"),
    IntakeKind(
        "scans",
        _("扫描记录"),
        Permission.PARCEL_SCAN,
        _table(open_scans),
        about=_("每行一次扫描：运单号、扫描类型、时间、站点。"),
        guessed=True,
    ),
    IntakeKind(
        "parcels",
        _("运单"),
        Permission.PARCEL_SCAN,
        _table(open_parcels),
        about=_("每行一票：运单号、收寄件人、重量、代收。"),
        guessed=True,
    ),
    IntakeKind(
        "customers", _("客户"), Permission.CUSTOMER_EDIT, _customers, needs_site=True, about=_("每行一位：姓名、电话。"), guessed=True
    ),
    IntakeKind("jddc", _("JDDC 语料"), Permission.CONVERSATION_IMPORT, _jddc, needs_site=True, site_kind="shop", own_page="imports"),
    IntakeKind(
        "entries",
        _("运单录入"),
        Permission.WAYBILL_ENTER,
        _table(open_entries),
        about=_("每行一票：运单号、寄件日期、收寄件人、品名、重量、实名。可直接用快递公司导出的表。"),
    ),
    IntakeKind(
        "collections",
        _("收件录入"),
        Permission.WAYBILL_ENTER,
        _table(open_collections),
        about=_("每行一票：运单号、收件员、收件时间、重量。"),
    ),
    IntakeKind(
        "areas", _("派送范围"), Permission.AREA_EDIT, _table(open_areas), about=_("每行一个地方：区划、派送方式、生效日期、公布日期。")
    ),
    IntakeKind("deliveries", _("派件扫描"), Permission.PARCEL_SCAN, _table(open_deliveries), about=_("每行一票派件扫描，可含到派一体。")),
    IntakeKind(
        "carrier_traces",
        _("快递公司轨迹"),
        Permission.PARCEL_SCAN,
        _table(open_traces),
        about=_("每行一条：运单号、时间、内容、类型、地点。"),
    ),
    IntakeKind("sign_offs", _("签收"), Permission.PARCEL_SCAN, _table(open_sign_offs), about=_("每行一票签收。")),
    IntakeKind("problems", _("问题件"), Permission.PROBLEM_WORK, _table(open_problems)),
    IntakeKind(
        "network_fees",
        _("网络派费报表"),
        Permission.FEE_SETTLE,
        _table(open_network_fees),
        about=_("每行一票：运单号、派件网点、月份、计费重量、基础派费、大货派费、合计。"),
    ),
    IntakeKind(
        "receipts",
        _("回单登记"),
        Permission.RECEIPT_WORK,
        _table(open_receipts),
        about=_("每行一个环节：运单号或回单号、环节、登记时间、寄出单号。"),
    ),
    IntakeKind(
        "pickups",
        _("电商订单"),
        Permission.PICKUP_WORK,
        _table(open_orders),
        about=_("每行一张取件订单：物流订单号、平台、寄件人、预约时间。"),
    ),
    IntakeKind(
        "shop_orders",
        _("网店订单"),
        Permission.ORDER_WORK,
        _table(open_shop_orders),
        needs_site=True,
        site_kind="shop",
        about=_("淘宝、京东、拼多多导出的订单报表，原样导入即可；同一订单再次导入会更新。"),
    ),
    IntakeKind(
        "shop_refunds",
        _("网店退款"),
        Permission.ORDER_WORK,
        _table(open_shop_refunds),
        needs_site=True,
        site_kind="shop",
        about=_("平台导出的退款或售后报表；请先导入订单。"),
    ),
    IntakeKind(
        "ledger",
        _("台账"),
        Permission.CASE_WORK,
        _ledger,
        about=_("台账页导出、改过的文件；预览逐格对比改前改后，只写入改动的内容。"),
    ),
    IntakeKind("forwards", _("超区转件申请"), Permission.FORWARD_REQUEST, _table(open_forwards)),
    IntakeKind(
        "appeals",
        _("邮政申诉"),
        Permission.REGULATOR_WORK,
        _table(open_appeals),
        about=_("每行一件：申诉编号、运单号、类别、申诉人、内容、收到时间。同一编号再次导入不会重复。"),
    ),
    IntakeKind(
        "payment_results",
        _("赔款支付结果"),
        Permission.CLAIM_PAY,
        _payment_results,
        about=_("每行一笔：付款编号、结果（已付款、失败、被退回）、流水号、金额、原因。"),
    ),
)
_BY_KEY = {one.key: one for one in KINDS}


def named(key: str) -> IntakeKind:
    """The kind of a key; raises ``NotFound``."""
    if key not in _BY_KEY:
        raise NotFound
    return _BY_KEY[key]
