"""The shop's lists, with the work that is done on many rows at once: causes of unsent orders and of lost enquiries."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.console import listing
from kefu.console.listing import Bulk, BulkAction, Head
from kefu.console.rendering import redirect
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views.shop import board
from kefu.kernel import moment
from kefu.kernel.errors import Invalid, KefuError
from kefu.kernel.wording import listed
from kefu.lists.shop.orders import ORDERS
from kefu.lists.shop.work import ENQUIRIES, REMINDERS, SALE_LIST, SHOP_URGES, TROUBLES, UNPAID, UNSENT
from kefu.people.permissions import Permission
from kefu.shop import enquiries, unsent
from kefu.shop.vocabulary import Cause, Lost, Party

_VIEW = Permission.ORDER_VIEW
_TEMPLATE = "shop/list.jinja"
_EXPLAIN = BulkAction("explain", gettext_lazy("登记原因"), "accept", "primary")


@page("shop/orders", "shop-orders", permission=_VIEW, methods=("GET", "POST"))
def orders(request: ConsoleRequest) -> HttpResponse:
    """Orders; searching by phone or buyer comes by POST."""
    return listing.show(request, ORDERS, template=_TEMPLATE, tabs=board.tabs(request), extra={"imports": "shop_orders"})


@page("shop/unpaid", "shop-unpaid", permission=_VIEW)
def unpaid(request: ConsoleRequest) -> HttpResponse:
    """Orders that wait for payment."""
    lead = gettext_lazy("先看聊天记录，再有针对性地催付。同一订单每天最多一次，夜间不催。")
    extra = {"statistics": "shop-reminders"}
    return listing.show(request, UNPAID, template=_TEMPLATE, tabs=board.tabs(request), head=Head(lead=lead), extra=extra)


@page("shop/reminders", "shop-reminders", permission=_VIEW)
def reminders(request: ConsoleRequest) -> HttpResponse:
    """Reminders by agent and day."""
    return listing.show(request, REMINDERS, template=_TEMPLATE, tabs=board.tabs(request))


@page("shop/unsent", "shop-unsent", permission=_VIEW)
def unsent_orders(request: ConsoleRequest) -> HttpResponse:
    """Orders the daily check found."""
    lead = gettext_lazy("勾选订单，登记未发出的真正原因和责任方；全部登记完，核查工单的时限随之达成。")
    bulk = Bulk("shop-unsent-bulk", (_EXPLAIN,)) if request.actor.may(Permission.ORDER_WORK) else None
    extra = {"fields_for": "unsent", "causes": Cause.choices, "parties": Party.choices}
    return listing.show(request, UNSENT, template=_TEMPLATE, tabs=board.tabs(request), head=Head(lead=lead), bulk=bulk, extra=extra)


@page("shop/unsent/bulk", "shop-unsent-bulk", permission=Permission.ORDER_WORK, methods=("POST",))
def unsent_bulk(request: ConsoleRequest) -> HttpResponse:
    """The same cause for all ticked."""
    now, given = moment.now(), request.POST
    chosen = listing.chosen(request, UNSENT)

    def explain(pk: int) -> None:
        unsent.explain(
            actor=request.actor, unsent_id=pk, cause=given.get("cause", ""), party=given.get("party", ""), note=_text(given.get("note")),
            now=now,
        )  # fmt: skip

    _each(request, explain, chosen.keys(UNSENT, now))
    return redirect(request, chosen.back(UNSENT))


@page("shop/troubles", "shop-troubles", permission=_VIEW)
def troubles(request: ConsoleRequest) -> HttpResponse:
    """Parcels in trouble."""
    lead = gettext_lazy("2 天内的给顾客留言后标记完成；超过 2 天或没有物流信息的联系快递，24 小时内给顾客结果。点运单号处理。")
    return listing.show(request, TROUBLES, template=_TEMPLATE, tabs=board.tabs(request), head=Head(lead=lead))


@page("shop/sales", "shop-sales", permission=_VIEW)
def sales(request: ConsoleRequest) -> HttpResponse:
    """Refunds we work on."""
    lead = gettext_lazy("协商 → 退换货 → 退差价，不跳步。未发货先等仓库确认作废，已发货先拦截快件，再退款。")
    extra = {"imports": "shop_refunds"}
    return listing.show(request, SALE_LIST, template=_TEMPLATE, tabs=board.tabs(request), head=Head(lead=lead), extra=extra)


@page("shop/enquiries", "shop-enquiries", permission=_VIEW)
def enquiries_list(request: ConsoleRequest) -> HttpResponse:
    """Buyers who asked."""
    bulk = Bulk("shop-enquiries-bulk", (_EXPLAIN,)) if request.actor.may(Permission.ORDER_WORK) else None
    extra = {"fields_for": "enquiries", "causes": Lost.choices}
    return listing.show(request, ENQUIRIES, template=_TEMPLATE, tabs=board.tabs(request), bulk=bulk, extra=extra)


@page("shop/enquiries/bulk", "shop-enquiries-bulk", permission=Permission.ORDER_WORK, methods=("POST",))
def enquiries_bulk(request: ConsoleRequest) -> HttpResponse:
    """The same cause for all ticked."""
    now, given = moment.now(), request.POST
    chosen = listing.chosen(request, ENQUIRIES)

    def explain(pk: int) -> None:
        enquiries.explain(actor=request.actor, enquiry_id=pk, cause=given.get("cause", ""), note=_text(given.get("note")), now=now)

    _each(request, explain, chosen.keys(ENQUIRIES, now))
    return redirect(request, chosen.back(ENQUIRIES))


@page("shop/urges", "shop-urges", permission=_VIEW)
def urges(request: ConsoleRequest) -> HttpResponse:
    """The register of urges."""
    return listing.show(request, SHOP_URGES, template=_TEMPLATE, tabs=board.tabs(request))


def _text(value: str | None) -> str:
    return (value or "").replace("\0", "").strip()


def _each(request: ConsoleRequest, step: Callable[[int], None], keys: list[str]) -> None:
    """Do it for each; refusals are told by their words, once."""
    done, refused = 0, dict[str, int]()
    for key in keys:
        try:
            step(int(key) if key.isdecimal() and len(key) < 18 else 0)
            done += 1
        except KefuError as error:
            words = listed(error.fields.values(), "；") if isinstance(error, Invalid) and error.fields else str(error)
            refused[words] = refused.get(words, 0) + 1
    if not keys:
        messages.warning(request, _("请先勾选要登记的行。"))
    if done:
        messages.success(request, _("已登记 %(count)s 条。") % {"count": done})
    for words, count in list(refused.items())[:5]:
        messages.warning(request, _("%(count)s 条没有登记：%(why)s") % {"count": count, "why": words})
