"""The ledger of penalties and the statements of people's months (QA8, PERF3)."""

from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kefu.kernel.actor import Actor
from kefu.kernel.paging import CappedCount, Page
from kefu.lists.arbitration import month_of
from kefu.lists.definition import Ask, Choices, Filter, List, ListColumn, Place, ReadyView
from kefu.penalties import queries, statements
from kefu.penalties.access import VIEWERS
from kefu.penalties.queries import EntryRow
from kefu.penalties.statements import SheetRow
from kefu.penalties.vocabulary import Cause, Kind
from kefu.people import queries as people

TONES: Mapping[str, str] = {Kind.BREACH.value: "bad", Kind.MERIT.value: "good", Kind.REVERSAL.value: "quiet"}
KINDS, CAUSES = dict(Kind.choices), dict(Cause.choices)


def teams(actor: Actor) -> Choices:
    """Teams in reach."""
    return [(str(team.pk), team.name) for team in people.teams(actor)]


def _month(ask: Ask) -> date | None:
    return month_of(ask.get("month"))


def _wanted(ask: Ask) -> queries.Wanted:
    return queries.Wanted(
        kind=ask.get("kind"), item=ask.get("item"), staff_id=ask.id("staff"), team_id=ask.id("team"), site_id=ask.id("site"),
        month=_month(ask), objected=ask.flag("objected"), standing=ask.flag("standing"), repeat=ask.flag("repeat"),
    )  # fmt: skip


def _page(ask: Ask, cursor: str | None, size: int) -> Page[EntryRow]:
    return queries.page(ask.actor, _wanted(ask), cursor=cursor, size=size)


def _count(ask: Ask) -> CappedCount:
    return queries.count(ask.actor, _wanted(ask))


def evidence(one: EntryRow) -> Place:
    """Where the evidence of a line is read."""
    if one.subject_kind == "case":
        return Place("case", {"case_id": one.subject_id})
    return Place("conversation", {"conversation_id": one.subject_id})


PENALTIES: List[EntryRow] = List(
    key="penalties",
    title=_("处罚台账"),
    route="penalties",
    permissions=VIEWERS,
    filters=(
        Filter("month", _("月份，如 2026-11")),
        Filter("item", _("检查项"), "choice", queries.items_in),
        Filter("kind", _("类别"), "choice", Kind.choices),
        Filter("staff", _("客服"), "staff"),
        Filter("team", _("班组"), "choice", teams, main=False),
        Filter("site", _("网点"), "site", main=False),
        Filter("standing", _("仍然有效的"), "flag", main=False),
        Filter("repeat", _("按重复加重的"), "flag", main=False),
        Filter("objected", _("有异议待答复的"), "flag", main=False),
    ),
    columns=(
        ListColumn("number", _("编号"), lambda one: one.number, "code", opens=lambda one: Place("penalty", {"entry_id": one.id}), width=10),
        ListColumn("staff", _("客服"), lambda one: one.staff),
        ListColumn("staff_no", _("工号"), lambda one: one.staff_no, "code", usual=False),
        ListColumn("title", _("检查项"), lambda one: one.title, width=20),
        ListColumn("kind", _("类别"), lambda one: one.kind, words=lambda one: KINDS[one.kind], tone=lambda one: TONES[one.kind]),
        ListColumn("points", pgettext_lazy("ledger", "分数"), lambda one: one.points, "number"),
        ListColumn("money", _("金额"), lambda one: one.money, "money"),
        ListColumn("multiplier", _("重复倍数"), lambda one: one.multiplier, "number"),
        ListColumn("day", _("发生日期"), lambda one: one.day, "day", opens=evidence),
        ListColumn("month", _("计入月份"), lambda one: f"{one.month:%Y-%m}"),
        ListColumn("site", _("网点"), lambda one: one.site),
        ListColumn("said", _("发现"), lambda one: one.said, width=40, usual=False),
        ListColumn("matched", _("原话"), lambda one: one.matched, width=30, usual=False),
        ListColumn("listed_money", _("条款金额"), lambda one: one.listed_money, "money", usual=False),
        ListColumn("capped_money", _("封顶减去"), lambda one: one.capped_money, "money", usual=False),
        ListColumn("cause", _("冲销原因"), lambda one: one.cause, words=lambda one: CAUSES.get(one.cause, ""), usual=False),
        ListColumn("reason", _("理由"), lambda one: one.reason, usual=False, width=30),
        ListColumn("final_at", _("生效时间"), lambda one: one.final_at, "moment", usual=False),
        ListColumn("clause", _("依据条款"), lambda one: one.clause, "code", usual=False),
    ),
    page=_page,
    count=_count,
    row_key=None,
    views=(
        ReadyView("all", _("全部"), {}),
        ReadyView("standing", _("仍然有效的"), {"standing": "1"}),
        ReadyView("repeat", _("按重复加重的"), {"repeat": "1"}),
        ReadyView("objected", _("有异议待答复的"), {"objected": "1"}),
        ReadyView("reversals", pgettext_lazy("ledger", "冲销"), {"kind": Kind.REVERSAL.value}),
    ),
    empty=_("没有处罚记录。质检判定在申诉期结束、没有未决申诉后自动记入。"),
)


def _sheets_wanted(ask: Ask) -> statements.Wanted:
    return statements.Wanted(_month(ask), ask.id("staff"), ask.id("team"), ask.id("site"), unread=ask.flag("unread"))


def _sheets(ask: Ask, cursor: str | None, size: int) -> Page[SheetRow]:
    return statements.page(ask.actor, _sheets_wanted(ask), cursor=cursor, size=size)


def _sheets_count(ask: Ask) -> CappedCount:
    return statements.count(ask.actor, _sheets_wanted(ask))


def _statement(one: SheetRow) -> Place:
    return Place("penalty-statement", {"staff_id": one.staff_id, "month": f"{one.month:%Y-%m}"})


PENALTY_SHEETS: List[SheetRow] = List(
    key="penalty-statements",
    title=_("处罚月结单"),
    route="penalty-sheets",
    permissions=VIEWERS,
    filters=(
        Filter("month", _("月份，如 2026-11")),
        Filter("staff", _("客服"), "staff"),
        Filter("team", _("班组"), "choice", teams),
        Filter("site", _("网点"), "site", main=False),
        Filter("unread", _("本人未确认的"), "flag", main=False),
    ),
    columns=(
        ListColumn("staff", _("客服"), lambda one: one.staff, opens=_statement),
        ListColumn("staff_no", _("工号"), lambda one: one.staff_no, "code"),
        ListColumn("month", _("月份"), lambda one: f"{one.month:%Y-%m}", "code"),
        ListColumn("team", _("班组"), lambda one: one.team),
        ListColumn("points", pgettext_lazy("ledger", "分数"), lambda one: one.points, "number"),
        ListColumn("money", _("金额"), lambda one: one.money, "money"),
        ListColumn(
            "entries",
            _("笔数"),
            lambda one: one.entries,
            "number",
            opens=lambda one: Place("penalty-statement", {"staff_id": one.staff_id, "month": f"{one.month:%Y-%m}"}),
        ),
        ListColumn("over", _("超出法定限度"), lambda one: one.over, "money"),
        ListColumn(
            "acknowledged",
            _("本人确认"),
            lambda one: one.acknowledged,
            words=lambda one: _("已确认") if one.acknowledged else _("未确认"),
            tone=lambda one: "good" if one.acknowledged else "warn",
        ),
        ListColumn("locked_at", _("锁定时间"), lambda one: one.locked_at, "moment"),
        ListColumn("site", _("网点"), lambda one: one.site),
    ),
    page=_sheets,
    count=_sheets_count,
    views=(ReadyView("all", _("全部"), {}), ReadyView("unread", _("本人未确认的"), {"unread": "1"})),
    empty=_("这个月没有处罚记录。"),
)
