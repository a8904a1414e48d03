"""What a station does with its orders: accept, send somebody, collect, refuse, pass on, cancel (OPS9, O2)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid
from kefu.parcels.checks import REASONS as SCAN_REASONS
from kefu.parcels.drafts import ScanDraft
from kefu.parcels.recording import record_scans
from kefu.parcels.vocabulary import ScanCode
from kefu.parcels.waybills import clean_waybill, is_waybill
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission
from kefu.station.areas import queries as areas
from kefu.station.pickups import access, deadlines, moving
from kefu.station.pickups.errors import REASONS, TransferredOften, WaybillTaken
from kefu.station.pickups.limits import limits_of
from kefu.station.pickups.models import PickupOrder, Stay
from kefu.station.pickups.vocabulary import Reason, State, What

_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Collected:
    """What the courier brings: the waybill, and the weight in kilograms if it was taken."""

    waybill: str
    weight: Decimal | None = None
    courier: str = ""


def _open(actor: Actor, order_id: int, permission: Permission, move: str, version: int | None) -> PickupOrder:
    people.require(actor, permission)
    order = access.get_for(actor, order_id)
    moving.require_move(order, move, version)
    return order


def _station(actor: Actor, site_id: int | None) -> int:
    """A working site of the network. Orders are passed to sites out of one's own reach too: that is what passing on is for."""
    people.require(actor, Permission.PICKUP_WORK)
    site = people_queries.sites_by_id().get(site_id or 0)
    if site is None or not site.is_active:
        raise Invalid(fields={"site": REASONS["no_site"]})
    return int(site.pk)


def _courier(order: PickupOrder, courier: str) -> str:
    staff = people_queries.staff_by_number(courier.strip()) if courier.strip() else None
    if staff is None or not staff.is_active or staff.site_id != order.site_id:
        raise Invalid(fields={"courier": _("工号不存在、已停用，或不是本网点的人员。")})
    return str(staff.staff_no)


def _reason(reason: str, note: str) -> None:
    wrong = {}
    if reason not in Reason.values:
        wrong["reason"] = _("请选择原因。")
    if len(note) > _LONGEST:
        wrong["note"] = _("说明过长，请控制在 200 字以内。")
    if wrong:
        raise Invalid(fields=wrong)


def assign(*, actor: Actor, order_id: int, site_id: int, now: datetime, expected_version: int | None = None) -> PickupOrder:
    """Give an order of the pool to a station; its clock to accept begins (O2)."""
    order = _open(actor, order_id, Permission.PICKUP_ASSIGN, "assign", expected_version)
    station = _station(actor, site_id)
    with transaction.atomic():
        due = moving.arrive(order, station, now)
        moving.write(actor, order, What.ASSIGNED, now, data={"site": station}, site_id=station, state=State.ASSIGNED, due_at=due)
    return order


def accept(*, actor: Actor, order_id: int, now: datetime, expected_version: int | None = None) -> PickupOrder:
    """The station takes the order; its clock to collect begins (R12, or the slot agreed)."""
    order = _open(actor, order_id, Permission.PICKUP_WORK, "accept", expected_version)
    with transaction.atomic():
        due = deadlines.run(order, order.site_id or 0, "order.accepted", now)
        Stay.objects.filter(order=order, left_at=None).update(accepted_at=now, collect_due_at=due)
        moving.write(actor, order, What.ACCEPTED, now, state=State.ACCEPTED, accepted_at=now, due_at=due)
    return order


def dispatch(*, actor: Actor, order_id: int, courier: str, now: datetime, expected_version: int | None = None) -> PickupOrder:
    """Send somebody of the station, by 工号; another one later takes their place."""
    order = _open(actor, order_id, Permission.PICKUP_ASSIGN, "dispatch", expected_version)
    staff_no = _courier(order, courier)
    with transaction.atomic():
        data = {"courier": staff_no, "before": order.courier}
        moving.write(actor, order, What.DISPATCHED, now, data=data, state=State.DISPATCHED, courier=staff_no)
    return order


def refuse(*, actor: Actor, order_id: int, reason: str, now: datetime, note: str = "", expected_version: int | None = None) -> PickupOrder:
    """Give the order back to the pool with a reason. "Out of area" is held against the published table (O7)."""
    order = _open(actor, order_id, Permission.PICKUP_WORK, "refuse", expected_version)
    _reason(reason, note)
    claim = areas.claim_check(order.site_id or 0, order.sender_region, now.date()) if reason == Reason.OUT_OF_AREA else None
    wrong = bool(claim and claim.wrong)
    data = {"reason": reason, "note": note, "site": order.site_id, "area": claim.answer.area.id if claim and claim.answer.area else None}
    with transaction.atomic():
        moving.leave(order, now, refused_at=now)
        moving.write(
            actor, order, What.REFUSED, now, data=data, state=State.POOL, site_id=None, courier="", due_at=None,
            accepted_at=None, refusals=order.refusals + 1, last_reason=reason, wrong_claim=order.wrong_claim or wrong,
        )  # fmt: skip
    return order


def transfer(
    *, actor: Actor, order_id: int, site_id: int, now: datetime, note: str = "", expected_version: int | None = None
) -> PickupOrder:
    """Pass the order on to another station before it is collected, as often as the handbook allows (O2)."""
    order = _open(actor, order_id, Permission.PICKUP_WORK, "transfer", expected_version)
    station = _station(actor, site_id)
    if station == order.site_id:
        raise Invalid(fields={"site": _("订单已在这个网点，请选择别的网点。")})
    limit = limits_of(deadlines.book_at(order.site_id, now)).transfers
    if limit is not None and order.transfers >= limit.number:
        raise TransferredOften(times=order.transfers, clause=limit.clause)
    data = {"from": order.site_id, "site": station, "note": note[:_LONGEST]}
    with transaction.atomic():
        moving.leave(order, now)
        due = moving.arrive(order, station, now)
        moving.write(
            actor, order, What.TRANSFERRED, now, data=data, state=State.ASSIGNED, site_id=station, courier="", due_at=due,
            accepted_at=None, transfers=order.transfers + 1,
        )  # fmt: skip
    return order


def collect(*, actor: Actor, order_id: int, collected: Collected, now: datetime, expected_version: int | None = None) -> PickupOrder:
    """The parcel is there: its waybill is written back to the order and a 收件 scan recorded (B09 without a number)."""
    order = _open(actor, order_id, Permission.PICKUP_WORK, "collect", expected_version)
    waybill = clean_waybill(collected.waybill)
    if not waybill:
        raise Invalid(fields={"waybill": _("请填写运单号。")}, code="B09")
    if not is_waybill(waybill):
        raise Invalid(fields={"waybill": _("运单号格式不正确。")})
    courier = _courier(order, collected.courier or order.courier)
    try:
        with transaction.atomic():
            _scan(actor, order, waybill, courier, now)
            due = deadlines.run(order, order.site_id or 0, "order.collected", now)
            Stay.objects.filter(order=order, left_at=None).update(collected_at=now, left_at=now)
            moving.write(
                actor, order, What.COLLECTED, now, data={"waybill": waybill, "courier": courier}, state=State.COLLECTED,
                waybill=waybill, courier=courier, collected_at=now, due_at=due, weight=collected.weight or order.weight,
            )  # fmt: skip
    except IntegrityError as error:
        raise WaybillTaken(waybill=waybill) from error
    return order


def _scan(actor: Actor, order: PickupOrder, waybill: str, courier: str, now: datetime) -> None:
    at = now - timedelta(microseconds=now.microsecond)
    scan = ScanDraft(waybill, ScanCode.COLLECT, order.site_id or 0, at, operator=courier, courier=courier, note=order.order_no)
    done = record_scans(actor=actor, batch=[scan], now=now)
    if done.refused:
        raise Invalid(fields={"waybill": SCAN_REASONS[done.refused[0].reason]})


def cancel(*, actor: Actor, order_id: int, reason: str, now: datetime, note: str = "", expected_version: int | None = None) -> PickupOrder:
    """Cancel an order that is not collected yet, for the customer; afterwards the gateway's B04 answers (O16)."""
    order = _open(actor, order_id, Permission.PICKUP_WORK, "cancel", expected_version)
    _reason(reason, note)
    with transaction.atomic():
        moving.leave(order, now)
        moving.write(
            actor, order, What.CANCELLED, now, data={"reason": reason, "note": note}, state=State.CANCELLED, due_at=None, last_reason=reason
        )
    return order
