"""What can be said, read from the files beside this one, and filled in with what a scene is about."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from ruamel.yaml import YAML

from kefu.demo.names import Person


@cache
def bank(name: str) -> Mapping[str, Any]:
    """One file of phrases: ``manners``, ``curt``, ``express``, ``shop`` or ``breaches``."""
    text = resources.files(__package__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Any] = YAML(typ="safe").load(text)
    return found


@dataclass(frozen=True, slots=True)
class Scene:
    """Who talks to whom about what. ``topic`` is a key of ``express`` or ``shop``; ``promised`` and the like are words, not moments."""

    desk: str
    channel: str
    topic: str
    site_name: str
    brand: str
    staff_no: str
    agent_name: str
    customer: Person
    waybill: str
    order_no: str
    goods: str
    place: str
    street: str
    courier: str
    carrier: str
    days: int
    amount: int
    promised: str
    day_part: str
    named: bool = True

    @property
    def matter(self) -> Mapping[str, Any]:
        """The phrases of its topic."""
        found: Mapping[str, Any] = bank("shop" if self.desk == "shop" else "express")[self.topic]
        return found

    @property
    def complaint(self) -> bool:
        """Whether the customer comes to complain."""
        return bool(self.matter["complaint"])

    def words(self) -> dict[str, str]:
        """Values of the ``{…}`` in phrases."""
        person = self.customer
        surname = person.title[:-2]
        return {
            "brand": self.brand,
            "site": self.site_name,
            "no": self.staff_no,
            "agent_surname": self.agent_name[:1],
            "day_part": self.day_part,
            "title": person.title,
            "surname": surname,
            "name": person.name,
            "tail": person.tail,
            "phone": person.phone,
            "waybill": self.waybill,
            "order": self.order_no,
            "goods": self.goods,
            "place": self.place,
            "street": self.street,
            "courier": self.courier,
            "carrier": self.carrier,
            "days": "一二两三四五六七八九十"[self.days] if 3 <= self.days <= 10 else str(self.days),
            "amount": str(self.amount),
            "promised": self.promised,
        }

    def say(self, dice: random.Random, phrases: Sequence[str]) -> str:
        """One of the phrases with the scene's words."""
        return dice.choice(phrases).format_map(self.words())
