"""Parcels in trouble, from the first look to the buyer's final result (SHOP5, E10)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Invalid
from kefu.orders import access as orders
from kefu.orders.vocabulary import State
from kefu.parcels import queries as parcels
from kefu.people import queries as people
from kefu.shop import access, limits, rules
from kefu.shop.errors import AskFirst, Postal, TroubleEnded
from kefu.shop.limits import Parcels
from kefu.shop.models import Trouble
from kefu.shop.recording import worked
from kefu.shop.vocabulary import OPEN_TROUBLES, TroubleKind, TroubleState

WATCHER = Actor.system("parcel-watch")
_CHUNK = 1000
LONGEST = 500


@dataclass(frozen=True, slots=True)
class _Sent:
    """A parcel of an order on its way."""

    order_id: int
    waybill: str
    carrier: str
    shipped_at: datetime | None


def look_through(*, now: datetime) -> int:
    """Look at every parcel on its way of every shop with such rules; returns how many troubles were found or ended."""
    found = 0
    for site_id, site in people.sites_by_id().items():
        rule = limits.parcels(limits.book_of(site_id, now)) if site.is_active and site.kind == "shop" else None
        if rule is not None:
            found += look_site(site_id=site_id, rule=rule, now=now)
    return found


def look_site(*, site_id: int, rule: Parcels, now: datetime) -> int:
    """The same for one shop."""
    on_way = orders.visible_to(WATCHER).filter(site_id=site_id, state=State.SHIPPED).exclude(waybill="")
    rows = on_way.order_by("pk").values_list("pk", "shipments__waybill", "shipments__carrier", "shipped_at").iterator(chunk_size=_CHUNK)
    open_ = {(one.order_id, one.waybill): one for one in Trouble.objects.filter(site_id=site_id, state__in=OPEN_TROUBLES)}
    done = set(Trouble.objects.filter(site_id=site_id, state=TroubleState.DONE).values_list("order_id", "waybill", "kind", "since"))
    seen: set[tuple[int, str]] = set()
    changed = 0
    while part := list(islice(rows, _CHUNK)):
        sent = [_Sent(*row) for row in part if row[1]]
        seen |= {(one.order_id, one.waybill) for one in sent}
        changed += _look_at(site_id, sent, rule, open_, done, now)
    gone = [one for key, one in open_.items() if key not in seen]
    return changed + _end(gone, now)


def _look_at(
    site_id: int, sent: Sequence[_Sent], rule: Parcels, open_: dict[tuple[int, str], Trouble], done: set[Any], now: datetime
) -> int:
    states = parcels.states_of([one.waybill for one in sent])
    fresh, well = [], []
    for one in sent:
        state = states.get(one.waybill)
        known = open_.get((one.order_id, one.waybill))
        last = state.last_at if state else None
        found = None
        if state is None or not (state.signed or state.returned):
            found = rules.trouble(
                problem_since=last if state and state.problem_open else None,
                last_scan_at=last,
                sent_at=one.shipped_at,
                now=now,
                quiet=rule.quiet,
                postal=rules.is_postal(one.carrier, rule.except_carrier),
            )
        if found is None and known is not None and known.state != TroubleState.ASKED:
            well.append(known)
        elif found is not None and known is None and (one.order_id, one.waybill, found[0].value, found[1]) not in done:
            fresh.append(_new(site_id, one, found[0], found[1], rule, now))
    Trouble.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh) + _end(well, now)


def _new(site_id: int, one: _Sent, kind: TroubleKind, since: datetime, rule: Parcels, now: datetime) -> Trouble:
    return Trouble(
        site_id=site_id,
        order_id=one.order_id,
        waybill=one.waybill,
        carrier=one.carrier,
        kind=kind,
        state=rules.first_state(kind, since, now, rule.message_within),
        since=since,
        found_at=now,
        clause=rule.problem_clause if kind == TroubleKind.PROBLEM else rule.quiet_clause,
    )


def _end(rows: Iterable[Trouble], now: datetime) -> int:
    """Parcels that go on, or arrived, by themselves."""
    count = 0
    for row in rows:
        with transaction.atomic():
            save_claimed(row, state=TroubleState.GONE, done_at=now)
            ref = Ref("order", row.order_id, row.waybill)
            audit.record(WATCHER, "shop.trouble_gone", ref, now=now, site_id=row.site_id, clause=row.clause)
        count += 1
    return count


def _open(actor: Actor, trouble_id: int, version: int | None) -> Trouble:
    row = access.get_for(actor, Trouble, trouble_id)
    if row.state not in OPEN_TROUBLES:
        raise TroubleEnded
    row.version = row.version if version is None else version
    return row


def _text(value: str, field: str, message: Any) -> str:
    if not value.strip() or len(value) > LONGEST:
        raise Invalid(fields={field: message})
    return value.strip()


def _keep(actor: Actor, row: Trouble, what: str, now: datetime, **changes: Any) -> Trouble:
    with transaction.atomic():
        save_claimed(row, **changes)
        data = {"waybill": row.waybill, "kind": row.kind}
        worked(actor, what, site_id=row.site_id, order_id=row.order_id, number="", now=now, data=data, clause=row.clause)
    return row


def message(*, actor: Actor, trouble_id: int, text: str, now: datetime, expected_version: int | None = None) -> Trouble:
    """Note the message left for the buyer and mark it done: enough within the days the handbook gives. Raises ``AskFirst`` beyond."""
    row = _open(actor, trouble_id, expected_version)
    said = _text(text, "text", _("请写明给顾客的留言（500 字以内）。"))
    rule = limits.parcels(limits.book_of(row.site_id, now))
    if rule is not None and rules.first_state(row.kind, row.since, now, rule.message_within) != TroubleState.TO_MESSAGE:
        raise AskFirst(days=rule.message_within.days, clause=row.clause)
    return _keep(actor, row, "messaged", now, state=TroubleState.DONE, message=said, final=False, done_at=now, done_by=actor.name[:80])


def ask_carrier(
    *, actor: Actor, trouble_id: int, contact: str, now: datetime, answer: str = "", expected_version: int | None = None
) -> Trouble:
    """Note whom of the carrier was asked; from now on the buyer is owed a result in the hours of the handbook. Again: the later answer."""
    row = _open(actor, trouble_id, expected_version)
    who = _text(contact[:80], "contact", _("请写明联系了快递的谁。"))
    rule = limits.parcels(limits.book_of(row.site_id, now))
    if rule is not None and rules.is_postal(row.carrier, rule.except_carrier):
        raise Postal(clause=row.clause)
    due = row.due_at or (now + rule.answer if rule else None)
    return _keep(
        actor, row, "carrier_asked", now, state=TroubleState.ASKED, contact=who, carrier_answer=answer.strip()[:LONGEST],
        asked_at=row.asked_at or now, due_at=due,
    )  # fmt: skip


def answer(*, actor: Actor, trouble_id: int, text: str, final: bool, now: datetime, expected_version: int | None = None) -> Trouble:
    """Give the buyer the result, or, without one, say why and how it stands: the work goes on and the next hours begin (SHOP5)."""
    row = _open(actor, trouble_id, expected_version)
    said = _text(text, "text", _("请写明给顾客的答复（500 字以内）。"))
    rule = limits.parcels(limits.book_of(row.site_id, now))
    if row.state != TroubleState.ASKED:
        raise AskFirst(days=rule.message_within.days if rule else 2, clause=row.clause)
    if final:
        return _keep(actor, row, "answered", now, state=TroubleState.DONE, message=said, final=True, done_at=now, done_by=actor.name[:80])
    due = now + rule.answer if rule else None
    return _keep(actor, row, "informed", now, message=said, due_at=due)
