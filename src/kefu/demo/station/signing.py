"""Three days of guns and sign-offs at the demo's southern station, with planted signatures that look false (OPS1, OPS3).

Parcels of their own, so that what the thirty days tell stays as it is: arrived and given out by guns, signed by every kind of signer.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone

from kefu.demo import names
from kefu.demo.cast import first_of
from kefu.demo.ground import Ground
from kefu.kernel.actor import Actor
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ParcelDraft, Party, ScanDraft
from kefu.station.scanning import actions as guns
from kefu.station.scanning.actions import Shot
from kefu.station.scanning.sessions import Setup
from kefu.station.signing import actions, examining, queries
from kefu.station.signing.drafts import SignDraft

_DAYS: Final = 3
_A_DAY: Final = 110
_NIGHT: Final = 16
_LATE: Final = 20
_COURIERS: Final = ("111", "112")
_BEHALF: Final = ("family", "colleague", "guard", "reception", "mailroom", "neighbour", "other")
_NAMES: Final = ("李", "王师傅", "保安老周", "前台小陈", "收发室老吴", "隔壁刘姐", "张先生")
_STORES: Final = {"station": "菜鸟驿站（南市路店）", "locker": "丰巢 2 号柜", "agent": "惠民便利店"}
_CONSENTS: Final = ("phone", "message", "chat", "order", "standing", "spoken")


def make(ground: Ground, end: datetime) -> int:
    """Build the three days before ``end``; gives how many sign-offs there are."""
    dice = random.Random(f"signing {end.isoformat()}")  # noqa: S311 (made-up data)
    clerk = ground.actors[first_of("clerk", "south").username]
    lead = ground.actors[first_of("lead", "south").username]
    site_id, hub_id = ground.sites["south"], ground.sites["hub"]
    today = timezone.localtime(end).replace(hour=0, minute=0, second=0, microsecond=0)
    made = 0
    for back in range(_DAYS, 0, -1):
        day = today - timedelta(days=back)
        numbers = [f"508800{90_000_000 + back * 1000 + place}" for place in range(_A_DAY)]
        _register(ground, dice, numbers, day)
        _give_out(
            clerk, Setup(site_id=site_id, mode="arrive_deliver", previous_site_id=hub_id, truck="早班", device="PDA-01"), numbers, day
        )
        made += _sign(clerk, dice, numbers[:-_LATE], site_id, day)
        made += _type_back(clerk, numbers[-_LATE:-_NIGHT], site_id, day, end)
        _plant(ground, numbers[-_NIGHT:], site_id, day)
        examining.examine(actor=lead, site_id=site_id, day=day.date(), now=min(day + timedelta(days=1, hours=3), end))
    _undo_one(lead, site_id, end)
    return made


def _register(ground: Ground, dice: random.Random, numbers: Sequence[str], day: datetime) -> None:
    drafts = []
    for number in numbers:
        person = names.person(dice, "南京市")
        cod = Decimal(dice.randint(20, 300)) if dice.random() < 0.04 else Decimal(0)
        receiver = Party(person.name, person.phone, person.address)
        pieces = 3 if dice.random() < 0.05 else 1
        drafts.append(ParcelDraft(number, ground.sites["south"], carrier="best", receiver=receiver, pieces=pieces, cod_amount=cod))
    parcels.register_parcels(actor=ground.guns, drafts=drafts, now=day)
    at, hub = day + timedelta(hours=2), ground.sites["hub"]
    sent = [ScanDraft(number, "send", hub, at, "904", next_site_id=ground.sites["south"]) for number in numbers]
    parcels.record_scans(actor=ground.guns, batch=sent, now=day + timedelta(hours=3))


def _give_out(clerk: Actor, setup: Setup, numbers: Sequence[str], day: datetime) -> None:
    """Two couriers, each with half; now and then the same number twice, or one that is no number."""
    half = len(numbers) // 2
    for courier, part in zip(_COURIERS, (numbers[:half], numbers[half:-2]), strict=True):
        start = day + timedelta(hours=8, minutes=10)
        shots = [Shot(number, start + timedelta(seconds=4 * place)) for place, number in enumerate(part)]
        shots += [Shot(part[0], start + timedelta(minutes=6)), Shot("条码破损", start + timedelta(minutes=7))]
        guns.scan(actor=clerk, setup=replace(setup, courier=courier), shots=shots, now=start + timedelta(minutes=8))


def _sign(clerk: Actor, dice: random.Random, numbers: Sequence[str], site_id: int, day: datetime) -> int:
    """Signed through the day, entered hour by hour as couriers come back."""
    drafts = sorted(_drafts(dice, numbers, site_id, day), key=lambda one: one.signed_at)
    made = 0
    for hour in range(10, 21, 2):
        until = day + timedelta(hours=hour)
        part = [one for one in drafts if until - timedelta(hours=2) <= one.signed_at < until]
        done = actions.sign_many(actor=clerk, drafts=part, now=until) if part else None
        made += len(done.stored) if done else 0
        stored = [key for place, key in done.stored.items() if part[place].signer in _STORES] if done else []
        at = until + timedelta(hours=3)
        for key in stored[::2]:  # every other one is fetched
            actions.hand_out(actor=clerk, sign_off_id=key, version=0, out_at=at, now=at)
    return made


def _type_back(clerk: Actor, numbers: Sequence[str], site_id: int, day: datetime, end: datetime) -> int:
    """Typed in on the next day for the morning before."""
    at, now = day + timedelta(hours=11), min(day + timedelta(hours=26), end)
    drafts = [SignDraft(waybill=number, site_id=site_id, signed_at=at) for number in numbers]
    return len(actions.sign_many(actor=clerk, drafts=drafts, now=now).stored)


def _drafts(dice: random.Random, numbers: Sequence[str], site_id: int, day: datetime) -> Iterator[SignDraft]:
    for number in numbers:
        at = day + timedelta(hours=9, minutes=dice.uniform(0, 600))
        draft = SignDraft(waybill=number, site_id=site_id, signed_at=at.replace(microsecond=0))
        consent: dict[str, Any] = {"consent_by": "收件人", "consent_how": dice.choice(_CONSENTS)}
        way = dice.random()
        if way < 0.55:
            yield replace(draft, **_situation(dice))
        elif way < 0.8:
            place = dice.randrange(len(_BEHALF))
            yield replace(draft, signer=_BEHALF[place], signer_name=_NAMES[place], relation="代收", **consent)
        elif way < 0.84:
            yield replace(draft, signer="doorstep", note="放门口，已拍照", **consent)
        else:
            signer = dice.choice(list(_STORES))
            yield replace(draft, signer=signer, place=_STORES[signer], **consent)


def _situation(dice: random.Random) -> dict[str, Any]:
    if dice.random() < 0.93:
        return {}
    return {"situation": dice.choice(["damaged", "wet", "soiled", "short"]), "note": "外箱有损，客户当面验收后签收，已拍照"}


def _plant(ground: Ground, numbers: Sequence[str], site_id: int, day: datetime) -> None:
    """At 23:30 one courier signs them all within three minutes, for others and without a word of consent; two never went out."""
    start = day + timedelta(hours=23, minutes=30)
    scans = [
        ScanDraft(number, "agent_sign", site_id, start + timedelta(seconds=9 * place), "112", courier="112")
        for place, number in enumerate(numbers)
    ]
    parcels.record_scans(actor=ground.guns, batch=scans, now=start + timedelta(minutes=5))


def _undo_one(lead: Actor, site_id: int, end: datetime) -> None:
    """A sign-off taken back by the lead, so that the page of one shows what that looks like."""
    rows = queries.page(lead, queries.SignFilter(site_id=site_id, signer="guard", stage="signed"), size=1).rows
    for row in rows:
        actions.undo(actor=lead, sign_off_id=row.id, version=row.version, reason="录错单号，客户来电核实", now=end)
