"""The payment ledger with its bulk work, and the month report of compensation (CASE6)."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kefu.claims import actions, figures, paying, queries
from kefu.claims.drafts import PaymentResult
from kefu.claims.vocabulary import PARTIES, Cause, Loss, PayState
from kefu.console import listing
from kefu.console.listing import Bulk, BulkAction, Head
from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views.station import given
from kefu.kernel import moment
from kefu.kernel.errors import KefuError
from kefu.lists.claims import PAYMENTS
from kefu.lists.parcel_words import carrier_title
from kefu.people.permissions import Permission

_BULK = Bulk(
    "claim-payments-bulk",
    (
        BulkAction("send", gettext_lazy("导出付款批次"), "download", "primary"),
        BulkAction("paid", gettext_lazy("标记已付款"), "accept", confirm=gettext_lazy("确认这些款项已经付出？")),
        BulkAction("failed", gettext_lazy("标记失败"), "close"),
        BulkAction("returned", gettext_lazy("标记被退回"), "undo"),
    ),
)


@page("claims/payments", "claim-payments", permission=Permission.CLAIM_VIEW)
def payments(request: ConsoleRequest) -> HttpResponse:
    """Payments of the sites in reach."""
    bulk = _BULK if request.actor.may(Permission.CLAIM_PAY) else None
    head = Head(lead=_("勾选后导出批次交银行或支付宝付款，再导入结果。"), crumbs=[(_("理赔"), reverse("console:claims"))])
    return listing.show(request, PAYMENTS, template="claims/payments.jinja", head=head, bulk=bulk)


@page("claims/payments/bulk", "claim-payments-bulk", permission=Permission.CLAIM_PAY, methods=("POST",))
def payments_bulk(request: ConsoleRequest) -> HttpResponse:
    """Take the ticked payments into a batch, or note what became of them."""
    now = moment.now()
    chosen = listing.chosen(request, PAYMENTS)
    keys = [int(one) for one in chosen.keys(PAYMENTS, now) if one.isdecimal() and len(one) < 18]
    if not keys or chosen.do not in ("send", *PayState.values):
        messages.warning(request, _("请先勾选付款。"))
        return redirect(request, chosen.back(PAYMENTS))
    if chosen.do == "send":
        name, taken = actions.send_batch(actor=request.actor, payment_ids=keys, now=now)
        if not taken:
            messages.warning(request, _("所选付款都不在“待导出”状态。"))
            return redirect(request, chosen.back(PAYMENTS))
        said = ngettext("批次 %(name)s 有 %(count)s 笔，请导出表格。", "批次 %(name)s 有 %(count)s 笔，请导出表格。", taken)
        messages.success(request, said % {"name": name, "count": taken})
        return redirect(request, f"{reverse('console:claim-payments')}?{urlencode({'batch': name})}")
    done, refused = 0, dict[str, int]()
    for key in keys:
        result = PaymentResult(f"P{key:08d}", chosen.do, reason=request.POST.get("text", "")[:200])
        try:
            done += paying.note_result(actor=request.actor, payment_id=key, result=result, now=now)
        except KefuError as error:
            refused[str(error)] = refused.get(str(error), 0) + 1
    if done:
        messages.success(request, ngettext("已更新 %(count)s 笔。", "已更新 %(count)s 笔。", done) % {"count": done})
    for words, count in list(refused.items())[:5]:
        messages.warning(request, _("%(count)s 笔没有更新：%(words)s") % {"count": count, "words": words})
    return redirect(request, chosen.back(PAYMENTS))


_TITLES = {
    "loss": gettext_lazy("损失"),
    "cause": gettext_lazy("原因"),
    "party": gettext_lazy("责任方"),
    "courier": gettext_lazy("业务员工号"),
    "carrier": gettext_lazy("承运公司"),
    "site": gettext_lazy("站点"),
}
_WORDS: dict[str, dict[str, object]] = {"loss": dict(Loss.choices), "cause": dict(Cause.choices), "party": dict(PARTIES)}


@page("claims/report", "claims-report", permission=Permission.CLAIM_VIEW)
def claims_report(request: ConsoleRequest) -> HttpResponse:
    """What was paid in a month, by one dimension; each line opens to its claims."""
    today = timezone.localdate(moment.now())
    month = given.month(request.GET.get("month", "")) or today.replace(day=1)
    by = request.GET.get("by", "")
    by = by if by in figures.BY else "loss"
    found = figures.paid_by(request.actor, month, by)
    days = {"paid-from": month.isoformat(), "paid-to": figures.last_of(month).isoformat()}
    rows = [
        (
            _said(by, one.key),
            one.claims,
            one.amount,
            f"{reverse('console:claims')}?{urlencode({by: one.key, **days})}" if one.key else "",
        )
        for one in found
    ]
    context = {
        "rows": rows,
        "month": f"{month:%Y-%m}",
        "by": by,
        "dimensions": [(key, str(_TITLES[key])) for key in ("loss", "cause", "party", "courier", "carrier", "site")],
        "title_of": str(_TITLES[by]),
        "claims": sum(one.claims for one in found),
        "amount": sum(one.amount for one in found),
        "all": f"{reverse('console:claims')}?{urlencode(days)}",
    }
    return render(request, "claims/report.jinja", context)


def _said(by: str, key: str) -> str:
    if by == "site":
        return queries.name_of_site(int(key))
    if by == "carrier" and key:
        return str(carrier_title(key))
    return str(_WORDS[by].get(key, key)) if by in _WORDS else key or _("未填写")
