"""Fees follow deliveries: made when a parcel is signed, worked out anew while unsettled, corrected afterwards (O11).

Nothing here is started by hand alone: ``refresh`` runs for every parcel that moved, and may run any number of times.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from kefu.handbook import queries as handbooks
from kefu.handbook.errors import NotInForce
from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Stale
from kefu.kernel.moment import midnight
from kefu.kernel.rows import insert, insert_all
from kefu.parcels.handovers import Handover, handovers, signed_between
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission
from kefu.station.fees import limits
from kefu.station.fees.cards import plain
from kefu.station.fees.choosing import Card, Place, choose
from kefu.station.fees.events import RatesChanged
from kefu.station.fees.models import DeliveryFee, FeeRevision, NetworkFee, RateCard
from kefu.station.fees.rates import ZERO
from kefu.station.fees.reckoning import Facts, Line, fee_of
from kefu.station.fees.vocabulary import UNSETTLED, Charge, FeeState, Trouble

_PART = 500
LOT = 2000
_TRIES = 5
MOST = 5000


@dataclass(slots=True)
class Worked:
    """What was done: fees made, changed and made void. ``more``: parcels are left for another turn."""

    made: int = 0
    changed: int = 0
    void: int = 0
    more: bool = False


def fee_ref(row: DeliveryFee) -> Ref:
    """How other records point at a fee."""
    return Ref("fee", row.pk, row.waybill)


def refresh(*, actor: Actor, parcel_ids: Iterable[int], now: datetime) -> Worked:
    """Make the fees of these parcels what their signatures, weights and cards say; settled ones stay and are corrected by another."""
    people.require(actor, Permission.FEE_SETTLE)
    wanted = sorted(set(parcel_ids))
    worked = Worked()
    for start in range(0, len(wanted), _PART):
        _refresh_part(actor, wanted[start : start + _PART], worked, now)
    return worked


def _refresh_part(actor: Actor, parcel_ids: Sequence[int], worked: Worked, now: datetime) -> None:
    for _try in range(_TRIES):
        turn = _Turn(actor, now)
        try:
            with transaction.atomic():
                turn.take(parcel_ids)
        except (IntegrityError, Stale):
            continue  # somebody worked on one of them meanwhile: look again
        worked.made += turn.worked.made
        worked.changed += turn.worked.changed
        worked.void += turn.worked.void
        return
    raise Stale


def reckon(*, actor: Actor, site_id: int, first: date, last: date, now: datetime, most: int = MOST) -> Worked:
    """Look again at everything a site signed on these days: deliveries without a fee, and unsettled fees (by hand, or after new rates).

    At most ``most`` parcels a call; ``Worked.more`` says whether to call again.
    """
    people.require(actor, Permission.FEE_SETTLE)
    people.require_site(actor, site_id)
    ids = _to_reckon([site_id], first, last, now, most)
    worked = refresh(actor=actor, parcel_ids=ids[:most], now=now)
    worked.more = len(ids) > most
    return worked


def follow_rates(*, actor: Actor, card_id: int, now: datetime, after: int = 0, most: int = LOT) -> Worked:
    """After a card came, ended or was withdrawn: look again at what it covers, and what stands on it, from the key ``after`` on.

    At most ``most`` parcels a call, so that no transaction holds a whole month: what is left is told as ``RatesChanged`` again, with the
    key it got to, in the same transaction. Broken off, it goes on there.
    """
    people.require(actor, Permission.FEE_SETTLE)
    card = RateCard.objects.select_related("key__site").get(pk=card_id)
    ids, goes_on = _followers(card, now, after, most)
    with transaction.atomic():
        worked = refresh(actor=actor, parcel_ids=ids, now=now)
        worked.more = goes_on is not None
        if goes_on is not None:
            outbox.emit(RatesChanged(card_id=card_id, site_id=card.key.site_id, after=goes_on), now=now)
    return worked


def _followers(card: RateCard, now: datetime, after: int, most: int) -> tuple[list[int], int | None]:
    """The next keys of parcels a card has to do with, and the one to go on behind when there are more."""
    sites = [pk for pk, site in people_queries.sites_by_id().items() if site.path.startswith(card.key.site.path)]
    first, last = card.valid_from, min(card.valid_until or now.date(), timezone.localdate(now))
    fees = DeliveryFee.objects.filter(parcel_id__gt=after, sequence=0)
    covered = Q(site_id__in=sites, signed_on__range=(first, last))
    unsettled = fees.filter(covered | Q(card=card), state__in=UNSETTLED).order_by("parcel_id").values_list("parcel_id", flat=True)
    signed = signed_between(sites, midnight(first), midnight(last + timedelta(days=1)), after=after, most=most + 1)
    settled = set(fees.filter(parcel_id__in=signed).exclude(state__in=UNSETTLED).values_list("parcel_id", flat=True))
    near = sorted({*unsettled[: most + 1], *signed})
    lot = near[:most]
    return [pk for pk in lot if pk not in settled], lot[-1] if len(near) > most else None


def _to_reckon(site_ids: Sequence[int], first: date, last: date, now: datetime, most: int) -> list[int]:
    """Keys of parcels signed on the days: those without a fee before those looked at longest ago."""
    begin, end = midnight(first), midnight(last + timedelta(days=1))
    known = DeliveryFee.objects.filter(site_id__in=site_ids, signed_on__range=(first, last), sequence=0)
    looked_at = dict(known.filter(state__in=UNSETTLED, reckoned_at__lt=now).order_by("reckoned_at").values_list("parcel_id", "reckoned_at"))
    have = set(known.values_list("parcel_id", flat=True))
    fresh: list[int] = []
    after = 0
    while found := signed_between(site_ids, begin, end, after=after, most=5000):
        after = found[-1]
        fresh += [pk for pk in found if pk not in have]
        if len(fresh) > most:
            break
    return [*fresh, *looked_at]


@dataclass(slots=True)
class _Turn:
    """One look at some parcels, in one transaction."""

    actor: Actor
    now: datetime
    worked: Worked = field(default_factory=Worked)
    cards: list[Card] = field(default_factory=list)
    lines: dict[int, list[int]] = field(default_factory=dict)
    tolerances: dict[int, Decimal | None] = field(default_factory=dict)
    network: dict[str, Decimal] = field(default_factory=dict)

    def take(self, parcel_ids: Sequence[int]) -> None:
        """Bring the fees of the parcels up to date."""
        rows: dict[int, list[DeliveryFee]] = {pk: [] for pk in parcel_ids}
        for row in DeliveryFee.objects.filter(parcel_id__in=parcel_ids).order_by("parcel_id", "sequence"):
            rows[row.parcel_id].append(row)
        found = handovers(parcel_ids)
        self._prepare([one for one in found if one.signed_site_id is not None])
        fresh = [fee for one in found if (fee := self._one(one, rows[one.id])) is not None]
        insert_all(fresh)
        self.worked.made += len(fresh)
        self._first_revisions(fresh)
        if self.worked.made or self.worked.changed or self.worked.void:
            counts = {"made": self.worked.made, "changed": self.worked.changed, "void": self.worked.void}
            audit.record(self.actor, "fee.reckoned", Ref("fee", 0), now=self.now, data=counts)

    def _prepare(self, signed: Sequence[Handover]) -> None:
        """Sites, cards, settings and the network's amounts of all of them, a query each."""
        sites = people_queries.sites_by_id()
        here = {one.signed_site_id for one in signed if one.signed_site_id is not None}
        self.lines = {pk: [int(part) for part in sites[pk].path.split("/") if part] for pk in here}
        above = {pk for line in self.lines.values() for pk in line}
        self.cards = [plain(row) for row in RateCard.objects.select_related("key").filter(withdrawn_at=None, key__site_id__in=above)]
        self.tolerances = {pk: _tolerance(sites[pk].handbook, self.now) for pk in here}
        network = NetworkFee.objects.filter(waybill__in=[one.waybill for one in signed]).order_by("month")
        self.network = dict(network.values_list("waybill", "total"))

    def _one(self, parcel: Handover, rows: Sequence[DeliveryFee]) -> DeliveryFee | None:
        """Bring one parcel's rows up to date; a row to be added, if it has none yet."""
        signed = parcel.signed_at is not None and not parcel.forwarded
        if not rows:
            return self._new(parcel) if signed else None
        main = rows[0]
        if main.state == FeeState.DISPUTED:
            return None  # held as it is until somebody decides
        if main.state in UNSETTLED:
            self._rework(main, parcel) if signed else self._void(main, _why(parcel))
            return None
        return self._correct(main, rows, signed=signed)

    def _new(self, parcel: Handover) -> DeliveryFee:
        assert parcel.signed_at is not None
        assert parcel.signed_site_id is not None
        row = DeliveryFee(parcel_id=parcel.id, waybill=parcel.waybill, reckoned_at=self.now, network_total=self.network.get(parcel.waybill))
        for name, value in self._amounts(row, parcel).items():
            setattr(row, name, value)
        return row

    def _rework(self, row: DeliveryFee, parcel: Handover) -> None:
        values = self._amounts(row, parcel)
        if row.state == FeeState.VOID:
            values["state"] = FeeState.OPEN.value
        elif row.state == FeeState.COUNTED and (values["site_id"] != row.site_id or values.get("trouble")):
            values |= {"state": FeeState.OPEN.value, "statement_id": None}
        changed = {name: value for name, value in values.items() if getattr(row, name) != value}
        if not changed:
            return
        before = row.total if row.state != FeeState.VOID else ZERO
        why = "revived" if row.state == FeeState.VOID else "again"
        save_claimed(row, reckoned_at=self.now, **changed)
        self.worked.changed += 1
        revise(self.actor, row, why, before, self.now)

    def _amounts(self, row: DeliveryFee, parcel: Handover) -> dict[str, Any]:
        """What the row is to say; the amount stays when a dispute fixed it."""
        assert parcel.signed_at is not None
        assert parcel.signed_site_id is not None
        day = timezone.localdate(parcel.signed_at)
        values: dict[str, Any] = {
            "site_id": parcel.signed_site_id,
            "origin_site_id": parcel.origin_site_id,
            "signed_at": parcel.signed_at,
            "signed_on": day,
            "product": parcel.product,
            "own_weight": parcel.own_weight,
            "hub_weight": parcel.hub_weight,
            "pieces": parcel.pieces,
            "receipt": bool(parcel.receipt_kind),
        }
        if row.fixed:
            return values
        place = Place(self.lines[parcel.signed_site_id], parcel.destination, parcel.product)
        facts = Facts(
            own=parcel.own_weight,
            hub=parcel.hub_weight,
            pieces=parcel.pieces,
            receipt=bool(parcel.receipt_kind),
            round_trip=row.round_trip,
            floors=row.floors,
            tolerance=self.tolerances.get(parcel.signed_site_id),
        )
        return values | {"billed_weight": facts.billed, "weight_differs": facts.differs} | amounts(facts, choose(self.cards, place, day))

    def _void(self, row: DeliveryFee, why: str) -> None:
        if row.state == FeeState.VOID:
            return
        before = row.total
        nothing = {"base": ZERO, "heavy": ZERO, "total": ZERO, "lines": [], "card": None, "fixed": False}
        save_claimed(row, state=FeeState.VOID.value, trouble=why, statement=None, reckoned_at=self.now, **nothing)
        self.worked.void += 1
        revise(self.actor, row, "void", before, self.now)

    def _correct(self, main: DeliveryFee, rows: Sequence[DeliveryFee], *, signed: bool) -> DeliveryFee | None:
        """What was settled stays; the difference to what is due now stands in a row of its own."""
        settled = sum((row.total for row in rows if row.state not in UNSETTLED), ZERO)
        needed = (main.total if signed else ZERO) - settled
        pending = next((row for row in rows[1:] if row.state in UNSETTLED), None)
        if pending is not None and pending.state == FeeState.DISPUTED:
            return None
        if pending is None:
            return _correction(main, len(rows), needed, self.now) if needed else None
        if needed == (ZERO if pending.state == FeeState.VOID else pending.total):
            return None
        if not needed:
            self._void(pending, "")
            return None
        line = _settled_line(needed)
        before = pending.total
        save_claimed(pending, state=FeeState.OPEN.value, total=needed, base=needed, lines=[line.stored()], reckoned_at=self.now)
        self.worked.changed += 1
        revise(self.actor, pending, "correction", before, self.now)
        return None

    def _first_revisions(self, fresh: Sequence[DeliveryFee]) -> None:
        if not fresh:
            return
        keys = {(row.parcel_id, row.sequence) for row in fresh}
        stored = DeliveryFee.objects.filter(parcel_id__in=[row.parcel_id for row in fresh])
        rows = [row for row in stored if (row.parcel_id, row.sequence) in keys]
        why = {0: "reckoned"}
        insert_all([_revision(self.actor, row, why.get(row.sequence, "correction"), None, self.now) for row in rows])


def _correction(main: DeliveryFee, sequence: int, needed: Decimal, now: datetime) -> DeliveryFee:
    copied = ("parcel_id", "waybill", "site_id", "origin_site_id", "signed_at", "signed_on", "product", "pieces", "receipt")
    row = DeliveryFee(**{name: getattr(main, name) for name in copied}, sequence=sequence, reckoned_at=now, fixed=True)
    row.total = row.base = needed
    row.lines = [_settled_line(needed).stored()]
    return row


def _settled_line(needed: Decimal) -> Line:
    return Line(Charge.BASE.value, "settled", needed, {"each": str(-needed)})


def _why(parcel: Handover) -> str:
    if parcel.forwarded:
        return Trouble.FORWARDED.value
    return Trouble.RETURNED.value if parcel.returned else Trouble.UNSIGNED.value


def amounts(facts: Facts, card: Card | None) -> dict[str, Any]:
    """Card, lines and sums of a row; nothing but the trouble when they cannot be worked out."""
    nothing: dict[str, Any] = {"card_id": card.id if card else None, "lines": [], "base": ZERO, "heavy": ZERO, "total": ZERO}
    if card is None or facts.billed is None:
        return nothing | {"trouble": (Trouble.NO_CARD if card is None else Trouble.NO_WEIGHT).value}
    done = fee_of(facts, card.rates)
    sums = {"base": done.of(Charge.BASE.value), "heavy": done.of(Charge.HEAVY.value), "total": done.total}
    return {"card_id": card.id, "trouble": "", "lines": [line.stored() for line in done.lines]} | sums


def _tolerance(handbook: str, now: datetime) -> Decimal | None:
    try:
        return limits.weight_tolerance(handbooks.book_at(handbook, now))
    except NotInForce:
        return None


def _revision(actor: Actor, row: DeliveryFee, why: str, before: Decimal | None, now: datetime) -> FeeRevision:
    return FeeRevision(fee=row, at=now, by=actor.name[:80], why=why, before=before, after=row.total, lines=row.lines)


def revise(actor: Actor, row: DeliveryFee, why: str, before: Decimal | None, now: datetime) -> None:
    """Note how the row came to its amount."""
    insert(_revision(actor, row, why, before, now))


def facts_of(row: DeliveryFee, tolerance: Decimal | None) -> Facts:
    """What a kept fee was worked out from."""
    return Facts(row.own_weight, row.hub_weight, row.pieces, row.receipt, row.round_trip, row.floors, tolerance)
