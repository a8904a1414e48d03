"""Recordings of calls with how far the work on them is (CONV4)."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from kefu.kernel.paging import CappedCount, Page
from kefu.lists.definition import Ask, Filter, List, ListColumn, Place, ReadyView
from kefu.people.permissions import Permission
from kefu.recordings import queries, wording
from kefu.recordings.queries import Filters, State

TONES: Mapping[str, str] = {
    State.STORED.value: "quiet",
    State.MEASURED.value: "accent",
    State.DONE.value: "good",
    State.FAILED.value: "bad",
    State.REMOVED.value: "quiet",
}
STATES = dict(State.choices)
_Row = queries.Recording


def _wanted(ask: Ask) -> Filters:
    return Filters(
        state=ask.get("state"),
        site_id=ask.id("site"),
        staff_id=ask.id("staff"),
        held=ask.flag("held"),
        day_from=ask.day("from"),
        day_to=ask.day("to"),
    )


def _page(ask: Ask, cursor: str | None, size: int) -> Page[_Row]:
    return queries.page(ask.actor, _wanted(ask), cursor=cursor, size=size)


def _count(ask: Ask) -> CappedCount:
    return queries.count(ask.actor, _wanted(ask))


def length(seconds: float) -> str:
    """Minutes and seconds."""
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}" if whole >= 3600 else f"{whole // 60}:{whole % 60:02}"


RECORDINGS: List[_Row] = List(
    key="recordings",
    title=_("录音"),
    route="recordings",
    permissions=(Permission.RECORDING_LISTEN,),
    also=(Permission.CONVERSATION_VIEW,),
    filters=(
        Filter("state", _("状态"), "choice", State.choices),
        Filter("staff", _("客服"), "staff"),
        Filter("site", _("网点"), "site", main=False),
        Filter("held", _("正在留存的"), "flag", main=False),
        Filter("from", _("通话日期从"), "day", main=False),
        Filter("to", _("通话日期到"), "day", main=False),
    ),
    columns=(
        ListColumn(
            "number",
            _("录音编号"),
            str,
            "code",
            opens=lambda one: Place("conversation", {"conversation_id": one.conversation_id}),
            width=14,
        ),
        ListColumn("started_at", _("通话时间"), lambda one: one.started_at, "moment"),
        ListColumn("state", _("状态"), lambda one: one.state, words=lambda one: STATES[one.state], tone=lambda one: TONES[one.state]),
        ListColumn("progress", _("进度"), lambda one: f"{one.progress}%" if one.lease else ""),
        ListColumn("length", _("时长"), lambda one: length(one.seconds)),
        ListColumn("staff", _("客服"), lambda one: one.staff.name if one.staff else one.conversation.staff_no),
        ListColumn("failure", _("原因"), lambda one: wording.failure(one.failure)),
        ListColumn("site", _("网点"), lambda one: one.site.name),
        ListColumn("format", _("格式"), lambda one: one.format, usual=False),
        ListColumn("sides", _("声道"), lambda one: " / ".join(str(wording.SIDES.get(side, side)) for side in one.sides), usual=False),
        ListColumn("engine", _("转写引擎"), lambda one: one.engine, usual=False),
        ListColumn("received_at", _("存入时间"), lambda one: one.received_at, "moment", usual=False),
        ListColumn("keep_until", _("保存到"), lambda one: one.keep_until, "moment"),
        ListColumn("kept_by", _("保存依据"), lambda one: one.kept_by, "code", usual=False),
    ),
    page=_page,
    count=_count,
    row_key=lambda one: one.pk,
    views=(
        ReadyView("all", _("全部"), {}),
        ReadyView("failed", _("未能处理"), {"state": State.FAILED.value}),
        ReadyView("held", _("正在留存"), {"held": "1"}),
    ),
    empty=_("没有录音。把录音和通话信息放进监视文件夹，或在这里上传。"),
)
