"""People, streets, goods: everything invented. Telephone numbers begin with 154, 142 or 143, which no carrier has been given."""

import random
from dataclasses import dataclass
from functools import cache
from importlib import resources

from ruamel.yaml import YAML


@cache
def words(name: str) -> tuple[str, ...]:
    """A list of ``names.yaml``."""
    text = resources.files(__package__).joinpath("names.yaml").read_text(encoding="utf-8")
    return tuple(YAML(typ="safe").load(text)[name].split())


_SURNAMES, _FEMALE, _MALE, _STREETS, _ESTATES = map(words, ("surnames", "female", "male", "streets", "estates"))
GOODS, FRAGILE, SHOP_GOODS = map(words, ("goods", "fragile", "shop_goods"))
FAR_PLACES, COURIERS = map(words, ("far_places", "couriers"))
_SEGMENTS = ("154", "142", "143")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who sends or receives. ``title`` is how agents address them."""

    name: str
    title: str
    phone: str
    address: str

    @property
    def tail(self) -> str:
        """Last four digits of the number."""
        return self.phone[-4:]


def phone(dice: random.Random) -> str:
    """A mobile number nobody has."""
    return f"{dice.choice(_SEGMENTS)}{dice.randrange(10**8):08d}"


def full_name(dice: random.Random, *, female: bool | None = None) -> tuple[str, str]:
    """A name and the form of address that goes with it."""
    woman = dice.random() < 0.55 if female is None else female
    surname = dice.choice(_SURNAMES)
    title = f"{surname}{'女士' if woman else '先生'}"
    return surname + dice.choice(_FEMALE if woman else _MALE), title


def address(dice: random.Random, city: str = "南京市") -> str:
    """A street or an estate with building and door."""
    if dice.random() < 0.55:
        return f"{city}{dice.choice(_ESTATES)}{dice.randint(1, 32)}栋{dice.randint(1, 3)}单元{dice.randint(1, 30)}0{dice.randint(1, 6)}室"
    return f"{city}{dice.choice(_STREETS)}{dice.randint(1, 399)}号{dice.randint(1, 18)}楼"


def street(dice: random.Random) -> str:
    """A place somebody would name on the telephone."""
    return dice.choice(_STREETS) if dice.random() < 0.5 else dice.choice(_ESTATES)


def person(dice: random.Random, city: str = "南京市") -> Person:
    """Somebody new."""
    name, title = full_name(dice)
    return Person(name, title, phone(dice), address(dice, city))
