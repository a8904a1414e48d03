"""Writes of rate cards: added, ended, withdrawn; never changed (O11)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Invalid, Message, Stale
from kefu.people.access import get_site, require
from kefu.people.permissions import Permission
from kefu.station.fees import access
from kefu.station.fees.choosing import Card, clash, day_before
from kefu.station.fees.errors import CardsOverlap, CardUsed, CardWithdrawn
from kefu.station.fees.events import RatesChanged
from kefu.station.fees.models import RateCard, RateKey
from kefu.station.fees.rates import Rates, rates_of


@dataclass(frozen=True, slots=True)
class NewCard:
    """A card to add. ``bands`` and ``items`` as ``rates.rates_of`` takes them; ``source`` says where the numbers come from.

    ``follow``: the card in force before ends the day before this one begins, instead of being in the way.
    """

    site_id: int
    title: str
    valid_from: date
    source: str
    bands: Sequence[Mapping[str, Any]]
    items: Sequence[Mapping[str, Any]] = ()
    valid_until: date | None = None
    area: str = ""
    product: str = ""
    follow: bool = False


def plain(row: RateCard) -> Card:
    """A kept card as a value."""
    rates = rates_of(row.bands, row.items)
    return Card(row.pk, row.title, row.key.site_id, row.key.area, row.key.product, row.valid_from, row.valid_until, rates, row.source)


def _checked(new: NewCard) -> Rates:
    wrong: dict[str, Message] = {}
    for name, most in (("title", 60), ("source", 200), ("area", 60), ("product", 40)):
        if len(getattr(new, name).strip()) > most:
            wrong[name] = _("内容过长。")
    if not new.title.strip():
        wrong["title"] = _("请填写费率表名称。")
    if not new.source.strip():
        wrong["source"] = _("请写明数字的来源，如总部通知文号或合同。")
    if new.valid_until is not None and new.valid_until < new.valid_from:
        wrong["valid_until"] = _("截止日不能早于起始日。")
    if wrong:
        raise Invalid(fields=wrong)
    return rates_of(new.bands, new.items)


def add_card(*, actor: Actor, new: NewCard, now: datetime) -> RateCard:
    """Add a card. Raises ``Invalid``, ``CardsOverlap``; ``Stale`` when somebody changed cards of the same key at the same moment."""
    require(actor, Permission.FEE_SETTLE)
    site = get_site(actor, new.site_id)
    rates = _checked(new)
    bands, items = rates.stored()
    try:
        with transaction.atomic():
            key, _made = RateKey.objects.get_or_create(site=site, area=new.area.strip(), product=new.product.strip())
            _make_room(actor, key, new, now)
            save_claimed(key)
            row = RateCard.objects.create(
                key=key,
                title=new.title.strip(),
                valid_from=new.valid_from,
                valid_until=new.valid_until,
                bands=bands,
                items=items,
                source=new.source.strip(),
                made_by=actor.name[:80],
                made_at=now,
            )
            _note(actor, row, "added", now)
    except IntegrityError as error:
        raise Stale from error
    return row


def _make_room(actor: Actor, key: RateKey, new: NewCard, now: datetime) -> None:
    """End the card before if asked to; refuse when another is still in the way."""
    rows = {row.pk: row for row in RateCard.objects.select_related("key").filter(key=key, withdrawn_at=None)}
    before = next((row for row in rows.values() if row.valid_from < new.valid_from and plain(row).covers(new.valid_from)), None)
    if new.follow and before is not None:
        save_claimed(before, valid_until=day_before(new.valid_from))
        _note(actor, before, "ended", now)
    found = clash((plain(row) for row in rows.values()), new.valid_from, new.valid_until)
    if found is not None:
        raise CardsOverlap(title=found.title, first=found.first.isoformat())


def end_card(*, actor: Actor, card_id: int, last: date, expected_version: int, now: datetime) -> RateCard:
    """Let a card end on a day, included. Raises ``Invalid`` before its first day, ``CardWithdrawn``, ``CardsOverlap``, ``Stale``."""
    require(actor, Permission.FEE_SETTLE)
    row = _to_change(actor, card_id, expected_version)
    if last < row.valid_from:
        raise Invalid(fields={"valid_until": _("截止日不能早于起始日。")})
    others = RateCard.objects.select_related("key").filter(key=row.key, withdrawn_at=None).exclude(pk=row.pk)
    found = clash((plain(one) for one in others), row.valid_from, last)
    if found is not None:
        raise CardsOverlap(title=found.title, first=found.first.isoformat())
    with transaction.atomic():
        save_claimed(row.key)
        save_claimed(row, valid_until=last)
        _note(actor, row, "ended", now)
    return row


def withdraw_card(*, actor: Actor, card_id: int, expected_version: int, now: datetime) -> None:
    """Take back a card no fee stands on. Raises ``CardUsed``, ``CardWithdrawn``, ``Stale``."""
    require(actor, Permission.FEE_SETTLE)
    row = _to_change(actor, card_id, expected_version)
    with transaction.atomic():
        save_claimed(row.key)
        save_claimed(row, withdrawn_at=now)
        if row.fees.exists():
            raise CardUsed
        _note(actor, row, "withdrawn", now)


def _to_change(actor: Actor, card_id: int, expected_version: int) -> RateCard:
    row = access.card_for(actor, card_id, change=True)
    if row.withdrawn_at is not None:
        raise CardWithdrawn
    if row.version != expected_version:
        raise Stale
    return row


def _note(actor: Actor, row: RateCard, what: str, now: datetime) -> None:
    """The change in the audit log, with the days of the card, and told to whoever follows rates."""
    days = {"from": row.valid_from.isoformat(), "until": row.valid_until.isoformat() if row.valid_until else ""}
    audit.record(actor, f"rate_card.{what}", Ref("rate_card", row.pk, row.title), now=now, site_id=row.key.site_id, data=days)
    outbox.emit(RatesChanged(card_id=row.pk, site_id=row.key.site_id), now=now)
