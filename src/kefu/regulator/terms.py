"""Kinds of appeals and the numbers of the law, as the handbook in force states them (R25–R27, R31)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import get_language

from kefu.handbook import queries as handbooks
from kefu.handbook.errors import NotInForce
from kefu.handbook.schema import Handbook
from kefu.handbook.settings import setting

_KIND, RULES, KEPT = "appeal_kind_", "appeal_rules", "retention_appeals"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AppealKind:
    """A kind of R31 with its clause."""

    key: str
    title: str
    title_en: str
    clause: str
    place: int

    def name(self) -> str:
        """What it is called, in the reader's language."""
        return self.title_en if (get_language() or "").startswith("en") and self.title_en else self.title


@dataclass(frozen=True, slots=True)
class Terms:
    """Kinds by key; days a complaint has first, days within which may be appealed, how long files are kept; ``None``: not in force."""

    kinds: Mapping[str, AppealKind]
    complaint_for: timedelta | None = None
    appeal_within: timedelta | None = None
    kept_for: timedelta | None = None
    clause: str = ""
    kept_clause: str = ""


def terms_of(book: Handbook) -> Terms:
    """The terms a handbook states; one without a procedure for appeals has no kinds."""
    keys = [key for key in book.texts if key.startswith(_KIND)] if book.procedure_for("regulator") else []
    kinds = [_kind(book, key) for key in keys]
    return Terms(
        {one.key: one for one in sorted(kinds, key=lambda one: one.place)},
        _days(book, RULES, "complaint_days"),
        _days(book, RULES, "appeal_within_days"),
        _days(book, KEPT, "days"),
        _ref(book, RULES),
        _ref(book, KEPT),
    )


def terms_at(handbook: str, now: datetime) -> Terms:
    """The terms of a site that uses this handbook; without one in force there are no kinds."""
    try:
        return terms_of(handbooks.book_at(handbook, now))
    except NotInForce:
        return Terms({})


def _kind(book: Handbook, key: str) -> AppealKind:
    text, place = book.texts[key], setting(book, key, "place")
    return AppealKind(key.removeprefix(_KIND), text.title, text.title_en, str(book.ref(f"texts.{key}")), int(place.number) if place else 0)


def _days(book: Handbook, key: str, name: str) -> timedelta | None:
    found = setting(book, key, name)
    return found.span(_DAY) if found else None


def _ref(book: Handbook, key: str) -> str:
    return str(book.ref(f"texts.{key}")) if key in book.texts else ""
