"""Putting numbers to carriers: into the queue, never onto the wire, and as early as the carrier's manners allow (V3, V4)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from django.db import transaction
from django.db.models import Count, Max

from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.errors import Invalid, NotFound
from kefu.parcels.lookup import looked_up
from kefu.parcels.waybills import carrier_guess, clean_waybill, is_waybill
from kefu.people.access import require
from kefu.people.permissions import Permission
from kefu.station.tracking import access
from kefu.station.tracking.carriers import Carrier, carriers
from kefu.station.tracking.errors import NoNumbers, TooManyNumbers
from kefu.station.tracking.manners import earliest, may_subscribe
from kefu.station.tracking.models import CarrierAccount, CarrierAsk
from kefu.station.tracking.months import month_start

MOST = 1000
QUERY, SUBSCRIBE = CarrierAsk.Kind.QUERY, CarrierAsk.Kind.SUBSCRIBE
_OPEN = (CarrierAsk.State.DUE, CarrierAsk.State.SENDING)
_Offer: TypeAlias = tuple[CarrierAccount, Carrier, str]


@dataclass(frozen=True, slots=True)
class Queued:
    """What became of a number: in the queue from now on, there already, or refused with a key of ``errors.ASK_REFUSALS``."""

    number: str
    vendor: str = ""
    due_at: datetime | None = None
    already: bool = False
    refusal: str = ""


def ask_carriers(
    *, actor: Actor, numbers: Collection[str], now: datetime, kind: str = QUERY, carrier: str = "", vendor: str = ""
) -> list[Queued]:
    """Queue a question about each number, or a subscription of it. ``carrier`` overrules the guess, ``vendor`` the choice of account.

    A number asked about too recently stands in the queue until it may be asked again; one that is in it already stays as it is.
    """
    require(actor, Permission.PARCEL_VIEW)
    if kind not in CarrierAsk.Kind.values:
        raise Invalid(fields={"kind": "query | subscribe"})
    wanted = list(dict.fromkeys(clean_waybill(number) for number in numbers if number.strip()))
    if not wanted:
        raise NoNumbers
    if len(wanted) > MOST:
        raise TooManyNumbers(most=MOST, given=len(wanted))
    site_id = actor.site_id or _only_site(actor)
    offers = _offers(site_id, vendor)
    valid = [number for number in wanted if is_waybill(number)]
    known = looked_up(actor, valid)
    chosen = {number: _choice(offers, carrier or (known[number].carrier if number in known else ""), number) for number in valid}
    with transaction.atomic():
        done = _queue(actor, site_id, kind, {number: one for number, one in chosen.items() if one is not None}, now)
        _log(actor, kind, done, now)
    results = {one.number: one for one in done}
    return [results.get(number) or Queued(number, refusal="no_account" if number in chosen else "bad_number") for number in wanted]


def _only_site(actor: Actor) -> int:
    """The site of somebody who reaches several: the first; a machine for all sites asks through the accounts of the root."""
    if actor.sites:
        return min(actor.sites)
    first = CarrierAccount.objects.order_by("pk").values_list("site_id", flat=True).first()
    if first is None:
        raise NotFound
    return first


def _offers(site_id: int, vendor: str) -> list[tuple[CarrierAccount, Carrier]]:
    """Accounts that may be used with their adapters; a carrier's own platform before one that answers for many, the nearest site first."""
    adapters = carriers().adapters
    rows = [row for row in access.accounts_serving(site_id) if row.vendor in adapters and vendor in ("", row.vendor)]
    return sorted(
        ((row, adapters[row.vendor]) for row in rows), key=lambda pair: (len(pair[1].carriers) > 1, pair[0].site_id != site_id, pair[0].pk)
    )


def _choice(offers: Sequence[tuple[CarrierAccount, Carrier]], carrier: str, number: str) -> _Offer | None:
    """By the carrier the parcel is registered with, else by the likeliest one that somebody answers for (V7)."""
    for code in [carrier] if carrier else [guess.carrier for guess in carrier_guess(number)]:
        for account, adapter in offers:
            if code in adapter.carriers:
                return account, adapter, code
    return None


def _queue(actor: Actor, site_id: int, kind: str, chosen: Mapping[str, _Offer], now: datetime) -> list[Queued]:
    numbers = sorted(chosen)
    waiting = {
        (waybill, account_id): due_at
        for waybill, account_id, due_at in CarrierAsk.objects.filter(waybill__in=numbers, kind=kind, state__in=_OPEN).values_list(
            "waybill", "account_id", "due_at"
        )
    }
    last, subscribed = last_sent(numbers, kind), subscriptions(numbers, now) if kind == SUBSCRIBE else {}
    done, rows = [], []
    for number, (account, adapter, code) in chosen.items():
        key = number, account.vendor
        if (number, account.pk) in waiting:
            done.append(Queued(number, account.vendor, waiting[number, account.pk], already=True))
        elif kind == SUBSCRIBE and not (adapter.subscribes and may_subscribe(subscribed.get(key, 0), adapter.rules.subscriptions_a_month)):
            done.append(Queued(number, account.vendor, refusal="month_full" if adapter.subscribes else "no_account"))
        else:
            due_at = earliest(last.get(key), adapter.rules.pause_per_number, now) if kind == QUERY else now
            rows.append(new_ask(account, number, code, kind, due_at, site_id=site_id, by=actor.name, now=now))
            done.append(Queued(number, account.vendor, due_at))
    CarrierAsk.objects.bulk_create(rows, ignore_conflicts=True)  # somebody else queued it at the same moment: it is in the queue
    return done


def new_ask(
    account: CarrierAccount, number: str, carrier: str, kind: str, due_at: datetime, *, site_id: int, by: str, now: datetime
) -> CarrierAsk:
    """A place in the queue, not yet written."""
    return CarrierAsk(
        account=account,
        vendor=account.vendor,
        site_id=site_id,
        kind=kind,
        waybill=number,
        carrier=carrier,
        due_at=due_at,
        asked_at=now,
        asked_by=by[:80],
    )


def last_sent(numbers: Collection[str], kind: str) -> dict[tuple[str, str], datetime]:
    """When each number was last put to each vendor, by whichever account: the vendor counts the number, not who asks."""
    rows = CarrierAsk.objects.filter(waybill__in=numbers, kind=kind, sent_at__isnull=False).order_by().values("waybill", "vendor")
    return {(row["waybill"], row["vendor"]): row["last"] for row in rows.annotate(last=Max("sent_at"))}


def subscriptions(numbers: Collection[str], now: datetime) -> dict[tuple[str, str], int]:
    """How often each number was subscribed at each vendor this month, those still in the queue counted in (V4)."""
    rows = CarrierAsk.objects.filter(waybill__in=numbers, kind=SUBSCRIBE, asked_at__gte=month_start(now)).exclude(
        state=CarrierAsk.State.FAILED, sent_at=None
    )
    counted = rows.order_by().values("waybill", "vendor").annotate(times=Count("pk"))
    return {(row["waybill"], row["vendor"]): row["times"] for row in counted}


def _log(actor: Actor, kind: str, done: Sequence[Queued], now: datetime) -> None:
    fresh = [one for one in done if not one.already and not one.refusal]
    action = "carrier.asked" if kind == QUERY else "carrier.subscribed"
    audit.record_many(
        [audit.entry(actor, action, Ref("waybill", 0, one.number), now=now, data={"vendor": one.vendor}) for one in fresh]
    ) if fresh else None
