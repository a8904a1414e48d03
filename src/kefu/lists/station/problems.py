"""Problem parcels of the sites in reach, to them and from them (OPS8)."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Message
from kefu.kernel.paging import CappedCount, Page
from kefu.lists.definition import Ask, Choices, Filter, List, ListColumn, Place, ReadyView
from kefu.lists.parcels import numbers_of
from kefu.people.permissions import Permission
from kefu.station.problems import queries
from kefu.station.problems.queries import ProblemRow, Wanted
from kefu.station.problems.vocabulary import Alarm, Result, State

TONES = {State.OPEN.value: "warn", State.WORKING.value: "accent", State.DONE.value: "good", State.CANCELLED.value: "quiet"}
ALARM_TONES = {Alarm.LOSS.value: "bad", Alarm.RETURN.value: "bad"}
STATES, ALARMS, RESULTS = dict(State.choices), dict(Alarm.choices), dict(Result.choices)
_HOUR = timedelta(hours=1)


def _kinds(actor: Actor) -> Choices:
    return [(kind.key, f"{kind.code} {kind.name()}") for kind in queries.kinds_here(actor, now=moment.now())]


def _groups(actor: Actor) -> Choices:
    return list({kind.group: kind.group_name() for kind in queries.kinds_here(actor, now=moment.now())}.items())


def _wanted(ask: Ask) -> Wanted:
    return Wanted(
        box=ask.get("box"),
        state=ask.get("state"),
        open_only=ask.flag("open"),
        kind=ask.get("kind"),
        group=ask.get("group"),
        site_id=ask.id("site"),
        waybills=numbers_of(ask.get("q")),
        unread=ask.flag("unread"),
        waiting=ask.flag("waiting"),
        late=ask.flag("late"),
        alarm=ask.get("alarm"),
        day_from=ask.day("from"),
        day_to=ask.day("to"),
    )


def _page(ask: Ask, cursor: str | None, size: int) -> Page[ProblemRow]:
    return queries.page(ask.actor, _wanted(ask), now=ask.now, cursor=cursor, size=size, clear=ask.clear)


def _count(ask: Ask) -> CappedCount:
    return queries.count(ask.actor, _wanted(ask), now=ask.now)


def _waits(row: ProblemRow) -> Message:
    """What is wrong with its age, in words."""
    if row.alarm:
        return ALARMS.get(row.alarm, row.alarm)
    return _("超时未回复") if row.answer_late else ""


PROBLEMS: List[ProblemRow] = List(
    key="problems",
    title=pgettext_lazy("list", "问题件"),
    route="station-problems",
    permissions=(Permission.PROBLEM_VIEW,),
    filters=(
        Filter("q", _("运单号，可粘贴多个"), "code"),
        Filter("box", _("方向"), "choice", (("in", _("报给本站")), ("out", _("本站登记")))),
        Filter("state", _("状态"), "choice", State.choices),
        Filter("kind", _("类型"), "choice", _kinds),
        Filter("group", _("大类"), "choice", _groups, main=False),
        Filter("alarm", _("超期提醒"), "choice", Alarm.choices, main=False),
        Filter("site", _("网点"), "site", main=False),
        Filter("from", _("登记日期从"), "day", main=False),
        Filter("to", _("登记日期到"), "day", main=False),
        Filter("open", _("未结的"), "flag", main=False),
        Filter("unread", _("未读的"), "flag", main=False),
        Filter("waiting", _("等本站处理的"), "flag", main=False),
        Filter("late", _("超时的"), "flag", main=False),
    ),
    columns=(
        ListColumn(
            "waybill", _("运单号"), lambda one: one.waybill, "code", opens=lambda one: Place("station-problem", {"problem_id": one.id})
        ),
        ListColumn("kind", _("类型"), lambda one: one.kind_code, words=lambda one: one.kind_title, width=18),
        ListColumn(
            "state", _("状态"), lambda one: one.state, words=lambda one: STATES[one.state], tone=lambda one: TONES[one.state], width=10
        ),
        ListColumn(
            "waits",
            _("超时"),
            lambda one: one.alarm or ("answer_late" if one.answer_late else ""),
            words=_waits,
            tone=lambda one: ALARM_TONES.get(one.alarm, "warn"),
            width=16,
        ),
        ListColumn("unread", _("未读"), lambda one: one.unread or None, "number"),
        ListColumn("reporter", _("登记网点"), lambda one: one.reporter_site),
        ListColumn("receiver", _("接收网点"), lambda one: one.receiver_site),
        ListColumn("description", _("描述"), lambda one: one.description[:60], width=40, usual=False),
        ListColumn("group", _("大类"), lambda one: one.group_title, usual=False),
        ListColumn("messages", _("回复数"), lambda one: one.messages, "number", usual=False),
        ListColumn("age", _("已过小时"), lambda one: round(one.age / _HOUR, 1), "number", usual=False),
        ListColumn("reported_by", _("登记人"), lambda one: one.reported_by, usual=False),
        ListColumn("reported_at", _("登记时间"), lambda one: one.reported_at, "moment"),
        ListColumn("last_at", _("最近动态"), lambda one: one.last_at, "moment"),
        ListColumn("result", _("处理结果"), lambda one: one.result, words=lambda one: RESULTS.get(one.result, ""), usual=False),
        ListColumn("closed_at", _("完成时间"), lambda one: one.closed_at, "moment", usual=False),
        ListColumn("clause", _("依据条款"), lambda one: one.clause, "code", usual=False),
    ),
    page=_page,
    count=_count,
    row_key=lambda one: one.id,
    views=(
        ReadyView("waiting", _("等本站处理"), {"waiting": "1"}),
        ReadyView("to-us", _("报给本站"), {"box": "in", "open": "1"}),
        ReadyView("from-us", _("本站登记"), {"box": "out", "open": "1"}),
        ReadyView("unread", _("未读"), {"unread": "1"}),
        ReadyView("late", _("超时"), {"late": "1"}),
        ReadyView("closed", _("已完成"), {"state": "done"}),
        ReadyView("all", _("全部"), {}),
    ),
    clearable=True,
    empty=_("没有问题件。派不出、破损、少件时点“录入问题件”，接收网点会马上看到。"),
)
