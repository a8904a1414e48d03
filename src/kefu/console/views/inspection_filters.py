"""What the address asks a list for: days, people, sites, words. A value that cannot be one never goes further."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise

from kefu.console import routes
from kefu.kernel.actor import Actor
from kefu.kernel.moment import midnight
from kefu.people import access as people_access
from kefu.people import queries as people

Choices: TypeAlias = Sequence[tuple[str, str]]
MOST_STAFF = 300
LONGEST_PERIOD = 366
_FIRST, _LAST = date(2000, 1, 1), date(2999, 12, 31)


def text(value: str | None, most: int = 200) -> str:
    """A text as far as it can be searched for."""
    return (value or "").replace("\0", "").strip()[:most]


def day(value: str) -> date | None:
    """A day, or nothing when it is none."""
    try:
        found = date.fromisoformat(value)
    except ValueError:
        return None
    return found if _FIRST <= found <= _LAST else None


def whole(value: str) -> int | None:
    """An id, or nothing when it is none."""
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 18 else None


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter of a list: its name in the address, its label, and what may be chosen (``None``: a text)."""

    name: str
    label: str | Promise
    choices: Choices | None = None
    kind: str = "text"

    def value(self, given: str) -> str:
        """The value if it can be one, else nothing."""
        if self.kind == "day":
            return given if day(given) else ""
        if self.choices is not None:
            return given if given in dict(self.choices) else ""
        if self.kind == "id":
            return given if whole(given) is not None else ""
        return given

    def words(self, value: str) -> str:
        """The value as people read it."""
        return dict(self.choices).get(value, value) if self.choices is not None else value


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters of a list with the values the address gives them."""

    base: str
    filters: tuple[Filter, ...]
    values: Mapping[str, str]

    @classmethod
    def of(cls, request: HttpRequest, base: str, filters: Iterable[Filter]) -> "Asked":
        """Read the address."""
        known = tuple(filters)
        values = {one.name: one.value(text(request.GET.get(one.name))) for one in known}
        return cls(base, known, {name: value for name, value in values.items() if value})

    def get(self, name: str) -> str:
        """The value of a filter, empty when it is not set."""
        return self.values.get(name, "")

    def day(self, name: str) -> date | None:
        """A day."""
        return day(self.get(name))

    def id(self, name: str) -> int | None:
        """An id."""
        return whole(self.get(name))

    def address(self, **changes: str) -> str:
        """The address with changes; an empty value takes a filter away."""
        plain = {name: value for name, value in {**self.values, **changes}.items() if value}
        return self.base + (f"?{urlencode(plain)}" if plain else "")

    @property
    def chips(self) -> list[dict[str, str]]:
        """What is set, each with the address without it."""
        return [
            {"label": str(one.label), "value": one.words(self.values[one.name]), "remove": self.address(**{one.name: ""})}
            for one in self.filters
            if one.name in self.values
        ]


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``since`` to ``until``, both counted."""

    since: date
    until: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.until - self.since).days + 1

    @property
    def query(self) -> dict[str, str]:
        """As parameters of an address."""
        return {"since": self.since.isoformat(), "until": self.until.isoformat()}

    def start(self) -> datetime:
        """Its first moment."""
        return midnight(self.since)

    def end(self) -> datetime:
        """The first moment behind it."""
        return midnight(self.until + timedelta(days=1))


def period(request: HttpRequest, *, days: int) -> Period:
    """The period the address names, else the last ``days`` days; the wrong way round is turned, too long is cut."""
    today = timezone.localdate()
    until = day(text(request.GET.get("until"))) or today
    since = day(text(request.GET.get("since"))) or until - timedelta(days=days - 1)
    since, until = min(since, until), max(since, until)
    return Period(max(since, until - timedelta(days=LONGEST_PERIOD - 1)), until)


def site_choices(actor: Actor) -> list[tuple[str, str]]:
    """Sites to choose from; none when there is only one."""
    found = people.sites(actor)
    return [(str(site.pk), site.name) for site in found] if len(found) > 1 else []


def team_choices(actor: Actor) -> list[tuple[str, str]]:
    """Teams to choose from; none when there is only one."""
    found = people.teams(actor)
    several = len({team.site_id for team in found}) > 1
    return [(str(team.pk), f"{team.site.name} · {team.name}" if several else team.name) for team in found] if len(found) > 1 else []


def staff_choices(actor: Actor) -> list[tuple[str, str]]:
    """People to choose from, by 工号."""
    rows = people_access.visible_staff(actor).order_by("staff_no").values_list("pk", "name", "staff_no")[:MOST_STAFF]
    return [(str(pk), f"{name} {number}") for pk, name, number in rows]


def address(name: str, actor: Actor | None, /, query: Mapping[str, str] | None = None, **arguments: object) -> str:
    """Address of a console page, empty when there is none or the reader may not open it."""
    found = routes.route(name)
    if found is None or not found.opens_for(actor):
        return ""
    try:
        path = reverse(f"console:{name}", kwargs=arguments or None)
    except NoReverseMatch:
        return ""
    given = {key: value for key, value in (query or {}).items() if value}
    return path + (f"?{urlencode(given)}" if given else "")
