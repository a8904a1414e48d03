"""What the address of a list asks for, its filters as fields and chips (CASE8)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _

from kefu.kernel.actor import Actor
from kefu.lists.definition import Filter, List
from kefu.people import access as people_access
from kefu.people import queries as people

_MOST_STAFF = 300
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Offered:
    """What the filters of a list offer this reader, by name; ``sites`` are those in reach."""

    by_name: Mapping[str, Pairs]
    sites: Pairs


def options(actor: Actor, the_list: List[Any]) -> Offered:
    """Ask for the choices; sites and people at most once each."""
    sites = [(str(site.pk), site.name) for site in people.sites(actor)]
    kinds = {one.kind for one in the_list.filters}
    staff: Pairs = _staff(actor) if "staff" in kinds else ()
    found: dict[str, Pairs] = {}
    for one in the_list.filters:
        if one.kind == "choice":
            found[one.name] = [(value, str(title)) for value, title in one.options(actor)]
        elif one.kind in ("site", "staff"):
            found[one.name] = sites if one.kind == "site" else staff
    return Offered(found, sites)


def _staff(actor: Actor) -> Pairs:
    rows = people_access.visible_staff(actor).filter(is_active=True).select_related(None).order_by("staff_no")
    return [(str(pk), f"{name} {staff_no}") for pk, name, staff_no in rows.values_list("pk", "name", "staff_no")[:_MOST_STAFF]]


@dataclass(frozen=True, slots=True)
class Tab:
    """A view the product brings."""

    label: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """A condition in force and the address without it."""

    label: str
    value: str
    remove: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The state of a list as its address has it; names and values not known here never go further.

    ``query`` is what a link must repeat; what is private stays out of it and is in ``values`` only.
    """

    path: str
    values: Mapping[str, str]
    columns: tuple[str, ...]
    dense: bool
    cursor: str | None
    saved: str
    private: frozenset[str]
    tabs: Sequence[Tab] = field(default_factory=tuple)
    chips: Sequence[Chip] = field(default_factory=tuple)

    @classmethod
    def of(cls, request: HttpRequest, the_list: List[Any], offered: Offered) -> "Asked":
        """Read the address, or the form of a search for something personal."""
        private = frozenset(one.name for one in the_list.filters if one.private)
        by_post = bool(private) and request.method == "POST"
        given = request.POST if by_post else request.GET
        values = {name: value for name, value in the_list.kept(given.dict()).items() if by_post or name not in private}
        ticked = {name for value in given.getlist("cols") for name in value.split(",")}
        known = tuple(one.key for one in the_list.columns if one.key in ticked)
        plain = cls(
            path=request.path,
            values=values,
            columns=known,
            dense=given.get("density") != "normal",
            cursor=given.get("cursor") or None,
            saved=given.get("saved", "")[:40],
            private=private,
        )
        tabs, own = _tabs(plain, the_list)
        chips = [plain.chip(the_list.names[name], value, offered) for name, value in values.items() if name not in own]
        return cls(plain.path, values, known, plain.dense, plain.cursor, plain.saved, private, tabs, chips)

    @property
    def look(self) -> dict[str, str]:
        """Columns and density, where they are not the usual ones."""
        return ({"cols": ",".join(self.columns)} if self.columns else {}) | ({} if self.dense else {"density": "normal"})

    @property
    def query(self) -> dict[str, str]:
        """What a link repeats."""
        return {**self.public, **self.look}

    @property
    def public(self) -> dict[str, str]:
        """The filter without what is personal."""
        return {name: value for name, value in self.values.items() if name not in self.private}

    @property
    def is_private(self) -> bool:
        """Whether something personal is looked for, so that further pages come by POST."""
        return any(name in self.private for name in self.values)

    def address(self, changes: Mapping[str, str]) -> str:
        """This list with changes; an empty value takes a condition away."""
        merged = {**self.query, **changes}
        plain = {name: value for name, value in merged.items() if value}
        return self.path + (f"?{urlencode(plain)}" if plain else "")

    @property
    def clear(self) -> str:
        """This list without conditions."""
        return self.path + (f"?{urlencode(self.look)}" if self.look else "")

    def chip(self, one: Filter, value: str, offered: Offered) -> Chip:
        """A condition in words."""
        said = _("是") if one.kind == "flag" else dict(offered.by_name.get(one.name, ())).get(value, value)
        return Chip(str(one.title), said, self.address({one.name: ""}))


def _tabs(asked: Asked, the_list: List[Any]) -> tuple[list[Tab], Mapping[str, str]]:
    """The views the product brings, the current one marked, with its conditions; other conditions stay when the view is changed."""
    if not the_list.views:
        return [], {}
    names = {name for view in the_list.views for name in view.values}
    mine = {name: value for name, value in asked.values.items() if name in names}
    none = dict.fromkeys(names, "")
    all_of_them = Tab(_("全部"), asked.address(none), not mine)
    found = [Tab(str(view.name), asked.address({**none, **view.values}), mine == dict(view.values)) for view in the_list.views]
    own = next((view.values for view in the_list.views if mine == dict(view.values)), {})
    whole = any(not view.values for view in the_list.views)
    return (found if whole else [all_of_them, *found]), own


@dataclass(frozen=True, slots=True)
class Field:
    """A filter as a form shows it."""

    name: str
    title: str
    kind: str
    value: str
    options: Pairs


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a list: ``bar`` at once, ``more`` behind a button, ``private`` in a form of their own that is sent by POST."""

    search: Field | None
    bar: Sequence[Field]
    more: Sequence[Field]
    private: Sequence[Field]

    @property
    def more_in_use(self) -> bool:
        """Whether a condition behind the button is in force."""
        return any(one.value for one in self.more)


def fields(the_list: List[Any], offered: Offered, asked: Asked, *, without: Collection[str] = ()) -> Fields:
    """The filters as fields. A choice of one site, or of nobody but oneself, is none and left out; so is a tick that is a tab."""
    found: dict[str, list[Field]] = {"search": [], "bar": [], "more": [], "private": []}
    for one in the_list.filters:
        choices = offered.by_name.get(one.name, ())
        if one.name in without or (one.kind in ("site", "staff") and len(choices) < 2) or _in_tabs(the_list, one):
            continue
        place = "private" if one.private else "search" if one.name == "q" else "bar" if one.main else "more"
        found[place].append(Field(one.name, str(one.title), one.kind, asked.values.get(one.name, ""), choices))
    return Fields(found["search"][0] if found["search"] else None, found["bar"], found["more"], found["private"])


def _in_tabs(the_list: List[Any], one: Filter) -> bool:
    return one.kind == "flag" and any(one.name in view.values for view in the_list.views)
