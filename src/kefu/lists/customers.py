"""Customers in reach, newest first; a name, a whole phone number or its last four digits find one (CRM1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from kefu.customers import queries
from kefu.customers.queries import CustomerRow
from kefu.handbook import queries as handbooks
from kefu.handbook.errors import NotInForce
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Message
from kefu.kernel.paging import Page
from kefu.lists.definition import Ask, Choices, Filter, List, ListColumn, Place
from kefu.people import queries as people
from kefu.people.permissions import Permission


@dataclass(frozen=True, slots=True)
class Line:
    """A customer with their site and tier in words; ``raised``: the tier is above the handbook's lowest."""

    customer: CustomerRow
    site: str
    tier: str
    raised: bool


def _language() -> str:
    return "en" if (get_language() or "zh").startswith("en") else "zh"


class _Tiers:
    """Tiers of the handbooks in force, each looked up once."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._found: dict[str, tuple[dict[str, str], str]] = {}

    def of(self, handbook: str) -> tuple[dict[str, str], str]:
        """Names of the tiers, and the key of the lowest."""
        if handbook not in self._found:
            try:
                book = handbooks.book_at(handbook, self._now)
            except NotInForce:
                self._found[handbook] = ({}, "")
            else:
                names = {key: str(one.name(_language())) for key, one in book.tiers.items()}
                self._found[handbook] = (names, (book.tier_for("") or "") if book.tiers else "")
        return self._found[handbook]


def _page(ask: Ask, cursor: str | None, size: int) -> Page[Line]:
    found = queries.page(
        ask.actor, query=ask.get("q"), tier=ask.get("tier"), site_id=ask.id("site"), cursor=cursor, size=size, clear=ask.clear
    )
    return Page(lines(found.rows, ask.now), found.next, found.previous)


def lines(rows: Sequence[CustomerRow], now: datetime) -> list[Line]:
    """Customers with the words of their sites and handbooks."""
    sites, tiers = people.sites_by_id() if rows else {}, _Tiers(now)
    return [_line(one, sites[one.site_id], tiers) for one in rows]


def _line(one: CustomerRow, site: Any, tiers: _Tiers) -> Line:
    names, lowest = tiers.of(site.handbook)
    raised = one.tier not in ("", "ordinary", lowest)
    return Line(one, site.name, names.get(one.tier, one.tier.upper()) if raised else "", raised)


def _name(line: Line) -> Message:
    return line.customer.name or _("未留姓名")


def _tier(line: Line) -> Message:
    return line.tier or _("普通")


def _tiers(actor: Actor) -> Choices:
    """Tiers of the handbooks of the sites in reach, as they are now."""
    tiers = _Tiers(moment.now())
    found: dict[str, str] = {}
    for handbook in dict.fromkeys(site.handbook for site in people.sites(actor)):
        found |= tiers.of(handbook)[0]
    return list(found.items())


def _card(one: Line) -> Place:
    return Place("customer", {"customer_id": one.customer.id})


CUSTOMERS: List[Line] = List(
    key="customers",
    title=pgettext_lazy("list", "客户"),
    route="customers",
    permissions=(Permission.CUSTOMER_VIEW,),
    filters=(
        Filter("q", _("电话、电话后四位或姓名"), private=True),
        Filter("tier", _("客户等级"), "choice", _tiers),
        Filter("site", _("站点"), "site"),
    ),
    columns=(
        ListColumn(
            "name",
            _("客户"),
            lambda one: one.customer.name,
            opens=_card,
            width=14,
        ),
        ListColumn("contact", _("联系方式"), lambda one: one.customer.contact, width=20),
        ListColumn(
            "tier", _("客户等级"), lambda one: one.customer.tier, words=_tier, tone=lambda one: "warn" if one.raised else "", width=12
        ),
        ListColumn("site", _("站点"), lambda one: one.site),
        ListColumn("number", _("编号"), lambda one: f"C{one.customer.id}", "code", usual=False, width=10),
        ListColumn("created_at", _("建档时间"), lambda one: one.customer.created_at, "moment"),
    ),
    page=_page,
    row_key=lambda one: one.customer.id,
    clearable=True,
    empty=_("受理工单或导入会话时，客户按电话自动建档。"),
)
