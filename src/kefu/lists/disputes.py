"""Disputes over inspection verdicts (QA7)."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kefu.disputes import queries
from kefu.disputes.queries import Dispute, Wanted
from kefu.disputes.vocabulary import Outcome, State
from kefu.kernel.errors import Message
from kefu.kernel.paging import CappedCount, Page
from kefu.lists.definition import Ask, Filter, List, ListColumn, Place, ReadyView
from kefu.people.permissions import Permission

TONES: Mapping[str, str] = {"review": "warn", "decided": "accent", "final": "warn", "closed": "quiet", "withdrawn": "quiet"}
OUTCOME_TONES: Mapping[str, str] = {"": "quiet", "accepted": "good", "partly": "warn", "rejected": "bad"}
STATES = dict(State.choices)
OUTCOMES: Mapping[str, Message] = {"": "", **dict(Outcome.choices)}


def _wanted(ask: Ask) -> Wanted:
    return Wanted(
        state=ask.get("state"), outcome=ask.get("outcome"), staff_id=ask.id("staff"), site_id=ask.id("site"), day_from=ask.day("from"),
        day_to=ask.day("to"), todo=ask.flag("todo"), late=ask.flag("late"), mine=ask.flag("mine"),
    )  # fmt: skip


def _page(ask: Ask, cursor: str | None, size: int) -> Page[Dispute]:
    return queries.page(ask.actor, _wanted(ask), now=ask.now, cursor=cursor, size=size)


def _count(ask: Ask) -> CappedCount:
    return queries.count(ask.actor, _wanted(ask), now=ask.now)


DISPUTES: List[Dispute] = List(
    key="disputes",
    title=_("质检申诉"),
    route="disputes",
    permissions=(Permission.DISPUTE_FILE, Permission.QUALITY_VIEW),
    filters=(
        Filter("state", _("状态"), "choice", State.choices),
        Filter("outcome", _("结论"), "choice", Outcome.choices),
        Filter("staff", _("客服"), "staff"),
        Filter("site", _("站点"), "site", main=False),
        Filter("from", _("日期从"), "day", main=False),
        Filter("to", _("日期到"), "day", main=False),
        Filter("todo", _("待我办理"), "flag", main=False),
        Filter("late", _("已逾期"), "flag", main=False),
        Filter("mine", _("我的"), "flag", main=False),
    ),
    columns=(
        ListColumn("number", pgettext_lazy("dispute", "申诉编号"), str, "code", opens=lambda one: Place("dispute", {"dispute_id": one.pk})),
        ListColumn("state", _("状态"), lambda one: one.state, words=lambda one: STATES[one.state], tone=lambda one: TONES[one.state]),
        ListColumn(
            "outcome",
            _("结论"),
            lambda one: one.outcome,
            words=lambda one: OUTCOMES[one.outcome],
            tone=lambda one: OUTCOME_TONES[one.outcome],
        ),
        ListColumn("staff", _("客服"), lambda one: str(one.staff)),
        ListColumn("items", _("申诉项数"), lambda one: len(one.items.all()), "number"),
        ListColumn("due_at", pgettext_lazy("dispute", "期限"), lambda one: one.due_at, "moment"),
        ListColumn("filed_at", pgettext_lazy("dispute", "提出时间"), lambda one: one.filed_at, "moment"),
        ListColumn("before_score", _("申诉前得分"), lambda one: one.before_score, "number"),
        ListColumn("after_score", _("裁决后得分"), lambda one: one.after_score, "number"),
        ListColumn("reviewer", _("复核人"), lambda one: one.reviewer.name if one.reviewer else ""),
        ListColumn("final_judge", _("终审人"), lambda one: one.final_judge.name if one.final_judge else "", usual=False),
        ListColumn("site", _("站点"), lambda one: one.site.name),
        ListColumn("clause", _("依据条款"), lambda one: one.clause, "code", usual=False),
    ),
    page=_page,
    count=_count,
    row_key=lambda one: one.pk,
    views=(
        ReadyView("todo", _("待我办理"), {"todo": "1"}),
        ReadyView("open", _("待复核"), {"state": State.REVIEW.value}),
        ReadyView("final", _("待终审"), {"state": State.FINAL.value}),
        ReadyView("late", _("已逾期"), {"late": "1"}),
        ReadyView("all", _("全部"), {}),
    ),
    empty=_("没有质检申诉。对判为违规的评分项，本人可在申诉期内从“我的质检”或会话页面提出申诉。"),
)
