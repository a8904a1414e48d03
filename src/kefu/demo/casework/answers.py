"""Answers for the forms of any procedure: by the field's name where something is known of it, by its type otherwise. Pure."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

from ruamel.yaml import YAML

from kefu.demo.dialogue.bank import Scene
from kefu.handbook.schema import FormField

_SHARE_OF_YES = 0.93


@cache
def _bank() -> Mapping[str, Any]:
    text = resources.files(__package__).joinpath("answers.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Any] = YAML(typ="safe").load(text)
    return found


@dataclass(frozen=True, slots=True)
class Matter:
    """What a case is about, for whoever fills in its forms."""

    kind: str
    scene: Scene

    def words(self) -> dict[str, str]:
        """Values of the ``{…}`` in the texts."""
        return {**self.scene.words(), "address": self.scene.customer.address, "order6": self.scene.order_no[:6]}


def phrase(name: str, matter: Matter, dice: random.Random, default: str = "default") -> str:
    """One of the texts of a name, for this kind of case if there are such."""
    texts = _bank()["texts"]
    found = texts.get(f"{name}.{matter.kind}") or texts.get(name) or texts[default]
    return str(dice.choice(found)).format_map(matter.words())


def saying(name: str, matter: Matter, dice: random.Random) -> str:
    """One of the sayings of a name: notes, urgings, tasks and their answers."""
    return str(dice.choice(_bank()["sayings"][name])).format_map(matter.words())


def answer(field: FormField, matter: Matter, dice: random.Random, now: datetime) -> Any:
    """A lifelike value of the field's type."""
    return _MAKERS[field.type](field, matter, dice, now)


def _text(field: FormField, matter: Matter, dice: random.Random, now: datetime) -> str:  # noqa: ARG001 (one shape for all)
    if field.id == "waybill":
        return matter.scene.waybill
    return phrase(field.id, matter, dice, "default_long" if field.type == "long_text" else "default")


def _choice(field: FormField, matter: Matter, dice: random.Random, now: datetime) -> str:  # noqa: ARG001
    weights = _bank()["choose"].get(field.id, {})
    ids = [one.id for one in field.choices]
    return dice.choices(ids, weights=[float(weights.get(one, 1)) for one in ids])[0]


def _number(field: FormField, matter: Matter, dice: random.Random, now: datetime) -> int | float:  # noqa: ARG001
    if field.id in ("share",):
        return dice.choice([0, 30, 50, 70, 100])
    if field.id == "weight_now":
        return round(dice.uniform(0.3, 6), 2)
    return dice.randint(1, 3) if field.id == "pieces" else matter.scene.days


def _money(field: FormField, matter: Matter, dice: random.Random, now: datetime) -> str:  # noqa: ARG001
    if field.id == "fee":
        return str(dice.choice([5, 8, 12]))
    if field.id == "compensation" and dice.random() < 0.35:
        return "0"
    return f"{matter.scene.amount}.00" if dice.random() < 0.6 else f"{dice.randint(10, 300)}.50"


def _moment(field: FormField, matter: Matter, dice: random.Random, now: datetime) -> str:  # noqa: ARG001
    later = timedelta(hours=dice.choice([2, 4, 24])) if field.id == "promised_time" else -timedelta(minutes=dice.randint(5, 200))
    return (now + later).replace(second=0, microsecond=0).isoformat()


def _yes(field: FormField, matter: Matter, dice: random.Random, now: datetime) -> bool:  # noqa: ARG001
    return dice.random() < float(_bank()["yes"].get(field.id, _SHARE_OF_YES))


def _waybill(field: FormField, matter: Matter, dice: random.Random, now: datetime) -> str:  # noqa: ARG001
    return matter.scene.waybill if field.id == "waybill" else f"7{dice.randrange(10**13):013d}"


_MAKERS: Mapping[str, Any] = {
    "text": _text,
    "long_text": _text,
    "choice": _choice,
    "multi": lambda *given: [_choice(*given)],
    "number": _number,
    "money": _money,
    "datetime": _moment,
    "bool": _yes,
    "waybill": _waybill,
    "phone": lambda _field, matter, _dice, _now: matter.scene.customer.phone,
    "attachment": lambda _field, matter, dice, _now: phrase("attachment", matter, dice),
}
