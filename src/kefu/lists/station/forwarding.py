"""Requests to forward parcels, of the sites in reach and to them (OPS10)."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Message
from kefu.kernel.paging import CappedCount, Page
from kefu.lists.definition import Ask, Filter, List, ListColumn, Place, ReadyView
from kefu.lists.parcels import numbers_of
from kefu.people.permissions import Permission
from kefu.station.forwarding import queries
from kefu.station.forwarding.queries import ForwardRow, Wanted
from kefu.station.forwarding.vocabulary import Payer, Reason, State, Way

TONES: Mapping[str, str] = {
    State.REQUESTED.value: "warn",
    State.APPROVED.value: "accent",
    State.FORWARDED.value: "accent",
    State.SIGNED.value: "good",
    State.SETTLED.value: "good",
    State.REFUSED.value: "bad",
    State.WITHDRAWN.value: "quiet",
}
STATES, WAYS, REASONS, PAYERS = dict(State.choices), dict(Way.choices), dict(Reason.choices), dict(Payer.choices)
LATE: Mapping[str, Message] = {
    State.REQUESTED.value: _("超时未审核"),
    State.APPROVED.value: _("超时未转出"),
    State.FORWARDED.value: _("超期未签收"),
}


def _wanted(ask: Ask) -> Wanted:
    return Wanted(
        box=ask.get("box"),
        state=ask.get("state"),
        open_only=ask.flag("open"),
        way=ask.get("way"),
        reason=ask.get("reason"),
        payer=ask.get("payer"),
        site_id=ask.id("site"),
        waybills=numbers_of(ask.get("q")),
        late=ask.flag("late"),
        wrong=ask.flag("wrong"),
        day_from=ask.day("from"),
        day_to=ask.day("to"),
    )


def _page(ask: Ask, cursor: str | None, size: int) -> Page[ForwardRow]:
    return queries.page(ask.actor, _wanted(ask), now=ask.now, cursor=cursor, size=size, clear=ask.clear)


def _count(ask: Ask) -> CappedCount:
    return queries.count(ask.actor, _wanted(ask), now=ask.now)


def flags(row: ForwardRow) -> Message:
    """What is wrong with it, in words."""
    if row.late:
        return LATE.get(row.state, "")
    return _("误报超区") if row.wrong_claim else ""


FORWARDS: List[ForwardRow] = List(
    key="forwards",
    title=_("超区转件"),
    route="station-forwarding",
    permissions=(Permission.FORWARD_VIEW,),
    filters=(
        Filter("q", _("原运单号或新单号，可粘贴多个"), "code"),
        Filter("state", _("状态"), "choice", State.choices),
        Filter("way", _("转件类型"), "choice", Way.choices),
        Filter("reason", _("转件原因"), "choice", Reason.choices, main=False),
        Filter("payer", _("付费方"), "choice", Payer.choices, main=False),
        Filter("box", _("方向"), "choice", (("out", _("本站申请")), ("in", _("转给本站"))), main=False),
        Filter("site", _("网点"), "site", main=False),
        Filter("from", _("申请日期从"), "day", main=False),
        Filter("to", _("申请日期到"), "day", main=False),
        Filter("open", _("未完成的"), "flag", main=False),
        Filter("late", _("超时的"), "flag", main=False),
        Filter("wrong", _("误报超区的"), "flag", main=False),
    ),
    columns=(
        ListColumn(
            "waybill", _("原运单号"), lambda one: one.waybill, "code", opens=lambda one: Place("station-forward", {"forward_id": one.id})
        ),
        ListColumn(
            "state", _("状态"), lambda one: one.state, words=lambda one: STATES[one.state], tone=lambda one: TONES[one.state], width=14
        ),
        ListColumn(
            "flags",
            _("提醒"),
            lambda one: "late" if one.late else "wrong_claim" if one.wrong_claim else "",
            words=flags,
            tone=lambda one: "bad" if one.late else "warn",
            width=14,
        ),
        ListColumn("reason", _("转件原因"), lambda one: one.reason, words=lambda one: REASONS[one.reason], width=12),
        ListColumn("way", _("转件类型"), lambda one: one.way, words=lambda one: WAYS[one.way], width=12),
        ListColumn("to", _("承接方"), lambda one: one.to),
        ListColumn("new_waybill", _("新单号"), lambda one: one.new_waybill, "code"),
        ListColumn("fee", _("转件费"), lambda one: one.fee, "money"),
        ListColumn("payer", _("付费方"), lambda one: one.payer, words=lambda one: PAYERS[one.payer], width=14),
        ListColumn("applicant", _("申请网点"), lambda one: one.site, usual=False),
        ListColumn("requested_by", _("申请人"), lambda one: one.requested_by, usual=False),
        ListColumn("requested_at", _("申请时间"), lambda one: one.requested_at, "moment"),
        ListColumn("due_at", _("下一步应于"), lambda one: one.due_at, "moment", usual=False),
        ListColumn("decided_by", _("审核人"), lambda one: one.decided_by, usual=False),
        ListColumn("forwarded_at", _("转出时间"), lambda one: one.forwarded_at, "moment", usual=False),
        ListColumn("signed_at", _("签收时间"), lambda one: one.signed_at, "moment", usual=False),
        ListColumn("settled_fee", _("结算金额"), lambda one: one.settled_fee, "money", usual=False),
        ListColumn("area", _("范围表记载"), lambda one: one.area, usual=False, width=24),
        ListColumn("address", _("收件地址"), lambda one: one.address, usual=False, width=30),
        ListColumn("clause", _("依据条款"), lambda one: one.clause, "code", usual=False),
    ),
    page=_page,
    count=_count,
    row_key=lambda one: one.id,
    views=(
        ReadyView("to-approve", _("待审核"), {"state": "requested"}),
        ReadyView("to-forward", _("待转出"), {"state": "approved"}),
        ReadyView("forwarded", _("已转出"), {"state": "forwarded"}),
        ReadyView("late", _("超时"), {"late": "1"}),
        ReadyView("to-settle", _("待结算"), {"state": "signed"}),
        ReadyView("to-us", _("转给本站"), {"box": "in"}),
        ReadyView("all", _("全部"), {}),
    ),
    clearable=True,
    empty=_("没有转件。地址不在派送范围内时点“申请转件”，组长审核后再转出。"),
)
