"""Claims and payments of the sites in reach (CASE6)."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kefu.claims import queries
from kefu.claims.liability import Party
from kefu.claims.queries import PaymentRow, PaymentWanted, Wanted
from kefu.claims.vocabulary import Cause, Channel, Loss, PayState, Rung, State
from kefu.kernel.paging import CappedCount, Page
from kefu.lists.definition import Ask, Filter, List, ListColumn, Place, ReadyView
from kefu.lists.parcels import numbers_of
from kefu.people.permissions import Permission

TONES: Mapping[str, str] = {
    State.DRAFT: "quiet",
    State.APPROVING: "warn",
    State.APPROVED: "accent",
    State.AGREED: "accent",
    State.PAYING: "accent",
    State.PAID: "good",
    State.FAILED: "bad",
    State.RETURNED: "bad",
    State.REJECTED: "bad",
    State.EXEMPTED: "quiet",
    State.WITHDRAWN: "quiet",
    State.RECOVERED: "good",
}
PAY_TONES: Mapping[str, str] = {
    PayState.WAITING: "warn",
    PayState.SENT: "accent",
    PayState.PAID: "good",
    PayState.FAILED: "bad",
    PayState.RETURNED: "bad",
}
STATES, LOSSES, CAUSES, RUNGS = dict(State.choices), dict(Loss.choices), dict(Cause.choices), dict(Rung.choices)
BLANKS = (("carrier", _("承运公司")), ("courier", _("业务员工号")), ("item", _("商品")))
CHANNELS, PAY_STATES = dict(Channel.choices), dict(PayState.choices)


def _wanted(ask: Ask) -> Wanted:
    return Wanted(
        state=ask.get("state"),
        open_only=ask.flag("open"),
        rung=ask.get("rung"),
        loss=ask.get("loss"),
        cause=ask.get("cause"),
        carrier=ask.get("carrier"),
        courier=ask.get("courier"),
        party=ask.get("party"),
        site_id=ask.id("site"),
        case_id=ask.id("case"),
        waybills=numbers_of(ask.get("q")),
        found=ask.flag("found"),
        paid_from=ask.day("paid-from"),
        paid_to=ask.day("paid-to"),
        item=ask.get("item"),
        without=ask.get("without"),
    )


def _page(ask: Ask, cursor: str | None, size: int) -> Page[Any]:
    return queries.page(ask.actor, _wanted(ask), cursor=cursor, size=size)


def _count(ask: Ask) -> CappedCount:
    return queries.count(ask.actor, _wanted(ask))


CLAIMS: List[Any] = List(
    key="claims",
    title=_("理赔"),
    route="claims",
    permissions=(Permission.CLAIM_VIEW,),
    filters=(
        Filter("q", _("运单号，可粘贴多个"), "code"),
        Filter("state", _("状态"), "choice", State.choices),
        Filter("loss", _("损失"), "choice", Loss.choices),
        Filter("cause", _("原因"), "choice", Cause.choices, main=False),
        Filter("party", _("责任方"), "choice", Party.choices, main=False),
        Filter("rung", _("等待审批"), "choice", Rung.choices, main=False),
        Filter("carrier", _("承运公司"), "code", main=False),
        Filter("courier", _("业务员工号"), "code", main=False),
        Filter("site", _("站点"), "site", main=False),
        Filter("case", _("工单编号"), "id", main=False),
        Filter("item", _("商品"), main=False),
        Filter("without", _("未填写的"), "choice", BLANKS, main=False),
        Filter("paid-from", _("付款日期从"), "day", main=False),
        Filter("paid-to", _("付款日期到"), "day", main=False),
        Filter("open", _("未完结的"), "flag", main=False),
        Filter("found", _("赔后或赔前找到的"), "flag", main=False),
    ),
    columns=(
        ListColumn("number", _("理赔号"), lambda one: one.number, "code", opens=lambda one: Place("claim", {"claim_id": one.pk})),
        ListColumn("waybill", _("运单号"), lambda one: one.waybill, "code"),
        ListColumn(
            "state", _("状态"), lambda one: one.state, words=lambda one: STATES[one.state], tone=lambda one: TONES[one.state], width=14
        ),
        ListColumn("loss", _("损失"), lambda one: one.loss, words=lambda one: LOSSES[one.loss], width=12),
        ListColumn("amount", _("赔偿金额"), lambda one: one.amount, "money"),
        ListColumn("rung", _("等待审批"), lambda one: one.rung, words=lambda one: RUNGS.get(one.rung, ""), width=12),
        ListColumn("cause", _("原因"), lambda one: one.cause, words=lambda one: CAUSES[one.cause], width=22),
        ListColumn("reckoned", _("计算金额"), lambda one: one.reckoned, "money", usual=False),
        ListColumn("order_no", _("订单号"), lambda one: one.order_no, "code", usual=False),
        ListColumn("item", _("商品"), lambda one: one.item, usual=False),
        ListColumn(
            "case",
            pgettext_lazy("one", "工单"),
            lambda one: f"K{one.case_id:07d}",
            "code",
            opens=lambda one: Place("case", {"case_id": one.case_id}),
        ),
        ListColumn("carrier", _("承运公司"), lambda one: one.carrier, "code", usual=False),
        ListColumn("courier", _("业务员工号"), lambda one: one.courier, "code", usual=False),
        ListColumn("site", _("站点"), lambda one: one.site.name),
        ListColumn("made_by", _("登记人"), lambda one: one.made_by),
        ListColumn("made_at", _("登记时间"), lambda one: one.made_at, "moment"),
        ListColumn("agreed_at", _("客户同意时间"), lambda one: one.agreed_at, "moment", usual=False),
        ListColumn("paid_at", _("付款时间"), lambda one: one.paid_at, "moment", usual=False),
    ),
    page=_page,
    count=_count,
    row_key=lambda one: one.pk,
    views=(
        ReadyView("open", _("未完结"), {"open": "1"}),
        ReadyView("approving", _("待审批"), {"state": "approving"}),
        ReadyView("approved", _("待客户确认"), {"state": "approved"}),
        ReadyView("agreed", _("待付款"), {"state": "agreed"}),
        ReadyView("failed", _("付款失败"), {"state": "failed"}),
        ReadyView("found", _("找回的"), {"found": "1"}),
        ReadyView("all", _("全部"), {}),
    ),
    personal=False,
    empty=_("还没有理赔。在工单页右侧点“计算赔偿”登记。"),
)


def _pay_wanted(ask: Ask) -> PaymentWanted:
    return PaymentWanted(ask.get("state"), ask.get("channel"), ask.get("batch"), ask.id("site"), ask.get("q"))


def _payments(ask: Ask, cursor: str | None, size: int) -> Page[PaymentRow]:
    return queries.payment_page(ask.actor, _pay_wanted(ask), cursor=cursor, size=size, clear=ask.clear)


def _kept(name: str) -> Callable[[PaymentRow], Any]:
    return lambda one: getattr(one, name)


PAYMENTS: List[PaymentRow] = List(
    key="claim-payments",
    title=_("赔款支付"),
    route="claim-payments",
    permissions=(Permission.CLAIM_VIEW,),
    filters=(
        Filter("q", _("付款编号"), "code"),
        Filter("state", _("状态"), "choice", PayState.choices),
        Filter("channel", _("付款方式"), "choice", Channel.choices),
        Filter("batch", _("批次"), "code", main=False),
        Filter("site", _("站点"), "site", main=False),
    ),
    columns=(
        ListColumn("number", _("付款编号"), _kept("number"), "code", opens=lambda one: Place("claim", {"claim_id": one.claim_id})),
        ListColumn("claim", _("理赔号"), _kept("claim"), "code"),
        ListColumn("waybill", _("运单号"), _kept("waybill"), "code"),
        ListColumn("amount", _("金额"), _kept("amount"), "money"),
        ListColumn("channel", _("付款方式"), _kept("channel"), words=lambda one: CHANNELS[one.channel], width=12),
        ListColumn("account_name", _("户名"), _kept("account_name")),
        ListColumn("account", _("账号"), _kept("account"), width=24),
        ListColumn(
            "state", _("状态"), _kept("state"), words=lambda one: PAY_STATES[one.state], tone=lambda one: PAY_TONES[one.state], width=12
        ),
        ListColumn("batch", _("批次"), _kept("batch"), "code", usual=False),
        ListColumn("serial", _("流水号"), _kept("serial"), "code", usual=False),
        ListColumn("reason", _("失败或退回原因"), _kept("reason"), width=24),
        ListColumn("site", _("站点"), _kept("site")),
        ListColumn("made_by", _("提交人"), _kept("made_by"), usual=False),
        ListColumn("made_at", _("提交时间"), _kept("made_at"), "moment"),
        ListColumn("done_at", _("结果时间"), _kept("done_at"), "moment", usual=False),
    ),
    page=_payments,
    count=lambda ask: queries.payment_count(ask.actor, _pay_wanted(ask)),
    row_key=_kept("id"),
    views=(
        ReadyView("waiting", _("待导出"), {"state": "waiting"}),
        ReadyView("sent", _("已导出，等结果"), {"state": "sent"}),
        ReadyView("failed", _("失败"), {"state": "failed"}),
        ReadyView("returned", _("被退回"), {"state": "returned"}),
        ReadyView("paid", _("已付款"), {"state": "paid"}),
        ReadyView("all", _("全部"), {}),
    ),
    clearable=True,
    empty=_("没有付款。客户同意赔偿并填好责任分摊后，在理赔页点“提交付款”。"),
)
