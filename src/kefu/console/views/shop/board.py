"""The shop's board: what is to be done in it today, each figure opening to its rows; and the tabs of its pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from kefu.console.rendering import render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import cases_words as words
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Message
from kefu.lists.definition import day as day_of
from kefu.lists.shop.work import ENQUIRIES, SALE_LIST, SHOP_URGES, TROUBLES, UNPAID, UNSENT
from kefu.people.permissions import Permission
from kefu.shop import figures, queries
from kefu.shop.queries import Choice

_TABS: tuple[tuple[str, Message], ...] = (
    ("shop", gettext_lazy("总览")),
    ("shop-orders", pgettext_lazy("list", "订单")),
    ("shop-unpaid", gettext_lazy("催付")),
    ("shop-unsent", gettext_lazy("付款未发")),
    ("shop-troubles", gettext_lazy("疑难件")),
    ("shop-sales", gettext_lazy("售后退款")),
    ("shop-enquiries", gettext_lazy("询单")),
    ("shop-urges", gettext_lazy("催单登记")),
)
_FIRST = {one.route: dict(one.views[0].values) for one in (UNPAID, UNSENT, TROUBLES, SALE_LIST, ENQUIRIES, SHOP_URGES)}
"""The view each list opens with from here, by its page."""
_DAYS = 30


def tabs(request: ConsoleRequest) -> list[dict[str, object]]:
    """The shop's pages, as tabs; a list opens at what is still to be done."""
    found: list[dict[str, object]] = []
    for name, label in _TABS:
        address = reverse(f"console:{name}")
        found.append({"label": str(label), "href": _href(name, **_FIRST.get(name, {})), "current": request.path == address})
    return found


@dataclass(frozen=True, slots=True)
class Todo:
    """Something to do with how many of it, and the list that opens."""

    label: str
    value: object
    href: str
    tone: str
    note: str = ""


def _href(name: str, **query: object) -> str:
    address = reverse(f"console:{name}")
    kept = {key: value for key, value in query.items() if value not in ("", None)}
    return f"{address}?{urlencode(kept)}" if kept else address


def todos(actor: Actor, now: datetime) -> Sequence[Todo]:
    """What waits today; each count is capped."""
    unpaid = queries.count_unpaid(actor, Choice(reminded="not_today"), now=now)
    unsent = queries.count_unsent(actor, Choice(open_only=True))
    late = queries.count_troubles(actor, Choice(late=True), now=now)
    open_ = queries.count_troubles(actor, Choice(open_only=True), now=now)
    overdue = queries.count_sales(actor, Choice(late=True), now=now)
    sales = queries.count_sales(actor, Choice(open_only=True), now=now)
    lost = queries.count_enquiries(actor, Choice(open_only=True))
    urged = queries.count_urges(actor, Choice(open_only=True))
    return (
        Todo(_("售后已过平台时限"), overdue, _href("shop-sales", late="1"), "bad" if overdue.value else ""),
        Todo(_("售后处理中"), sales, _href("shop-sales", open="1"), "warn" if sales.value else ""),
        Todo(_("付款未发，未查明原因"), unsent, _href("shop-unsent", open="1"), "warn" if unsent.value else ""),
        Todo(_("疑难件超时未给结果"), late, _href("shop-troubles", late="1"), "bad" if late.value else ""),
        Todo(_("疑难件未完成"), open_, _href("shop-troubles", open="1"), "warn" if open_.value else ""),
        Todo(_("今天未催付"), unpaid, _href("shop-unpaid", reminded="not_today"), ""),
        Todo(_("未成交待填原因"), lost, _href("shop-enquiries", open="1"), ""),
        Todo(_("催单未处理"), urged, _href("shop-urges", open="1"), ""),
    )


@page("shop", "shop", permission=Permission.ORDER_VIEW)
def shop(request: ConsoleRequest) -> HttpResponse:
    """What waits, the last checks, rates by shop and reminders by agent over the days asked."""
    actor, now = request.actor, moment.now()
    today = timezone.localdate(now)
    until = min(day_of(request.GET.get("to", "")) or today, today)
    since = min(day_of(request.GET.get("from", "")) or until - timedelta(days=_DAYS - 1), until)
    span = {"from": since.isoformat(), "to": until.isoformat()}
    rates = figures.rates(actor, since=since, until=until)
    reminded = figures.reminders(actor, since=since, until=until)
    asked = figures.enquiries(actor, since=since, until=until)
    causes = figures.refund_causes(actor, since=since, until=until)
    context = {
        "tabs": tabs(request),
        "todos": todos(actor, now),
        "checks": [(one, words.clause_title(one.clause), words.clause_url(one.clause, actor)) for one in queries.checks(actor)],
        "rates": [(one, _href("shop-orders", shop=one.shop_id, **span), _href("shop-sales", shop=one.shop_id, **span)) for one in rates],
        "reminded": [(one, _href("shop-reminders", staff=one.staff_id, **span)) for one in reminded],
        "asked": [(one, _href("shop-enquiries", staff=one.staff_id, **span)) for one in asked],
        "causes": [(one, _href("shop-orders", reason=one.reason, refunded="1", **span) if one.reason else "") for one in causes],
        "since": since,
        "until": until,
    }
    return render(request, "shop/board.jinja", context)
