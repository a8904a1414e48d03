"""Entered waybills, what was taken over at collection, void numbers (OPS2)."""

from django.utils.translation import gettext_lazy as _

from kefu.desk.shelves import ReadyView
from kefu.kernel.errors import Message
from kefu.kernel.paging import CappedCount, Page
from kefu.lists.definition import Ask, Filter, List, ListColumn, Place
from kefu.lists.parcel_words import state_title, state_tone
from kefu.parcels.vocabulary import Payment
from kefu.people.permissions import Permission
from kefu.station.areas.vocabulary import TONES, Verdict
from kefu.station.entry import queries
from kefu.station.entry.queries import CollectionRow, EntryFilter, EntryRow, VoidRow
from kefu.station.entry.vocabulary import SOURCES

_READERS = (Permission.WAYBILL_ENTER, Permission.MONITOR_VIEW)
_PAYMENTS = dict(Payment.choices)
_VERDICTS = dict(Verdict.choices)


def _wanted(ask: Ask) -> EntryFilter:
    return EntryFilter(
        site_id=ask.id("site"),
        by_id=ask.actor.staff_id if ask.flag("mine") else ask.id("by"),
        day_from=ask.day("from"),
        day_to=ask.day("to"),
        source=ask.get("source"),
        waybill=ask.get("q"),
        doubtful=ask.flag("doubtful"),
        changed=ask.flag("changed"),
        under=ask.flag("under"),
    )


def _entries(ask: Ask, cursor: str | None, size: int) -> Page[EntryRow]:
    return queries.page(ask.actor, _wanted(ask), cursor=cursor, size=size, clear=ask.clear)


def _entry_count(ask: Ask) -> CappedCount:
    return queries.count(ask.actor, _wanted(ask))


def _entry(one: EntryRow) -> Place:
    return Place("station-entry-one", {"waybill": one.waybill})


def _notes(one: EntryRow) -> Message:
    """How many warnings were let stand."""
    return _("%(n)s 条提示") % {"n": len(one.warnings)} if one.warnings else ""


ENTRIES: List[EntryRow] = List(
    key="entries",
    title=_("录入的运单"),
    route="station-entry",
    permissions=_READERS,
    filters=(
        Filter("q", _("运单号"), "code"),
        Filter("site", _("寄件网点"), "site"),
        Filter("from", _("录入日期从"), "day"),
        Filter("to", _("录入日期到"), "day"),
        Filter("source", _("来源"), "choice", SOURCES, main=False),
        Filter("by", _("录入人"), "staff", main=False),
        Filter("mine", _("我录的"), "flag", main=False),
        Filter("doubtful", _("有提示的"), "flag", main=False),
        Filter("changed", _("改过的"), "flag", main=False),
        Filter("under", _("中心重量大于计费重量的"), "flag", main=False),
    ),
    columns=(
        ListColumn("waybill", _("运单号"), lambda one: one.waybill, "code", opens=_entry),
        ListColumn(
            "state", _("状态"), lambda one: one.state, words=lambda one: state_title(one.state), tone=lambda one: state_tone(one.state)
        ),
        ListColumn("site", _("寄件网点"), lambda one: one.site),
        ListColumn("receiver", _("收件人"), lambda one: one.receiver_name),
        ListColumn("phone", _("收件电话"), lambda one: one.receiver_phone, "code", usual=False),
        ListColumn("destination", _("目的地"), lambda one: one.destination, words=lambda one: one.destination.replace("/", " "), width=28),
        ListColumn("deliver_site", _("目的网点"), lambda one: one.deliver_site),
        ListColumn("goods", _("品名"), lambda one: one.goods),
        ListColumn("pieces", _("件数"), lambda one: one.pieces, "number"),
        ListColumn("weight", _("实际重量"), lambda one: one.weight, "number", usual=False),
        ListColumn("billing_weight", _("计费重量"), lambda one: one.billing_weight, "number"),
        ListColumn("hub_weight", _("中心重量"), lambda one: one.hub_weight, "number", usual=False),
        ListColumn("payment", _("付款方式"), lambda one: one.payment, words=lambda one: _PAYMENTS.get(one.payment, ""), usual=False),
        ListColumn("fee", _("运费"), lambda one: one.fee_amount, "money", usual=False),
        ListColumn("freight", _("到付金额"), lambda one: one.freight_amount, "money", usual=False),
        ListColumn("cod", _("代收货款"), lambda one: one.cod_amount, "money", usual=False),
        ListColumn("insured", _("保价金额"), lambda one: one.insured_amount, "money", usual=False),
        ListColumn("collector", _("收件员"), lambda one: one.collector, "code", usual=False),
        ListColumn(
            "area",
            _("派送范围"),
            lambda one: one.area_verdict,
            words=lambda one: _VERDICTS.get(one.area_verdict, ""),
            tone=lambda one: TONES.get(one.area_verdict, "quiet"),
            usual=False,
        ),
        ListColumn("warnings", _("提示"), lambda one: " ".join(one.warnings), words=_notes, tone=lambda _one: "warn"),
        ListColumn("sent_on", _("寄件日期"), lambda one: one.sent_on, "day", usual=False),
        ListColumn("source", _("来源"), lambda one: one.source, words=lambda one: dict(SOURCES)[one.source], usual=False),
        ListColumn("entered_by", _("录入人"), lambda one: one.entered_by),
        ListColumn("entered_at", _("录入时间"), lambda one: one.entered_at, "moment"),
        ListColumn("changed_by", _("最后修改人"), lambda one: one.changed_by, usual=False),
        ListColumn("changed_at", _("最后修改"), lambda one: one.changed_at, "moment", usual=False),
        ListColumn("changes", _("修改次数"), lambda one: one.change_count or None, "number", usual=False),
    ),
    page=_entries,
    count=_entry_count,
    row_key=lambda one: one.waybill,
    views=(
        ReadyView("all", _("全部"), {}),
        ReadyView("mine", _("我录的"), {"mine": "1"}),
        ReadyView("doubtful", _("有提示的"), {"doubtful": "1"}),
        ReadyView("changed", _("改过的"), {"changed": "1"}),
        ReadyView("under", _("短缴"), {"under": "1"}),
    ),
    clearable=True,
    empty=_("还没有录入的运单。点“录入运单”手工录入，或从“导入”上传表格。"),
)


def _collections(ask: Ask, cursor: str | None, size: int) -> Page[CollectionRow]:
    return queries.collections(
        ask.actor,
        site_id=ask.id("site"),
        collector=ask.get("collector"),
        day=ask.day("day"),
        waybill=ask.get("q"),
        cursor=cursor,
        size=size,
    )


def _collection_count(ask: Ask) -> CappedCount:
    return queries.collection_count(
        ask.actor, site_id=ask.id("site"), collector=ask.get("collector"), day=ask.day("day"), waybill=ask.get("q")
    )


COLLECTIONS: List[CollectionRow] = List(
    key="collections",
    title=_("收件录入"),
    route="station-entry-collections",
    permissions=_READERS,
    filters=(
        Filter("q", _("运单号"), "code"),
        Filter("site", _("网点"), "site"),
        Filter("collector", _("收件员工号"), "code"),
        Filter("day", _("收件日期"), "day"),
    ),
    columns=(
        ListColumn("waybill", _("运单号"), lambda one: one.waybill, "code", opens=lambda one: Place("parcel", {"waybill": one.waybill})),
        ListColumn(
            "entered",
            _("录单"),
            lambda one: one.entered,
            words=lambda one: _("已录单") if one.entered else _("未录单"),
            tone=lambda one: "good" if one.entered else "warn",
        ),
        ListColumn("site", _("网点"), lambda one: one.site),
        ListColumn("collector", _("收件员"), lambda one: one.collector, "code"),
        ListColumn("weight", _("重量"), lambda one: one.weight, "number"),
        ListColumn("collected_at", _("收件时间"), lambda one: one.collected_at, "moment"),
        ListColumn("by", _("录入人"), lambda one: one.by),
    ),
    page=_collections,
    count=_collection_count,
    personal=False,
    empty=_("还没有收件录入。在上面扫或粘贴单号即可。"),
)


def _voids(ask: Ask, cursor: str | None, size: int) -> Page[VoidRow]:
    return queries.voids(ask.actor, waybill=ask.get("q"), site_id=ask.id("site"), cursor=cursor, size=size)


VOIDS: List[VoidRow] = List(
    key="void-numbers",
    title=_("作废单"),
    route="station-entry-voids",
    permissions=_READERS,
    filters=(Filter("q", _("运单号"), "code"), Filter("site", _("网点"), "site")),
    columns=(
        ListColumn("waybill", _("运单号"), lambda one: one.waybill, "code"),
        ListColumn("site", _("网点"), lambda one: one.site),
        ListColumn("reason", _("原因"), lambda one: one.reason, width=30),
        ListColumn("by", _("登记人"), lambda one: one.by),
        ListColumn("at", _("登记时间"), lambda one: one.at, "moment"),
    ),
    page=_voids,
    personal=False,
    empty=_("没有作废的单号。"),
)
