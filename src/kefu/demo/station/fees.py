"""Rate cards of the demo, the fees of its thirty days, a settled month, a network's statement that differs, some disputes (OPS4).

The amounts are the illustrative ones of O11 (GK: base about 1.0–1.5 yuan a parcel, over three kilograms 0.2–0.5 yuan each); no public
table of the carrier was found, and the cards say so.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

from django.utils import timezone

from kefu.demo.ground import Ground
from kefu.demo.routes import Parcel
from kefu.escalations.fees import NewDispute, dispute_fee
from kefu.kernel.errors import KefuError
from kefu.station.fees import cards, cards_queries, disputes, network, queries, statements
from kefu.station.fees.cards import NewCard
from kefu.station.fees.network import NetworkDraft
from kefu.station.fees.queries import FeeRow, FeeWanted

_SOURCE: Final = "演示数据：O11 示意值（GK），未找到公开的派费表"
_BANDS: Final = (
    {"from_kg": "0", "base": "1.2", "over_kg": "3", "per_kg": "0.3", "step": "0.5"},
    {"from_kg": "30", "base": "9.3", "over_kg": "30", "per_kg": "0.25", "step": "1", "cap": "30"},
)
_FAR: Final = ({"from_kg": "0", "base": "1.5", "over_kg": "3", "per_kg": "0.5", "step": "0.5", "cap": "35"},)
_ITEMS: Final[tuple[dict[str, Any], ...]] = (
    {"charge": "upstairs", "rule": "floor", "amount": "2"},
    {"charge": "round_trip", "rule": "each", "amount": "1", "when": "round_trip"},
    {"charge": "receipt", "rule": "each", "amount": "1.5", "when": "receipt"},
    {"charge": "overweight_in", "rule": "difference", "amount": "0.2", "when": "heavier"},
    {"charge": "scanning", "rule": "each", "amount": "0.05"},
    {"charge": "fuel", "rule": "percent", "amount": "2"},
)
_DISPUTES: Final = 6
_COMPARED: Final = 400


def hub_weight(parcel: Parcel) -> Decimal | None:
    """What the centre's scale says: mostly the same, sometimes more, often nothing; the same for the same parcel."""
    dice = Random(f"scale {parcel.waybill}")  # noqa: S311 (made-up data)
    drawn = dice.random()
    if drawn < 0.6:
        return None
    return parcel.weight if drawn < 0.93 else (parcel.weight * Decimal(f"{dice.uniform(1.1, 1.6):.2f}")).quantize(Decimal("0.001"))


def prepare(ground: Ground, now: datetime) -> None:
    """Cards, before the first parcel is signed; a second time nothing is added."""
    if _known(ground, now):
        return
    first = timezone.localdate(now) - timedelta(days=40)
    for key, title, area, bands in (("hub", "南京片区派费", "", _BANDS), ("south", "南市分部江宁派费", "江宁区", _FAR)):
        new = NewCard(ground.sites[key], title, first, _SOURCE, bands, _ITEMS, area=area)
        cards.add_card(actor=ground.actors["admin"], new=new, now=now)


def make(ground: Ground, now: datetime) -> int:
    """What people do with the fees of the thirty days; returns how many fees there are, at most counted to a thousand."""
    today = timezone.localdate(now)
    month = statements.first_of(statements.first_of(today) - timedelta(days=1))
    manager = ground.actors["admin"]
    for key in ("south", "north"):
        site_id = ground.sites[key]
        rows = queries.page(ground.guns, FeeWanted(site_id=site_id), size=_COMPARED).rows
        _network(ground, site_id, rows, now)
        heavy = [row for row in rows if row.weight_differs and row.state == "open"]
        _dispute(ground, "clerk" if key == "south" else "clerk03", heavy[:_DISPUTES], now)
        disputed = {row.id for row in heavy[:_DISPUTES]}
        large = [one for one in rows if one.billed_weight and one.billed_weight > 5 and one.state == "open" and one.id not in disputed]
        for row in large[-3:]:
            disputes.note_extras(actor=manager, fee_id=row.id, floors=4, round_trip=False, expected_version=_version(ground, row), now=now)
        try:
            made = statements.collect(actor=manager, site_id=site_id, month=month, now=now)
        except KefuError:
            continue  # a build taken up again: the month is settled already
        if made.count and statements.last_of(month) < today:
            statements.settle(actor=manager, statement_id=made.pk, expected_version=made.version, now=now)
    return queries.count(ground.guns, FeeWanted()).value


def _known(ground: Ground, now: datetime) -> bool:
    return bool(cards_queries.card_rows(ground.actors["admin"], today=timezone.localdate(now)))


def _version(ground: Ground, row: FeeRow) -> int:
    return queries.detail(ground.guns, row.id).row.version


def _network(ground: Ground, site_id: int, rows: list[FeeRow], now: datetime) -> None:
    """Their statement of these deliveries: nearly all the same, some differ, one in forty is missing, one of theirs is unknown here."""
    dice = Random(f"network {site_id}")  # noqa: S311 (made-up data)
    drafts = []
    for row in rows:
        drawn = dice.random()
        if row.trouble or drawn < 0.025:
            continue
        total = row.total if drawn < 0.93 else max(row.total + Decimal(dice.choice(["-0.30", "-0.60", "0.30", "1.20"])), Decimal(0))
        drafts.append(NetworkDraft(site_id, _month(row.signed_on), row.waybill, total, row.base, row.heavy, row.billed_weight))
    if drafts:
        drafts.append(NetworkDraft(site_id, drafts[0].month, f"599{site_id:011d}", Decimal("1.20"), Decimal("1.20")))
    network.take_in(actor=ground.actors["admin"], drafts=drafts, now=now)


def _month(day: date) -> date:
    return day.replace(day=1)


def _dispute(ground: Ground, clerk: str, rows: list[FeeRow], now: datetime) -> None:
    for place, row in enumerate(rows):
        new = NewDispute("weight", "中心称重与实物不符，已拍照，请复核。", row.total + Decimal("0.60"))
        try:
            dispute_fee(actor=ground.actors[clerk], fee_id=row.id, new=new, expected_version=row.version, now=now)
        except KefuError:
            continue  # the waybill's own case does not take it in: the fee stays as it is
        if place % 3 == 2:
            version = _version(ground, row)
            disputes.decide(
                actor=ground.actors["admin"],
                fee_id=row.id,
                verdict="upheld",
                amount=None,
                answer="已复称，重量无误。",
                expected_version=version,
                now=now,
            )
