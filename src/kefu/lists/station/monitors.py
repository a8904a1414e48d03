"""Differences between what was sent, arrived, delivered and signed: one list, whose set is a filter (OPS5, O12)."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from kefu.escalations import queries as escalations
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Message
from kefu.kernel.paging import CappedCount, Page
from kefu.lists.definition import Ask, Choices, Filter, List, ListColumn, Place, ReadyView
from kefu.lists.parcel_words import scan_title
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.station.monitors import queries
from kefu.station.monitors.queries import Wanted
from kefu.station.monitors.sets import FIRST, SETS, sets_for
from kefu.station.monitors.showing import Row
from kefu.station.monitors.vocabulary import Result, Work
from kefu.station.problems.errors import REASONS

AGES: Choices = (("0", _("当天")), ("1", _("1 天")), ("2", _("2 天")), ("3", _("3 天及以上")))
RESULTS = dict(Result.choices)
_SETS: Choices = tuple((one.key, one.title) for one in SETS.values())
_WORKS: Choices = tuple(Work.choices)


def others_of(actor: Actor) -> Choices:
    """Sites a parcel may come from or go to: they are many sites' business, so all of them have names here."""
    del actor
    return [(str(pk), site.name) for pk, site in people.sites_by_id().items() if sets_for(site.kind) or site.kind == "hq"]


def wanted_of(ask: Ask) -> Wanted:
    """The filter as the query takes it."""
    return Wanted(
        kind=ask.get("set") or FIRST,
        site_id=ask.id("site"),
        since=ask.day("from"),
        until=ask.day("to"),
        previous_id=ask.id("other"),
        truck=ask.get("truck"),
        age=ask.get("age"),
        work=ask.get("work"),
        waybill=ask.get("q"),
    )


def _page(ask: Ask, cursor: str | None, size: int) -> Page[tuple[Row, int | None]]:
    found = queries.page(ask.actor, wanted_of(ask), now=ask.now, cursor=cursor, size=size)
    cases: Mapping[int, int] = {}
    if ask.actor.may(Permission.CASE_VIEW):
        cases = escalations.cases_of("difference", [row.follow.id for row in found.rows if row.follow.id is not None])
    return Page([(row, cases.get(row.follow.id or 0)) for row in found.rows], found.next, found.previous)


def _count(ask: Ask) -> CappedCount:
    return queries.counted(ask.actor, wanted_of(ask), now=ask.now)


def _worded(row: Row) -> Message:
    """How far it is, as a badge says it."""
    if row.follow.result:
        return RESULTS[row.follow.result]
    if row.follow.refusal:
        return REASONS.get(row.follow.refusal, _("转问题件没有成功"))
    if row.follow.problem_id or row.follow.reported_at:
        return _("已转问题件")
    if row.follow.urged_at:
        return _("已催")
    return _("跟进中") if row.follow.handler_id else _("未跟进")


def _tone(row: Row) -> str:
    if row.follow.result:
        return "good" if row.follow.result != Result.LOST else "bad"
    if row.follow.refusal:
        return "bad"
    return "accent" if row.follow.handler_id or row.follow.reported_at or row.follow.urged_at else "quiet"


def _last(row: Row) -> str:
    return f"{row.last_site} {scan_title(row.last_code)}" if row.last_code else ""


def _problem(row: Row) -> Place | None:
    return Place("station-problem", {"problem_id": row.follow.problem_id}) if row.follow.problem_id else None


DIFFERENCES: List[tuple[Row, int | None]] = List(
    key="differences",
    title=_("对比监控"),
    route="station-monitors",
    permissions=(Permission.MONITOR_VIEW,),
    filters=(
        Filter("q", _("运单号"), "code"),
        Filter("set", _("差异"), "choice", _SETS),
        Filter("site", _("站点"), "site"),
        Filter("from", _("从"), "day"),
        Filter("to", _("到"), "day"),
        Filter("other", _("上一站或下一站"), "choice", others_of, main=False),
        Filter("truck", _("车次"), main=False),
        Filter("age", _("天数"), "choice", AGES),
        Filter("work", _("跟进"), "choice", _WORKS),
    ),
    columns=(
        ListColumn("waybill", _("运单号"), lambda one: one[0].piece or one[0].waybill, "code",
                   opens=lambda one: Place("station-monitors-row", {"kind": one[0].kind, "key": str(one[0].key)}), width=18),
        ListColumn("days", _("天数"), lambda one: one[0].days, "number",
                   words=lambda one: _("疑似遗失 %(days)s 天") % {"days": one[0].days} if one[0].lost else str(one[0].days),
                   tone=lambda one: "bad" if one[0].lost else "warn" if one[0].days >= 1 else "", width=12),
        ListColumn("other", _("上一站"), lambda one: one[0].other, width=14),
        ListColumn("sent_at", _("发件时间"), lambda one: one[0].sent_at, "moment"),
        ListColumn("due_at", _("预计处理"), lambda one: one[0].due_at, "moment"),
        ListColumn("arrived_at", _("本站到件"), lambda one: one[0].arrived_at, "moment"),
        ListColumn("truck", _("车次"), lambda one: one[0].truck, "code"),
        ListColumn("bag", _("包号"), lambda one: one[0].bag, "code", usual=False),
        ListColumn("pieces", _("件数"), lambda one: one[0].pieces, "code", usual=False),
        ListColumn("last", _("最后扫描"), lambda one: _last(one[0]), width=20),
        ListColumn("last_at", _("最后扫描时间"), lambda one: one[0].last_at, "moment", usual=False),
        ListColumn("site", _("站点"), lambda one: one[0].site),
        ListColumn("kind", _("差异"), lambda one: one[0].kind, words=lambda one: SETS[one[0].kind].title, usual=False),
        ListColumn("courier", _("派件员"), lambda one: one[0].courier, "code", usual=False),
        ListColumn("operator", _("扫描员"), lambda one: one[0].operator, "code", usual=False),
        ListColumn("handler", _("处理人"), lambda one: one[0].follow.handler, width=10),
        ListColumn("state", _("处理结果"), lambda one: one[0].follow.result, words=lambda one: _worded(one[0]),
                   tone=lambda one: _tone(one[0]), opens=lambda one: _problem(one[0]), width=16),
        ListColumn("case", _("工单"), lambda one: one[1], "number", words=lambda one: _("工单") if one[1] else "",
                   opens=lambda one: Place("case", {"case_id": one[1]}) if one[1] else None, usual=False),
        ListColumn("note", _("备注"), lambda one: one[0].follow.note, usual=False, width=24),
        ListColumn("clause", _("条款"), lambda one: one[0].clause, "code", usual=False),
    ),
    page=_page,
    count=_count,
    row_key=lambda one: str(one[0].key),
    views=(
        ReadyView("not-arrived", _("有发未到"), {"set": "not_arrived"}),
        ReadyView("undelivered", _("有到未派"), {"set": "undelivered"}),
        ReadyView("unsigned", _("有派未签"), {"set": "unsigned"}),
        ReadyView("lost", _("疑似遗失"), {"set": "not_arrived", "work": "lost"}),
        ReadyView("mine", _("我跟进的"), {"work": "mine"}),
    ),
    personal=False,
    empty=_("这几天没有这种差异。换一种差异或日期再看。"),
)  # fmt: skip
