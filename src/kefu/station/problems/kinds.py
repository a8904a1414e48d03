"""Types of problems, in two levels, as the handbook in force states them (O15)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from django.utils.translation import get_language

from kefu.handbook import queries as handbooks
from kefu.handbook.errors import HandbookNotFound
from kefu.handbook.schema import Handbook
from kefu.handbook.schema.wording import Text

_PREFIX, _GROUP = "problem_", "problem_group_"
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Kind:
    """A type 小类: its code of the trade, its group 大类, ageing limit with the alarm it ends in, and the scans allowed afterwards.

    ``limit`` none: it does not age. ``then`` empty: any scan may follow. ``clause`` is the reference to store.
    """

    key: str
    code: str
    group: str
    title: str
    title_en: str
    group_title: str
    group_title_en: str
    clause: str
    limit: timedelta | None
    alarm: str
    follow: str
    then: frozenset[str]
    after_sign: bool
    sign_closes: bool
    place: int

    def name(self, language: str | None = None) -> str:
        """What it is called."""
        return _named(self.title, self.title_en, language)

    def group_name(self, language: str | None = None) -> str:
        """What its group is called."""
        return _named(self.group_title, self.group_title_en, language)


def _named(title: str, title_en: str, language: str | None) -> str:
    english = (language or get_language() or "zh").startswith("en")
    return title_en if english and title_en else title


def kinds_of(book: Handbook) -> Sequence[Kind]:
    """Every type the handbook states, in its order; none when it speaks of no problem parcels."""
    return tuple(_kinds(book).values())


def kind_in(book: Handbook, name: str) -> Kind | None:
    """The type by its key (``pr211``) or its code (``PR211``)."""
    wanted = name.strip().lower()
    kinds = _kinds(book)
    return kinds.get(wanted) or next((kind for kind in kinds.values() if wanted in (kind.code.lower(), kind.title.lower())), None)


def kind_of(clause: str) -> Kind | None:
    """The type a problem was reported under, of the handbook of that day."""
    ref, _hash, path = clause.partition("#")
    try:
        book = handbooks.book(ref)
    except HandbookNotFound:
        return None
    return _kinds(book).get(path.removeprefix(f"texts.{_PREFIX}"))


def _kinds(book: Handbook) -> Mapping[str, Kind]:
    return _read(_Held(book))


class _Held:
    """A book that does not count when what was read of it is looked up again: its name does."""

    def __init__(self, book: Handbook) -> None:
        self.book = book

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.book is self.book

    def __hash__(self) -> int:
        return id(self.book)


@lru_cache(maxsize=32)
def _read(held: _Held) -> Mapping[str, Kind]:
    book = held.book
    groups = {key.removeprefix(_GROUP): text for key, text in book.texts.items() if key.startswith(_GROUP)}
    found = [
        _kind(book, key, text, groups)
        for key, text in book.texts.items()
        if key.startswith(_PREFIX) and not key.startswith(_GROUP) and "code" in text.values
    ]
    return {kind.key: kind for kind in sorted(found, key=lambda kind: kind.place)}


def _kind(book: Handbook, key: str, text: Text, groups: Mapping[str, Text]) -> Kind:
    values = text.values
    group = str(values.get("group", "other"))
    head = groups.get(group)
    hours = values.get("limit_hours")
    general = book.texts.get("station_problems")
    usual = bool(general.values.get("sign_closes", False)) if general else False
    return Kind(
        key=key.removeprefix(_PREFIX),
        code=str(values["code"]),
        group=group,
        title=text.title,
        title_en=text.title_en,
        group_title=head.title if head else group,
        group_title_en=head.title_en if head else "",
        clause=str(book.ref(f"texts.{key}")),
        limit=_HOUR * float(hours) if isinstance(hours, int | float) and hours > 0 else None,
        alarm=str(values.get("alarm", "answer")),
        follow=str(values.get("follow", "")),
        then=frozenset(str(values.get("then", "")).split()),
        after_sign=bool(values.get("after_sign", False)),
        sign_closes=bool(values.get("sign_closes", usual)),
        place=int(place) if isinstance(place := values.get("place", 999), int) else 999,
    )
