"""Appeals to the postal authority (R25–R31). Counted apart from platform complaints (R63)."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.paging import CappedCount, Page
from kefu.lists.definition import Ask, Choices, Filter, List, ListColumn, Place, ReadyView
from kefu.people.permissions import Permission
from kefu.regulator import queries
from kefu.regulator.queries import AppealRow, Wanted
from kefu.regulator.vocabulary import AnswerState, Party, State, Verdict

TONES: Mapping[str, str] = {
    State.RECEIVED.value: "warn",
    State.ACCEPTED.value: "warn",
    State.ANSWERED.value: "accent",
    State.MEDIATION.value: "warn",
    State.CLOSED.value: "good",
}
STATES, VERDICTS, PARTIES = dict(State.choices), dict(Verdict.choices), dict(Party.choices)
ANSWERS: Mapping[str, str] = {AnswerState.WAITING: "warn", AnswerState.APPROVED: "good", AnswerState.RETURNED: "bad"}
ANSWER_STATES = dict(AnswerState.choices)


def _kinds(actor: Actor) -> Choices:
    return [(kind.key, kind.name()) for kind in queries.kinds_here(actor, now=moment.now())]


def _wanted(ask: Ask) -> Wanted:
    return Wanted(
        state=ask.get("state"), kind=ask.get("kind"), verdict=ask.get("verdict"), open_only=ask.flag("open"), waits=ask.get("waits"),
        site_id=ask.id("site"), number=ask.get("number"), waybill=ask.get("q").strip().upper(), day_from=ask.day("from"),
        day_to=ask.day("to"),
    )  # fmt: skip


def _page(ask: Ask, cursor: str | None, size: int) -> Page[AppealRow]:
    return queries.page(ask.actor, _wanted(ask), cursor=cursor, size=size)


def _count(ask: Ask) -> CappedCount:
    return queries.count(ask.actor, _wanted(ask))


APPEALS: List[AppealRow] = List(
    key="appeals",
    title=_("邮政申诉"),
    route="appeals",
    permissions=(Permission.REGULATOR_VIEW,),
    filters=(
        Filter("q", _("运单号"), "code"),
        Filter("state", _("状态"), "choice", State.choices),
        Filter("kind", _("类别"), "choice", _kinds),
        Filter("verdict", _("结论"), "choice", Verdict.choices, main=False),
        Filter("waits", _("等待"), "choice", (("approval", _("答复待审批")),), main=False),
        Filter("open", _("未办结的"), "flag", main=False),
        Filter("number", _("申诉编号"), "code", main=False),
        Filter("site", _("网点"), "site", main=False),
        Filter("from", _("收到日期从"), "day", main=False),
        Filter("to", _("收到日期到"), "day", main=False),
    ),
    columns=(
        ListColumn("number", _("申诉编号"), lambda one: one.number, "code", opens=lambda one: Place("appeal", {"appeal_id": one.id})),
        ListColumn("state", _("状态"), lambda one: one.state, words=lambda one: STATES[one.state], tone=lambda one: TONES[one.state]),
        ListColumn("kind", _("类别"), lambda one: one.kind, words=lambda one: one.kind_title),
        ListColumn("waybill", _("运单号"), lambda one: one.waybill, "code"),
        ListColumn("received_at", _("收到时间"), lambda one: one.received_at, "moment"),
        ListColumn("due_at", _("最近时限"), lambda one: one.due_at, "moment"),
        ListColumn("verdict", _("结论"), lambda one: one.verdict, words=lambda one: VERDICTS.get(one.verdict, "")),
        ListColumn("site", _("网点"), lambda one: one.site),
        ListColumn("answered_at", _("答复时间"), lambda one: one.answered_at, "moment", usual=False),
        ListColumn("closed_at", _("办结时间"), lambda one: one.closed_at, "moment", usual=False),
        ListColumn("filed_by", _("登记人"), lambda one: one.filed_by, usual=False),
        ListColumn("clause", _("依据条款"), lambda one: one.clause, "code", usual=False),
    ),
    page=_page,
    count=_count,
    views=(
        ReadyView("open", _("未办结的"), {"open": "1"}),
        ReadyView("approval", _("答复待审批"), {"waits": "approval"}),
        ReadyView("mediation", _("调解中"), {"state": State.MEDIATION.value}),
        ReadyView("valid", _("有效申诉"), {"verdict": Verdict.VALID.value}),
        ReadyView("all", _("全部"), {}),
    ),
    empty=_("没有邮政申诉。申诉中心转来的申诉在这里登记，也可以按申诉中心的表格导入。"),
)
