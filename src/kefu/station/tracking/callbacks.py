"""Callbacks of carriers: each account has an address of its own; signed, taken once, refused when forged or old (V4, V5)."""

import hashlib
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.errors import NotFound
from kefu.station.tracking.asking import SUBSCRIBE, new_ask, subscriptions
from kefu.station.tracking.carriers import Carrier, Credentials, Received, Reply, Told, carriers
from kefu.station.tracking.faults import CarrierFault
from kefu.station.tracking.manners import may_subscribe
from kefu.station.tracking.models import CarrierAccount, CarrierAsk, CarrierCallback
from kefu.station.tracking.storing import store

KEPT = timedelta(days=90)
_AHEAD = timedelta(minutes=10)
CARRIERS_ACTOR = Actor.system("carrier-callback")


def address_of(account: CarrierAccount) -> str:
    """The account's callback address as the vendor is to call it."""
    return f"{settings.KEFU_PUBLIC_URL}/api/v1/carriers/{account.vendor}/{account.token}"


def take(*, vendor: str, token: str, received: Received, now: datetime) -> Reply:
    """Take a callback and answer what its vendor wants. The same body again changes nothing and is answered alike.

    An unknown address is ``NotFound``. What is forged or too old is counted on the account and refused.
    """
    account = CarrierAccount.objects.filter(vendor=vendor, token=token, is_active=True).first()
    adapter = carriers().adapters.get(vendor)
    if account is None or adapter is None or not adapter.subscribes:
        raise NotFound
    credentials = Credentials(account.base_url, account.identity, account.secret, account.salt, account.options)
    try:
        told = adapter.callback(credentials, received)
        _check_age(adapter, told, now)
    except CarrierFault as fault:
        _count_refused(account, fault, now)
        reply = adapter.refuse(credentials, fault.code, now)
        return Reply(reply.body, reply.content_type, 403 if fault.code in ("forged", "replayed") else 400)
    _keep(account, adapter, told, hashlib.sha256(received.body).hexdigest(), now)
    return adapter.acknowledge(credentials, now)


def _check_age(adapter: Carrier, told: Told, now: datetime) -> None:
    """A scheme that signs a time is held to it; one without is protected by the hash of the body and by lines being kept once."""
    age = adapter.rules.callback_age
    if age is not None and (told.sent_at is None or not now - age <= told.sent_at <= now + _AHEAD):
        raise CarrierFault("replayed")


def _count_refused(account: CarrierAccount, fault: CarrierFault, now: datetime) -> None:
    """Counted, not kept: whoever sends rubbish must not fill the tables."""
    CarrierAccount.objects.filter(pk=account.pk).update(forged=F("forged") + 1, last_fault=fault.code, last_at=now)


def _keep(account: CarrierAccount, adapter: Carrier, told: Told, digest: str, now: datetime) -> None:
    try:
        with transaction.atomic():
            row = CarrierCallback.objects.create(account=account, digest=digest, received_at=now, numbers=len(told.found))
            fresh = store(vendor=account.vendor, found=told.found, now=now)
            CarrierCallback.objects.filter(pk=row.pk).update(fresh=sum(fresh.values()))
            _end(account, told, now)
            _subscribe_again(account, adapter, told, now)
            audit.record(
                CARRIERS_ACTOR,
                "carrier.callback",
                Ref("carrier_account", account.pk, account.name),
                now=now,
                site_id=account.site_id,
                data={"numbers": len(told.found), "fresh": sum(fresh.values())},
            )
    except IntegrityError:
        CarrierCallback.objects.filter(account=account, digest=digest).update(repeated=F("repeated") + 1)


def _end(account: CarrierAccount, told: Told, now: datetime) -> None:
    over = [*told.ended, *told.aborted]
    if over:
        rows = CarrierAsk.objects.filter(account=account, kind=SUBSCRIBE, waybill__in=over, state=CarrierAsk.State.ANSWERED)
        rows.update(state=CarrierAsk.State.ENDED, done_at=now, version=F("version") + 1)


def _subscribe_again(account: CarrierAccount, adapter: Carrier, told: Told, now: datetime) -> None:
    """A number the vendor gave up on is subscribed once more after the pause it demands, while the month allows it (V4)."""
    if not told.aborted:
        return
    taken = subscriptions(told.aborted, now)
    corrected = {one.waybill: one.carrier for one in told.found if one.carrier}
    rows = []
    for number in told.aborted:
        before = CarrierAsk.objects.filter(account=account, kind=SUBSCRIBE, waybill=number).order_by("-pk").first()
        if before is None or not may_subscribe(taken.get((number, account.vendor), 0), adapter.rules.subscriptions_a_month):
            continue
        carrier = corrected.get(number, before.carrier)
        due_at = now + adapter.rules.resubscribe_after
        rows.append(new_ask(account, number, carrier, SUBSCRIBE, due_at, site_id=before.site_id, by=CARRIERS_ACTOR.name, now=now))
    CarrierAsk.objects.bulk_create(rows, ignore_conflicts=True)


def forget_old(*, now: datetime) -> int:
    """Drop the hashes of callbacks nobody will send again; a line is kept once whatever is sent. For the worker."""
    return CarrierCallback.objects.filter(received_at__lt=now - KEPT).delete()[0]
