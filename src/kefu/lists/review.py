"""Conversations to be scored by people, and scored ones (QA6)."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kefu.kernel.actor import Actor
from kefu.kernel.paging import CappedCount, Page
from kefu.kernel.wording import listed
from kefu.lists.definition import Ask, Choices, Filter, List, ListColumn, Place, ReadyView
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.review import queries
from kefu.review.queries import Task, Wanted
from kefu.review.vocabulary import State, Why

TONES: Mapping[str, str] = {"waiting": "accent", "assigned": "warn", "done": "good", "dropped": "quiet"}
STATES, WHYS = dict(State.choices), dict(Why.choices)


def why(one: Task) -> str:
    """Why it was drawn, in words."""
    return listed(why_of(found) for found in one.why)


def why_of(found: Mapping[str, object]) -> str:
    """One reason with its number."""
    title, number = str(WHYS.get(str(found.get("code")), found.get("code"))), found.get("number")
    return f"{title}（{number:g}）" if isinstance(number, int | float) and number else title


def _wanted(ask: Ask) -> Wanted:
    return Wanted(
        state=ask.get("state"), inspector_id=ask.id("inspector"), staff_id=ask.id("staff"), team_id=ask.id("team"), site_id=ask.id("site"),
        plan_id=ask.id("plan"), why=ask.get("why"), day_from=ask.day("from"), day_to=ask.day("to"), done_from=ask.day("done_from"),
        done_to=ask.day("done_to"), mine=ask.flag("mine"), free=ask.flag("free"), late=ask.flag("late"),
    )  # fmt: skip


def _page(ask: Ask, cursor: str | None, size: int) -> Page[Task]:
    return queries.page(ask.actor, _wanted(ask), now=ask.now, cursor=cursor, size=size)


def _count(ask: Ask) -> CappedCount:
    return queries.count(ask.actor, _wanted(ask), now=ask.now)


def _teams(actor: Actor) -> Choices:
    return [(str(one.pk), f"{one.site.name} {one.name}") for one in people.teams(actor)]


def _named(one: object | None) -> str:
    return str(one) if one is not None else ""


REVIEWS: List[Task] = List(
    key="review-tasks",
    title=_("人工评分"),
    route="review",
    permissions=(Permission.REVIEW_WORK, Permission.REVIEW_PLAN),
    filters=(
        Filter("state", _("状态"), "choice", State.choices),
        Filter("why", _("抽中原因"), "choice", Why.choices),
        Filter("staff", _("客服"), "staff"),
        Filter("inspector", _("质检员"), "staff", main=False),
        Filter("team", _("班组"), "choice", _teams, main=False),
        Filter("site", _("站点"), "site", main=False),
        Filter("plan", _("抽检计划（编号）"), "id", main=False),
        Filter("from", _("会话日期从"), "day", main=False),
        Filter("to", _("会话日期到"), "day", main=False),
        Filter("done_from", _("评分日期从"), "day", main=False),
        Filter("done_to", _("评分日期到"), "day", main=False),
        Filter("mine", _("我的"), "flag", main=False),
        Filter("free", _("可领取"), "flag", main=False),
        Filter("late", _("已逾期"), "flag", main=False),
    ),
    columns=(
        ListColumn("task", _("会话"), lambda one: one.conversation_id, "code", opens=lambda one: Place("review-task", {"task_id": one.pk})),
        ListColumn("state", _("状态"), lambda one: one.state, words=lambda one: STATES[one.state], tone=lambda one: TONES[one.state]),
        ListColumn("why", _("抽中原因"), why, width=24),
        ListColumn("staff", _("客服"), lambda one: _named(one.staff)),
        ListColumn("at", _("会话时间"), lambda one: one.at, "moment"),
        ListColumn("due_at", pgettext_lazy("review", "评分期限"), lambda one: one.due_at, "moment"),
        ListColumn("inspector", _("质检员"), lambda one: _named(one.inspector)),
        ListColumn("auto_score", _("自动得分"), lambda one: one.auto_score, "number"),
        ListColumn("score", _("人工得分"), lambda one: one.score, "number"),
        ListColumn(
            "changed_items", _("改判项数"), lambda one: one.changed_items if one.state == State.DONE else None, "number", usual=False
        ),
        ListColumn("site", _("站点"), lambda one: one.site.name),
        ListColumn("plan", _("抽检计划"), lambda one: one.plan.name if one.plan else "", usual=False),
        ListColumn("done_at", _("评分时间"), lambda one: one.done_at, "moment", usual=False),
        ListColumn("seconds", _("评分用时（秒）"), lambda one: one.seconds, "number", usual=False),
        ListColumn("drop_reason", _("不再检查的原因"), lambda one: one.drop_reason, usual=False),
    ),
    page=_page,
    count=_count,
    row_key=lambda one: one.pk,
    views=(
        ReadyView("mine", _("我要评的"), {"mine": "1"}),
        ReadyView("free", _("可领取"), {"free": "1"}),
        ReadyView("late", _("已逾期"), {"late": "1"}),
        ReadyView("done", _("已评分"), {"state": State.DONE.value}),
        ReadyView("all", _("全部"), {}),
    ),
    empty=_("没有评分任务。抽检计划每天早上抽取；也可以在会话页面自选会话评分。"),
)
