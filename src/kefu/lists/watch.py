"""Alarms of talks going wrong (QA9)."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from kefu.kernel.paging import CappedCount, Page
from kefu.lists.definition import Ask, Filter, List, ListColumn, Place, ReadyView
from kefu.people.permissions import Permission
from kefu.watch import queries
from kefu.watch.queries import AlarmRow, Wanted
from kefu.watch.vocabulary import AlarmKind, AlarmState

TONES: Mapping[str, str] = {AlarmState.NEW.value: "bad", AlarmState.SEEN.value: "quiet", AlarmState.MUTED.value: "warn"}
KINDS, STATES = dict(AlarmKind.choices), dict(AlarmState.choices)


def _wanted(ask: Ask) -> Wanted:
    return Wanted(ask.get("state"), ask.get("kind"), ask.id("staff"), ask.id("site"), ask.day("from"), ask.day("to"))


def _page(ask: Ask, cursor: str | None, size: int) -> Page[AlarmRow]:
    return queries.page(ask.actor, _wanted(ask), cursor=cursor, size=size)


def _count(ask: Ask) -> CappedCount:
    return queries.count(ask.actor, _wanted(ask))


def _talk(one: AlarmRow) -> Place | None:
    return Place("case", {"case_id": one.subject_id}) if one.subject_kind == "case" else None


ALARMS: List[AlarmRow] = List(
    key="alarms",
    title=_("情绪预警"),
    route="alarms",
    permissions=(Permission.WATCH_ALARM,),
    filters=(
        Filter("state", _("状态"), "choice", AlarmState.choices),
        Filter("kind", _("类别"), "choice", AlarmKind.choices),
        Filter("staff", _("客服"), "staff"),
        Filter("site", _("网点"), "site", main=False),
        Filter("from", _("日期从"), "day", main=False),
        Filter("to", _("日期到"), "day", main=False),
    ),
    columns=(
        ListColumn(
            "kind",
            _("类别"),
            lambda one: one.kind,
            words=lambda one: KINDS[one.kind],
            opens=lambda one: Place("alarm", {"alarm_id": one.id}),
        ),
        ListColumn("state", _("状态"), lambda one: one.state, words=lambda one: STATES[one.state], tone=lambda one: TONES[one.state]),
        ListColumn("staff", _("客服"), lambda one: one.staff),
        ListColumn("matched", _("用语"), lambda one: one.matched, width=24),
        ListColumn(
            "talk", _("会话"), lambda one: f"K{one.subject_id:07d}" if one.subject_kind == "case" else one.talk, "code", opens=_talk
        ),
        ListColumn("at", _("时间"), lambda one: one.at, "moment"),
        ListColumn("more", _("此后同类"), lambda one: one.more, "number"),
        ListColumn("site", _("网点"), lambda one: one.site),
        ListColumn("seen_by", _("看过的人"), lambda one: one.seen_by, usual=False),
        ListColumn("seen_at", _("看过的时间"), lambda one: one.seen_at, "moment", usual=False),
        ListColumn("clause", _("依据条款"), lambda one: one.clause, "code", usual=False),
    ),
    page=_page,
    count=_count,
    views=(ReadyView("new", _("未处理的"), {"state": AlarmState.NEW.value}), ReadyView("all", _("全部"), {})),
    empty=_("没有预警。进行中的会话出现辱骂或激烈情绪时，这里马上出现。"),
)
