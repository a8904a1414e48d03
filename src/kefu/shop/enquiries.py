"""Buyers who asked before they bought: who ordered in time, and why the others did not (SHOP3, E19)."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.conversations import queries as conversations
from kefu.conversations.queries import Asking
from kefu.handbook.settings import setting
from kefu.kernel.actor import Actor
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Conflict, Invalid
from kefu.orders import access as orders
from kefu.people import queries as people
from kefu.shop import access, limits, rules
from kefu.shop.models import Enquiry
from kefu.shop.recording import worked
from kefu.shop.vocabulary import Lost

LOOKER = Actor.system("enquiries")
_BACK = timedelta(days=4)
# Whoever bought within these days before asking asks about that order, not for a new one.
_AFTER_SALE = timedelta(days=30)


def look(*, now: datetime) -> int:
    """Find the enquiries of the last days at every shop, and which of them closed; returns how many rows were written."""
    return sum(look_site(site_id=pk, now=now) for pk, site in people.sites_by_id().items() if site.is_active and site.kind == "shop")


def look_site(*, site_id: int, now: datetime, since: datetime | None = None) -> int:
    """The same for one shop, from ``since``; any number of times."""
    begin = since or now - _BACK
    asked = conversations.asking(site_id, begin, now)
    placed = _orders(site_id, {one.customer_id for one in asked}, begin)
    known = {(row.customer_id, row.day): row for row in Enquiry.objects.filter(site_id=site_id, day__gte=timezone.localdate(begin))}
    order_in, pay_in = _spans(site_id, now)
    fresh: dict[tuple[int, date], Enquiry] = {}
    written = 0
    for one in asked:
        key = (one.customer_id, timezone.localdate(one.started_at))
        row = known.get(key) or fresh.get(key)
        if row is None:
            row = _new(site_id, one, key, placed.get(one.customer_id, ()))
            if row is None:
                continue
            fresh[key] = row
        if row.closed is None:
            written += _settle(row, placed.get(row.customer_id, ()), now, order_in, pay_in)
    Enquiry.objects.bulk_create(fresh.values(), ignore_conflicts=True)
    return written + len(fresh)


_Placed = tuple[int, datetime, datetime | None]


def _orders(site_id: int, customers: set[int], begin: datetime) -> dict[int, list[_Placed]]:
    """Orders of these buyers with their moments, the oldest first."""
    rows = orders.visible_to(LOOKER).filter(site_id=site_id, customer_id__in=customers, placed_at__gte=begin - _AFTER_SALE)
    found: dict[int, list[_Placed]] = {}
    for customer, pk, placed_at, paid_at in rows.order_by("placed_at", "pk").values_list("customer_id", "pk", "placed_at", "paid_at"):
        found.setdefault(customer, []).append((pk, placed_at, paid_at))
    return found


def _new(site_id: int, one: Asking, key: tuple[int, date], placed: list[_Placed] | tuple[()]) -> Enquiry | None:
    if any(at < one.started_at for _pk, at, _paid in placed):
        return None  # about an order there is
    return Enquiry(
        site_id=site_id, customer_id=one.customer_id, conversation_id=one.id, staff_id=one.staff_id, day=key[1], asked_at=one.started_at
    )


def _spans(site_id: int, now: datetime) -> tuple[timedelta, timedelta]:
    book, hour = limits.book_of(site_id, now), timedelta(hours=1)
    order_in = setting(book, "lost_reason", "order_hours") if book else None
    pay_in = setting(book, "lost_reason", "pay_hours") if book else None
    return (order_in.span(hour) if order_in else 24 * hour), (pay_in.span(hour) if pay_in else 48 * hour)


def _settle(row: Enquiry, placed: list[_Placed] | tuple[()], now: datetime, order_in: timedelta, pay_in: timedelta) -> bool:
    """Whether the enquiry closed by what was ordered since; returns whether a stored row changed."""
    after = [one for one in placed if one[1] >= row.asked_at]
    best = next((one for one in after if one[2] is not None), after[0] if after else (None, None, None))
    closed = rules.enquiry_closed(row.asked_at, best[1], best[2], now, order_in=order_in, pay_in=pay_in)
    changed = (row.order_id, row.closed) != (best[0], closed)
    row.order_id, row.closed = best[0], closed
    if changed and row.pk is not None:
        Enquiry.objects.filter(pk=row.pk).update(order_id=row.order_id, closed=row.closed)
    return changed and row.pk is not None


def explain(*, actor: Actor, enquiry_id: int, cause: str, now: datetime, note: str = "", expected_version: int | None = None) -> Enquiry:
    """Why an enquiry did not close (未成交原因)."""
    row = access.get_for(actor, Enquiry, enquiry_id)
    if cause not in Lost.values:
        raise Invalid(fields={"cause": _("请选择未成交原因。")})
    if cause == Lost.OTHER and not note.strip():
        raise Invalid(fields={"note": _("选“其他”时请写明原因，简明完整，重点突出。")})
    if len(note) > 500:
        raise Invalid(fields={"note": _("说明过长，请控制在 500 字以内。")})
    if row.closed:
        raise Conflict(_("这位买家已经下单付款，不用填未成交原因。"), code="shop.enquiry_closed")
    row.version = row.version if expected_version is None else expected_version
    with transaction.atomic():
        save_claimed(row, cause=cause, note=note.strip(), explained_by=actor.name[:80])
        clause = limits.clause_of(limits.book_of(row.site_id, now), "lost_reason")
        worked(
            actor, "enquiry_explained", site_id=row.site_id, order_id=row.order_id or 0, number="", now=now, data={"cause": cause},
            clause=clause,
        )  # fmt: skip
    return row
