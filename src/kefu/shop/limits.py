"""What the handbook of a shop states: reminders, the unsent check, parcels, windows of the platform (``texts.*`` of the shop's book)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kefu.handbook import queries as handbooks
from kefu.handbook.errors import NotInForce
from kefu.handbook.schema import Handbook
from kefu.handbook.settings import setting
from kefu.people import queries as people

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)


def book_of(site_id: int, now: datetime) -> Handbook | None:
    """The handbook in force at a site; ``None`` without one."""
    site = people.sites_by_id().get(site_id)
    try:
        return handbooks.book_at(site.handbook, now) if site else None
    except NotInForce:
        return None


@dataclass(frozen=True, slots=True)
class Reminders:
    """How often and when unpaid orders are reminded of; hours are local, the last one not included."""

    per_day: int
    from_hour: int
    to_hour: int
    clause: str


def reminders(book: Handbook | None) -> Reminders | None:
    """The rule of reminders; ``None`` when the handbook states none: they are then free."""
    found = setting(book, "reminders", "per_day") if book else None
    if book is None or found is None:
        return None
    first, last = setting(book, "reminders", "from_hour"), setting(book, "reminders", "to_hour")
    return Reminders(int(found.number), int(first.number) if first else 0, int(last.number) if last else 24, found.clause)


@dataclass(frozen=True, slots=True)
class Cut:
    """The local hour the unsent check cuts days at."""

    hour: int
    clause: str


def unsent_cut(book: Handbook | None) -> Cut | None:
    """When days are cut; ``None``: this handbook has no such check."""
    found = setting(book, "unshipped_check", "cut_hour") if book else None
    return Cut(int(found.number), found.clause) if found else None


@dataclass(frozen=True, slots=True)
class Parcels:
    """When a parcel is in trouble: within ``message_within`` a message is enough, ``quiet`` without a scan the carrier is asked."""

    message_within: timedelta
    quiet: timedelta
    answer: timedelta
    except_carrier: str
    problem_clause: str
    quiet_clause: str


def parcels(book: Handbook | None) -> Parcels | None:
    """The rules of parcels in trouble; ``None`` when the handbook states none."""
    problem = setting(book, "problem_parcels", "message_within_days") if book else None
    quiet = setting(book, "quiet_parcels", "quiet_days") if book else None
    if book is None or problem is None or quiet is None:
        return None
    answer, but = setting(book, "quiet_parcels", "answer_hours"), setting(book, "quiet_parcels", "except_carrier")
    return Parcels(
        problem.span(_DAY),
        quiet.span(_DAY),
        answer.span(_HOUR) if answer else _DAY,
        str(but.value) if but else "",
        problem.clause,
        quiet.clause,
    )


@dataclass(frozen=True, slots=True)
class Window:
    """A time the platform gives and the clause that says so."""

    span: timedelta
    clause: str


def window(book: Handbook | None, name: str) -> Window | None:
    """One of the platform's windows: names end in ``_hours`` or ``_days``; ``None`` when not stated."""
    found = setting(book, "platform_windows", name) if book else None
    return Window(found.span(_HOUR if name.endswith("_hours") else _DAY), found.clause) if found else None


def clause_of(book: Handbook | None, key: str) -> str:
    """The clause ``texts.<key>`` as decisions keep it; empty when the handbook has none."""
    return str(book.ref(f"texts.{key}")) if book is not None and key in book.texts else ""
