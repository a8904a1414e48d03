"""What customers were told, and what still waits for a person (CASE5)."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from kefu.kernel.paging import CappedCount, Page
from kefu.lists.definition import Ask, Filter, List, ListColumn, Place, ReadyView
from kefu.notices import queries
from kefu.notices.queries import WAITING, NoticeRow, Wanted
from kefu.notices.vocabulary import Channel, Reason, State
from kefu.people.permissions import Permission

TONES: Mapping[str, str] = {
    State.QUEUED.value: "accent",
    State.SENT.value: "good",
    State.FAILED.value: "bad",
    State.PERSON.value: "warn",
    State.SKIPPED.value: "quiet",
}
STATES, CHANNELS, REASONS = dict(State.choices), dict(Channel.choices), dict(Reason.choices)


def _wanted(ask: Ask) -> Wanted:
    return Wanted(ask.get("state"), ask.get("channel"), ask.id("case"), ask.id("site"), ask.day("from"), ask.day("to"))


def _page(ask: Ask, cursor: str | None, size: int) -> Page[NoticeRow]:
    return queries.page(ask.actor, _wanted(ask), cursor=cursor, size=size)


def _count(ask: Ask) -> CappedCount:
    return queries.count(ask.actor, _wanted(ask))


def _case_number(one: NoticeRow) -> str:
    return f"K{one.case_id:07d}"


NOTICES: List[NoticeRow] = List(
    key="customer-notices",
    title=_("客户告知"),
    route="customer-notices",
    permissions=(Permission.NOTICE_VIEW,),
    filters=(
        Filter("state", _("状态"), "choice", ((WAITING, _("要人处理的")), *State.choices)),
        Filter("channel", _("告知方式"), "choice", Channel.choices),
        Filter("case", _("工单编号（数字）"), "id", main=False),
        Filter("site", _("网点"), "site", main=False),
        Filter("from", _("日期从"), "day", main=False),
        Filter("to", _("日期到"), "day", main=False),
    ),
    columns=(
        ListColumn(
            "title", _("告知什么"), lambda one: one.title, opens=lambda one: Place("customer-notice", {"notice_id": one.id}), width=20
        ),
        ListColumn("state", _("状态"), lambda one: one.state, words=lambda one: STATES[one.state], tone=lambda one: TONES[one.state]),
        ListColumn("channel", _("告知方式"), lambda one: one.channel, words=lambda one: CHANNELS[one.channel]),
        ListColumn("customer", _("客户称呼"), lambda one: one.customer),
        ListColumn(
            "case", _("工单号"), lambda one: f"K{one.case_id:07d}", "code", opens=lambda one: Place("case", {"case_id": one.case_id})
        ),
        ListColumn("reason", _("原因"), lambda one: one.reason, words=lambda one: REASONS.get(one.reason, "")),
        ListColumn("made_at", _("产生时间"), lambda one: one.made_at, "moment"),
        ListColumn("sent_at", _("告知时间"), lambda one: one.sent_at, "moment"),
        ListColumn("site", _("网点"), lambda one: one.site),
        ListColumn("told_by", _("告知人"), lambda one: one.told_by, usual=False),
        ListColumn("tries", _("发送次数"), lambda one: one.tries, "number", usual=False),
        ListColumn("text", _("内容"), lambda one: one.text, usual=False, width=60),
        ListColumn("clause", _("依据条款"), lambda one: one.clause, "code", usual=False),
    ),
    page=_page,
    count=_count,
    row_key=lambda one: one.id,
    views=(
        ReadyView("waiting", _("要人处理的"), {"state": WAITING}),
        ReadyView("queued", _("待发送"), {"state": State.QUEUED.value}),
        ReadyView("failed", _("发送失败"), {"state": State.FAILED.value}),
        ReadyView("all", _("全部"), {}),
    ),
    empty=_("没有告知。工单的每一步按手册的告知模板自动告知客户。"),
)
