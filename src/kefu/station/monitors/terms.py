"""What a site's handbook says of the monitors: ``texts.station_monitors``. What it does not state is not in force (GK)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kefu.handbook import queries as handbooks
from kefu.handbook.schema import Handbook
from kefu.handbook.settings import Setting, setting
from kefu.parcels.vocabulary import ScanCode
from kefu.people import queries as people
from kefu.station.monitors.sets import SETS, DifferenceSet

TOPIC = "station_monitors"
_HOUR, _DAY, _MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
_CODES = frozenset(ScanCode.values)


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of one set: how long it may take, what else settles it, how far scans are looked for, when it counts as lost.

    ``clock`` is how much two devices' clocks may differ, ``repeat`` how long the same scan again is the same expectation. ``back`` is none
    when scans are looked for however old. ``clause`` names where it stands, empty when no handbook says anything.
    """

    tolerance: timedelta = timedelta(0)
    also: tuple[str, ...] = ()
    clock: timedelta = timedelta(0)
    repeat: timedelta = timedelta(0)
    back: timedelta | None = None
    lost: timedelta | None = None
    clause: str = field(default="", compare=False)


def terms_of(book: Handbook | None, one: DifferenceSet) -> Terms:
    """Terms of a set under a handbook."""
    if book is None:
        return Terms()

    def value(name: str) -> Setting | None:
        return setting(book, TOPIC, name)

    def span(name: str, unit: timedelta) -> timedelta:
        found = value(name)
        return found.span(unit) if found else timedelta(0)

    also, back, lost = value(f"{one.key}_also"), value("look_back_days"), value("loss_days") if one.lost_after else None
    said = [found for found in (value(f"{one.key}_hours"), also, back) if found]
    return Terms(
        tolerance=span(f"{one.key}_hours", _HOUR),
        also=tuple(code for code in str(also.value).split() if code in _CODES) if also else (),
        clock=span("clock_minutes", _MINUTE),
        repeat=span("repeat_hours", _HOUR),
        back=back.span(_DAY) if back else None,
        lost=lost.span(_DAY) if lost else None,
        clause=said[0].clause if said else "",
    )


@dataclass(frozen=True, slots=True)
class Ground:
    """Sites that are looked at under the same terms, all of the same set.

    ``others`` are all sites that are not among them, where that says the same in fewer words: the whole network's.
    """

    sites: tuple[int, ...]
    terms: Terms
    others: tuple[int, ...] | None = None


def grounds(one: DifferenceSet, sites: Collection[int] | None, now: datetime) -> list[Ground]:
    """The sites of a set (of those given, or all), put together by their terms: mostly one or two groups."""
    known = people.sites_by_id()
    chosen = [site for pk, site in known.items() if (sites is None or pk in sites) and site.kind in one.kinds]
    books = books_of({site.handbook for site in chosen}, now)
    terms = {key: terms_of(books.get(key), one) for key in {site.handbook for site in chosen}}
    by_terms: dict[Terms, list[int]] = {}
    for site in chosen:
        by_terms.setdefault(terms[site.handbook], []).append(site.pk)
    return [Ground(tuple(sorted(found)), terms, _others(found, known)) for terms, found in by_terms.items()]


def _others(sites: Collection[int], known: Collection[int]) -> tuple[int, ...] | None:
    return tuple(sorted(set(known) - set(sites))) if len(sites) > len(known) // 2 else None


def books_of(keys: Iterable[str], now: datetime) -> Mapping[str, Handbook]:
    """Handbooks in force by their key."""
    return {book.handbook: book for book in handbooks.books_at(keys, now)}


def setting_names() -> list[str]:
    """Every name the clause may hold, for its check."""
    names = [name for one in SETS.values() for name in (f"{one.key}_hours", f"{one.key}_also")]
    return [*names, "clock_minutes", "repeat_hours", "look_back_days", "loss_days"]
