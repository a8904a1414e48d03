"""What the day left behind, as plain tables: read from the tables of the product, the differences from the monitors as a lead sees them."""

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.station_day.day import CHINA, HERE, short

from kefu.cases.models import Case
from kefu.kernel.actor import Actor
from kefu.parcels.models import Parcel, ParcelLink, Scan, ScanVoid
from kefu.people.models import Site, Staff
from kefu.station.fees.models import DeliveryFee
from kefu.station.forwarding.models import Forward
from kefu.station.monitors import queries as monitors
from kefu.station.monitors.models import Difference
from kefu.station.monitors.queries import Wanted
from kefu.station.monitors.sets import sets_for
from kefu.station.pickups.models import PickupOrder
from kefu.station.problems.models import Line, Problem
from kefu.station.receipts.models import Receipt, ReceiptMove
from kefu.station.signing.models import SignOff

Tables = dict[str, Any]


def read(lead: Actor, now: datetime) -> Tables:
    """Every table of the day."""
    codes = dict(Site.objects.values_list("pk", "code"))
    names = dict(Staff.objects.values_list("staff_no", "name"))
    here = next(pk for pk, code in codes.items() if code == HERE)
    return {
        "parcels": {short(one.waybill): one.standing.state for one in Parcel.objects.select_related("standing")},
        "links": sorted(f"{one.kind} {short(one.from_waybill)}→{short(one.to_waybill)}" for one in ParcelLink.objects.all()),
        "scans": _scans(codes, names),
        "sign_offs": {short(one.waybill): _sign_off(one) for one in SignOff.objects.all()},
        "problems": {short(one.waybill): _problem(one, codes) for one in Problem.objects.all()},
        "receipts": {short(one.waybill): _receipt(one) for one in Receipt.objects.all()},
        "fees": {short(one.waybill): _fee(one) for one in DeliveryFee.objects.all()},
        "forwards": {short(one.waybill): _forward(one, codes) for one in Forward.objects.all()},
        "orders": {one.order_no: (one.state, names.get(one.courier, ""), short(one.waybill)) for one in PickupOrder.objects.all()},
        "cases": {short(one.waybill): one.kind for one in Case.objects.all()},
        "differences": {one.key: rows for one in sets_for("station") if (rows := _set(lead, one.key, here, now))},
    }


def _clock(moment: datetime) -> str:
    local = moment.astimezone(CHINA)
    return f"{local:%H:%M}" if local.day == 22 else f"{local:%d日%H:%M}"


def _yuan(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:.2f}"


def _scans(codes: dict[int, str], names: dict[str, str]) -> dict[str, str]:
    void = set(ScanVoid.objects.values_list("scan_id", flat=True))
    found = defaultdict(list)
    for one in Scan.objects.exclude(pk__in=void).order_by("scanned_at", "waybill"):
        courier = f" {names.get(one.courier, one.courier)}" if one.courier else ""
        found[f"{_clock(one.scanned_at)} {codes[one.site_id]} {one.code}{courier}"].append(short(one.waybill))
    return {key: " ".join(sorted(numbers)) for key, numbers in found.items()}


def _sign_off(one: SignOff) -> tuple[str, ...]:
    told = (one.signer, one.situation, one.signer_name, one.consent_how, str(one.pieces or ""), _yuan(one.cod_collected))
    return (_clock(one.signed_at), *told)


def _problem(one: Problem, codes: dict[int, str]) -> tuple[str, ...]:
    lines = Line.objects.filter(problem=one).order_by("at", "pk")
    said = " ".join(f"{codes.get(line.site_id or 0, '')}:{line.told}" for line in lines)
    way = f"{codes[one.reporter_site_id]}→{codes[one.receiver_site_id]}"
    return one.kind, way, one.state, one.result, said


def _receipt(one: Receipt) -> tuple[str, ...]:
    moves = ReceiptMove.objects.filter(receipt=one, undone_at=None).order_by("state")
    steps = " ".join(f"{move.state}@{_clock(move.at)}{'/' + move.courier_no if move.courier_no else ''}" for move in moves)
    return str(one.state), "closed" if one.closed_at else "open", steps


def _fee(one: DeliveryFee) -> tuple[str, ...]:
    weight = "" if one.billed_weight is None else f"{one.billed_weight.normalize():f}"
    return weight, _yuan(one.base), _yuan(one.heavy), _yuan(one.total), _yuan(one.network_total), one.state


def _forward(one: Forward, codes: dict[int, str]) -> tuple[str, ...]:
    to = codes.get(one.to_site_id or 0, one.company)
    return one.way, to, short(one.new_waybill), one.state, _yuan(one.fee), one.payer, _clock(one.signed_at) if one.signed_at else ""


def _set(lead: Actor, key: str, site: int, now: datetime) -> dict[str, tuple[str, ...]]:
    found = {}
    for row in monitors.page(lead, Wanted(key, site), now=now, size=50).rows:
        note = Difference.objects.filter(pk=row.follow.id).values_list("note", flat=True).first() if row.follow.id else ""
        did = (("urged", row.follow.urged_at), ("problem", row.follow.problem_id))
        found[short(row.waybill)] = (row.follow.result, note or "", *(word for word, done in did if done))
    return found
