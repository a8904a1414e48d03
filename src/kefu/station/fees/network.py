"""The network's own statement 网络派费报表: taken in line by line and held against ours (O11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.bulk import update_rows
from kefu.kernel.errors import Message
from kefu.kernel.rows import insert_all
from kefu.parcels.waybills import clean_waybill, is_waybill
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission
from kefu.station.fees.models import DeliveryFee, NetworkFee
from kefu.station.fees.statements import first_of

REASONS: dict[str, Message] = {
    "bad_waybill": _("运单号格式不正确。"),
    "unknown_site": _("站点不存在，或不在您的权限范围内。"),
    "no_month": _("没有账单月份或签收日期，请补上“月份”列，如 2026-10。"),
    "no_total": _("没有派费金额。"),
    "bad_amount": _("金额或重量超出范围，请检查。"),
}
_MOST = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class NetworkDraft:
    """A line of their statement. Yuan and kilograms."""

    site_id: int
    month: date | None
    waybill: str
    total: Decimal | None
    base: Decimal = Decimal(0)
    heavy: Decimal = Decimal(0)
    weight: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """Lines stored, lines that stood there with the same amounts, and refused ones with their reason."""

    stored: int
    present: int
    refused: Sequence[tuple[int, str]]


def problem(draft: NetworkDraft, sites: frozenset[int]) -> str | None:
    """Code of the first thing wrong with a line."""
    if not is_waybill(clean_waybill(draft.waybill)):
        return "bad_waybill"
    if draft.site_id not in sites:
        return "unknown_site"
    if draft.month is None:
        return "no_month"
    if draft.total is None:
        return "no_total"
    amounts = (draft.total, draft.base, draft.heavy, draft.weight or Decimal(0))
    fits = all(amount.is_finite() and abs(amount) <= _MOST for amount in amounts) and (draft.weight or 0) >= 0
    return None if fits else "bad_amount"


def reach_of(actor: Actor) -> frozenset[int]:
    """Sites whose lines the actor may take in."""
    return frozenset(people_queries.sites_by_id()) if actor.sites is None else frozenset(actor.sites)


def take_in(*, actor: Actor, drafts: Sequence[NetworkDraft], now: datetime) -> Taken:
    """Keep lines of their statement, a newer amount over an older one, and put it beside our fee of the waybill."""
    people.require(actor, Permission.FEE_SETTLE)
    reach = reach_of(actor)
    refused = [(place, reason) for place, draft in enumerate(drafts) if (reason := problem(draft, reach)) is not None]
    bad = {place for place, _reason in refused}
    wanted = {_key(draft): draft for place, draft in enumerate(drafts) if place not in bad}
    with transaction.atomic():
        stored = _store(wanted, now)
        _beside(wanted)
        audit.record(
            actor, "fee.network_taken", Ref("fee", 0), now=now, data={"stored": stored, "read": len(drafts), "refused": len(refused)}
        )
    return Taken(stored, len(drafts) - len(refused) - stored, refused)


_Key = tuple[int, date, str]


def _key(draft: NetworkDraft) -> _Key:
    assert draft.month is not None
    return draft.site_id, first_of(draft.month), clean_waybill(draft.waybill)


def _store(wanted: dict[_Key, NetworkDraft], now: datetime) -> int:
    waybills = sorted({key[2] for key in wanted})
    known = {(row.site_id, row.month, row.waybill): row for row in NetworkFee.objects.filter(waybill__in=waybills)}
    fresh = [_row(key, draft, now) for key, draft in sorted(wanted.items()) if key not in known]
    changed = [(known[key], draft) for key, draft in wanted.items() if key in known and _amounts(known[key]) != _amounts(draft)]
    insert_all(fresh)
    columns = ["weight", "base", "heavy", "total", "taken_at"]
    update_rows(NetworkFee, columns, [(row.pk, *_prepared(NetworkFee, columns, [*_amounts(draft), now])) for row, draft in changed])
    return len(fresh) + len(changed)


def _amounts(row: NetworkDraft | NetworkFee) -> tuple[Decimal | None, Decimal, Decimal, Decimal | None]:
    return row.weight, row.base, row.heavy, row.total


def _row(key: _Key, draft: NetworkDraft, now: datetime) -> NetworkFee:
    site_id, month, waybill = key
    weight, base, heavy, total = _amounts(draft)
    return NetworkFee(site_id=site_id, month=month, waybill=waybill, weight=weight, base=base, heavy=heavy, total=total, taken_at=now)


def _beside(wanted: dict[_Key, NetworkDraft]) -> None:
    """Their amount onto our rows; an amount of theirs does not change ours."""
    theirs = {key[2]: draft.total for key, draft in wanted.items()}
    rows = DeliveryFee.objects.filter(waybill__in=sorted(theirs), sequence=0).values_list("pk", "waybill", "network_total")
    changed = [(pk, theirs[waybill]) for pk, waybill, total in rows if total != theirs[waybill]]
    update_rows(DeliveryFee, ["network_total"], [(pk, *_prepared(DeliveryFee, ["network_total"], [total])) for pk, total in changed])


def _prepared(model: type[Model], columns: Sequence[str], values: Sequence[object]) -> list[object]:
    fields = {field.name: field for field in model._meta.concrete_fields}
    return [fields[name].get_db_prep_save(value, connection) for name, value in zip(columns, values, strict=True)]
