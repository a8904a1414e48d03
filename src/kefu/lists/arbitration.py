"""Filings of and against the sites in reach, and the money of their verdicts (CASE7)."""

from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kefu.arbitration import queries, statements
from kefu.arbitration.queries import FilingRow, Wanted
from kefu.arbitration.statements import MoveRow, MoveWanted
from kefu.arbitration.vocabulary import MoveKind, State
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.paging import CappedCount, Page
from kefu.lists.definition import Ask, Choices, Filter, List, ListColumn, Place, ReadyView
from kefu.lists.parcels import numbers_of
from kefu.people.permissions import Permission

TONES: Mapping[str, str] = {
    State.FILED.value: "warn",
    State.REPLYING.value: "accent",
    State.JUDGING.value: "warn",
    State.AUDITING.value: "warn",
    State.DECIDED.value: "accent",
    State.APPEALED.value: "warn",
    State.REVIEWING.value: "warn",
    State.FINAL.value: "good",
    State.REFUSED.value: "bad",
    State.WITHDRAWN.value: "quiet",
}
STATES, MOVE_KINDS = dict(State.choices), dict(MoveKind.choices)


def _kinds(actor: Actor) -> Choices:
    return [(kind.key, kind.name()) for kind in queries.types_here(actor, now=moment.now())]


def _wanted(ask: Ask) -> Wanted:
    return Wanted(
        box=ask.get("box"),
        state=ask.get("state"),
        waits=ask.get("waits"),
        kind=ask.get("kind"),
        open_only=ask.flag("open"),
        mine=ask.flag("mine"),
        unassigned=ask.flag("unassigned"),
        arbiter_id=ask.id("arbiter"),
        site_id=ask.id("site"),
        waybills=numbers_of(ask.get("q")),
        day_from=ask.day("from"),
        day_to=ask.day("to"),
    )


def _page(ask: Ask, cursor: str | None, size: int) -> Page[FilingRow]:
    return queries.page(ask.actor, _wanted(ask), now=ask.now, cursor=cursor, size=size)


def _count(ask: Ask) -> CappedCount:
    return queries.count(ask.actor, _wanted(ask))


ARBITRATIONS: List[FilingRow] = List(
    key="arbitrations",
    title=_("仲裁"),
    route="arbitrations",
    permissions=(Permission.ARBITRATION_VIEW,),
    personal=False,
    filters=(
        Filter("q", _("运单号，可粘贴多个"), "code"),
        Filter("state", _("状态"), "choice", State.choices),
        Filter("kind", _("类型"), "choice", _kinds),
        Filter(
            "waits",
            _("等待"),
            "choice",
            (("desk", _("仲裁台处理")), ("audit", _("复核")), ("reply", _("对方举证")), ("appeal", _("复议期内"))),
            main=False,
        ),
        Filter("box", _("方向"), "choice", (("out", _("本站申报")), ("in", _("针对本站"))), main=False),
        Filter("site", _("网点"), "site", main=False),
        Filter("mine", _("分给我的"), "flag", main=False),
        Filter("arbiter", _("仲裁员"), "staff", main=False),
        Filter("unassigned", _("没有仲裁员"), "flag", main=False),
        Filter("open", _("未终结的"), "flag", main=False),
        Filter("from", _("申报日期从"), "day", main=False),
        Filter("to", _("申报日期到"), "day", main=False),
    ),
    columns=(
        ListColumn(
            "number", _("仲裁编号"), lambda one: one.number, "code", opens=lambda one: Place("arbitration", {"filing_id": one.id}), width=20
        ),
        ListColumn("waybill", _("运单号"), lambda one: one.waybill, "code"),
        ListColumn(
            "state", _("状态"), lambda one: one.state, words=lambda one: STATES[one.state], tone=lambda one: TONES[one.state], width=18
        ),
        ListColumn("kind", _("类型"), lambda one: one.kind, words=lambda one: one.kind_title),
        ListColumn("applicant", _("申报网点"), lambda one: one.site),
        ListColumn("accused", _("责任网点"), lambda one: one.accused),
        ListColumn("claimed", _("索赔金额"), lambda one: one.claimed, "money"),
        ListColumn("awarded", _("裁定金额"), lambda one: one.awarded, "money"),
        ListColumn("due_at", _("期限"), lambda one: one.due_at, "moment"),
        ListColumn("arbiter", _("仲裁员"), lambda one: one.arbiter),
        ListColumn("filed_at", _("申报时间"), lambda one: one.filed_at, "moment", usual=False),
        ListColumn("filed_by", _("申报人"), lambda one: one.filed_by, usual=False),
        ListColumn("ended_at", _("终结时间"), lambda one: one.ended_at, "moment", usual=False),
        ListColumn("clause", _("依据条款"), lambda one: one.clause, "code", usual=False),
    ),
    page=_page,
    count=_count,
    row_key=lambda one: one.id,
    views=(
        ReadyView("open", pgettext_lazy("arbitration", "未终结"), {"open": "1"}),
        ReadyView("desk", _("仲裁台待处理"), {"waits": "desk"}),
        ReadyView("audit", _("待复核"), {"waits": "audit"}),
        ReadyView("reply", _("等待举证"), {"waits": "reply"}),
        ReadyView("appeal", _("复议期内"), {"waits": "appeal"}),
        ReadyView("against", _("针对本站"), {"box": "in"}),
        ReadyView("ours", _("本站申报"), {"box": "out"}),
        ReadyView("all", _("全部"), {}),
    ),
    empty=_("没有仲裁。责任在其他网点时，在工单页点“申报仲裁”。"),
)


def month_of(text: str) -> date | None:
    """The first day of a month written as 2026-11; nothing when it is none."""
    try:
        return date.fromisoformat(f"{text.strip()[:7]}-01")
    except ValueError:
        return None


def _moves_wanted(ask: Ask) -> MoveWanted:
    return MoveWanted(ask.id("site"), month_of(ask.get("month")), ask.get("kind"), numbers_of(ask.get("q")))


def _moves(ask: Ask, cursor: str | None, size: int) -> Page[MoveRow]:
    return statements.page(ask.actor, _moves_wanted(ask), cursor=cursor, size=size)


MOVES: List[MoveRow] = List(
    key="arbitration-moves",
    title=_("仲裁账单"),
    route="arbitration-moves",
    permissions=(Permission.ARBITRATION_VIEW,),
    personal=False,
    filters=(
        Filter("q", _("运单号，可粘贴多个"), "code"),
        Filter("month", _("月份，如 2026-10"), "text"),
        Filter("site", _("网点"), "site"),
        Filter("kind", _("款项"), "choice", MoveKind.choices),
    ),
    columns=(
        ListColumn(
            "number", _("仲裁编号"), lambda one: one.number, "code", opens=lambda one: Place("arbitration", {"filing_id": one.filing_id})
        ),
        ListColumn("waybill", _("运单号"), lambda one: one.waybill, "code"),
        ListColumn("account", _("账户"), lambda one: one.site, words=lambda one: one.site or _("总部")),
        ListColumn("kind", _("款项"), lambda one: one.kind, words=lambda one: MOVE_KINDS[one.kind]),
        ListColumn("amount", _("金额"), lambda one: one.amount, "money"),
        ListColumn("month", _("月份"), lambda one: f"{one.month:%Y-%m}"),
        ListColumn("for", _("代停用网点"), lambda one: one.for_site, usual=False),
        ListColumn("booked_at", _("入账时间"), lambda one: one.booked_at, "moment"),
        ListColumn("clause", _("依据条款"), lambda one: one.clause, "code", usual=False),
    ),
    page=_moves,
    count=lambda ask: statements.count(ask.actor, _moves_wanted(ask)),
    empty=_("还没有款项。裁决终局后，赔款和罚款自动入账。"),
)
