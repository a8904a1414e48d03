"""The queue worked: claims, one request at a time per token, answers kept. No request goes out while a transaction is open."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random, SystemRandom

from django.db import transaction
from django.db.models import F

from kefu.kernel.claims import claim, save_claimed
from kefu.kernel.errors import Stale
from kefu.parcels.lookup import phone_tails
from kefu.station.tracking import callbacks
from kefu.station.tracking.asking import QUERY, last_sent
from kefu.station.tracking.carriers import Carrier, Carriers, Credentials, Found, Request, Wanted, carriers
from kefu.station.tracking.faults import CarrierFault
from kefu.station.tracking.manners import Breaker, Bucket, draw, earliest, failed, pause, probe, succeeded
from kefu.station.tracking.models import CarrierAccount, CarrierAsk
from kefu.station.tracking.storing import store

log = logging.getLogger(__name__)
_BATCH, _AT_ONCE, _MOST_TRIES = 20, 4, 6
State = CarrierAsk.State


@dataclass(frozen=True, slots=True)
class _Errand:
    """A question that was claimed: nobody else has it until its time is over."""

    ask: CarrierAsk
    account: CarrierAccount
    adapter: Carrier
    credentials: Credentials
    wanted: Wanted
    sent_before: datetime | None


@dataclass(frozen=True, slots=True)
class _Back:
    """What came of it: a fault, or what was found (nothing for a subscription that was taken)."""

    errand: _Errand
    fault: CarrierFault | None = None
    found: Found | None = None


def work_due(*, now: datetime, most: int = _BATCH, chance: Random | None = None, at_once: int = _AT_ONCE) -> int:
    """Send what is due and may be sent, keep the answers; returns how many were sent. Several workers never send one question twice."""
    chance = chance or SystemRandom()
    registry = carriers()
    errands = [errand for pk in _due(now, most) if (errand := _claim(pk, registry, now)) is not None]
    if not errands:
        return 0
    tails = phone_tails([errand.ask.waybill for errand in errands])
    for back in _send(registry, [_with_phone(errand, tails.get(errand.ask.waybill, "")) for errand in errands], now, at_once):
        _keep(back, now, chance)
    return len(errands)


def _due(now: datetime, most: int) -> list[int]:
    rows = CarrierAsk.objects.filter(state__in=(State.DUE, State.SENDING), due_at__lte=now)
    return list(rows.exclude(held_until__gt=now).order_by("due_at", "pk").values_list("pk", flat=True)[:most])


def _claim(pk: int, registry: Carriers, now: datetime) -> _Errand | None:
    """Take a token, pass the breaker, keep the pause of the number; otherwise the question goes back into the queue for later."""
    try:
        with transaction.atomic():
            ask = CarrierAsk.objects.select_related("account").get(pk=pk)
            account, adapter = ask.account, registry.adapters.get(ask.vendor)
            if ask.state not in (State.DUE, State.SENDING) or (ask.held_until is not None and ask.held_until > now):
                return None
            if adapter is None or not account.is_active or account.stopped_by:
                save_claimed(ask, state=State.FAILED, fault=account.stopped_by or "bad_account", done_at=now, held_until=None)
                return None
            before = last_sent([ask.waybill], ask.kind).get((ask.waybill, ask.vendor))
            later = _later(ask, account, adapter, before, now)
            if later is not None:
                save_claimed(ask, due_at=later, state=State.DUE, held_until=None)
                return None
            answer_by = timedelta(seconds=account.connect_seconds + account.answer_seconds + 30)
            save_claimed(ask, state=State.SENDING, sent_at=now, tries=ask.tries + 1, held_until=now + answer_by)
    except Stale:
        return None  # another worker was quicker
    return _Errand(ask, account, adapter, credentials_of(account), Wanted(ask.waybill, ask.carrier), before)


def _later(ask: CarrierAsk, account: CarrierAccount, adapter: Carrier, before: datetime | None, now: datetime) -> datetime | None:
    """When it may be sent, if not now; a token is gone if now."""
    if ask.kind == QUERY and (moment := earliest(before, adapter.rules.pause_per_number, now)) > now:
        return moment
    breaker = Breaker(account.failures, account.open_until, account.trips)
    if account.open_until is not None and breaker.blocks(now):
        return account.open_until
    bucket, wait = draw(Bucket(account.tokens, account.tokens_at), now=now, per_minute=account.per_minute, burst=account.burst)
    if wait:
        return now + wait
    if breaker.probing:
        breaker = probe(breaker, now=now, answer_by=timedelta(seconds=account.connect_seconds + account.answer_seconds))
    # Traffic does not touch the version, which is for people who edit the account.
    rows = CarrierAccount.objects.filter(pk=account.pk, tokens=account.tokens, tokens_at=account.tokens_at, open_until=account.open_until)
    if not claim(rows, tokens=bucket.tokens, tokens_at=bucket.at, open_until=breaker.open_until):
        raise Stale
    return None


def credentials_of(account: CarrierAccount) -> Credentials:
    """The account as adapters take it."""
    return Credentials(account.base_url, account.identity, account.secret, account.salt, account.options)


def _with_phone(errand: _Errand, tail: str) -> _Errand:
    wanted = Wanted(errand.wanted.waybill, errand.wanted.carrier, tail)
    return _Errand(errand.ask, errand.account, errand.adapter, errand.credentials, wanted, errand.sent_before)


def _send(registry: Carriers, errands: Sequence[_Errand], now: datetime, at_once: int) -> list[_Back]:
    """Side by side, in threads that never touch the database."""
    if len(errands) == 1 or at_once == 1:
        return [_one(registry, errand, now) for errand in errands]
    with ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="carrier") as pool:
        return list(pool.map(lambda errand: _one(registry, errand, now), errands))


def _one(registry: Carriers, errand: _Errand, now: datetime) -> _Back:
    try:
        response = registry.transport.send(
            _request(errand, now), connect_seconds=errand.account.connect_seconds, answer_seconds=errand.account.answer_seconds
        )
        if errand.ask.kind == QUERY:
            return _Back(errand, found=errand.adapter.read(errand.credentials, errand.wanted, response))
        errand.adapter.read_subscribed(errand.credentials, response)
    except CarrierFault as fault:
        return _Back(errand, fault=fault)
    except Exception as error:
        log.exception("adapter %s failed", errand.adapter.vendor)
        return _Back(errand, fault=CarrierFault("unreadable", type(error).__name__))
    return _Back(errand)


def _request(errand: _Errand, now: datetime) -> Request:
    if errand.ask.kind == QUERY:
        return errand.adapter.query(errand.credentials, errand.wanted, now)
    address = callbacks.address_of(errand.account)
    return errand.adapter.subscribe(errand.credentials, errand.wanted, address, now)


def _keep(back: _Back, now: datetime, chance: Random) -> None:
    """Write what came of a question, in a transaction of its own."""
    ask, fault = back.errand.ask, back.fault
    try:
        with transaction.atomic():
            _tell_account(back.errand.account, fault, now, chance)
            if fault is not None:
                _keep_fault(back, fault, now, chance)
                return
            fresh = sum(store(vendor=ask.vendor, found=[back.found], now=now).values()) if back.found is not None else 0
            save_claimed(ask, state=State.ANSWERED, done_at=now, held_until=None, fault="", said="", fresh=fresh)
    except Stale:
        log.warning("question %s was taken over by another worker", ask.pk)


def _keep_fault(back: _Back, fault: CarrierFault, now: datetime, chance: Random) -> None:
    """Once more later, or the end of it. A request that never arrived does not count for the pause of the number (V3)."""
    ask = back.errand.ask
    sent_at = back.errand.sent_before if fault.code == "unreachable" else ask.sent_at
    changes = {"fault": fault.code, "said": fault.said, "held_until": None, "sent_at": sent_at}
    if not fault.kind.again or ask.tries >= _MOST_TRIES:
        save_claimed(ask, state=State.FAILED, done_at=now, **changes)
        return
    rules = back.errand.adapter.rules
    due_at = now + pause(ask.tries, chance)
    if ask.kind == QUERY:
        due_at = max(due_at, earliest(sent_at, rules.pause_per_number, now))
    save_claimed(ask, state=State.DUE, due_at=due_at, **changes)


def _tell_account(account: CarrierAccount, fault: CarrierFault | None, now: datetime, chance: Random) -> None:
    """Count for the circuit breaker; a refused key stops the account until somebody mends it. The row is read anew."""
    row = CarrierAccount.objects.get(pk=account.pk)
    breaker = Breaker(row.failures, row.open_until, row.trips)
    breaker = failed(breaker, now=now, chance=chance) if fault is not None and fault.kind.theirs else succeeded(breaker)
    changes: dict[str, object] = {"failures": breaker.failures, "trips": breaker.trips, "open_until": breaker.open_until, "last_at": now}
    changes |= (
        {"last_fault": fault.code, "failed": F("failed") + 1} if fault is not None else {"last_fault": "", "answered": F("answered") + 1}
    )
    if fault is not None and fault.kind.stops_account:
        changes["stopped_by"] = fault.code
    CarrierAccount.objects.filter(pk=row.pk).update(**changes)
